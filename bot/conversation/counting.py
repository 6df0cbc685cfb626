"""What of a message is counted for supervisors: its channel, its language, what it came to, and no more.

Counted in the transaction of the outcome, so once for each message, whatever crashes. No words, no topic below the
right, nothing of who wrote (shared/protection.md, "Data protection").
"""

from collections.abc import Callable
from typing import Literal

from sqlalchemy.engine import Connection

from bot.conversation.turn import Turn
from bot.store.conversations import ALERT, Conversation
from bot.store.counts import Counted, Counts

CHANNEL, LANGUAGE, OUTCOME, RIGHT, CARD, ALERTED = "channel", "language", "outcome", "right", "card", "alert"
"""Kinds of counters. Every message counts once as CHANNEL, LANGUAGE and OUTCOME."""
Outcome = Literal["answer", "form", "unclear", "out_of_scope", "staff", "card", "switched_off", "failed", "other"]
CODE = "code"
"""The key, among rights, of answers about the Code itself."""


def counted(conversation: Conversation, turn: Turn, now: float) -> Callable[[Connection], None]:
    """What writes the counts of a message.

    Args:
        conversation: as it was when the message was worked.
        turn: what it came to.
        now: seconds since the epoch.
    """
    things = counts_of(conversation, turn)
    return lambda db: Counts.add(db, things, now)


def counts_of(conversation: Conversation, turn: Turn) -> list[Counted]:
    """What counts of one message."""
    outcome = outcome_of(turn, with_staff=conversation.hand_off is not None)
    found = [(CHANNEL, conversation.channel), (LANGUAGE, turn.memory.language), (OUTCOME, outcome)]
    if outcome == "answer":
        answer = next(reply for reply in turn.replies if reply.topic is not None)
        found.append((RIGHT, CODE if answer.right is None else str(answer.right)))
    if turn.verdict is not None:
        found.append((CARD, turn.verdict.category))
    found += [(ALERTED, str(command.body["category"])) for command in turn.commands if command.kind == ALERT]
    return found


def outcome_of(turn: Turn, *, with_staff: bool) -> Outcome:
    """What a message came to, in one word.

    Args:
        turn: the outcome.
        with_staff: staff have the conversation, or are waited for.
    """
    said: tuple[Outcome, ...] = ("failed", "switched_off")
    if told := [one for one in said if any(reply.private.outcome == one for reply in turn.replies)]:
        return told[0]
    if with_staff:
        return "staff"
    if any(reply.topic is not None for reply in turn.replies):
        return "answer"
    if any(reply.display in ("form", "consent") for reply in turn.replies):
        return "form"
    if turn.verdict is not None:
        return "card"
    if turn.understanding.unclear:
        return "unclear"
    return "out_of_scope" if turn.understanding.out_of_scope else "other"
