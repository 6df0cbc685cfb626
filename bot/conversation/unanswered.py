"""Which questions that were not answered are kept for staff to learn from, where the setting is on; most never are.

Rules: shared/protection.md, "Data protection": off by default, never from safety categories or children. So nothing
is kept of a conversation in which a card of the safety gate was ever shown, in which anything says that a child is
part of it, or in which somebody said that a person involved may work for the police or here; what was kept before
goes at that moment. Words typed into a form, with a case on the screen or while staff are there are never kept.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import msgspec

from bot.conversation.case_status import NAME as CASE
from bot.conversation.flows import open_form
from bot.conversation.turn import At, Turn, Write
from bot.store.conversations import Conversation, Memory
from bot.unanswered.model import Kind
from bot.unanswered.store import Unanswered

NAME = "unanswered"
NO_TOPIC = "unclear"
# Answers that stand in a slot, or in the draft of a form within one.
_CHILD = {
    "age_group": {"under_13", "under_18", "13_to_17", "unknown"},
    "child_age_group": {"under_13", "13_to_17"},
    "about": {"my_child"},
}
_INSIDER = {"insider": {"yes", "not_sure"}}


class Collecting:
    """Looks at each turn before it is stored.

    Args:
        store: where the questions go.
        says_child: whether words say that a child is part of it (`bot.safety.cards.Cards.says_child`).
        topic_of: the topic that an intent stands for, or None where it is none.
    """

    def __init__(
        self, store: Unanswered, says_child: Callable[[str], bool], topic_of: Callable[[str], str | None]
    ) -> None:
        self._store, self._says_child, self._topic_of = store, says_child, topic_of

    def seen(self, turn: Turn, before: Conversation, at: At) -> Turn:
        """The turn, with what is to be kept or forgotten written in the transaction of its outcome.

        Args:
            turn: what the message came to.
            before: the conversation as it was.
            at: where and when.
        """
        state = turn.memory.services.get(NAME, {})
        if state.get("never"):
            return turn
        if self._barred(turn, before.memory):
            forget: Write = partial(self._forget, at.conversation)
            return _noted(turn, {"never": True}, [forget] if state.get("kept") else [])
        kind = kind_of(turn)
        if kind is None or turn.question is None or not _free(turn, before):
            return turn
        now = at.now.timestamp()
        keep: Write = partial(self._keep, at.conversation, kind, self._topic(turn, kind), turn.question, now)
        return _noted(turn, {"kept": True}, [keep])

    def _barred(self, turn: Turn, before: Memory) -> bool:
        memories = (before, turn.memory)
        dangerous = turn.verdict is not None or any(one.quiet or one.cards_shown for one in memories)
        told = any(_told(one.carry, wanted) for one in memories for wanted in (_CHILD, _INSIDER))
        return dangerous or told or (turn.question is not None and self._says_child(turn.question))

    def _topic(self, turn: Turn, kind: Kind) -> str:
        """What it looks as if it were about: the best-ranked topic; for a signpost, its class."""
        ranked = [turn.understanding.intent or "", *(name for name, _ in turn.understanding.ranking)]
        if kind == "out_of_scope":
            return ranked[0].replace("__", "/", 1)
        return next((topic for name in ranked if (topic := self._topic_of(name)) is not None), NO_TOPIC)

    def _keep(self, conversation: str, kind: Kind, topic: str, text: str, now: float, db: Any) -> None:
        self._store.keep(db, conversation, kind, topic, text, now)

    def _forget(self, conversation: str, db: Any) -> None:
        self._store.forget(db, conversation)


def kind_of(turn: Turn) -> Kind | None:
    """What kind of question a turn leaves unanswered; None where it was answered or is none."""
    if not turn.events or any(reply.topic is not None for reply in turn.replies):
        return None
    if turn.understanding.unclear or not turn.understanding.intent:
        return "unclear"
    return "out_of_scope" if turn.understanding.out_of_scope else None


def _free(turn: Turn, before: Conversation) -> bool:
    """Whether the words belong to nothing else, and are in the language that examples are written in."""
    forms = open_form(before.memory.carry) or open_form(turn.memory.carry)
    looked_up = [one.services.get(CASE, {}) for one in (before.memory, turn.memory)]
    case = any(one.get("reference") or one.get("proof") for one in looked_up)
    # English only: whoever rewrites must be able to read it.
    return not forms and not case and before.hand_off is None and turn.memory.language == "en"


def _told(carry: Iterable[Mapping[str, Any]], wanted: Mapping[str, set[str]]) -> bool:
    return any(_holds(event.get("value"), wanted, str(event.get("name"))) for event in carry)


def _holds(value: Any, wanted: Mapping[str, set[str]], name: str) -> bool:
    """Whether an answer is among those wanted, at any depth of a form's draft."""
    if isinstance(value, Mapping):
        return any(_holds(inner, wanted, str(key)) for key, inner in value.items())
    return isinstance(value, str) and value in wanted.get(name, ())


def _noted(turn: Turn, state: dict[str, bool], writes: list[Write]) -> Turn:
    memory = msgspec.structs.replace(turn.memory, services={**turn.memory.services, NAME: state})
    return msgspec.structs.replace(turn, memory=memory, writes=[*turn.writes, *writes])
