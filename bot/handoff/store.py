"""Reading and writing hand-offs inside a transaction that the caller opens; who may do what is for the desk.

Whoever changes a hand-off first locks its conversation, then the hand-off (`HandOffStore.locked`): so the lines of one
hand-off come in one order, and nobody waits for anybody crosswise.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from bot.conversation.messages import Reply
from bot.handoff.model import Ask, HandOff, Refused, Shown
from bot.handoff.queue import LATELY_S
from bot.handoff.transcript import Transcript
from bot.staff.roles import OrganisationId
from bot.store.conversations import ConversationStore
from bot.store.encryption import Vault
from bot.store.handoff_tables import hand_off_feedback, hand_offs
from bot.store.tables import alerts, conversations


class HandOffStore(Transcript):
    """The hand-offs in one database.

    Args:
        engine: an opened database (`bot.store.database.open_database`).
        vault: the keys that seal words.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        super().__init__(vault)
        self.engine = engine
        self.conversations = ConversationStore(engine, vault)

    # --- one hand-off

    def begin(
        self,
        db: Connection,
        conversation: str,
        inbox_id: int,
        ask: Ask,
        *,
        language: str,
        due: float,
        expires: float,
        now: float,
    ) -> int:
        """Put a person who has agreed into a queue. The same message again gives the same hand-off.

        Args:
            db: the transaction that stores the reply with their place.
            conversation: its id; it must have no other hand-off open.
            inbox_id: number of the message that said yes.
            ask: what was agreed to.
            language: of the conversation.
            due: when a first reply is due by our own clock.
            expires: when the token of the person's page ends, unless it is heard of: it lives longer while they wait.
            now: seconds since the epoch.

        Returns:
            The id of the hand-off.
        """
        known = db.execute(sa.select(hand_offs.c.id).where(hand_offs.c.inbox == inbox_id)).scalar()
        if known is not None:
            return int(known)
        row = db.execute(
            sa.select(conversations.c.key, conversations.c.channel).where(conversations.c.id == conversation)
        ).one()
        found = db.execute(
            hand_offs.insert().values(
                conversation=conversation,
                inbox=inbox_id,
                organisation=ask.organisation,
                restricted=ask.restricted or self.was_restricted(db, conversation),
                channel=row.channel,
                language=language,
                urgent=self.has_alert(db, conversation),
                quiet=False,
                state="waiting",
                adviser="",
                asked=now,
                queued=now,
                due=due,
                last_word=now,
                nudged=False,
                told_at=now,
                lines_from=0,
                interpreter="",
                person_typing_until=0.0,
                staff_typing_until=0.0,
                sealed=self.vault.seal(row.key, ask.shown),
            )
        )
        hand_off = int(found.inserted_primary_key[0])
        db.execute(
            conversations.update()
            .where(conversations.c.id == conversation)
            .values(hand_off=hand_off, token_expires=expires)
        )
        return hand_off

    def get(self, db: Connection, hand_off: int) -> HandOff | None:
        """A hand-off, whatever its state."""
        row = db.execute(hand_offs.select().where(hand_offs.c.id == hand_off)).first()
        return None if row is None else _hand_off(row)

    def locked(self, db: Connection, hand_off: int) -> HandOff:
        """A hand-off that nobody else changes until the transaction ends.

        Raises:
            Refused: not_found.
        """
        conversation = db.execute(sa.select(hand_offs.c.conversation).where(hand_offs.c.id == hand_off)).scalar()
        if conversation is not None:
            db.execute(
                sa.select(conversations.c.id).where(conversations.c.id == conversation).with_for_update()
            ).first()
        row = db.execute(hand_offs.select().where(hand_offs.c.id == hand_off).with_for_update()).first()
        if row is None:
            raise Refused("not_found")
        return _hand_off(row)

    @staticmethod
    def change(db: Connection, hand_off: int, **values: Any) -> None:
        """Change columns of a hand-off that is locked."""
        db.execute(hand_offs.update().where(hand_offs.c.id == hand_off).values(**values))

    @staticmethod
    def close(db: Connection, found: HandOff, by: str, now: float) -> None:
        """End a hand-off that is locked: from here on the assistant answers again."""
        db.execute(
            hand_offs.update()
            .where(hand_offs.c.id == found.id)
            .values(state="ended", ended=now, ended_by=by, proposed=None)
        )
        db.execute(
            conversations.update()
            .where(conversations.c.id == found.conversation, conversations.c.hand_off == found.id)
            .values(hand_off=None)
        )

    @staticmethod
    def requeue(db: Connection, found: HandOff, now: float, **values: Any) -> None:
        """Put a hand-off that is locked back into the queue: nobody has it, and its place is that of when it was asked
        for. `values` change besides."""
        free = {"state": "waiting", "staff": None, "adviser": "", "claimed": None, "proposed": None, "nudged": False}
        db.execute(hand_offs.update().where(hand_offs.c.id == found.id).values(queued=now, **{**free, **values}))

    def shown(self, db: Connection, found: HandOff) -> Shown:
        """What the person agreed to show; empty once it is erased."""
        row = db.execute(
            sa.select(hand_offs.c.sealed, conversations.c.key)
            .join(conversations, conversations.c.id == hand_offs.c.conversation)
            .where(hand_offs.c.id == found.id)
        ).first()
        return self.vault.open(row.key, row.sealed, Shown) if row and row.sealed else Shown()

    @staticmethod
    def handed_over(db: Connection, conversation: str, now: float) -> None:
        """Note that staff have something of a conversation: it is kept longer from now on."""
        db.execute(conversations.update().where(conversations.c.id == conversation).values(handed_over=now))

    @staticmethod
    def has_alert(db: Connection, conversation: str) -> bool:
        """Whether the safety gate has raised an alert in a conversation that nobody has taken up."""
        known = sa.select(alerts.c.id).where(alerts.c.conversation == conversation, alerts.c.state == "open")
        return db.execute(known).first() is not None

    # --- words

    def say(self, db: Connection, found: HandOff, new_replies: list[Reply], now: float) -> int:
        """Add replies to the conversation of a hand-off; returns the number of the last one."""
        assert found.conversation is not None
        return self.conversations.append(db, found.conversation, new_replies, now)

    # --- many

    def waiting(self, db: Connection, organisation: OrganisationId) -> list[HandOff]:
        """All that wait in a queue, in no order."""
        return self._some(db, hand_offs.c.organisation == organisation, hand_offs.c.state == "waiting")

    def open(self, db: Connection, organisation: OrganisationId | None = None) -> list[HandOff]:
        """All that wait or talk, of one organisation or of all."""
        mine = [] if organisation is None else [hand_offs.c.organisation == organisation]
        return self._some(db, hand_offs.c.state != "ended", *mine)

    def without_code(self, db: Connection, staff: str) -> list[HandOff]:
        """Talks of somebody that have ended and still need a wrap-up code."""
        ended = (hand_offs.c.state == "ended", hand_offs.c.claimed.is_not(None), hand_offs.c.wrap_up.is_(None))
        return self._some(db, hand_offs.c.staff == staff, hand_offs.c.conversation.is_not(None), *ended)

    @staticmethod
    def measured(db: Connection, organisation: OrganisationId, now: float) -> list[float]:
        """Seconds that people waited who were taken lately."""
        lately = (hand_offs.c.organisation == organisation, hand_offs.c.claimed > now - LATELY_S)
        rows = db.execute(sa.select(hand_offs.c.claimed - hand_offs.c.queued).where(*lately)).scalars()
        return [float(one) for one in rows]

    def people_gone(self, db: Connection, now: float) -> list[int]:
        """Open hand-offs whose person has left: the conversation ended, or its token works no more."""
        gone = sa.or_(conversations.c.state != "open", conversations.c.token_expires < now)
        return list(
            db.execute(
                sa.select(hand_offs.c.id)
                .join(conversations, conversations.c.id == hand_offs.c.conversation)
                .where(hand_offs.c.state != "ended", gone)
                .order_by(hand_offs.c.id)
            ).scalars()
        )

    @staticmethod
    def token_expires(db: Connection, found: HandOff) -> float | None:
        """When the token of the person's page ends; None once the conversation is erased."""
        expires = sa.select(conversations.c.token_expires).where(conversations.c.id == found.conversation)
        ends: float | None = db.execute(expires).scalar()
        return ends

    @staticmethod
    def was_restricted(db: Connection, conversation: str) -> bool:
        """Whether an earlier hand-off of a conversation is restricted: later ones are, too."""
        mine = (hand_offs.c.conversation == conversation, hand_offs.c.restricted.is_(True))
        return db.execute(sa.select(hand_offs.c.id).where(*mine)).first() is not None

    def language(self, db: Connection, found: HandOff) -> str:
        """The language the conversation is in now."""
        row = db.execute(conversations.select().where(conversations.c.id == found.conversation)).first()
        return found.language if row is None else self.conversations.opened(row).memory.language

    # --- feedback and retention

    @staticmethod
    def give_feedback(
        db: Connection, feedback_id: str, organisation: str, question: str, answer: str, day: float
    ) -> None:
        """Keep an answer to a question about a talk, once; nothing in it leads to the talk."""
        db.execute(hand_off_feedback.delete().where(hand_off_feedback.c.id == feedback_id))
        db.execute(
            hand_off_feedback.insert().values(
                id=feedback_id, organisation=organisation, question=question, answer=answer, given=day
            )
        )

    @staticmethod
    def feedback(db: Connection, organisation: OrganisationId) -> dict[str, dict[str, int]]:
        """How often each answer was given to each question."""
        found: dict[str, dict[str, int]] = {}
        counted = (hand_off_feedback.c.question, hand_off_feedback.c.answer)
        rows = db.execute(
            sa.select(*counted, sa.func.count())
            .where(hand_off_feedback.c.organisation == organisation)
            .group_by(*counted)
        ).all()
        for question, answer, number in rows:
            found.setdefault(question, {})[answer] = number
        return found

    @staticmethod
    def purge(db: Connection, before: float) -> int:
        """Delete the times of hand-offs that ended before a moment and whose conversation is gone."""
        gone = (hand_offs.c.conversation.is_(None), hand_offs.c.ended < before)
        return int(db.execute(hand_offs.delete().where(*gone)).rowcount)

    @staticmethod
    def purge_feedback(db: Connection, before: float) -> int:
        """Delete answers about talks given before a moment."""
        return int(db.execute(hand_off_feedback.delete().where(hand_off_feedback.c.given < before)).rowcount)

    # --- inside

    @staticmethod
    def _some(db: Connection, *which: Any) -> list[HandOff]:
        return [_hand_off(row) for row in db.execute(hand_offs.select().where(*which).order_by(hand_offs.c.id)).all()]


def _hand_off(row: Row) -> HandOff:
    values = {name: row[name] for name in HandOff.__struct_fields__}
    return HandOff(**{**values, "staff": row.staff or "", "wrap_up": row.wrap_up or ""})
