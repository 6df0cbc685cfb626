"""What all parts of the desk share: one transaction for each act, who is there, and telling others afterwards."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

import msgspec
from sqlalchemy.engine import Connection, Engine

from bot.conversation.messages import Reply
from bot.handoff.fanout import Fanout, of_conversation, of_queue
from bot.handoff.hours import Hours
from bot.handoff.model import HandOff, Refused
from bot.handoff.queue import ADVISERS, may_see, may_see_restricted
from bot.handoff.store import HandOffStore
from bot.handoff.words import HandOffWords
from bot.rights.working_days import LONDON
from bot.staff.roles import INDEPENDENT, OrganisationId, Staff
from bot.store.encryption import Vault


class OnDuty(Protocol):
    """Who is there now (`bot.staff.presence.Presence`)."""

    def on_duty(self, organisation: OrganisationId, now: float) -> list[Staff]:
        """Staff of an organisation who were seen just now and marked available."""


class Record(Protocol):
    """Writes to the audit log (`bot.staff.audit.AuditLog.record`)."""

    def __call__(
        self,
        by: str,
        act: str,
        subject: str = "",
        organisation: str = "",
        what: Mapping[str, str] = ...,
        at: float | None = None,
        connection: Connection | None = None,
    ) -> None:
        """Ids, references and acts only: no personal data, no words."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Times of the desk, in seconds; each is a setting.

    Attributes:
        first_reply: within which our own clock wants a first reply.
        nudge: silence of a talk after which the person is asked whether they are still there.
        silence: silence of a talk after which it ends.
        alone: how long a queue may be without staff before those who wait are told.
        place: least time between two notices of a place in the queue.
        token: how long a person's page may be silent while they wait or talk (`Settings.hand_off_idle_minutes`).
        typing: how long "is typing" shows after the last key.
        window_hours: length of the spans offered for a call-back, in hours.
        windows: how many spans are offered.
        alerts_to: whose staff take up safety alerts where no hand-off is open.
        for_police: referrals are taken on behalf of the police, so that their two-working-day line runs here.
    """

    first_reply: float = 300.0
    nudge: float = 600.0
    silence: float = 1200.0
    alone: float = 180.0
    place: float = 60.0
    token: float = 3600.0
    typing: float = 6.0
    window_hours: int = 2
    windows: int = 6
    alerts_to: OrganisationId = INDEPENDENT
    for_police: bool = False


class Work:
    """One transaction of the desk, and whom to tell once it is committed."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.subjects: list[str] = []

    def tell(self, found: HandOff) -> None:
        """Something about a hand-off is new."""
        self.subjects += [*([of_conversation(found.conversation)] if found.conversation else [])]
        self.subjects.append(of_queue(found.organisation))


class Room:
    """What the parts of the desk stand on.

    Args:
        engine: an opened database.
        vault: the keys that seal words.
        presence: who is there.
        record: the audit log; staff's acts are noted in it in the transaction that does them.
        fanout: tells others that something is new.
        words: what the person hears.
        hours: the default hours of each organisation.
        limits: times.
        in_language: puts a reply into the language of a conversation.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        *,
        presence: OnDuty,
        record: Record,
        fanout: Fanout,
        words: HandOffWords,
        hours: Mapping[OrganisationId, Hours],
        limits: Limits,
        in_language: Callable[[Reply, str], Reply],
    ) -> None:
        self.engine, self.store = engine, HandOffStore(engine, vault)
        self.presence, self.fanout, self.words, self.default_hours = presence, fanout, words, hours
        self.limits, self.in_language, self._record = limits, in_language, record

    @contextmanager
    def work(self) -> Iterator[Work]:
        """A transaction; others are told once it is committed."""
        with self.engine.begin() as db:
            done = Work(db)
            yield done
        for subject in dict.fromkeys(done.subjects):
            self.fanout.tell(subject)

    def note(
        self,
        db: Connection,
        staff: Staff,
        act: str,
        subject: str | int,
        now: float,
        what: Mapping[str, str] | None = None,
    ) -> None:
        """Note an act of staff in the audit log, as part of the transaction."""
        self._record(staff.id, act, str(subject), staff.organisation, what or {}, now, db)

    def seen(self, db: Connection, staff: Staff, hand_off: int, *, lock: bool = True) -> HandOff:
        """A hand-off that staff may see.

        Raises:
            Refused: not_found.
        """
        found = self.store.locked(db, hand_off) if lock else self.store.get(db, hand_off)
        if found is None or not may_see(staff, found):
            raise Refused("not_found")
        return found

    def held(self, db: Connection, staff: Staff, hand_off: int) -> HandOff:
        """A talk under way that is theirs.

        Raises:
            Refused: not_found, over, taken.
        """
        found = self.seen(db, staff, hand_off)
        if found.state == "ended":
            raise Refused("over")
        if found.state != "talking" or found.staff != staff.id:
            raise Refused("taken")
        return found

    def say(self, work: Work, found: HandOff, new_replies: list[Reply], now: float) -> None:
        """Say something to the person in their language, and note for staff that it was said.

        While somebody may be reading beside the person nothing is said: the gateway does so once they go on.
        """
        if found.quiet:
            return
        language = self.store.language(work.db, found)
        said = [self.in_language(reply, language) for reply in new_replies]
        last = self.store.say(work.db, found, said, now)
        for number in range(last - len(said) + 1, last + 1):
            self.store.add_line(work.db, found.id, "service", now, reply=number)

    def there(self, organisation: OrganisationId, now: float, *, restricted: bool) -> list[Staff]:
        """Staff on duty who would see a hand-off."""
        return [
            one
            for one in self.presence.on_duty(organisation, now)
            if one.may(ADVISERS) and (not restricted or may_see_restricted(one))
        ]

    def moment(self, now: float) -> datetime:
        """A time of the caller, aware."""
        return datetime.fromtimestamp(now, LONDON)
