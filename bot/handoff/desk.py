"""Everything staff may do with hand-offs. Each method is one transaction and is noted in the audit log by itself.

Several consoles and gateways may work on one database at once: a claim is an UPDATE that asks for the state, a message
carries the id its page gave it, and everything about one hand-off is done one after the other (`HandOffStore.locked`).
Times are seconds since the epoch, given by the caller. What cannot be done raises `bot.handoff.model.Refused`.
"""

from collections.abc import Callable, Mapping

from sqlalchemy.engine import Engine

from bot.conversation.messages import HandOff as Drawn
from bot.conversation.messages import Reply
from bot.handoff.alerts import Alerts
from bot.handoff.call_backs import CallBacks
from bot.handoff.clocks import Clocks
from bot.handoff.fanout import Fanout
from bot.handoff.hours import Hours
from bot.handoff.model import HandOff, Interpreter, Line, OpenHandOff, Refused
from bot.handoff.passing import Passing
from bot.handoff.queue import SUPERVISORS, may_see, order
from bot.handoff.room import Limits, OnDuty, Record, Room, Work
from bot.handoff.upkeep import Upkeep
from bot.handoff.words import Canned, DeskWords, HandOffWords, ended
from bot.language.languages import direction
from bot.staff.roles import OrganisationId, Staff
from bot.store.database import reading
from bot.store.encryption import Vault

MOST_LETTERS = 4000
"""Longest message of staff."""


