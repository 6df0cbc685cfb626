"""Delivering referrals: for the outbox worker and the receiver's acknowledgement. Each method is one transaction."""

from bot.referrals.rows import Delivery, ReferralRows
from bot.store.referral_tables import referral_outbox, referrals


class Deliveries(ReferralRows):
    """The outbox of the referrals in one database."""

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
