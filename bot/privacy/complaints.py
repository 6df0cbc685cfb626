"""Complaints about how the service uses somebody's data, with the day by which each must be acknowledged.

Data Protection Act 2018, section 164A(3), put in by section 103 of the Data (Use and Access) Act 2025: receipt must be
acknowledged "within the period of 30 days beginning when the complaint is received". The day it comes in is the first
of the thirty, so the last is 29 days later. Calendar days: weekends and bank holidays count.
"""

from datetime import date, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine, Row

from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.privacy_tables import data_complaints

ACKNOWLEDGE_DAYS = 30


class ComplaintRefused(Exception):
    """Something cannot be recorded so; the message says why."""


class _Sealed(msgspec.Struct, frozen=True, kw_only=True):
    about: str
    contact: str
    outcome: str = ""


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """One complaint.

    Attributes:
        number: given in the order they came.
        about: what it is about, in the person's own words or a summary.
        contact: how to answer, the safe way.
        received_on: the day it came.
        acknowledge_by: the last day to say that we have it.
        acknowledged_on, closed_on: the days, or None.
        outcome: what was told to the person, once closed.
    """

    number: int
    about: str
    contact: str
    received_on: date
    acknowledge_by: date
    acknowledged_on: date | None
    closed_on: date | None
    outcome: str


def acknowledge_by(received_on: date) -> date:
    """The last day on which a complaint may be acknowledged."""
    return received_on + timedelta(days=ACKNOWLEDGE_DAYS - 1)


class Complaints:
    """The register.

    Args:
        engine: an opened database.
        vault: the keys that seal the words.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    def record(self, *, about: str, contact: str, received_on: date, by: str, today: date) -> Complaint:
        """Put a complaint on the register.

        Args:
            about: what it is about.
            contact: how to answer.
            received_on: the day it came, which may be before today.
            by: who records it.
            today: the present day.

        Raises:
            ComplaintRefused: it has no words, or is from a day to come.
        """
        if not about.strip():
            raise ComplaintRefused("Say what the complaint is about.")
        if received_on > today:
            raise ComplaintRefused("The day it was received is still to come.")
        key = self._vault.new_key()
        sealed = self._vault.seal(key, _Sealed(about=about.strip(), contact=contact.strip()))
        with self._engine.begin() as db:
            number = db.execute(
                data_complaints.insert().values(
                    key=key,
                    complaint=sealed,
                    received_on=received_on,
                    acknowledge_by=acknowledge_by(received_on),
                    recorded_by=by,
                )
            ).inserted_primary_key[0]
        return self.get(int(number))

    def acknowledge(self, number: int, *, by: str, on: date) -> None:
        """Record that the person was told that we have it. The first day recorded stands.

        Raises:
            ComplaintRefused: there is no such complaint, or the day is before it came.
        """
        if on < self.get(number).received_on:
            raise ComplaintRefused("It cannot have been acknowledged before it came.")
        with self._engine.begin() as db:
            db.execute(
                data_complaints.update()
                .where(data_complaints.c.id == number, data_complaints.c.acknowledged_on.is_(None))
                .values(acknowledged_on=on, acknowledged_by=by)
            )

    def close(self, number: int, *, outcome: str, by: str, on: date) -> None:
        """Record what the person was told in the end. It must have been acknowledged first.

        Raises:
            ComplaintRefused: there is no such complaint, it was never acknowledged, or there is no outcome.
        """
        complaint = self.get(number)
        if complaint.acknowledged_on is None:
            raise ComplaintRefused("Acknowledge it first.")
        if not outcome.strip():
            raise ComplaintRefused("Say what the person was told.")
        sealed = _Sealed(about=complaint.about, contact=complaint.contact, outcome=outcome.strip())
        with self._engine.begin() as db:
            key = db.execute(sa.select(data_complaints.c.key).where(data_complaints.c.id == number)).scalar_one()
            db.execute(
                data_complaints.update()
                .where(data_complaints.c.id == number)
                .values(closed_on=on, closed_by=by, complaint=self._vault.seal(key, sealed))
            )

    def get(self, number: int) -> Complaint:
        """One complaint.

        Raises:
            ComplaintRefused: there is no such complaint.
        """
        with reading(self._engine) as db:
            row = db.execute(data_complaints.select().where(data_complaints.c.id == number)).first()
        if row is None:
            raise ComplaintRefused(f"There is no complaint {number}.")
        return self._opened(row)

    def open(self) -> list[Complaint]:
        """Complaints not closed, the most urgent first."""
        with reading(self._engine) as db:
            rows = db.execute(
                data_complaints.select()
                .where(data_complaints.c.closed_on.is_(None))
                .order_by(data_complaints.c.acknowledge_by, data_complaints.c.id)
            ).all()
        return [self._opened(row) for row in rows]

    def to_acknowledge(self) -> list[Complaint]:
        """Complaints nobody has acknowledged yet, the most urgent first."""
        return [complaint for complaint in self.open() if complaint.acknowledged_on is None]

    def purge(self, before: date) -> int:
        """Delete complaints closed before a day. Returns how many."""
        with self._engine.begin() as db:
            return int(db.execute(data_complaints.delete().where(data_complaints.c.closed_on < before)).rowcount)

    def _opened(self, row: Row) -> Complaint:
        sealed = self._vault.open(row.key, row.complaint, _Sealed)
        return Complaint(
            number=row.id,
            about=sealed.about,
            contact=sealed.contact,
            received_on=row.received_on,
            acknowledge_by=row.acknowledge_by,
            acknowledged_on=row.acknowledged_on,
            closed_on=row.closed_on,
            outcome=sealed.outcome,
        )
