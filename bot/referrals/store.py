"""Referrals that a person has agreed to, sealed answer by answer, with their outbox. Each method is one transaction.

Before consent nothing of a referral is here (issue 5, section 3). A referral and its outbox row are written together,
so whoever has seen a reference has a referral that will be delivered. Times are seconds since the epoch, given by the
caller.
"""

import secrets
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from bot.referrals.draft import Draft, Form
from bot.referrals.fields import Value
from bot.referrals.preview import Consent, check, marks
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.privacy_tables import holds
from bot.store.referral_tables import referral_answers, referral_outbox, referrals

Kind = Literal["referral", "withdrawal"]
Status = Literal["sent", "received", "not_through"]
Withdrawal = Literal["stopped", "told"]
DIGITS = 12
_MARKS = "marks"


class Referral(msgspec.Struct, frozen=True, kw_only=True):
    """A referral with its answers opened.

    Attributes:
        reference: twelve digits.
        organisation: whose queue it is in.
        restricted: hidden from force users.
        answers: what the person agreed to send, by question.
        marks: what is sent besides: identity, restricted, guarded.
        consent_version, consent_language, consented: the wording agreed to, its language, and when.
        created, sent, received, withdrawn: when, or None.
    """

    reference: str
    organisation: str
    restricted: bool
    answers: dict[str, Value]
    marks: list[str]
    consent_version: str
    consent_language: str
    consented: float
    created: float
    sent: float | None
    received: float | None
    withdrawn: float | None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Something to deliver, claimed by one worker: a referral, or word that one was withdrawn."""

    outbox: int
    kind: Kind
    idempotency_key: str
    attempt: int
    referral: Referral


class InQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A referral as an organisation's list shows it: nothing of its answers."""

    reference: str
    restricted: bool
    created: float
    status: Status
    withdrawn: bool


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was given up, for staff: no personal data."""

    reference: str
    kind: Kind
    attempts: int
    created: float
    problem: str


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What erasing did to a conversation's referrals, by reference.

    Attributes:
        deleted: gone; nothing was sent.
        unsure: gone here, but an attempt to send it may have arrived.
        sent: sent, so it cannot be recalled.
        held: kept, because a hold is on it.
    """

    deleted: list[str] = []
    unsure: list[str] = []
    sent: list[str] = []
    held: list[str] = []


def spoken(reference: str) -> str:
    """A reference in groups of four, to be read aloud."""
    return " ".join(reference[place : place + 4] for place in range(0, len(reference), 4))


def normal_reference(typed: str) -> str | None:
    """The reference in what somebody typed, digits of any script; None if it is not one."""
    digits = "".join(str(unicodedata.digit(c)) for c in typed if unicodedata.digit(c, None) is not None)
    other = [c for c in typed if c.isalpha()]
    return digits if len(digits) == DIGITS and not other else None


