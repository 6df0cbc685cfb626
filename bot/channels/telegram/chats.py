"""What is stored of chats: whose conversation is whose, what was sent, what may still be deleted or pressed.

A chat is known by a keyed hash of its id. The id itself stands only sealed with the key of the conversation, so that
erasing that makes it unreadable. Each method is one transaction; times are seconds since the epoch.
"""

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from bot.cases.hashing import LookupHash
from bot.conversation.core import Conversation
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.tables import conversations
from bot.store.telegram_tables import telegram_chats as chats
from bot.store.telegram_tables import telegram_messages as messages
from bot.store.telegram_tables import telegram_updates as updates

PURPOSE = "telegram chats"
KEPT_S = 48 * 3600.0
"""How long a bot may delete a message after it was sent; for as long its number is kept, and no longer."""


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """A chat with its conversation.

    Attributes:
        name: the keyed hash of its id, which is all that logs or other tables may ever hold.
        address: its id at Telegram.
        token: the conversation's.
        delivered: number of the last reply that was sent wholly.
        parts: how many messages of the next one were sent.
        wrote: when the person last did something.
        agreed: whether "There is a reply" may be sent; None while that was not asked.
        hinted: when that was sent last.
    """

    name: str
    address: int
    conversation: str
    token: str
    delivered: int
    parts: int
    wrote: float
    agreed: bool | None
    hinted: float | None


class _Sealed(msgspec.Struct, frozen=True):
    address: int
    token: str


