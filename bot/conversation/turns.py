"""One message, from words to outcome: the gate, then a button's meaning or the engine's answer. Nothing is stored here.

The order of safety card and answer is the table of shared/protection.md ("Order of card and answer, by mode"):
interrupt: the card, then "Answer my question"; attach: the answer, then the card; quiet: the quiet line alone;
boundary: the limit, then the answer.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec

from bot.conversation.messages import (
    Button,
    Command,
    Reply,
    Request,
    Response,
    Understanding,
    Verdict,
)
from bot.conversation.text import clean
from bot.engine.pool import EngineFailed, EngineUnavailable
from bot.language import Identifier
from bot.safety.cards import Cards
from bot.safety.gate import Gate
from bot.settings import Settings
from bot.store.conversations import Conversation, ConversationStore, Memory, Waiting

T = TypeVar("T")
TURNS_SENT = 10
NOTICE_AFTER_S = 2.0
WATCHED = Verdict(category="watched_now", mode="quiet", pattern="still_quiet")
EXIT, ERASE, ANSWER, NUMBERS, GO_ON, HIDE = (
    f"gateway:{what}" for what in ("exit", "erase", "answer", "numbers", "go_on", "hide")
)


class Engine(Protocol):
    """What answers requests: `bot.engine.pool.EnginePool`, or a stand-in in tests."""

    async def answer(self, request: Request) -> Response: ...  # noqa: D102

    async def wait_ready(self, timeout: float) -> bool: ...  # noqa: D102


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway itself says (data/conversation/gateway.en.yml)."""

    version: int
    starting: str
    failed: str
    empty: str
    cut: str
    english_only: str
    interpreters: str
    stale_button: str
    answer_my_question: str
    go_on: str
    hidden: str
    erased: str
    exited: str
    demo: str


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one message, not yet stored."""

    replies: list[Reply]
    memory: Memory
    events: list[dict[str, Any]] = []
    commands: list[Command] = []
    verdict: Verdict | None = None
    understanding: Understanding = Understanding()
    question: str | None = None


class Turns:
    """Works out turns.

    Args:
        store: read only, for issued buttons and recent events.
        engine: what understands and answers.
        gate: the safety gate.
        cards: its cards.
        identifier: tells the language of a message.
        words: what the gateway itself says.
        settings: limits and modes.
        clock: the time now, aware.
    """

    def __init__(
        self,
        *,
        store: ConversationStore,
        engine: Engine,
        gate: Gate,
        cards: Cards,
        identifier: Identifier,
        words: Words,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._engine, self._gate, self._cards, self._words = store, engine, gate, cards, words
        self._identifier, self._settings, self._clock = identifier, settings, clock

    async def process(self, conversation: Conversation, waiting: Waiting) -> Turn:
        """What a message comes to; nothing is stored by this.

        Raises:
            EngineUnavailable, EngineFailed: there is no answer yet, or none to be had. Cards never fail so.
        """
        memory = conversation.memory
        if waiting.message.button is not None:
            button = await in_thread(self._store.button, conversation, waiting.message.button)
            if button is None:
                return Turn(replies=[Reply(text=self._words.stale_button)], memory=memory)
            return await self._press(conversation, waiting, button)
        # The gate reads what was typed, before anything is cut or dropped.
        typed = waiting.message.text or ""
        verdict = self._gate.check(typed)
        read = clean(typed, self._settings.message_max_chars)
        before = memory.language
        memory = msgspec.structs.replace(memory, language=self._identifier.identify(typed, in_use=before).language)
        if verdict is None and not read.text:
            return Turn(replies=[Reply(text=self._words.empty)], memory=memory)
        if memory.quiet and (verdict is None or verdict.mode != "interrupt"):
            # Someone else may be typing: until "Go on" is pressed nothing is answered but a cry for help.
            verdict = WATCHED
        if verdict is not None and verdict.mode in ("interrupt", "quiet"):
            return self._card_first(memory, verdict, read.text)
        try:
            turn = await self._ask(conversation, waiting, read.text, None, memory)
        except (EngineUnavailable, EngineFailed):
            if verdict is None:
                raise
            # A card never waits for an engine: it goes first, and the question after it.
            return self._card_first(memory, verdict, read.text)
        extra = [Reply(text=self._words.cut.format(n=self._settings.message_max_chars))] if read.cut else []
        if memory.language not in ("en", before):
            extra.append(self._english_only())
        if verdict is None:
            return msgspec.structs.replace(turn, replies=[*extra, *turn.replies], question=read.text)
        card, memory = self._card(turn.memory, verdict, read.text)
        order = [card, *turn.replies] if verdict.mode == "boundary" else [*turn.replies, card]
        return msgspec.structs.replace(
            turn, replies=[*extra, *order], memory=memory, verdict=verdict, question=read.text
        )

    async def understood(self, conversation: Conversation, waiting: Waiting, text: str) -> Turn:
        """What the engine makes of a text, past the gate; for evaluation, of a question that waits behind a card.

        Raises:
            EngineUnavailable, EngineFailed: as for `process`.
        """
        return await self._ask(conversation, waiting, text, None, conversation.memory)

    def _english_only(self) -> Reply:
        """Said once when someone begins to write in another language: the answers are in English so far."""
        interpreter = Button(title=self._words.interpreters, payload="/right_01__interpreter")
        return Reply(text=self._words.english_only, buttons=[interpreter])

    def _card_first(self, memory: Memory, verdict: Verdict, text: str) -> Turn:
        card, memory = self._card(memory, verdict, text)
        if all(button.payload not in (ANSWER, GO_ON) for button in card.buttons):
            again = Button(title=self._words.answer_my_question, payload=ANSWER)
            card = msgspec.structs.replace(card, buttons=[again, *card.buttons])
        memory = msgspec.structs.replace(memory, waiting=text, quiet=memory.quiet or verdict.mode == "quiet")
        return Turn(replies=[card], memory=memory, verdict=verdict, question=text)

    def _card(self, memory: Memory, verdict: Verdict, text: str) -> tuple[Reply, Memory]:
        """The card; a full one once per kind, a stronger signal counting as another kind."""
        kind = f"{verdict.category}:{verdict.mode}"
        repeated = kind in memory.cards_shown and verdict.mode != "quiet"
        card = self._cards.card(verdict, now=self._clock(), repeated=repeated, text=text)
        return card, msgspec.structs.replace(memory, cards_shown=[*{*memory.cards_shown, kind}])

    async def _press(self, conversation: Conversation, waiting: Waiting, button: Button) -> Turn:
        memory = conversation.memory
        if button.payload in (ANSWER, GO_ON):
            question = memory.waiting
            memory = msgspec.structs.replace(memory, waiting=None, quiet=False)
            if question is None or button.payload == GO_ON:
                return Turn(replies=[Reply(text=self._words.go_on)], memory=memory)
            return await self._ask(conversation, waiting, question, None, memory)
        if button.payload == NUMBERS:
            return Turn(replies=[self._cards.numbers(self._clock())], memory=memory)
        if button.payload == HIDE:
            return Turn(replies=[Reply(text=self._words.hidden)], memory=memory)
        if button.payload in (EXIT, ERASE):
            # The page does both itself; where it could not, the next call does.
            kind = button.payload.removeprefix("gateway:")
            text = self._words.exited if button.payload == EXIT else self._words.erased
            return Turn(replies=[Reply(text=text)], memory=memory, commands=[Command(kind=kind)])
        if memory.quiet:
            return self._card_first(memory, WATCHED, "")
        return await self._ask(conversation, waiting, "", button.payload, memory)

    async def _ask(
        self, conversation: Conversation, waiting: Waiting, text: str, payload: str | None, memory: Memory
    ) -> Turn:
        if not await self._engine.wait_ready(NOTICE_AFTER_S):
            raise EngineUnavailable("starting")
        response = await self._engine.answer(
            Request(
                conversation=conversation.id,
                message=str(waiting.inbox),
                text=text,
                payload=payload,
                carry=memory.carry,
                events=await in_thread(self._store.recent_events, conversation, TURNS_SENT),
                context={
                    "today": self._clock().date().isoformat(),
                    "demo": self._settings.demo,
                    "area": self._settings.area,
                    "gate_passed": True,
                },
            )
        )
        return Turn(
            replies=response.replies,
            memory=msgspec.structs.replace(memory, carry=response.carry),
            events=response.events,
            commands=response.commands,
            understanding=response.understanding,
        )


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """Run something that blocks, such as a transaction, without holding up other conversations."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *args)
