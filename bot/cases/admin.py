"""What case officers decide: whether a case is shown online, where a code may go, that a person told the victim.

In high-risk cases two different people must do the same. Whatever makes a case less visible takes one, always. Every
act is kept for two years. Source: shared/protection.md, "Looking up a case".
"""

from datetime import datetime, timedelta, timezone
from typing import Literal

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Engine

from bot.cases.contacts import WrongAddress, tidy
from bot.cases.decisions import Decision, case_hash, decided, read_decision, write_decision
from bot.cases.hashing import LookupHash
from bot.cases.model import CaseRecord, SafeContact
from bot.cases.provider import CaseProvider
from bot.cases.references import Recognise, key_of
from bot.cases.rules import different_people, is_high_risk
from bot.cases.sealed import seal, unseal
from bot.store.case_tables import case_acts
from bot.store.database import reading
from bot.store.encryption import Vault

log = structlog.get_logger()

SECOND_PERSON_WITHIN = timedelta(days=7)
KEEP_ACTS = timedelta(days=730)

State = Literal["done", "proposed", "refused"]

_ENDED_BY = {"allow": "disallow", "confirm_contact": "withdraw_contact"}
"""The act that ends a proposal: after it, two people have to decide anew."""


class NotAllowed(Exception):
    """The act cannot be done; the message says why, for staff."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act of a case officer.

    Attributes:
        at: when.
        act: allow, disallow, confirm_contact, withdraw_contact or told.
        state: done; proposed, where a second person has still to do the same; refused.
        by: who did it.
        reference: the case.
        what: what was decided: flags, contact, dates, how it was confirmed.
    """

    at: datetime
    act: str
    state: State
    by: str
    reference: str
    what: dict[str, str]


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    by: str
    reference: str
    what: dict[str, str]


