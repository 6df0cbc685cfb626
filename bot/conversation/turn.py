"""What one message comes to, and the services that carry out what the engine asks the gateway for."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy.engine import Connection

from bot.conversation.messages import Command, Reply, Understanding, Verdict
from bot.store.conversations import Memory

Write = Callable[[Connection], None]
"""Something written in the same transaction as the outcome of a message, or not at all."""


class Outdated(Exception):
    """Raised by a `Write`: what it finds is no longer what the turn was worked out from. Nothing is stored, and the
    message is worked anew."""


Job = Callable[[str, dict[str, Any]], Awaitable[None]]
"""What a stored command comes to, after the reply has left: gets the conversation's id and the command's body. A crash
may run it twice, never not at all."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one message, not yet stored.

    Attributes:
        writes: carried out in the transaction that stores the outcome.
        news: subjects that others are told of once it is stored (`bot.handoff.fanout`).
        not_before: seconds since the epoch before which nothing of it may leave.
        read: an engine has read the message, and with it the gate's second layer where that had doubts.
    """

    replies: list[Reply]
    memory: Memory
    events: list[dict[str, Any]] = []
    commands: list[Command] = []
    writes: list[Write] = []
    news: list[str] = []
    not_before: float | None = None
    verdict: Verdict | None = None
    understanding: Understanding = Understanding()
    question: str | None = None
    read: bool = True

    def saying(self, reply: Reply) -> "Turn":
        """The turn with a service's own words in place of those the engine put there first; what follows stays."""
        return msgspec.structs.replace(self, replies=[reply, *self.replies[1:]])


class At(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a turn happens.

    Attributes:
        conversation: its id.
        inbox: number of the message.
        received: when the message came, in seconds since the epoch.
        now: aware.
    """

    conversation: str
    inbox: int
    received: float
    now: datetime


class Service(Protocol):
    """Carries out commands of one or several kinds, while the turn is worked out."""

    async def serve(self, command: Command, turn: Turn, at: At) -> Turn:
        """The turn after the command: with its words, what to remember, what to write, and commands left for a `Job`.

        Args:
            command: what the engine asked for; it is no longer among `turn.commands`.
            turn: the turn so far.
            at: where and when.
        """
