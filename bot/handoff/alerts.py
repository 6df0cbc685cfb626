"""Safety alerts: taking them up, and opening the chat that one is about.

Where the gate fired and staff are on duty, they may be shown the chat, and the person is told so
(shared/protection.md). Shown are the message that raised the alert and what was said after it, nothing before. Without
somebody on duty nobody opens anything. An alert goes to the organisation of an open hand-off, else to the
one that the settings name.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.conversation.messages import Message, Reply
from bot.handoff.fanout import of_conversation, of_queue
from bot.handoff.model import AlertRow, HandOff, Line, Refused
from bot.handoff.queue import ADVISERS, may_see
from bot.handoff.room import Room
from bot.staff.roles import Staff
from bot.store.database import reading
from bot.store.tables import alerts, conversations, inbox, replies


class Alerts:
    """The alerts as staff see them.

    Args:
        room: what the desk stands on.
    """

    def __init__(self, room: Room) -> None:
        self._room = room

    def to_see(self, staff: Staff) -> list[AlertRow]:
        """Alerts for their organisation that nobody has taken up, and those they have, the oldest first."""
        with reading(self._room.engine) as db:
            theirs = sa.or_(alerts.c.state == "open", sa.and_(alerts.c.state == "taken", alerts.c.staff == staff.id))
            rows = db.execute(alerts.select().where(theirs).order_by(alerts.c.id)).all()
            return [found for row in rows if (found := self._row(db, staff, row)) is not None]

    def kinds(self, db: Connection, conversation: str | None) -> list[str]:
        """Kinds of danger found in a conversation, each once, in their order."""
        rows = db.execute(
            sa.select(alerts.c.category).where(alerts.c.conversation == (conversation or "")).order_by(alerts.c.id)
        ).scalars()
        return list(dict.fromkeys(rows))

    def take_up(self, staff: Staff, alert: int, now: float) -> None:
        """Take an alert up: no other adviser needs to.

        Raises:
            Refused: not_found; taken: somebody else has.
        """
        with self._room.work() as work:
            self._take(work.db, staff, alert, now)
            work.subjects.append(of_queue(staff.organisation))

    def open(self, staff: Staff, alert: int, now: float) -> tuple[AlertRow, list[Line]]:
        """The message that raised an alert and what followed, to whoever takes it up by this and is on duty.

        The person is told that staff were shown it, unless somebody may be reading beside them.

        Raises:
            Refused: not_found; taken; nobody: they are not on duty; over: the conversation is erased.
        """
        on_duty = {one.id for one in self._room.presence.on_duty(staff.organisation, now)}
        if staff.id not in on_duty:
            raise Refused("nobody")
        with self._room.work() as work:
            row, first = self._take(work.db, staff, alert, now)
            found = work.db.execute(
                conversations.select().where(conversations.c.id == row.conversation).with_for_update()
            ).first()
            if found is None:
                raise Refused("over")
            self._room.note(work.db, staff, "alert.open", row.id, now)
            self._room.store.handed_over(work.db, row.conversation, now)
            conversation = self._room.store.conversations.opened(found)
            lines = self._lines(work.db, row.conversation, found.key, row.id)
            if first and not conversation.memory.quiet and found.state == "open":
                notice = Reply(text=self._room.words.talk.alert_shown)
                said = self._room.in_language(notice, conversation.memory.language)
                self._room.store.conversations.append(work.db, row.conversation, [said], now)
            work.subjects += [of_conversation(row.conversation), of_queue(staff.organisation)]
            return row, lines

    # --- inside

    def _take(self, db: Connection, staff: Staff, alert: int, now: float) -> tuple[AlertRow, bool]:
        row = db.execute(alerts.select().where(alerts.c.id == alert).with_for_update()).first()
        found = None if row is None else self._row(db, staff, row)
        if row is None or found is None:
            raise Refused("not_found")
        if row.state == "taken" and row.staff != staff.id:
            raise Refused("taken")
        first = row.state == "open"
        if first:
            db.execute(alerts.update().where(alerts.c.id == alert).values(state="taken", staff=staff.id, taken_up=now))
            self._room.note(db, staff, "alert.take_up", alert, now)
        return found, first

    def _row(self, db: Connection, staff: Staff, row: Row) -> AlertRow | None:
        """An alert for who may see it."""
        talk = sa.select(conversations.c.hand_off).where(conversations.c.id == row.conversation)
        known = db.execute(talk).first()
        found: HandOff | None = self._room.store.get(db, known.hand_off) if known and known.hand_off else None
        theirs = may_see(staff, found) if found else staff.organisation == self._room.limits.alerts_to
        if not theirs or not staff.may(ADVISERS):
            return None
        return AlertRow(
            id=row.id,
            conversation=row.conversation,
            category=row.category,
            raised=row.raised,
            state=row.state,
            staff=row.staff or "",
            hand_off=found.id if found else None,
            erased=known is None,
        )

    def _lines(self, db: Connection, conversation: str, key: bytes, alert: int) -> list[Line]:
        """What was said since the message that raised an alert: each message and what it was answered."""
        first = db.execute(sa.select(alerts.c.inbox).where(alerts.c.id == alert)).scalar() or 0
        vault, lines = self._room.store.vault, []
        for row in db.execute(
            inbox.select().where(inbox.c.conversation == conversation, inbox.c.id >= first).order_by(inbox.c.id)
        ).all():
            text = vault.open(key, row.body, Message).text
            if text:
                lines.append(Line(id=row.id, by="person", staff="", text=text, at=row.received))
            answers = sa.select(replies.c.body).where(replies.c.conversation == conversation, replies.c.inbox == row.id)
            for body in db.execute(answers.order_by(replies.c.number)).scalars():
                said = vault.open(key, body, Reply).text
                lines.append(Line(id=row.id, by="service", staff="", text=said, at=row.received))
        return lines
