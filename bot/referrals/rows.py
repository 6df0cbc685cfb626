"""Referrals as they stand in the database: what they are, and opening their answers."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import msgspec
from sqlalchemy.engine import Connection, Engine, Row

from bot.referrals.draft import Form
from bot.referrals.fields import Value
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.referral_tables import referral_answers, referrals

Kind = Literal["referral", "withdrawal"]
Status = Literal["sent", "received", "not_through"]
Withdrawal = Literal["stopped", "told"]
Withdrawer = Literal["person", "staff"]
DIGITS = 12
MARKS = "marks"


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
        withdrawn_by: "person" (online, not verified) or "staff"; empty where it was not withdrawn.
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
    withdrawn_by: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Something to deliver, claimed by one worker: a referral, or word that one was withdrawn."""

    outbox: int
    kind: Kind
    idempotency_key: str
    attempt: int
    referral: Referral


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


class ReferralRows:
    """What everything that works with referrals stands on.

    Args:
        engine: an opened database (`bot.store.database.open_database`).
        vault: the keys that seal the answers.
        form: the questions, for what is sent and for the check of the consent.
    """

    def __init__(self, engine: Engine, vault: Vault, form: Form) -> None:
        self._engine, self._vault, self._form = engine, vault, form

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

    @contextmanager
    def _in(self, connection: Connection | None) -> Iterator[Connection]:
        if connection is not None:
            yield connection
        else:
            with self._engine.begin() as db:
                yield db

    def _opened(self, db: Connection, row: Row) -> Referral:
        rows = db.execute(referral_answers.select().where(referral_answers.c.referral == row.id)).all()
        told = {one.field: self._vault.open(row.key, one.value) for one in rows}
        # In the order asked; questions that are asked no more come last.
        order = [field.id for field in self._form.file.fields]
        names = sorted(
            (name for name in told if name != MARKS), key=lambda n: order.index(n) if n in order else len(order)
        )
        return Referral(
            reference=row.reference,
            organisation=row.organisation,
            restricted=row.restricted,
            answers={name: told[name] for name in names if told[name] is not None},
            marks=told[MARKS],
            consent_version=row.consent_version,
            consent_language=row.consent_language,
            consented=row.consented,
            created=row.created,
            sent=row.sent,
            received=row.received,
            withdrawn=row.withdrawn,
            withdrawn_by=row.withdrawn_by or "",
        )


def status_of(row: Row) -> Status:
    """What became of a referral."""
    if row.received is not None:
        return "received"
    return "sent" if row.sent is not None else "not_through"