class Chats:
    """The chats in one database.

    Args:
        engine: an opened database.
        vault: seals addresses.
        hashed: hashes of `PURPOSE`.
    """

    def __init__(self, engine: Engine, vault: Vault, hashed: LookupHash) -> None:
        self._engine, self._vault, self._hashed = engine, vault, hashed

    def name(self, address: int) -> str:
        """The keyed hash of a chat's id."""
        return self._hashed.of("chat", str(address))

    # --- which conversation is whose

    def find(self, address: int) -> Chat | None:
        """The chat with this id, if it has a conversation; also one written under an older key."""
        return self._one(chats.c.chat.in_(self._names(address)))

    def get(self, name: str) -> Chat | None:
        """The chat with this hash, if it has a conversation."""
        return self._one(chats.c.chat == name)

    def bind(self, address: int, conversation: Conversation, token: str, now: float) -> Chat:
        """Give a chat a new conversation; a former one is its no more."""
        with self._engine.begin() as db:
            db.execute(chats.delete().where(chats.c.chat.in_(self._names(address))))
            db.execute(
                chats.insert().values(
                    chat=self.name(address),
                    conversation=conversation.id,
                    sealed=self._vault.seal(conversation.key, _Sealed(address, token)),
                    delivered=0,
                    parts=0,
                    wrote=now,
                    lease_until=0.0,
                )
            )
        bound = self.get(self.name(address))
        assert bound is not None
        return bound

    def unbind(self, address: int) -> None:
        """Forget which conversation is this chat's."""
        with self._engine.begin() as db:
            db.execute(chats.delete().where(chats.c.chat.in_(self._names(address))))

    def agree(self, name: str, agreed: bool) -> None:
        """Whether "There is a reply" may be sent to this chat."""
        with self._engine.begin() as db:
            db.execute(chats.update().where(chats.c.chat == name).values(agreed=agreed))

    # --- updates in

    def handled(self, update: int) -> bool:
        """Whether an update was dealt with before."""
        with reading(self._engine) as db:
            return db.execute(sa.select(updates.c.id).where(updates.c.id == update)).first() is not None

    def active(self, chat: Chat, message: int | None, now: float) -> None:
        """Note that the person did something, and the message they sent."""
        with self._engine.begin() as db:
            db.execute(chats.update().where(chats.c.chat == chat.name).values(wrote=now))
            if message is not None:
                self._note(db, chat.name, message, now)

    def done(self, update: int, now: float) -> None:
        """Note that an update was dealt with."""
        with self._engine.begin() as db:
            if db.execute(sa.select(updates.c.id).where(updates.c.id == update)).first() is None:
                db.execute(updates.insert().values(id=update, handled=now))

    # --- messages out

    def undelivered(self, since: float) -> list[str]:
        """Hashes of chats that have replies to be sent and whose person was active at `since` or later."""
        return self._waiting(chats.c.wrote >= since)

    def to_hint(self, before: float) -> list[str]:
        """Hashes of chats that have replies, whose person was not active since `before`, agreed to be told, was not."""
        not_yet = sa.or_(chats.c.hinted.is_(None), chats.c.hinted < chats.c.wrote)
        return self._waiting(sa.and_(chats.c.wrote < before, chats.c.agreed.is_(True), not_yet))

    def hinted(self, name: str, now: float) -> None:
        """Note that "There is a reply" is being sent."""
        with self._engine.begin() as db:
            db.execute(chats.update().where(chats.c.chat == name).values(hinted=now))

    def lease(self, name: str, owner: str, now: float, until: float) -> bool:
        """Take or renew the right to send to a chat. False when someone else holds it."""
        free = sa.or_(chats.c.lease_owner == owner, chats.c.lease_until < now)
        with self._engine.begin() as db:
            found = db.execute(
                chats.update().where(chats.c.chat == name, free).values(lease_owner=owner, lease_until=until)
            )
            return bool(found.rowcount == 1)

    def release(self, name: str, owner: str) -> None:
        """Give the right to send to a chat back."""
        with self._engine.begin() as db:
            db.execute(chats.update().where(chats.c.chat == name, chats.c.lease_owner == owner).values(lease_until=0.0))

    def sent(self, chat: Chat, message: int, reply: int, part: int, last: bool, keyboard: bool, now: float) -> None:
        """Note that part number `part` (from 0) of a reply is out as `message`, and whether it offers buttons."""
        with self._engine.begin() as db:
            done = {"delivered": reply, "parts": 0} if last else {"parts": part + 1}
            same = sa.and_(chats.c.chat == chat.name, chats.c.conversation == chat.conversation)
            db.execute(chats.update().where(same).values(**done))
            self._note(db, chat.name, message, now, chat.conversation if keyboard else None, reply)

    def said(self, address: int, message: int, now: float, conversation: str | None = None) -> None:
        """Note a message of the channel itself; with a conversation when it offers buttons of the channel."""
        with self._engine.begin() as db:
            self._note(db, self.name(address), message, now, conversation, 0)

    # --- what may be pressed or deleted

    def offers(self, address: int, message: int) -> tuple[str, int] | None:
        """The conversation and reply whose buttons a message offers, while one of them can still be pressed."""
        with reading(self._engine) as db:
            row = db.execute(messages.select().where(self._is(address, message))).first()
        return None if row is None or row.conversation is None else (row.conversation, row.reply)

    def pressed(self, address: int, message: int) -> None:
        """Note that a button of a message was pressed: none of its buttons works any more."""
        with self._engine.begin() as db:
            db.execute(messages.update().where(self._is(address, message)).values(conversation=None))

    def deletable(self, address: int, now: float) -> list[int]:
        """Numbers of all messages of a chat that a bot may still delete, the oldest first."""
        with reading(self._engine) as db:
            found = db.execute(
                sa.select(messages.c.message)
                .where(messages.c.chat.in_(self._names(address)), messages.c.sent > now - KEPT_S)
                .order_by(messages.c.message)
            )
            return list(found.scalars())

    def forget(self, address: int, numbers: list[int]) -> None:
        """Forget messages that are gone."""
        with self._engine.begin() as db:
            mine = messages.c.chat.in_(self._names(address))
            db.execute(messages.delete().where(mine, messages.c.message.in_(numbers)))

    def purge(self, now: float) -> None:
        """Forget messages that can no longer be deleted, and updates that Telegram no longer repeats."""
        with self._engine.begin() as db:
            db.execute(messages.delete().where(messages.c.sent <= now - KEPT_S))
            db.execute(updates.delete().where(updates.c.handled <= now - KEPT_S))

    # --- inside

    def _names(self, address: int) -> list[str]:
        return self._hashed.all("chat", str(address))

    def _is(self, address: int, message: int) -> sa.sql.ColumnElement:
        return sa.and_(messages.c.chat.in_(self._names(address)), messages.c.message == message)

    def _waiting(self, which: sa.sql.ColumnElement) -> list[str]:
        behind = sa.and_(conversations.c.state == "open", conversations.c.last_reply > chats.c.delivered)
        joined = chats.join(conversations, conversations.c.id == chats.c.conversation)
        with reading(self._engine) as db:
            return list(db.execute(sa.select(chats.c.chat).select_from(joined).where(behind, which)).scalars())

    @staticmethod
    def _note(
        db: Connection, name: str, message: int, now: float, conversation: str | None = None, reply: int | None = None
    ) -> None:
        known = sa.and_(messages.c.chat == name, messages.c.message == message)
        if db.execute(sa.select(messages.c.message).where(known)).first() is None:
            db.execute(
                messages.insert().values(chat=name, message=message, sent=now, conversation=conversation, reply=reply)
            )

    def _one(self, which: sa.sql.ColumnElement) -> Chat | None:
        joined = chats.join(conversations, conversations.c.id == chats.c.conversation)
        with reading(self._engine) as db:
            row = db.execute(sa.select(chats, conversations.c.key).select_from(joined).where(which)).first()
        return None if row is None else self._chat(row)

    def _chat(self, row: Row) -> Chat:
        sealed = self._vault.open(row.key, row.sealed, _Sealed)
        return Chat(
            name=row.chat,
            address=sealed.address,
            conversation=row.conversation,
            token=sealed.token,
            delivered=row.delivered,
            parts=row.parts,
            wrote=row.wrote,
            agreed=row.agreed,
            hinted=row.hinted,
        )
