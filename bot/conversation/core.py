"""The way of a message: accepted, looked at by the safety gate, understood by the engine, answered once.

Everything a channel may do with a conversation is a method of `Conversations`. The order of safety card and answer is
the table of shared/protection.md ("Order of card and answer, by mode"):
interrupt: the card, then "Answer my question"; attach: the answer, then the card; quiet: the quiet line alone;
boundary: the limit, then the answer.
"""

import asyncio
import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.conversation.messages import (
    Button,
    Command,
    Message,
    Private,
    Reply,
    Request,
    Response,
    Understanding,
    Verdict,
)
from bot.conversation.text import clean, storable
from bot.directory import LONDON
from bot.engine.pool import EngineFailed, EngineUnavailable
from bot.safety.cards import Cards
from bot.safety.gate import Gate
from bot.settings import Settings
from bot.store.conversations import (
    Conversation,
    ConversationStore,
    LeaseLost,
    Memory,
    NumberedReply,
    Waiting,
)

log = structlog.get_logger()
T = TypeVar("T")

TURNS_SENT = 10
MOST_ATTEMPTS = 3
NOTICE_AFTER_S = 2.0
COMMAND_AFTER_S = 10.0
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


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that a message is stored and will be answered."""

    inbox: int
    new: bool


class Conversations:
    """All conversations of one gateway process.

    Args:
        store: where they are kept.
        engine: what understands and answers.
        gate: the safety gate.
        cards: its cards.
        words: what the gateway itself says.
        settings: limits and modes.
        clock: the time now, aware; tests give their own.
    """

    def __init__(
        self,
        *,
        store: ConversationStore,
        engine: Engine,
        gate: Gate,
        cards: Cards,
        words: Words,
        settings: Settings,
        clock: Callable[[], datetime] = lambda: datetime.now(LONDON),
    ) -> None:
        self._store, self._engine, self._gate, self._cards, self._words = store, engine, gate, cards, words
        self._settings, self._clock = settings, clock
        self._owner = str(uuid.uuid4())
        self._working: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._news: dict[str, asyncio.Event] = {}
        self._closing = False

    # --- what a channel may do

    async def start(self, channel: str) -> tuple[str, list[NumberedReply]]:
        """Begin a conversation. Returns its token, which is not stored, and the first words."""
        token = secrets.token_urlsafe(32)
        text = self._cards.first_words(self._settings.controller, self._settings.staff_console)
        if self._settings.demo:
            text = f"{self._words.demo}\n\n{text}"
        first = [Reply(text=text)]
        await self._blocking(
            self._store.start, token, channel, first, self._now(), self._now() + 60 * self._settings.idle_minutes
        )
        return token, [NumberedReply(number=1, reply=first[0])]

    async def find(self, token: str) -> Conversation | None:
        """The conversation a token belongs to, kept alive by this; None when it has ended or never was."""
        expires = self._now() + 60 * self._settings.idle_minutes
        return await self._blocking(self._store.find, token, self._now(), expires)

    async def accept(self, conversation: Conversation, message: Message) -> Receipt:
        """Store a message; from here on it will be answered exactly once. Begins to work on it."""
        if message.text is not None:
            message = msgspec.structs.replace(message, text=storable(message.text))
        inbox, new = await self._blocking(self._store.accept, conversation, message, self._now())
        self.wake(conversation.id)
        return Receipt(inbox=inbox, new=new)

    async def replies(self, conversation: Conversation, after: int, wait: float = 0.0) -> list[NumberedReply]:
        """Replies numbered above `after`; when there are none yet, waits up to `wait` seconds for one."""
        news = self._news.setdefault(conversation.id, asyncio.Event())
        news.clear()
        found = await self._blocking(self._store.replies_after, conversation, after)
        if not found and wait > 0:
            # Another gateway process may write the reply, so look again now and then.
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(news.wait(), min(wait, 2.0))
            return await self.replies(conversation, after, wait - 2.0)
        return found

    async def away(self, token: str) -> None:
        """The page was closed: it may come back for a short while only."""
        await self._blocking(
            self._store.find, token, self._now(), self._now() + 60 * self._settings.away_minutes
        )

    async def end(self, conversation: Conversation) -> None:
        """Close a conversation; its token works no more."""
        await self._blocking(self._store.end, conversation.id)
        self._news.pop(conversation.id, None)

    async def erase(self, conversation: Conversation) -> None:
        """Erase a conversation with its key."""
        await self._blocking(self._store.erase, conversation.id)
        self._news.pop(conversation.id, None)

    @property
    def words(self) -> Words:
        """What the gateway itself says."""
        return self._words

    @property
    def emergency_line(self) -> str:
        """The line that goes with every failure."""
        return self._cards.emergency_line()

    # --- work

    def wake(self, conversation: str) -> None:
        """See to it that a conversation is worked on, in order, by one task of this process."""
        if conversation in self._working:
            self._again.add(conversation)
        elif not self._closing:
            task = asyncio.get_running_loop().create_task(self._work(conversation))
            self._working[conversation] = task
            task.add_done_callback(lambda _: self._worked(conversation))

    async def recover(self) -> int:
        """Take up conversations whose worker died. Returns how many; call it now and then."""
        found = await self._blocking(self._store.with_work, self._now())
        for conversation in found:
            self.wake(conversation)
        return len(found)

    async def purge(self) -> int:
        """Erase conversations past their retention. Returns how many."""
        return await self._blocking(self._store.purge, self._now() - 3600 * self._settings.retention_hours)

    async def carry_out(self) -> int:
        """Carry out commands whose reply has had time to be read: end or erase a conversation. Returns how many."""
        due = await self._blocking(self._store.due_commands, self._now() - COMMAND_AFTER_S)
        for command, conversation, kind in due:
            if kind == "erase":
                await self._blocking(self._store.erase, conversation)
            elif kind == "exit":
                await self._blocking(self._store.end, conversation)
                await self._blocking(self._store.command_done, command)
        return len(due)

    async def settle(self) -> None:
        """Wait until no work is under way in this process."""
        while self._working:
            await asyncio.gather(*list(self._working.values()), return_exceptions=True)
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Stop working; what is not done stays in the inbox."""
        self._closing = True
        tasks = list(self._working.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _worked(self, conversation: str) -> None:
        self._working.pop(conversation, None)
        if conversation in self._again:
            self._again.discard(conversation)
            self.wake(conversation)

    async def _work(self, conversation_id: str) -> None:
        """Answer everything that waits in one conversation, while the lease holds."""
        now = self._now()
        try:
            if not await self._blocking(
                self._store.lease, conversation_id, self._owner, now, now + self._settings.lease_s
            ):
                return
            try:
                while await self._work_one(conversation_id):
                    pass
            finally:
                await self._blocking(self._store.release, conversation_id, self._owner)
        except LeaseLost:
            log.info("conversation.lease_lost")
        except SQLAlchemyError as error:
            # The message stays in the inbox; `recover` takes it up again.
            log.error("store.failed", error=type(error).__name__)

    async def _work_one(self, conversation_id: str) -> bool:
        conversation = await self._blocking(self._store.get, conversation_id)
        waiting = await self._blocking(self._store.next_waiting, conversation) if conversation else None
        if conversation is None or waiting is None:
            return False
        try:
            turn = await self.process(conversation, waiting)
        except EngineUnavailable:
            if waiting.attempts < MOST_ATTEMPTS:
                await self._say_starting(conversation, waiting)
                return True
            turn = self._failed(conversation)
        except EngineFailed as error:
            log.error("engine.failed", error=str(error))
            turn = self._failed(conversation)
        await self._blocking(
            lambda: self._store.finish(
                conversation,
                self._owner,
                waiting.inbox,
                new_events=turn.events,
                new_replies=turn.replies,
                new_commands=turn.commands,
                memory=turn.memory,
                now=self._now(),
            )
        )
        self._tell(conversation_id)
        return True

    async def _say_starting(self, conversation: Conversation, waiting: Waiting) -> None:
        """Say once, honestly, that the answer takes longer; keep the lease while an engine comes up."""
        if waiting.attempts == 1:
            notice = Reply(text=f"{self._words.starting} {self.emergency_line}")
            await self._blocking(self._store.notice, conversation, self._owner, [notice])
            self._tell(conversation.id)
        for _ in range(12):
            now = self._now()
            await self._blocking(
                self._store.lease, conversation.id, self._owner, now, now + self._settings.lease_s
            )
            if await self._engine.wait_ready(self._settings.lease_s / 3):
                return

    def _failed(self, conversation: Conversation) -> Turn:
        text = f"{self._words.failed} {self.emergency_line}"
        return Turn(
            replies=[Reply(text=text, private=Private(outcome="failed"))], memory=conversation.memory
        )

    def _tell(self, conversation: str) -> None:
        news = self._news.get(conversation)
        if news:
            news.set()

    # --- one message

    async def process(self, conversation: Conversation, waiting: Waiting) -> Turn:
        """What a message comes to; nothing is stored by this.

        Raises:
            EngineUnavailable, EngineFailed: there is no answer yet, or none to be had. Cards never fail so.
        """
        memory = conversation.memory
        if waiting.message.button is not None:
            button = await self._blocking(self._store.button, conversation, waiting.message.button)
            if button is None:
                return Turn(replies=[Reply(text=self._words.stale_button)], memory=memory)
            return await self._press(conversation, waiting, button)
        # The gate reads what was typed, before anything is cut or dropped.
        typed = waiting.message.text or ""
        verdict = self._gate.check(typed)
        read = clean(typed, self._settings.message_max_chars)
        if verdict is None and not read.text:
            return Turn(replies=[Reply(text=self._words.empty)], memory=memory)
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

    def _card_first(self, memory: Memory, verdict: Verdict, text: str) -> Turn:
        card, memory = self._card(memory, verdict, text)
        if all(button.payload not in (ANSWER, GO_ON) for button in card.buttons):
            again = Button(title=self._words.answer_my_question, payload=ANSWER)
            card = msgspec.structs.replace(card, buttons=[again, *card.buttons])
        memory = msgspec.structs.replace(memory, waiting=text, quiet=verdict.mode == "quiet")
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
                events=await self._blocking(self._store.recent_events, conversation, TURNS_SENT),
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

    # --- inside

    def _now(self) -> float:
        return self._clock().timestamp()

    async def _blocking(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(None, function, *args)