class CaseAdmin:
    """Decisions about cases, for staff.

    Args:
        engine: an opened database.
        vault: the keys that seal decisions.
        hashed: keyed hashes.
        provider: where cases come from.
        recognise: reads references.
    """

    def __init__(
        self, engine: Engine, vault: Vault, hashed: LookupHash, provider: CaseProvider, recognise: Recognise
    ) -> None:
        self._engine, self._vault, self._hashed, self._provider = engine, vault, hashed, provider
        self._recognise = recognise

    def allow(self, reference: str, by: str, now: datetime) -> Act:
        """Let a case be shown online. In high-risk cases it takes effect once a second person does the same.

        Raises:
            NotAllowed: no such case, no name given, or the same person twice.
        """
        record = self.find(reference)
        flags = sorted(record.case_flags) if isinstance(record.case_flags, list) else []
        return self._act(record, "allow", by, {"flags": ",".join(flags)}, now, online=True, flags=flags)

    def disallow(self, reference: str, by: str, now: datetime) -> Act:
        """Take a case offline, at once.

        Raises:
            NotAllowed: no such case, or no name given.
        """
        record = self.find(reference)
        return self._act(record, "disallow", by, {}, now, tightens=True, online=False, decided_by=[], flags=[])

    def confirm_contact(
        self, reference: str, contact: SafeContact, how: str, confirmed_at: datetime, by: str, now: datetime
    ) -> Act:
        """Set the safe contact, as somebody confirmed it with the victim.

        Args:
            reference: the case.
            contact: channel, address and whose it is.
            how: how it was confirmed, for example "in person".
            confirmed_at: when, aware.
            by: who.
            now: aware.

        Raises:
            NotAllowed: no such case, a wrong address, a time to come or before the contact was withdrawn, no name or
                way given, the same person twice.
        """
        record = self.find(reference)
        try:
            contact = tidy(contact)
        except WrongAddress as error:
            raise NotAllowed(f"The address {error}.") from error
        if confirmed_at > now:
            raise NotAllowed("It cannot have been confirmed in the future.")
        if not how.strip():
            raise NotAllowed("Say how it was confirmed.")
        with reading(self._engine) as db:
            withdrawn_at = read_decision(db, self._vault, self._hashed, record.reference).withdrawn_at
        if withdrawn_at is not None and confirmed_at <= withdrawn_at:
            raise NotAllowed(
                "The contact was withdrawn after that: ask the victim anew. "
                "If you did on the day it was withdrawn, give the time as well."
            )
        what = {
            "channel": contact.channel,
            "address": contact.address,
            "belongs_to": contact.belongs_to,
            "confirmed_on": confirmed_at.date().isoformat(),
            "how": how.strip(),
        }
        return self._act(
            record,
            "confirm_contact",
            by,
            what,
            now,
            contact=contact,
            confirmed_by=by.strip(),
            confirmed_at=confirmed_at,
            how=how.strip(),
        )

    def withdraw_contact(self, reference: str, by: str, now: datetime) -> Act:
        """Say that the contact is no longer safe, at once: no code goes there until it is confirmed anew.

        Raises:
            NotAllowed: no such case, or no name given.
        """
        record = self.find(reference)
        return self._act(record, "withdraw_contact", by, {}, now, tightens=True, contact=None, withdrawn_at=now)

    def told(self, reference: str, told_at: datetime, by: str, now: datetime) -> Act:
        """Record that a person has told the victim of the stage as it stands.

        Raises:
            NotAllowed: no such case, a time to come or before the stage began, no name given, the same person twice.
        """
        record = self.find(reference)
        if told_at > now:
            raise NotAllowed("They cannot have been told in the future.")
        if not isinstance(record.changed_at, datetime) or told_at < record.changed_at:
            raise NotAllowed(
                "The stage has changed since then: the victim has to be told of what it is now. "
                "If that was later on the day of the change, give the time as well."
            )
        what = {"stage": str(record.stage), "told_on": told_at.date().isoformat()}
        return self._act(record, "told", by, what, now, told_at=told_at)

    def acts(self, reference: str | None = None) -> list[Act]:
        """Every act, or those of one case, the oldest first.

        Args:
            reference: the case's own reference (`CaseRecord.reference`).
        """
        query = case_acts.select().order_by(case_acts.c.id)
        if reference is not None:
            query = query.where(case_acts.c.case_hash.in_(self._hashed.all("case", key_of(reference))))
        with reading(self._engine) as db:
            rows = db.execute(query).fetchall()
        return [self._opened(row) for row in rows]

    def proposals(self, reference: str, now: datetime) -> list[Act]:
        """What one person has proposed about a case and a second one may still do, the oldest first.

        Args:
            reference: the case's own reference (`CaseRecord.reference`).
            now: aware.
        """
        last: dict[str, Act] = {}
        ends = {end: act for act, end in _ENDED_BY.items()}
        for act in self.acts(reference):
            if act.state != "refused":
                last[ends.get(act.act, act.act)] = act
        return [act for act in last.values() if act.state == "proposed" and now - act.at <= SECOND_PERSON_WITHIN]

    def current(self, record: CaseRecord) -> CaseRecord:
        """A record as it stands with staff's decisions."""
        with reading(self._engine) as db:
            return decided(record, read_decision(db, self._vault, self._hashed, record.reference))

    def purge(self, now: datetime) -> int:
        """Delete acts of more than two years ago (shared/protection.md, retention). Returns how many."""
        with self._engine.begin() as db:
            return int(db.execute(case_acts.delete().where(case_acts.c.at < (now - KEEP_ACTS).timestamp())).rowcount)

    def find(self, reference: str) -> CaseRecord:
        """The case with one of its numbers, as its source tells it; see `current`.

        Raises:
            NotAllowed: there is no such case.
            CasesUnavailable: the source does not answer.
        """
        record = self._provider.find(self._recognise(reference).written)
        if record is None:
            raise NotAllowed("There is no such case. Check the number, or that the force's data have come in.")
        return record

    def _act(
        self,
        record: CaseRecord,
        act: str,
        by: str,
        what: dict[str, str],
        now: datetime,
        *,
        tightens: bool = False,
        **values: object,
    ) -> Act:
        if not different_people([by]):
            raise NotAllowed("Say who does this, with --by.")
        needs_two = is_high_risk(record) and not tightens
        with self._engine.begin() as db:
            before = read_decision(db, self._vault, self._hashed, record.reference)
            first = self._proposal(db, record, act, what, now) if needs_two else None
            state: State = "done"
            if needs_two and first is None:
                state = "proposed"
            elif first is not None and different_people([first.by]) == different_people([by]):
                state = "refused"
            if state == "done":
                people = [first.by, by.strip()] if first else [by.strip()]
                changes = {"decided_by": people, **values} if act == "allow" else values
                after: Decision = msgspec.structs.replace(before, **changes)
                write_decision(db, self._vault, self._hashed, record.reference, after)
            done = self._note(
                db, record, Act(at=now, act=act, state=state, by=by.strip(), reference=record.reference, what=what)
            )
        log.info("case_act", act=act, state=state)
        if state == "refused":
            raise NotAllowed("This case is high-risk: a second, different person has to do the same.")
        return done

    def _proposal(
        self, db: Connection, record: CaseRecord, act: str, what: dict[str, str], now: datetime
    ) -> Act | None:
        """The first person's act that the second one's matches; None when none is young, the same and still stands."""
        query = (
            case_acts.select()
            .where(
                case_acts.c.case_hash.in_(self._hashed.all("case", key_of(record.reference))),
                case_acts.c.act.in_([act, _ENDED_BY.get(act, act)]),
                case_acts.c.state != "refused",
                case_acts.c.at >= (now - SECOND_PERSON_WITHIN).timestamp(),
            )
            .order_by(case_acts.c.id.desc())
            .limit(1)
        )
        row = db.execute(query).first()
        found = None if row is None else self._opened(row)
        same = found is not None and (found.act, found.state, found.what) == (act, "proposed", what)
        return found if same else None

    def _note(self, db: Connection, record: CaseRecord, act: Act) -> Act:
        body = _Body(by=act.by, reference=act.reference, what=act.what)
        db.execute(
            sa.insert(case_acts).values(
                case_hash=case_hash(self._hashed, record),
                at=act.at.timestamp(),
                act=act.act,
                state=act.state,
                **seal(self._vault, body),
            )
        )
        return act

    def _opened(self, row: sa.engine.Row) -> Act:
        body = unseal(self._vault, row, _Body)
        return Act(
            at=datetime.fromtimestamp(row.at, timezone.utc),
            act=row.act,
            state=row.state,
            by=body.by,
            reference=body.reference,
            what=body.what,
        )
