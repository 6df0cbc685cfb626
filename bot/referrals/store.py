"""Referrals that a person has agreed to, sealed answer by answer, with their outbox. Each method is one transaction.

Before consent nothing of a referral is here (issue 5, section 3). A referral and its outbox row are written together,
so whoever has seen a reference has a referral that will be delivered. Times are seconds since the epoch, given by the
caller.
"""

import secrets
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from bot.referrals.deliveries import Deliveries
from bot.referrals.draft import Draft, Form
from bot.referrals.preview import Consent, check, marks
from bot.referrals.rows import DIGITS, MARKS, Erased, Kind, Status, Withdrawal, Withdrawer, status_of
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.privacy_tables import holds
from bot.store.referral_tables import referral_answers, referral_outbox, referrals


class ReferralStore(Deliveries):
    """The referrals in one database: what the person and the service do with them.

    Args:
        engine: an opened database (`bot.store.database.open_database`).
        vault: the keys that seal the answers.
        form: the questions, for what is sent and for the check of the consent.
        organisation: whose queue new referrals go to. Restricted ones go there, too: it is not the force.
    """

    def __init__(self, engine: Engine, vault: Vault, form: Form, organisation: str = "victim_support") -> None:
        super().__init__(engine, vault, form)
        self._organisation = organisation

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
            told[MARKS] = marks(self._form, draft)
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
        return None if row is None else status_of(row)

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

    def withdraw(
        self, reference: str, now: float, connection: Connection | None = None, *, by: Withdrawer = "person"
    ) -> Withdrawal | None:
        """Stop contact. Whoever holds the phone can do this, so the provider is told that it is not verified.

        Args:
            reference: twelve digits.
            now: seconds since the epoch.
            connection: an open transaction to be part of; without it, a transaction of its own.
            by: the person, online; or staff, whom the person has asked to.

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
                db.execute(referrals.update().where(referrals.c.id == row.id).values(withdrawn=now, withdrawn_by=by))
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
