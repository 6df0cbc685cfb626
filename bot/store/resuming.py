"""What a page that comes back needs of the store: its conversation by the token's digest, and what was said in it."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.conversation.messages import Message, Reply
from bot.store.conversations import Conversation, LeaseLost, Memory, token_hash
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.tables import conversations, inbox, replies


class OwnWords(msgspec.Struct, frozen=True, kw_only=True):
    """What the person said; `reply` is the number of the first reply after it, 0 where none has come yet."""

    text: str
    reply: int


class ResumeStore:
    """Reads and writes what coming back needs.

    Args:
        engine: an opened database.
        vault: the keys that seal words.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    def find(self, digest: str, now: float) -> str | None:
        """The id of the open conversation whose token has this digest and still lives; None where there is none."""
        with reading(self._engine) as db:
            found: str | None = db.execute(
                sa.select(conversations.c.id).where(
                    conversations.c.token_hash == digest,
                    conversations.c.state == "open",
                    conversations.c.token_expires >= now,
                )
            ).scalar()
            return found

    def remember(self, conversation: Conversation, owner: str, memory: Memory) -> None:
        """Write what is remembered.

        Raises:
            LeaseLost: `owner` does not hold the conversation, or it has ended.
        """
        self._write(conversation, owner, {"memory": self._vault.seal(conversation.key, memory)})

    def renew(
        self, conversation: Conversation, owner: str, memory: Memory, token: str, now: float, expires: float
    ) -> None:
        """Give a conversation another token; the one before works no more.

        Raises:
            LeaseLost: as for `remember`.
        """
        sealed = self._vault.seal(conversation.key, memory)
        values = {"memory": sealed, "token_hash": token_hash(token), "token_expires": expires, "touched": now}
        self._write(conversation, owner, values)

    def own_words(self, conversation: Conversation) -> list[OwnWords]:
        """What the person said, in order: typed words, and the titles of the buttons they pressed."""
        with reading(self._engine) as db:
            said = db.execute(
                sa.select(inbox.c.id, inbox.c.body).where(inbox.c.conversation == conversation.id).order_by(inbox.c.id)
            ).all()
            answers = db.execute(
                sa.select(replies.c.number, replies.c.inbox, replies.c.body)
                .where(replies.c.conversation == conversation.id)
                .order_by(replies.c.number)
            ).all()
        titles = {
            button.id: button.title
            for row in answers
            for button in self._vault.open(conversation.key, row.body, Reply).buttons
        }
        found = []
        for row in said:
            message = self._vault.open(conversation.key, row.body, Message)
            text = message.text or titles.get(message.button or "")
            if text:
                after = next((one.number for one in answers if one.inbox is not None and one.inbox >= row.id), 0)
                found.append(OwnWords(text=text, reply=after))
        return found

    def _write(self, conversation: Conversation, owner: str, values: dict[str, object]) -> None:
        with self._engine.begin() as db:
            done = db.execute(
                conversations.update()
                .where(
                    conversations.c.id == conversation.id,
                    conversations.c.lease_owner == owner,
                    conversations.c.state == "open",
                )
                .values(**values)
            )
            if done.rowcount != 1:
                raise LeaseLost(conversation.id)
