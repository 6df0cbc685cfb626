"""One conversation with either of the two, and going through a plan in it."""

import contextlib
import random
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import httpx
import msgspec

from bot.conversation.turns import Words
from bot.evaluation.bench.texts import Plan

ANSWER_S = 60.0


class Unanswered(Exception):
    """A message got no answer, or only an apology."""


class Heard(msgspec.Struct, frozen=True):
    """An answer: given by the safety gate alone, or with nothing in it."""

    gate_alone: bool = False
    silent: bool = False


class Talk(Protocol):
    """One conversation with either of the two."""

    @property
    def can_press(self) -> bool:
        """Whether there is something to press."""

    async def open(self) -> None:
        """Start the conversation."""

    async def type(self, text: str) -> Heard:
        """Send words, and wait for the answer."""

    async def press(self) -> Heard:
        """Press something, and wait for the answer."""


class OurTalk:
    """A conversation over our public API: a message is posted, then replies are waited for.

    Args:
        http: a client with our address.
        words: what the gateway says itself, to tell "starting" and "failed" from answers.
        dice: chooses among the buttons offered last.
    """

    def __init__(self, http: httpx.AsyncClient, words: Words, dice: random.Random) -> None:
        self._http, self._words, self._dice = http, words, dice
        self._headers: dict[str, str] = {}
        self._cursor = 0
        self._buttons: list[str] = []

    @property
    def can_press(self) -> bool:
        """Whether a button has been offered."""
        return bool(self._buttons)

    async def open(self) -> None:
        """Start the conversation."""
        answer = await self._http.post("/api/v1/conversations")
        answer.raise_for_status()
        started = answer.json()
        self._headers = {"Authorization": f"Bearer {started['token']}"}
        self._take(started["replies"])

    async def type(self, text: str) -> Heard:
        """Send words."""
        return await self._send({"text": text})

    async def press(self) -> Heard:
        """Press one of the buttons offered last."""
        return await self._send({"button": self._dice.choice(self._buttons)})

    async def _send(self, message: dict[str, str]) -> Heard:
        message = {"client_id": uuid.uuid4().hex, **message}
        (await self._http.post("/api/v1/messages", json=message, headers=self._headers)).raise_for_status()
        until = time.perf_counter() + ANSWER_S
        while time.perf_counter() < until:
            answer = await self._http.get(
                "/api/v1/replies", params={"after": self._cursor, "wait": 20}, headers=self._headers
            )
            answer.raise_for_status()
            found = answer.json()["replies"]
            self._take(found)
            replies = [reply for reply in found if not reply["text"].startswith(self._words.starting)]
            if any(reply["text"].startswith(self._words.failed) for reply in replies):
                raise Unanswered("failed")
            if replies:
                return Heard(gate_alone=all(_from_gate(reply) for reply in replies))
        raise Unanswered("no answer in time")

    def _take(self, replies: list[dict[str, Any]]) -> None:
        for reply in replies:
            self._cursor = max(self._cursor, reply["number"])
        # The page itself exits, erases and hides; such a button would end the conversation here.
        offered = [button["id"] for reply in replies for button in reply["buttons"] if not button["action"]]
        self._buttons = offered or self._buttons


def _from_gate(reply: dict[str, Any]) -> bool:
    # Answers are cards too, but name their topic.
    return reply["display"] in ("card", "quiet") and reply["topic"] is None


class StockTalk:
    """A conversation over the starter's REST channel, which answers in the same request.

    Args:
        http: a client with the starter's address.
        intents: intents of its domain, sent as `/intent` where ours presses a button.
        dice: chooses among them.
    """

    can_press = True

    def __init__(self, http: httpx.AsyncClient, intents: Sequence[str], dice: random.Random) -> None:
        self._http, self._intents, self._dice = http, intents, dice
        self._sender = uuid.uuid4().hex

    async def open(self) -> None:
        """Nothing: the first message starts it."""

    async def type(self, text: str) -> Heard:
        """Send words."""
        body = {"sender": self._sender, "message": text}
        answer = await self._http.post("/webhooks/rest/webhook", json=body)
        answer.raise_for_status()
        return Heard(silent=not answer.json())

    async def press(self) -> Heard:
        """Send what a button of its own would."""
        return await self.type(f"/{self._dice.choice(self._intents)}")


NewTalk = Callable[[int], Talk]
"""Makes a conversation that is not opened yet, from a seed."""
Tick = Callable[[], object]


class Sample(msgspec.Struct, frozen=True):
    """One message: seconds until it was answered, whether a button was pressed; no answer is an error."""

    seconds: float
    pressed: bool
    heard: Heard | None


async def converse(talk: Talk, turns: Plan, tick: Tick) -> list[Sample]:
    """Go through a plan, each message after the answer to the one before.

    Where a button is due but none was offered yet, the next typed text comes first.
    """
    left, samples = list(turns), []
    await talk.open()
    while left:
        index = 0
        if left[0] is None and not talk.can_press:
            index = next((i for i, move in enumerate(left) if move is not None), -1)
            if index < 0:
                break
        move = left.pop(index)
        began = time.perf_counter()
        heard = None
        with contextlib.suppress(httpx.HTTPError, Unanswered):
            heard = await (talk.press() if move is None else talk.type(move))
        samples.append(Sample(time.perf_counter() - began, move is None, heard))
        tick()
    return samples