class ReferralStore:
    """The referrals in one database.

    Args:
        engine: an opened database (`bot.store.database.open_database`).
        vault: the keys that seal the answers.
        form: the questions, for what is sent and for the check of the consent.
        organisation: whose queue new referrals go to. Restricted ones go there, too: it is not the force.
    """

    def __init__(self, engine: Engine, vault: Vault, form: Form, organisation: str = "victim_support") -> None:
        self._engine, self._vault, self._form, self._organisation = engine, vault, form, organisation

    # --- by the person

    def submit(
        self,
        draft: Draft,
        consent: Consent,
        idempotency_key: str,
        now: float,
        *,
        conversation: str | None = None,
        reference: str | None = None,
        connection: Connection | None = None,
    ) -> str:
        """Keep a referral for delivery. The same key again gives the first one's reference and writes nothing.

        Args:
            draft: the answers.
            consent: the yes to exactly these answers.
            idempotency_key: of the message that said yes.
            now: seconds since the epoch.
            conversation: the conversation it came from, so that erasing that can find it.
            reference: a `new_reference`, where it has to be known beforehand; else one is made here.
            connection: an open transaction to be part of; without it, a transaction of its own.

        Returns:
            The reference: twelve digits; show it as `spoken` gives it.

        Raises:
            ConsentVoid: there is no valid consent to send this, or it must not be sent. Nothing is written.
        """
        check(self._form, draft, consent)
        route = self._form.route(draft)
        with self._in(connection) as db:
            known = db.execute(
                sa.select(referrals.c.reference).where(referrals.c.idempotency_key == idempotency_key)
            ).scalar()
            if known is not None:
                return str(known)
            reference, key = reference or self._new_reference(db), self._vault.new_key()
            referral = db.execute(
                referrals.insert().values(
                    reference=reference,
                    idempotency_key=idempotency_key,
                    conversation=conversation,
                    organisation=self._organisation,
                    restricted=route is not None and route.restricted,
                    key=key,
                    consent_version=consent.version,
                    consent_language=consent.language,
                    consented=consent.at,
                    created=now,
                )
            ).inserted_primary_key[0]
            answers = self._form.answers(draft)
            # A row for every question, answered or not: which ones were answered is nobody's business either.
            told: dict[str, Any] = {one.id: answers.get(one.id) for one in self._form.file.fields if one.sent}
            told[_MARKS] = marks(self._form, draft)
            db.execute(
                referral_answers.insert(),
                [
                    {"referral": referral, "field": field, "value": self._vault.seal(key, value)}
                    for field, value in told.items()
                ],
            )
            self._queue(db, referral, "referral", now)
            return reference

    def new_reference(self) -> str:
        """A reference that nothing has yet: twelve digits that cannot be guessed."""
        with reading(self._engine) as db:
            return self._new_reference(db)

    def status(self, reference: str) -> Status | None:
        """What became of a referral: sent, received, or did not get through; None where there is none such."""
        with reading(self._engine) as db:
            row = db.execute(referrals.select().where(referrals.c.reference == reference)).first()
        return None if row is None else _status(row)

    def of_conversation(self, conversation: str) -> list[str]:
        """References of the referrals that came from a conversation, the oldest first."""
        with reading(self._engine) as db:
            return list(
                db.execute(
                    sa.select(referrals.c.reference)
                    .where(referrals.c.conversation == conversation)
                    .order_by(referrals.c.id)
                ).scalars()
            )

    def can_withdraw(self, reference: str) -> Withdrawal | None:
        """What withdrawing a referral would come to at this moment; nothing is changed."""
        with reading(self._engine) as db:
            row = db.execute(referrals.select().where(referrals.c.reference == reference)).first()
            return None if row is None else self._withdrawal(db, row, self._sending(db, row.id))

    def withdraw(self, reference: str, now: float, connection: Connection | None = None) -> Withdrawal | None:
        """Stop contact. Whoever holds the phone can do this, so the provider is told that it is not verified.

        Args:
            reference: twelve digits.
            now: seconds since the epoch.
            connection: an open transaction to be part of; without it, a transaction of its own.

        Returns:
            stopped: it had not been tried to send and is deleted. told: the provider will be told. None: no such
            referral.
        """
        with self._in(connection) as db:
            row = db.execute(referrals.select().where(referrals.c.reference == reference).with_for_update()).first()
            if row is None:
                return None
            sending = self._sending(db, row.id)
            outcome = self._withdrawal(db, row, sending)
            if outcome == "stopped":
                self._delete(db, [row.id])
            elif row.withdrawn is None:
                db.execute(
                    referral_outbox.update()
                    .where(referral_outbox.c.id == sending.id, referral_outbox.c.state.in_(("due", "dead")))
                    .values(state="stopped")
                )
                db.execute(referrals.update().where(referrals.c.id == row.id).values(withdrawn=now))
                # Whatever is on its way at this moment arrives first.
                self._queue(db, row.id, "withdrawal", max(now, sending.lease_until))
            return outcome

    def unsent(self, conversation: str, now: float, held: Collection[str] = ()) -> Erased:
        """What `erase_unsent` would come to at this moment; nothing is changed."""
        with reading(self._engine) as db:
            return self._judged(db, conversation, now, held)[0]

    def erase_unsent(self, conversation: str, now: float, held: Collection[str] = ()) -> Erased:
        """Delete a conversation's referrals as far as they are not sent, and forget whose the others were.

        Args:
            conversation: its id.
            now: seconds since the epoch.
            held: references with a hold on them: these stay as they are.
        """
        with self._engine.begin() as db:
            done, ids = self._judged(db, conversation, now, held)
            sent = [ids[reference] for reference in done.sent]
            db.execute(referrals.update().where(referrals.c.id.in_(sent)).values(conversation=None))
            self._delete(db, [ids[reference] for reference in (*done.deleted, *done.unsure)])
        return done

    # --- by the outbox worker and the receiver

    def claim(self, owner: str, now: float, until: float) -> Delivery | None:
        """The next delivery that is due, for one worker until a time, counted as an attempt; None if there is none."""
        with self._engine.begin() as db:
            row = db.execute(
                referral_outbox.select()
                .where(
                    referral_outbox.c.state == "due",
                    referral_outbox.c.due <= now,
                    referral_outbox.c.lease_until <= now,
                )
                .order_by(referral_outbox.c.due, referral_outbox.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if row is None:
                return None
            db.execute(
                referral_outbox.update()
                .where(referral_outbox.c.id == row.id)
                .values(attempts=row.attempts + 1, lease_owner=owner, lease_until=until)
            )
            referral = db.execute(referrals.select().where(referrals.c.id == row.referral)).one()
            return Delivery(
                outbox=row.id,
                kind=row.kind,
                idempotency_key=row.idempotency_key,
                attempt=row.attempts + 1,
                referral=self._opened(db, referral),
            )

    def delivered(self, delivery: Delivery, now: float) -> None:
        """The receiver took it."""
        with self._engine.begin() as db:
            db.execute(
                referral_outbox.update()
                .where(referral_outbox.c.id == delivery.outbox)
                .values(state="done", lease_until=0.0, problem=None)
            )
            if delivery.kind == "referral":
                db.execute(
                    referrals.update()
                    .where(referrals.c.reference == delivery.referral.reference, referrals.c.sent.is_(None))
                    .values(sent=now)
                )

    def not_delivered(self, delivery: Delivery, problem: str, again: float | None) -> None:
        """The receiver did not take it.

        Args:
            delivery: what was tried.
            problem: a short kind of problem, no personal data.
            again: when to try again; None gives it up, for staff to look at.
        """
        changed = {"state": "dead"} if again is None else {"due": again}
        with self._engine.begin() as db:
            db.execute(
                referral_outbox.update()
                .where(referral_outbox.c.id == delivery.outbox, referral_outbox.c.state == "due")
                .values(lease_until=0.0, problem=problem, **changed)
            )

    def received(self, reference: str, now: float) -> bool:
        """The receiver has acknowledged a referral; from here its time with us runs. False: no such referral."""
        with self._engine.begin() as db:
            row = db.execute(referrals.select().where(referrals.c.reference == reference).with_for_update()).first()
            if row is None:
                return False
            db.execute(
                referrals.update()
                .where(referrals.c.id == row.id)
                .values(sent=row.sent or now, received=row.received or now)
            )
            # An acknowledgement can come before the answer to our own request does.
            db.execute(
                referral_outbox.update()
                .where(
                    referral_outbox.c.referral == row.id,
                    referral_outbox.c.kind == "referral",
                    referral_outbox.c.state.in_(("due", "dead")),
                )
                .values(state="done", lease_until=0.0, problem=None)
            )
            return True

    # --- by staff

    def queue(self, organisation: str) -> list[InQueue]:
        """The referrals of one organisation, the oldest first. Nobody sees another's."""
        with reading(self._engine) as db:
            rows = db.execute(
                referrals.select().where(referrals.c.organisation == organisation).order_by(referrals.c.id)
            ).all()
        return [
            InQueue(
                reference=row.reference,
                restricted=row.restricted,
                created=row.created,
                status=_status(row),
                withdrawn=row.withdrawn is not None,
            )
            for row in rows
        ]

    def open(self, reference: str, organisation: str | None = None) -> Referral | None:
        """A referral with its answers, for the organisation whose queue it is in; None for anybody else.

        Args:
            reference: twelve digits.
            organisation: who asks; None only for the person's own subject access.
        """
        with reading(self._engine) as db:
            row = db.execute(referrals.select().where(referrals.c.reference == reference)).first()
            if row is None or organisation not in (None, row.organisation):
                return None
            return self._opened(db, row)

    def dead_letters(self) -> list[DeadLetter]:
        """Deliveries that were given up, the oldest first."""
        with reading(self._engine) as db:
            rows = db.execute(
                sa.select(referral_outbox, referrals.c.reference, referrals.c.created)
                .join(referrals, referrals.c.id == referral_outbox.c.referral)
                .where(referral_outbox.c.state == "dead")
                .order_by(referral_outbox.c.id)
            ).all()
        return [
            DeadLetter(
                reference=row.reference,
                kind=row.kind,
                attempts=row.attempts,
                created=row.created,
                problem=row.problem or "",
            )
            for row in rows
        ]

    def send_again(self, reference: str, now: float) -> bool:
        """Try a dead letter again, with the same idempotency key. False: there is none for this referral."""
        with self._engine.begin() as db:
            referral = db.execute(sa.select(referrals.c.id).where(referrals.c.reference == reference)).scalar()
            # One attempt stays counted: it may have arrived.
            result = db.execute(
                referral_outbox.update()
                .where(referral_outbox.c.referral == referral, referral_outbox.c.state == "dead")
                .values(state="due", due=now, attempts=1, lease_until=0.0)
            )
            return bool(result.rowcount)

    def unacknowledged(self, before: float) -> list[str]:
        """References sent before a moment, not acknowledged since and not withdrawn: for staff to ask after."""
        with reading(self._engine) as db:
            return list(
                db.execute(
                    sa.select(referrals.c.reference)
                    .where(referrals.c.sent < before, referrals.c.received.is_(None), referrals.c.withdrawn.is_(None))
                    .order_by(referrals.c.id)
                ).scalars()
            )

    # --- retention

    def purge(self, before: float, held: Collection[str] = ()) -> int:
        """Delete referrals acknowledged, or withdrawn and told, before a moment. Returns how many.

        Args:
            before: seconds since the epoch.
            held: references with a hold on them: these stay.
        """
        open_still = sa.select(referral_outbox.c.referral).where(referral_outbox.c.state.in_(("due", "dead")))
        over = sa.or_(referrals.c.received < before, referrals.c.withdrawn < before)
        return self._purge(sa.and_(over, referrals.c.id.not_in(open_still)), held)

    def purge_unacknowledged(self, before: float, held: Collection[str] = ()) -> int:
        """Delete referrals that were sent before a moment and never acknowledged. Returns how many."""
        open_still = sa.select(referral_outbox.c.referral).where(referral_outbox.c.state.in_(("due", "dead")))
        return self._purge(
            sa.and_(referrals.c.sent < before, referrals.c.received.is_(None), referrals.c.id.not_in(open_still)), held
        )

    # --- inside

    @contextmanager
    def _in(self, connection: Connection | None) -> Iterator[Connection]:
        if connection is not None:
            yield connection
        else:
            with self._engine.begin() as db:
                yield db

    def _new_reference(self, db: Connection) -> str:
        while True:
            reference = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
            if db.execute(sa.select(referrals.c.id).where(referrals.c.reference == reference)).first() is None:
                return reference

    @staticmethod
    def _queue(db: Connection, referral: int, kind: Kind, due: float) -> None:
        db.execute(
            referral_outbox.insert().values(
                referral=referral,
                kind=kind,
                idempotency_key=secrets.token_hex(16),
                state="due",
                attempts=0,
                due=due,
                lease_until=0.0,
            )
        )

    def _judged(
        self, db: Connection, conversation: str, now: float, held: Collection[str]
    ) -> tuple[Erased, dict[str, int]]:
        """What erasing does to each referral of a conversation, by reference, and the rows' ids."""
        done, ids = Erased(), {}
        rows = db.execute(
            referrals.select().where(referrals.c.conversation == conversation).order_by(referrals.c.id)
        ).all()
        for row in rows:
            ids[row.reference] = row.id
            sending = self._sending(db, row.id)
            if row.reference in held:
                done.held.append(row.reference)
            elif row.sent is not None or row.received is not None or sending.lease_until > now:
                done.sent.append(row.reference)
            else:
                (done.unsure if sending.attempts else done.deleted).append(row.reference)
        return done, ids

    @staticmethod
    def _withdrawal(db: Connection, row: Row, sending: Row) -> Withdrawal:
        untouched = row.withdrawn is None and sending.state == "due" and sending.attempts == 0
        # What is under a hold is not deleted, so the provider is told in any case.
        held = sa.select(holds.c.id).where(
            holds.c.kind == "referral", holds.c.subject == row.reference, holds.c.lifted.is_(None)
        )
        return "stopped" if untouched and db.execute(held).first() is None else "told"

    @staticmethod
    def _sending(db: Connection, referral: int) -> Row:
        return db.execute(
            referral_outbox.select()
            .where(referral_outbox.c.referral == referral, referral_outbox.c.kind == "referral")
            .with_for_update()
        ).one()

    @staticmethod
    def _delete(db: Connection, ids: list[int]) -> None:
        for table in (referral_answers, referral_outbox):
            db.execute(table.delete().where(table.c.referral.in_(ids)))
        db.execute(referrals.delete().where(referrals.c.id.in_(ids)))

    def _purge(self, which: Any, held: Collection[str]) -> int:
        with self._engine.begin() as db:
            ids = list(
                db.execute(sa.select(referrals.c.id).where(which, referrals.c.reference.not_in(list(held)))).scalars()
            )
            self._delete(db, ids)
            return len(ids)

    def _opened(self, db: Connection, row: Row) -> Referral:
        rows = db.execute(referral_answers.select().where(referral_answers.c.referral == row.id)).all()
        told = {one.field: self._vault.open(row.key, one.value) for one in rows}
        # In the order asked; questions that are asked no more come last.
        order = [field.id for field in self._form.file.fields]
        names = sorted(
            (name for name in told if name != _MARKS), key=lambda n: order.index(n) if n in order else len(order)
        )
        return Referral(
            reference=row.reference,
            organisation=row.organisation,
            restricted=row.restricted,
            answers={name: told[name] for name in names if told[name] is not None},
            marks=told[_MARKS],
            consent_version=row.consent_version,
            consent_language=row.consent_language,
            consented=row.consented,
            created=row.created,
            sent=row.sent,
            received=row.received,
            withdrawn=row.withdrawn,
        )


def _status(row: Row) -> Status:
    if row.received is not None:
        return "received"
    return "sent" if row.sent is not None else "not_through"