class HandOffDesk(Passing):
    """The desk. `person` is the person's side, `opening` hours and offers, `call_backs`, `alerts` and `clocks` what
    their names say, `upkeep` what is done now and then.

    Args:
        engine: an opened database.
        vault: the keys that seal words.
        presence: who is there.
        record: the audit log.
        fanout: tells others that something is new.
        words: what the person hears.
        desk_words: what staff pick from.
        canned: approved replies by language.
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
        desk_words: DeskWords,
        canned: Mapping[str, list[Canned]],
        hours: Mapping[OrganisationId, Hours],
        limits: Limits = Limits(),  # noqa: B008  (frozen)
        in_language: Callable[[Reply, str], Reply] = lambda reply, _: reply,
    ) -> None:
        self.room = Room(
            engine,
            vault,
            presence=presence,
            record=record,
            fanout=fanout,
            words=words,
            hours=hours,
            limits=limits,
            in_language=in_language,
        )
        super().__init__(self.room)
        self._codes, self._canned = desk_words, canned
        self.call_backs = CallBacks(self.room, desk_words)
        self.alerts = Alerts(self.room)
        self.clocks = Clocks(self.room)
        self.upkeep = Upkeep(self.room, self.opening, self.person)

    # --- looking

    def queue(self, staff: Staff) -> list[HandOff]:
        """All that wait in their organisation's queue and that they may see, who comes first coming first."""
        with reading(self.room.engine) as db:
            return order(one for one in self.room.store.waiting(db, staff.organisation) if may_see(staff, one))

    def talks(self, staff: Staff) -> list[HandOff]:
        """Talks under way of their organisation that they may see, their own and those of others."""
        with reading(self.room.engine) as db:
            found = self.room.store.open(db, staff.organisation)
        return [one for one in found if one.state == "talking" and may_see(staff, one)]

    def topics(self, staff: Staff) -> dict[int, str]:
        """What those who wait agreed to show as their topic, by hand-off. The caller notes who has seen it."""
        with reading(self.room.engine) as db:
            waiting = (one for one in self.room.store.waiting(db, staff.organisation) if may_see(staff, one))
            return {one.id: topic for one in waiting if (topic := self.room.store.shown(db, one).topic)}

    def without_code(self, staff: Staff) -> list[HandOff]:
        """Their own talks that have ended and still need a wrap-up code."""
        with reading(self.room.engine) as db:
            return self.room.store.without_code(db, staff.id)

    def open(self, staff: Staff, hand_off: int, now: float) -> OpenHandOff:
        """Everything about a hand-off that is theirs, or of anyone in the organisation for its supervisors.

        Raises:
            Refused: not_found; taken: it waits, or somebody else has it.
        """
        with self.room.work() as work:
            found = self._readable(work, staff, hand_off)
            self.room.note(work.db, staff, "hand_off.open", found.id, now)
            store = self.room.store
            return OpenHandOff(
                hand_off=found,
                shown=store.shown(work.db, found),
                lines=store.lines(work.db, found),
                notes=store.notes(work.db, found),
                alerts=self.alerts.kinds(work.db, found.conversation),
            )

    def lines(self, staff: Staff, hand_off: int, after: int = 0) -> tuple[HandOff, list[Line]]:
        """A hand-off that they have opened, and the lines after one: for a page that stays open, so not noted anew.

        Raises:
            Refused: as for `open`.
        """
        with reading(self.room.engine) as db:
            found = self._readable(Work(db), staff, hand_off, lock=False)
            return found, self.room.store.lines(db, found, after)

    def colleagues(self, staff: Staff, hand_off: int, now: float) -> list[Staff]:
        """Who is on duty in their organisation and may have this one, too; themselves left out.

        Raises:
            Refused: not_found.
        """
        with reading(self.room.engine) as db:
            found = self.room.seen(db, staff, hand_off, lock=False)
        there = self.room.there(found.organisation, now, restricted=found.restricted)
        return [one for one in there if one.id != staff.id]

    def person_seen(self, staff: Staff, hand_off: int) -> float | None:
        """When the person's page was last there, to some seconds; None once the conversation is erased.

        Raises:
            Refused: not_found.
        """
        with reading(self.room.engine) as db:
            found = self.room.seen(db, staff, hand_off, lock=False)
            expires = self.room.store.token_expires(db, found)
        return None if expires is None else expires - self.room.limits.token

    # --- talking

    def send(self, staff: Staff, hand_off: int, client_id: str, text: str, now: float, language: str = "en") -> Line:
        """Say something to the person. The same `client_id` again changes nothing and gives the same line.

        Args:
            staff: who has the talk.
            hand_off: id.
            client_id: made by the page for each message, up to 64 characters.
            text: the words.
            now: seconds since the epoch.
            language: of the words.

        Raises:
            Refused: not_found; taken; over; empty; quiet: somebody may be reading beside the person.
        """
        text = text.strip()[:MOST_LETTERS]
        if not text or not 1 <= len(client_id) <= 64:
            raise Refused("empty")
        with self.room.work() as work:
            store, db = self.room.store, work.db
            found = self.room.seen(db, staff, hand_off)
            known = store.known_line(db, found.id, client_id)
            if known is not None and found.staff == staff.id:
                return next(one for one in store.lines(db, found, known - 1) if one.id == known)
            found = self.room.held(db, staff, hand_off)
            if found.quiet:
                raise Refused("quiet")
            drawn = Drawn(state="talking", adviser=found.adviser, said=True)
            reply = Reply(text=text, hand_off=drawn, language=language, direction=direction(language))
            number = store.say(db, found, [reply], now)
            line = store.add_line(db, found.id, "staff", now, staff=staff.id, reply=number, client_id=client_id)
            store.change(
                db,
                found.id,
                last_word=now,
                nudged=False,
                first_reply=found.first_reply or now,
                staff_typing_until=0.0,
            )
            work.tell(found)
            return Line(id=line, by="staff", staff=staff.id, text=text, at=now)

    def typing(self, staff: Staff, hand_off: int, now: float) -> None:
        """Show the person that somebody is typing.

        Raises:
            Refused: not_found; taken; over.
        """
        with self.room.work() as work:
            found = self.room.held(work.db, staff, hand_off)
            if not found.quiet:
                self.room.store.change(work.db, found.id, staff_typing_until=now + self.room.limits.typing)
                work.tell(found)

    # --- ending, and what goes with it

    def end(self, staff: Staff, hand_off: int, wrap_up: str, now: float) -> None:
        """End one's own talk: the assistant answers again, and the person may say how it was.

        Raises:
            Refused: not_found; taken; over; unknown: no such wrap-up code.
        """
        self._known(wrap_up)
        with self.room.work() as work:
            found = self.room.held(work.db, staff, hand_off)
            self.room.store.close(work.db, found, "staff", now)
            self.room.store.change(work.db, found.id, wrap_up=wrap_up)
            self.tell_person(work, found, *ended(self.room.words, "staff", found.id, talked=True), now=now)
            self.room.note(work.db, staff, "hand_off.end", found.id, now, {"wrap_up": wrap_up})

    def wrap_up(self, staff: Staff, hand_off: int, code: str, now: float) -> None:
        """Say what a talk was about that the person or silence has ended.

        Raises:
            Refused: not_found; taken: it was not theirs; unknown: no such code.
        """
        self._known(code)
        with self.room.work() as work:
            found = self.room.seen(work.db, staff, hand_off)
            if found.staff != staff.id or found.state != "ended":
                raise Refused("taken")
            self.room.store.change(work.db, found.id, wrap_up=code)
            self.room.note(work.db, staff, "hand_off.wrap_up", found.id, now, {"wrap_up": code})

    def note(self, staff: Staff, hand_off: int, text: str, now: float) -> None:
        """Keep a note that the person does not see; it is erased with the conversation.

        Raises:
            Refused: not_found; taken; over: the conversation is erased; empty.
        """
        if not text.strip():
            raise Refused("empty")
        with self.room.work() as work:
            found = self._readable(work, staff, hand_off)
            self.room.store.add_note(work.db, found, staff.id, text.strip()[:MOST_LETTERS], now)
            self.room.note(work.db, staff, "hand_off.note", found.id, now)
            work.tell(found)

    def interpreter(self, staff: Staff, hand_off: int, state: Interpreter, now: float) -> None:
        """Note how the request to an interpreter stands.

        Raises:
            Refused: not_found; taken; over.
        """
        with self.room.work() as work:
            found = self.room.held(work.db, staff, hand_off)
            self.room.store.change(work.db, found.id, interpreter=state)
            self.room.note(work.db, staff, "hand_off.interpreter", found.id, now, {"state": state})
            work.tell(found)

    # --- what staff pick from

    def canned(self, language: str) -> list[Canned]:
        """Approved replies in a language, in English where there are none."""
        return list(self._canned.get(language) or self._canned["en"])

    @property
    def codes(self) -> Mapping[str, str]:
        """Wrap-up codes with their words."""
        return self._codes.wrap_up

    def feedback(self, staff: Staff) -> Mapping[str, Mapping[str, int]]:
        """How often each answer was given about talks with their organisation; nothing leads to a person."""
        with reading(self.room.engine) as db:
            return self.room.store.feedback(db, staff.organisation)

    # --- inside

    def _readable(self, work: Work, staff: Staff, hand_off: int, *, lock: bool = True) -> HandOff:
        found = self.room.seen(work.db, staff, hand_off, lock=lock)
        if found.staff != staff.id and not staff.may(SUPERVISORS):
            raise Refused("taken")
        return found

    def _known(self, code: str) -> None:
        if code not in self._codes.wrap_up:
            raise Refused("unknown")
