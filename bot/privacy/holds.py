"""A hold: something that must be kept, with a reason and a day to look at it again, placed and lifted by a supervisor.

A hold blocks erasure and retention of what it is on, and the person is told that some of this must be kept
(shared/protection.md, "Data protection"). It does not end by itself: on its day it is listed, and somebody decides.
"""

from datetime import date
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine, Row

from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.privacy_tables import holds

Subject = Literal["conversation", "referral", "case"]
SUPERVISOR = "supervisor"


class HoldRefused(Exception):
    """A hold cannot be placed or lifted so; the message says why."""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """One hold: what it is on, why, who placed it, and the day to look at it again."""

    id: int
    kind: Subject
    subject: str
    reason: str
    placed_by: str
    placed: float
    review_on: date


class Holds:
    """The holds in one database.

    Args:
        engine: an opened database.
        vault: the keys that seal the reasons.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    def place(
        self, kind: Subject, subject: str, *, reason: str, by: str, role: str, review_on: date, today: date, now: float
    ) -> int:
        """Put a hold on something. Returns its id.

        Args:
            kind: conversation, referral or case.
            subject: id of the conversation, or reference of the referral or case.
            reason: why it must be kept.
            by: who places it.
            role: their role; only a supervisor may.
            review_on: the day to look at it again.
            today: the present day.
            now: seconds since the epoch.

        Raises:
            HoldRefused: not a supervisor, no reason, or no day to come.
        """
        if role != SUPERVISOR:
            raise HoldRefused("Only a supervisor may place or lift a hold.")
        if not reason.strip():
            raise HoldRefused("A hold needs a reason.")
        if review_on <= today:
            raise HoldRefused("A hold needs a review date that is still to come.")
        key = self._vault.new_key()
        with self._engine.begin() as db:
            result = db.execute(
                holds.insert().values(
                    kind=kind,
                    subject=subject,
                    key=key,
                    reason=self._vault.seal(key, reason.strip()),
                    placed_by=by,
                    placed=now,
                    review_on=review_on,
                )
            )
            return int(result.inserted_primary_key[0])

    def lift(self, hold: int, *, by: str, role: str, now: float) -> None:
        """End a hold; its record stays for the audit.

        Raises:
            HoldRefused: not a supervisor, or there is no such hold.
        """
        if role != SUPERVISOR:
            raise HoldRefused("Only a supervisor may place or lift a hold.")
        with self._engine.begin() as db:
            result = db.execute(
                holds.update().where(holds.c.id == hold, holds.c.lifted.is_(None)).values(lifted=now, lifted_by=by)
            )
            if result.rowcount != 1:
                raise HoldRefused(f"There is no hold {hold}.")

    def held(self, kind: Subject) -> set[str]:
        """Everything of a kind that has a hold on it."""
        with reading(self._engine) as db:
            found = db.execute(sa.select(holds.c.subject).where(holds.c.kind == kind, holds.c.lifted.is_(None)))
            return set(found.scalars())

    def active(self) -> list[Hold]:
        """All holds, those to be looked at first coming first."""
        with reading(self._engine) as db:
            rows = db.execute(holds.select().where(holds.c.lifted.is_(None)).order_by(holds.c.review_on)).all()
        return [self._opened(row) for row in rows]

    def to_review(self, today: date) -> list[Hold]:
        """Holds whose day to be looked at has come."""
        return [hold for hold in self.active() if hold.review_on <= today]

    def purge(self, before: float) -> int:
        """Delete holds lifted before a moment. Returns how many."""
        with self._engine.begin() as db:
            return int(db.execute(holds.delete().where(holds.c.lifted < before)).rowcount)

    def _opened(self, row: Row) -> Hold:
        return Hold(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            reason=self._vault.open(row.key, row.reason, str),
            placed_by=row.placed_by,
            placed=row.placed,
            review_on=row.review_on,
        )
