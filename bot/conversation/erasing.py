"""Erasing: what goes, what cannot be taken back, and doing it (shared/protection.md, "On the device")."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.conversation.case_status import NAME as CASE
from bot.conversation.messages import Button, Command, Reply
from bot.conversation.referral import WITHDRAW, about
from bot.conversation.turn import At, Turn
from bot.privacy.erasure import Erasure, PrivacyWords, before, erase
from bot.privacy.holds import Holds
from bot.referrals.store import ReferralStore
from bot.store.conversations import ConversationStore

T = TypeVar("T")
ASK = "erase_ask"
ERASE = "gateway:erase"


class Erasing:
    """The service of `erase_ask`, and what erases for every channel.

    Args:
        store: the conversations.
        referrals: the referrals.
        holds: what must be kept.
        words: what is said about it.
        contact: how to reach the controller.
        withdraw: title of the button that stops contact.
        call_backs: counts the call-backs of a conversation that are still to be made.
    """

    def __init__(
        self,
        store: ConversationStore,
        referrals: ReferralStore,
        holds: Holds,
        words: PrivacyWords,
        contact: str,
        withdraw: str,
        call_backs: Callable[[str], int] = lambda _: 0,
    ) -> None:
        self._store, self._referrals, self._holds = store, referrals, holds
        self._call_backs = call_backs
        self._words, self._contact, self._withdraw = words, contact, withdraw

    async def serve(self, command: Command, turn: Turn, at: At) -> Turn:
        """Say what erasing would come to, with a button that does it."""
        first = self._words.before.all_goes
        lines, sent = await asyncio.to_thread(self._before, at.conversation, first, at.now.timestamp())
        stop = [Button(title=self._withdraw, payload=about(WITHDRAW, reference)) for reference in sent]
        yes = Button(title=self._words.before.erase, payload=ERASE)
        no = Button(title=self._words.before.keep, payload="/deny")
        return turn.saying(Reply(text="\n".join(lines), buttons=[yes, *stop, no]))

    async def announced(self, conversation: str, first: str, now: float) -> str:
        """What erasing comes to, said just before it is done, `first` first."""
        return "\n".join((await asyncio.to_thread(self._before, conversation, first, now))[0])

    async def erase(self, conversation: str, now: float) -> str:
        """Erase a conversation with its referrals not yet sent. Returns what the person is told."""
        done = await asyncio.to_thread(self._erase, conversation, now)
        return "\n".join(done.lines(self._words.erase, self._contact))

    def _before(self, conversation: str, first: str, now: float) -> tuple[list[str], list[str]]:
        found = self._referrals.unsent(conversation, now, self._holds.held("referral"))
        held = self._store.is_held(conversation)
        return before(
            self._words.before,
            first,
            self._contact,
            held=held,
            referrals=found,
            call_backs=self._call_backs(conversation),
        ), found.sent

    def _erase(self, conversation: str, now: float) -> Erasure:
        done = erase(
            conversation,
            held_conversations=self._holds.held("conversation"),
            held_referrals=self._holds.held("referral"),
            referrals=lambda one, held: self._referrals.erase_unsent(one, now, held),
            proofs=self._proofs,
            call_backs=self._call_backs,
            words=self._store.erase,
        )
        if not done.conversation:
            # Kept, but nobody can read it again with this token.
            self._store.end(conversation)
        return done

    def _proofs(self, conversation: str) -> int:
        """Proofs of identity that go with a conversation: they live in its memory, and its token works no more."""
        found = self._store.get(conversation)
        return int(found is not None and bool(found.memory.services.get(CASE, {}).get("proof")))
