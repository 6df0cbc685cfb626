"""Answers in a form that nobody has agreed to send: they go when the form is closed, and after 30 idle minutes.

Issue 5, section 3: before consent the answers exist only in the encrypted conversation; stopping, erasing or 30 idle
minutes remove them. A form says `draft_open` with each question it asks and `draft_closed` at its end. "Your answers
are deleted" is said here and nowhere else, so that it is said only where it is so.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from bot.conversation.messages import Command, Reply
from bot.conversation.paused import is_paused, without_form
from bot.conversation.turn import At, Turn, Write
from bot.store.conversations import Conversation, ConversationStore, Memory

DRAFT_OPEN, DRAFT_CLOSED = "draft_open", "draft_closed"
_NAME = "drafts"
_NOTHING = 2**31 - 1
"""Number of a message that never comes: nothing was said since."""


class DraftWords(msgspec.Struct, frozen=True, kw_only=True):
    """What is said about answers that go, under `drafts` in data/conversation/gateway.<language>.yml."""

    deleted: str
    lapsed: str
    held: str
    go_on: str


class Drafts:
    """The service of `draft_open` and `draft_closed`. Both carry `flow`, the name of the form's slot; `draft_closed`
    may carry `silent`, where nothing is to be said about it.

    Args:
        store: forgets what was said.
        words: what is said about it.
        contact: how to ask about what must be kept.
        life_s: seconds of silence after which a draft is forgotten.
    """

    def __init__(self, store: ConversationStore, words: DraftWords, contact: str, life_s: float) -> None:
        self._store, self._words, self._contact, self._life = store, words, contact, life_s

    async def serve(self, command: Command, turn: Turn, at: At) -> Turn:
        """Note that a form is open, or forget what it held and say so."""
        flow = command.body["flow"]
        if command.kind == DRAFT_OPEN:
            begun = {flow: at.inbox, **_begun(turn.memory)}
            return self._noted(turn, begun, at)
        if command.body.get("silent"):
            return self.closed(turn, flow, at)
        held = self._store.is_held(at.conversation)
        said = self._words.held.format(contact=self._contact) if held else self._words.deleted
        first, *rest = turn.replies
        first = msgspec.structs.replace(first, text=f"{first.text}\n{said}")
        return self.closed(msgspec.structs.replace(turn, replies=[first, *rest]), flow, at)

    def closed(self, turn: Turn, flow: str, at: At) -> Turn:
        """The turn that ends a form: what was said since the form began is forgotten with it."""
        begun = _begun(turn.memory)
        since = begun.pop(flow, at.inbox)
        # Words that wait behind a card were typed into the form as well.
        memory = msgspec.structs.replace(turn.memory, waiting=None)
        forget: Write = partial(self._forget, at.conversation, since)
        turn = msgspec.structs.replace(turn, memory=memory, writes=[*turn.writes, forget])
        return self._noted(turn, begun, at)

    def used(self, turn: Turn, at: At) -> Turn:
        """The turn of any message while something is to be forgotten: the time of silence begins anew."""
        begun = _begun(turn.memory)
        return self._noted(turn, begun, at) if begun else turn

    def without(self, memory: Memory) -> tuple[int, Memory]:
        """Since when something is to be forgotten, and the memory without any open form (`ConversationStore.lapse`)."""
        begun = _begun(memory)
        carry = [event for event in memory.carry if not any(_belongs(event, flow) for flow in begun)]
        # What a service keeps under the name of the form goes as well.
        services = {name: kept for name, kept in memory.services.items() if name != _NAME and name not in begun}
        memory = msgspec.structs.replace(memory, carry=carry, services=services, waiting=None)
        return min(begun.values(), default=_NOTHING), without_form(memory) if is_paused(memory) else memory

    def lapse(self, conversation: Conversation, owner: str, in_language: Callable[[Reply, str], Reply]) -> bool:
        """Forget the drafts of a conversation that was left; blocks. Returns whether it was done: a hold keeps them.

        Args:
            conversation: as it stands.
            owner: holder of the lease.
            in_language: puts a reply into the language of the conversation.

        Raises:
            LeaseLost: the conversation was taken over or erased.
        """
        since, memory = self.without(conversation.memory)
        notice = in_language(Reply(text=self._words.lapsed), memory.language)
        return self._store.lapse(conversation, owner, since, memory, [notice])

    def _noted(self, turn: Turn, begun: dict[str, int], at: At) -> Turn:
        lapses = at.now.timestamp() + self._life if begun else None
        note: Write = lambda db: self._store.set_lapse(db, at.conversation, lapses)  # noqa: E731
        memory = msgspec.structs.replace(turn.memory, services={**turn.memory.services, _NAME: begun})
        return msgspec.structs.replace(turn, memory=memory, writes=[*turn.writes, note])

    def _forget(self, conversation: str, since: int, db: Any) -> None:
        self._store.forget(conversation, since, db)


def _begun(memory: Memory) -> dict[str, int]:
    """The open forms, and the message at which each began."""
    return dict(memory.services.get(_NAME, {}))


def _belongs(event: dict[str, Any], flow: str) -> bool:
    """Whether a carried Rasa event is part of a form: its state, its step, or that it is under way."""
    name = event.get("name")
    if event.get("event") == "active_loop":
        return bool(name == f"{flow}_form")
    return event.get("event") == "slot" and name in (flow, f"{flow}_step", "requested_slot")
