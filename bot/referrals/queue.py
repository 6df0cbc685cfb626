"""The referrals of an organisation, for its staff. Each method is one transaction.

Nobody sees another organisation's, and what is restricted only those who may (shared/protection.md, "Referral and
hand-off"). What is not theirs to see and what is not there look the same. Lists hold no answers.
"""

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine, Row

from bot.handoff.queue import may_see_restricted
from bot.referrals.rows import Kind, Referral, Status, Withdrawal, status_of
from bot.referrals.store import ReferralStore
from bot.staff.roles import Staff
from bot.store.database import reading
from bot.store.referral_tables import referral_outbox, referrals


class InQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A referral as its organisation's list shows it: nothing of its answers.

    Attributes:
        reference: twelve digits.
        restricted: hidden from force users.
        status: what became of it.
        created, sent, received, withdrawn: when, or None.
    """

    reference: str
    restricted: bool
    status: Status
    created: float
    sent: float | None
    received: float | None
    withdrawn: float | None


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was given up, for staff: no personal data."""

    reference: str
    kind: Kind
    attempts: int
    created: float
    problem: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which referrals to list.

    Attributes:
        status: only those; those that were withdrawn belong to `withdrawn` alone.
        withdrawn: only those that were withdrawn, or only the others; all if None.
        since, until: when they came in, in seconds since the epoch; `until` itself is left out.
    """

    status: Status | None = None
    withdrawn: bool | None = None
    since: float | None = None
    until: float | None = None


EVERYTHING = Wanted()


class ReferralQueue:
    """The referrals as staff see them.

    Args:
        engine: an opened database.
        store: the referrals in it.
    """

    def __init__(self, engine: Engine, store: ReferralStore) -> None:
        self._engine, self._store = engine, store

    def all(self, staff: Staff, wanted: Wanted = EVERYTHING) -> list[InQueue]:
        """The referrals that they may see, the newest first."""
        query = referrals.select().where(_theirs(staff)).order_by(referrals.c.id.desc())
        if wanted.since is not None:
            query = query.where(referrals.c.created >= wanted.since)
        if wanted.until is not None:
            query = query.where(referrals.c.created < wanted.until)
        if wanted.withdrawn is not None:
            query = query.where(referrals.c.withdrawn.is_not(None) == wanted.withdrawn)
        with reading(self._engine) as db:
            found = [_in_queue(row) for row in db.execute(query)]
        return [one for one in found if wanted.status in (None, one.status)]

    def find(self, staff: Staff, reference: str) -> InQueue | None:
        """One of those that they may see, without its answers; None for any other."""
        with reading(self._engine) as db:
            row = db.execute(referrals.select().where(referrals.c.reference == reference, _theirs(staff))).first()
        return None if row is None else _in_queue(row)

    def open(self, staff: Staff, reference: str) -> Referral | None:
        """One of those that they may see, with its answers; None for any other."""
        if self.find(staff, reference) is None:
            return None
        return self._store.open(reference, staff.organisation)

    def of_conversation(self, staff: Staff, conversation: str) -> list[InQueue]:
        """Those of one conversation that they may see, without answers, the oldest first."""
        query = referrals.select().where(referrals.c.conversation == conversation, _theirs(staff))
        with reading(self._engine) as db:
            return [_in_queue(row) for row in db.execute(query.order_by(referrals.c.id))]

    def exists(self, reference: str) -> bool:
        """Whether there is such a referral at all: for the audit log, never to be shown."""
        return self._store.status(reference) is not None

    def acknowledge(self, staff: Staff, reference: str, now: float) -> bool:
        """They have it: it is not sent any more, and its time with us runs. False: not theirs, or withdrawn."""
        found = self.find(staff, reference)
        return found is not None and found.withdrawn is None and self._store.received(reference, now)

    def withdraw(self, staff: Staff, reference: str, now: float) -> Withdrawal | None:
        """Stop contact, because the person has asked them to. None: not theirs."""
        if self.find(staff, reference) is None:
            return None
        return self._store.withdraw(reference, now, by="staff")

    def dead_letters(self, staff: Staff | None = None) -> list[DeadLetter]:
        """Deliveries that were given up, the oldest first; without `staff` all, for the command line."""
        query = (
            sa.select(referral_outbox, referrals.c.reference, referrals.c.created)
            .join(referrals, referrals.c.id == referral_outbox.c.referral)
            .where(referral_outbox.c.state == "dead")
            .order_by(referral_outbox.c.id)
        )
        with reading(self._engine) as db:
            rows = db.execute(query if staff is None else query.where(_theirs(staff))).all()
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

    def send_again(self, reference: str, now: float, staff: Staff | None = None) -> bool:
        """Try a dead letter again, with the same idempotency key. False: there is none, or it is not theirs."""
        mine = sa.select(referrals.c.id).where(referrals.c.reference == reference)
        with self._engine.begin() as db:
            referral = db.execute(mine if staff is None else mine.where(_theirs(staff))).scalar()
            # One attempt stays counted: it may have arrived.
            result = db.execute(
                referral_outbox.update()
                .where(referral_outbox.c.referral == referral, referral_outbox.c.state == "dead")
                .values(state="due", due=now, attempts=1, lease_until=0.0)
            )
            return bool(result.rowcount)

    def unacknowledged(self, before: float, staff: Staff | None = None) -> list[str]:
        """References sent before a moment, not acknowledged since and not withdrawn: for staff to ask after."""
        query = (
            sa.select(referrals.c.reference)
            .where(referrals.c.sent < before, referrals.c.received.is_(None), referrals.c.withdrawn.is_(None))
            .order_by(referrals.c.id)
        )
        with reading(self._engine) as db:
            return [*db.execute(query if staff is None else query.where(_theirs(staff))).scalars()]

    def of_organisation(self, organisation: str) -> list[InQueue]:
        """All referrals of an organisation, the oldest first, for the command line."""
        query = referrals.select().where(referrals.c.organisation == organisation).order_by(referrals.c.id)
        with reading(self._engine) as db:
            return [_in_queue(row) for row in db.execute(query)]


def _theirs(staff: Staff) -> sa.sql.ColumnElement:
    """Those in their organisation's queue, without what is hidden from them."""
    own = referrals.c.organisation == staff.organisation
    return own if may_see_restricted(staff) else sa.and_(own, referrals.c.restricted.is_(False))


def _in_queue(row: Row) -> InQueue:
    return InQueue(
        reference=row.reference,
        restricted=row.restricted,
        status=status_of(row),
        created=row.created,
        sent=row.sent,
        received=row.received,
        withdrawn=row.withdrawn,
    )
