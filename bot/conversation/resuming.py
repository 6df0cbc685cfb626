"""Coming back with a PIN: who knows it sees the chat of a page that was closed or reloaded again; nobody else does.

The rule is shared/protection.md, "On the device". A PIN is chosen on the living page. The page then holds a resume id,
from which no token can be made: the digest that its token is stored under. Both together, within the time that the
token lives, give the conversation another token; the id and the token before work no more. Five wrong tries end that
way back. A wrong PIN, an unknown id and a chat that is over get one and the same answer.
"""

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from bot.directory import LONDON
from bot.settings import Settings
from bot.store.conversations import Conversation, ConversationStore, LeaseLost, Memory, NumberedReply, Pin, token_hash
from bot.store.resuming import OwnWords, ResumeStore

TRIES = 5
_HOLD_S = 5.0
_WAIT_S = 0.1
_MOST_REPLIES = 100_000


class Busy(Exception):
    """The conversation is being worked on; the same request may work in a moment."""


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that goes on: its new token and resume id, and all that was said in it."""

    token: str
    resume: str
    own: list[OwnWords]
    replies: list[NumberedReply]


class Resuming:
    """Chooses and checks PINs.

    Args:
        store: the conversations.
        resumes: what coming back needs of the store.
        settings: how long a token lives.
        clock: the time now, aware.
    """

    def __init__(
        self,
        store: ConversationStore,
        resumes: ResumeStore,
        settings: Settings,
        clock: Callable[[], datetime] = lambda: datetime.now(LONDON),
    ) -> None:
        self._store, self._resumes, self._settings, self._clock = store, resumes, settings, clock
        # OWASP's least: the id is random, so the PIN alone is never what an attacker has to guess.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._nobodys = self._hasher.hash(secrets.token_hex())

    async def choose(self, conversation: Conversation, token: str, pin: str) -> str:
        """Set the PIN of a conversation.

        Args:
            conversation: an open one.
            token: its token.
            pin: 4 to 6 digits.

        Returns:
            The resume id.

        Raises:
            Busy: try again.
        """
        resume = token_hash(token)
        kept = await asyncio.to_thread(self._kept, resume, pin)
        async with self._alone(conversation.id) as (fresh, owner):
            memory = msgspec.structs.replace(fresh.memory, pin=kept)
            await asyncio.to_thread(self._resumes.remember, fresh, owner, memory)
        return resume

    async def resume(self, resume: str, pin: str) -> Resumed | None:
        """Go on with a conversation.

        Args:
            resume: what `choose` or an earlier `resume` gave.
            pin: as it was typed.

        Returns:
            None where that is not possible, whatever the reason.

        Raises:
            Busy: try again; no try was counted.
        """
        found = await asyncio.to_thread(self._resumes.find, resume, self._now())
        if found is None:
            await asyncio.to_thread(self._fits, self._nobodys, resume, pin)
            return None
        async with self._alone(found) as (conversation, owner):
            return await asyncio.to_thread(self._try, conversation, owner, resume, pin)

    def _try(self, conversation: Conversation, owner: str, resume: str, pin: str) -> Resumed | None:
        kept = conversation.memory.pin
        if kept is None:
            self._fits(self._nobodys, resume, pin)
            return None
        # Counted before it is looked at: who asks in parallel or breaks off gets no further try out of it.
        left = msgspec.structs.replace(kept, tries=kept.tries - 1) if kept.tries > 1 else None
        self._remember(conversation, owner, left)
        if not self._fits(kept.digest, resume, pin):
            return None
        token, now = secrets.token_urlsafe(32), self._now()
        again = token_hash(token)
        memory = msgspec.structs.replace(conversation.memory, pin=self._kept(again, pin))
        expires = now + 60 * self._settings.idle_minutes
        self._resumes.renew(conversation, owner, memory, token, now, expires)
        return Resumed(
            token=token,
            resume=again,
            own=self._resumes.own_words(conversation),
            replies=self._store.replies_after(conversation, 0, _MOST_REPLIES),
        )

    def _remember(self, conversation: Conversation, owner: str, pin: Pin | None) -> None:
        memory: Memory = msgspec.structs.replace(conversation.memory, pin=pin)
        self._resumes.remember(conversation, owner, memory)

    def _kept(self, resume: str, pin: str) -> Pin:
        return Pin(digest=self._hasher.hash(f"{resume}:{pin}"), tries=TRIES)

    def _fits(self, digest: str, resume: str, pin: str) -> bool:
        try:
            return self._hasher.verify(digest, f"{resume}:{pin}")
        except VerifyMismatchError:
            return False

    @asynccontextmanager
    async def _alone(self, conversation: str) -> AsyncIterator[tuple[Conversation, str]]:
        """The conversation as it stands, with nobody else at work on it: what is remembered of it is written whole."""
        owner = str(uuid.uuid4())
        for _ in range(round(_HOLD_S / _WAIT_S)):
            now = self._now()
            if await asyncio.to_thread(self._store.lease, conversation, owner, now, now + _HOLD_S):
                break
            await asyncio.sleep(_WAIT_S)
        else:
            raise Busy(conversation)
        try:
            found = await asyncio.to_thread(self._store.get, conversation)
            if found is None:
                raise Busy(conversation)
            yield found, owner
        except LeaseLost as error:
            raise Busy(conversation) from error
        finally:
            await asyncio.to_thread(self._store.release, conversation, owner)

    def _now(self) -> float:
        return self._clock().timestamp()
