"""What was said during a hand-off, in its order, and staff's notes; the words stand sealed in the conversation.

The person's are in the inbox, staff's and the service's among the replies: nothing is written twice.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.conversation.messages import Message, Reply
from bot.handoff.model import HandOff, Line, Note, Refused, Speaker
from bot.store.encryption import Vault
from bot.store.handoff_tables import hand_off_lines, hand_off_notes, hand_offs
from bot.store.tables import conversations, inbox, replies


class Transcript:
    """The lines and notes of hand-offs, inside a transaction that the caller opens.

    Args:
        vault: the keys that seal words.
    """

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    @staticmethod
    def add_line(db: Connection, hand_off: int, by: Speaker, now: float, **where: Any) -> int:
        """Note that something was said; `where` says who and where the words are (columns of `hand_off_lines`)."""
        found = db.execute(hand_off_lines.insert().values(hand_off=hand_off, by=by, at=now, **where))
        return int(found.inserted_primary_key[0])

    @staticmethod
    def known_line(db: Connection, hand_off: int, client_id: str) -> int | None:
        """The line that staff's page has sent under an id before."""
        known = sa.select(hand_off_lines.c.id).where(
            hand_off_lines.c.hand_off == hand_off, hand_off_lines.c.client_id == client_id
        )
        found = db.execute(known).scalar()
        return None if found is None else int(found)

    def lines(self, db: Connection, found: HandOff, after: int = 0) -> list[Line]:
        """What was said since whoever has the hand-off may see it, in order."""
        if found.conversation is None:
            return []
        first = db.execute(sa.select(hand_offs.c.lines_from).where(hand_offs.c.id == found.id)).scalar() or 0
        key = db.execute(sa.select(conversations.c.key).where(conversations.c.id == found.conversation)).scalar()
        rows = db.execute(
            hand_off_lines.select()
            .where(hand_off_lines.c.hand_off == found.id, hand_off_lines.c.id > max(first, after))
            .order_by(hand_off_lines.c.id)
        ).all()
        return [self._line(db, key, found.conversation, row) for row in rows]

    def last_line(self, db: Connection, hand_off: int) -> int:
        """Id of the latest line, 0 where there is none."""
        found = db.execute(sa.select(sa.func.max(hand_off_lines.c.id)).where(hand_off_lines.c.hand_off == hand_off))
        return int(found.scalar() or 0)

    @staticmethod
    def last_speaker(db: Connection, hand_off: int) -> str | None:
        """Who of the two wrote last: person or staff."""
        both = (hand_off_lines.c.hand_off == hand_off, hand_off_lines.c.by.in_(("person", "staff")))
        last = sa.select(hand_off_lines.c.by).where(*both).order_by(hand_off_lines.c.id.desc()).limit(1)
        found: str | None = db.execute(last).scalar()
        return found

    def add_note(self, db: Connection, found: HandOff, staff: str, text: str, now: float) -> int:
        """Seal a note with the key of the conversation: it goes with it."""
        key = db.execute(sa.select(conversations.c.key).where(conversations.c.id == found.conversation)).scalar()
        if key is None:
            raise Refused("over")
        sealed = self.vault.seal(key, text)
        done = db.execute(
            hand_off_notes.insert().values(
                hand_off=found.id, organisation=found.organisation, staff=staff, at=now, sealed=sealed
            )
        )
        return int(done.inserted_primary_key[0])

    def notes(self, db: Connection, found: HandOff) -> list[Note]:
        """The notes of the organisation that has it now, the oldest first."""
        key = db.execute(sa.select(conversations.c.key).where(conversations.c.id == found.conversation)).scalar()
        if key is None:
            return []
        rows = db.execute(
            hand_off_notes.select()
            .where(hand_off_notes.c.hand_off == found.id, hand_off_notes.c.organisation == found.organisation)
            .order_by(hand_off_notes.c.id)
        ).all()
        return [Note(id=row.id, staff=row.staff, text=self.vault.open(key, row.sealed, str), at=row.at) for row in rows]

    def _line(self, db: Connection, key: bytes, conversation: str, row: Row) -> Line:
        text, pressed, safety, topic = "", False, "", ""
        if row.inbox is not None and (found := _body(db, inbox, inbox.c.id == row.inbox)) is not None:
            message: Message = self.vault.open(key, found, Message)
            text, safety = message.text or "", self._card(db, key, row.inbox)
            if message.button is not None:
                pressed, text = True, self._title(db, key, conversation, message.button)
        elif row.reply is not None:
            mine = (replies.c.conversation == conversation, replies.c.number == row.reply)
            if (found := _body(db, replies, *mine)) is not None:
                reply: Reply = self.vault.open(key, found, Reply)
                text, safety, topic = reply.text, reply.private.safety or "", reply.topic or ""
        return Line(
            id=row.id,
            by=row.by,
            staff=row.staff or "",
            text=text,
            at=row.at,
            button=pressed,
            safety=safety,
            topic=topic,
        )

    def _card(self, db: Connection, key: bytes, inbox_id: int) -> str:
        """The kind of danger of the card that a message was answered with, if the gate found any."""
        bodies = db.execute(sa.select(replies.c.body).where(replies.c.inbox == inbox_id)).scalars()
        cards = (self.vault.open(key, body, Reply).private.safety for body in bodies)
        return next((kind for kind in cards if kind), "")

    def _title(self, db: Connection, key: bytes, conversation: str, button: str) -> str:
        number = button.partition(".")[0]
        if not (number.isascii() and number.isdigit()):
            return ""
        mine = (replies.c.conversation == conversation, replies.c.number == int(number))
        found = _body(db, replies, *mine)
        issued = self.vault.open(key, found, Reply).buttons if found is not None else []
        return next((one.title for one in issued if one.id == button), "")


def _body(db: Connection, table: sa.Table, *which: Any) -> bytes | None:
    found: bytes | None = db.execute(sa.select(table.c.body).where(*which)).scalar()
    return found
