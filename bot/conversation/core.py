"""Conversations: accepted messages are worked in order, under a lease, and answered exactly once.

Everything a channel may do with a conversation is a method of `Conversations`; what a message comes to is `turns`.
"""

import asyncio
import functools
import secrets
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.conversation.case_status import CaseStatus
from bot.conversation.counting import counted
from bot.conversation.drafts import Drafts
from bot.conversation.erasing import Erasing
from bot.conversation.flows import Elsewhere
from bot.conversation.form_words import FormWords
from bot.conversation.front_door import FrontDoor
from bot.conversation.hand_off import HandOffService
from bot.conversation.messages import Message, Private, Reply
from bot.conversation.switched_off import SwitchedOff
from bot.conversation.text import storable
from bot.conversation.turn import Job, Outdated, Service, Turn
from bot.conversation.turns import Engine, Turns, Words
from bot.conversation.unanswered import Collecting
from bot.directory import LONDON
from bot.engine.pool import EngineFailed, EngineUnavailable
from bot.language import Identifier
from bot.language.languages import direction
from bot.privacy.retention import Purge, periods, purge
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
from bot.store.feedback import Feedback, FeedbackStore, feedback_id

log = structlog.get_logger()

MOST_ATTEMPTS = 3
MOST_RUNS = 10
"""Runs of one message, whatever ended them: after these something here is broken, and the person is told so."""
COMMAND_AFTER_S = 10.0


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
        identifier: tells the language of a message.
        front_door: words in other languages.
        words: what the gateway itself says.
        settings: limits and modes.
        clock: the time now, aware; tests give their own.
        form_words: the words that steer an open form.
        services: who carries out a command of the engine while its turn is worked out, by its kind.
        jobs: who carries out a stored command after its reply has left, by its kind.
        case_status: looks cases up, where that is on.
        drafts: forgets what a form held and nobody went on with.
        erasing: erases; without it a conversation alone is erased.
        purges: what else is deleted when its time is over (`bot.privacy.retention`).
        feedback: where staff find whether answers helped.
        elsewhere: the flows that a channel leaves to the web page.
        collecting: keeps questions that were not answered, where that is on.
        hand_offs: passes people to staff, where the console runs; others are told through its desk's fan-out.
        switched_off: the channels and topics that supervisors have taken out of service.
    """

    def __init__(
        self,
        *,
        store: ConversationStore,
        engine: Engine,
        gate: Gate,
        cards: Cards,
        identifier: Identifier,
        front_door: FrontDoor,
        words: Words,
        settings: Settings,
        clock: Callable[[], datetime] = lambda: datetime.now(LONDON),
        form_words: FormWords | None = None,
        services: Mapping[str, Service] = MappingProxyType({}),
        jobs: Mapping[str, Job] = MappingProxyType({}),
        case_status: CaseStatus | None = None,
        drafts: Drafts | None = None,
        erasing: Erasing | None = None,
        purges: Mapping[str, Purge] = MappingProxyType({}),
        feedback: FeedbackStore | None = None,
        elsewhere: Elsewhere | None = None,
        hand_offs: HandOffService | None = None,
        switched_off: SwitchedOff | None = None,
        collecting: Collecting | None = None,
    ) -> None:
        self._hand_offs, self._collecting = hand_offs, collecting
        self.switched_off = switched_off
        self._drafts, self._erasing, self._purges, self._feedback = drafts, erasing, purges, feedback
        self._store, self._engine, self._cards, self._words, self._gate = store, engine, cards, words, gate
        self._identifier, self._door = identifier, front_door
        self._settings, self._clock = settings, clock
        self._turns = Turns(
            store=store,
            engine=engine,
            gate=gate,
            cards=cards,
            identifier=identifier,
            front_door=front_door,
            words=words,
            settings=settings,
            clock=clock,
            form_words=form_words,
            services=services,
            case_status=case_status,
            erasing=erasing,
            drafts=drafts,
            elsewhere=elsewhere,
            hand_offs=hand_offs,
            switched_off=switched_off,
        )
        self._jobs = jobs
        self._doing: asyncio.Task[int] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._owner = str(uuid.uuid4())
        self._working: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._news: dict[str, asyncio.Event] = {}
        self._closing = False
        self._deaf: Callable[[], None] = lambda: None

    # --- what a channel may do

    async def start(self, channel: str, page: str | None = None) -> tuple[str, list[NumberedReply]]:
        """Begin a conversation.

        Args:
            channel: the channel it comes through.
            page: the language of the page or of the person's device, such as `pl` or `en-GB`, if known.

        Returns:
            Its token, which is not stored, and the first words, in the page's language where we have them.
        """
        token = secrets.token_urlsafe(32)
        tag = self._identifier.tag_of(page) or "en"
        text = self._cards.first_words(
            self._settings.controller, self._settings.has_console, tag, collects=self._collecting is not None
        )
        if self._settings.demo:
            text = f"{self._door.say(self._words.demo, tag)}\n\n{text}"
        shown = tag if self._door.serves(tag) else "en"
        first = [Reply(text=text, language=shown, direction=direction(shown))]
        if self.switched_off is not None and (closed := await self.switched_off.channel(channel, self._clock())):
            first.append(closed)
        await asyncio.to_thread(
            self._store.start,
            token,
            channel,
            first,
            self._now(),
            self._now() + 60 * self._settings.idle_minutes,
            Memory(page=page, language=shown),
        )
        return token, [NumberedReply(number=number, reply=reply) for number, reply in enumerate(first, 1)]

    async def find(self, token: str, idle_minutes: int | None = None) -> Conversation | None:
        """The conversation a token belongs to, kept alive by this; None when it has ended or never was.

        Args:
            token: what `start` gave.
            idle_minutes: how long it lives on in silence; without it as long as a page does.
        """
        now = self._now()
        expires = now + 60 * (idle_minutes or self._settings.idle_minutes)
        with_staff = now + 60 * self._settings.hand_off_idle_minutes
        return await asyncio.to_thread(self._store.find, token, now, expires, with_staff)

    async def accept(self, conversation: Conversation, message: Message) -> Receipt:
        """Store a message; from here on it will be answered exactly once. Begins to work on it."""
        if message.text is not None:
            message = msgspec.structs.replace(message, text=storable(message.text))
        inbox, new = await asyncio.to_thread(self._store.accept, conversation, message, self._now())
        self.wake(conversation.id)
        return Receipt(inbox=inbox, new=new)

    async def replies(self, conversation: Conversation, after: int, wait: float = 0.0) -> list[NumberedReply]:
        """Replies numbered above `after`; when there are none yet, waits up to `wait` seconds for one."""
        news = self._news.setdefault(conversation.id, asyncio.Event())
        news.clear()
        found = await asyncio.to_thread(self._store.replies_after, conversation, after)
        if not found and wait > 0:
            # Another gateway process may write the reply, so look again now and then.
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(news.wait(), min(wait, 2.0))
            return await self.replies(conversation, after, wait - 2.0)
        return found

    async def judge(self, conversation: Conversation, number: int, helped: bool, why: str | None) -> bool:
        """Keep for staff whether an answer helped. Returns whether the reply with that number is an answer.

        Args:
            conversation: where it was given.
            number: the reply's number.
            helped: yes or no.
            why: what was wrong with it.
        """
        found = await asyncio.to_thread(self._store.replies_after, conversation, number - 1, 1)
        reply = found[0].reply if found and found[0].number == number else None
        if self._feedback is None or reply is None or reply.topic is None or reply.private.safety:
            return False
        judged = Feedback(
            id=feedback_id(conversation.id, number),
            topic=reply.topic,
            right=reply.right,
            language=reply.language,
            helped=helped,
            why=None if helped else why,
            given=self._now(),
        )
        await asyncio.to_thread(self._feedback.give, judged)
        return True

    async def away(self, token: str) -> None:
        """The page was closed: it may come back for a short while only."""
        await asyncio.to_thread(self._store.find, token, self._now(), self._now() + 60 * self._settings.away_minutes)

    async def end(self, conversation: Conversation) -> None:
        """Close a conversation; its token works no more."""
        await asyncio.to_thread(self._store.end, conversation.id)
        self._news.pop(conversation.id, None)

    async def erase(self, conversation: Conversation) -> str:
        """Erase a conversation with its key, and what else is the person's here. Returns what they are told."""
        said = await self._erase(conversation.id)
        self._news.pop(conversation.id, None)
        return said

    def card_for(self, text: str) -> Reply | None:
        """The safety card for words typed outside a conversation, if the gate's first layer finds anything in them."""
        verdict = self._gate.check(text)
        return self._cards.card(verdict, now=self._clock(), text=text) if verdict else None

    def now(self) -> datetime:
        """The time now, aware."""
        return self._clock()

    async def get(self, conversation: str) -> Conversation | None:
        """A conversation by its internal id, whatever its state and without keeping it alive; None once erased."""
        return await asyncio.to_thread(self._store.get, conversation)

    def at_work(self, conversation: Conversation) -> bool:
        """Whether this process is working on an answer in a conversation."""
        return conversation.id in self._working

    @property
    def turns(self) -> Turns:
        """What works out a single turn; evaluation looks at turns before they are stored."""
        return self._turns

    @property
    def front_door(self) -> FrontDoor:
        """Words in other languages."""
        return self._door

    def language_for(self, wanted: list[str]) -> str:
        """The first of some language tags, such as `pl` or `en-GB`, that has words that may be shown; else English."""
        known = filter(None, (self._identifier.tag_of(one) for one in wanted if one))
        return next((tag for tag in known if tag == "en" or self._door.serves(tag)), "en")

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
            task.add_done_callback(lambda done: self._worked(conversation, done))

    async def recover(self) -> int:
        """Take up conversations whose worker died. Returns how many; call it now and then."""
        found = await asyncio.to_thread(self._store.with_work, self._now())
        for conversation in found:
            self.wake(conversation)
        return len(found)

    async def purge(self) -> int:
        """Delete everything past its retention (shared/protection.md). Returns how many conversations."""
        every: dict[str, Purge] = {
            "chat": self._store.purge,
            "handed_over": self._store.purge_handed_over,
            "alert": self._store.purge_alerts,
            **self._purges,
        }
        if self._feedback is not None:
            every["feedback"] = self._feedback.purge
        if self._hand_offs is not None:
            upkeep = self._hand_offs.desk.upkeep
            every["handed_over"] = upkeep.purge
            every["feedback"] = _both(every.get("feedback"), upkeep.purge_feedback)
        done = await asyncio.to_thread(purge, periods(self._settings), every, self._now())
        return done.get("chat", 0)

    async def keep_hand_offs(self) -> None:
        """See to hand-offs: people who left, silences, queues without staff, call-backs that were not made."""
        if self._hand_offs is not None:
            desk, now = self._hand_offs.desk, self._now()
            await asyncio.to_thread(desk.upkeep.run, now)
            await asyncio.to_thread(desk.call_backs.miss, now)

    def listen(self) -> None:
        """Hear from now on, in the running loop, what other processes and the console have stored."""
        if self._hand_offs is not None:
            loop = asyncio.get_running_loop()

            def heard(subject: str) -> None:
                loop.call_soon_threadsafe(self._heard, subject)

            self._deaf = self._hand_offs.desk.room.fanout.listen(heard)

    async def staff_types_until(self, conversation: Conversation) -> float:
        """Until when the person is shown that staff are typing; 0 where they are not."""
        if self._hand_offs is None or conversation.hand_off is None:
            return 0.0
        found = await asyncio.to_thread(self._hand_offs.desk.person.standing, conversation.hand_off)
        return found.staff_typing_until if found else 0.0

    async def person_types(self, conversation: Conversation) -> None:
        """The person is typing: staff who talk to them see it."""
        if self._hand_offs is not None and conversation.hand_off is not None:
            await asyncio.to_thread(self._hand_offs.desk.person.types, conversation.hand_off, self._now())

    async def forget_lapsed(self) -> int:
        """Forget the answers of forms that nobody went on with. Returns how many conversations."""
        if self._drafts is None:
            return 0
        now, done = self._now(), 0
        for one in await asyncio.to_thread(self._store.lapsed, now):
            if await asyncio.to_thread(self._store.lease, one, self._owner, now, now + self._settings.lease_s):
                try:
                    done += await asyncio.to_thread(self._lapse, one, self._drafts)
                except LeaseLost:
                    log.info("conversation.lease_lost")
                finally:
                    await asyncio.to_thread(self._store.release, one, self._owner)
                self._tell(one)
        return done

    async def carry_out(self) -> int:
        """Carry out commands whose reply has had time to be read: end or erase a conversation. Returns how many."""
        due = await asyncio.to_thread(self._store.due_commands, self._now() - COMMAND_AFTER_S, ("erase", "exit"))
        for command in due:
            if command.kind == "erase":
                await self._erase(command.conversation)
                # Where a hold keeps the conversation, the command is still there.
                await asyncio.to_thread(self._store.command_done, command.id)
            else:
                await asyncio.to_thread(self._store.end, command.conversation)
                await asyncio.to_thread(self._store.command_done, command.id)
        return len(due) + await self.do_jobs()

    async def do_jobs(self) -> int:
        """Carry out stored commands that have a job, one after the other. Returns how many.

        A job that raises is tried again by the next call; each is marked as done only after it was carried out.
        """
        async with self._one_at_a_time:
            due = await asyncio.to_thread(self._store.due_commands, self._now(), tuple(self._jobs))
            for command in due:
                await self._jobs[command.kind](command.conversation, command.body)
                await asyncio.to_thread(self._store.command_done, command.id)
        return len(due)

    async def settle(self) -> None:
        """Wait until no work is under way in this process."""
        while self._working or (self._doing is not None and not self._doing.done()):
            doing = [self._doing] if self._doing is not None else []
            await asyncio.gather(*self._working.values(), *doing, return_exceptions=True)
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Stop working; what is not done stays in the inbox."""
        self._closing = True
        self._deaf()
        tasks: list[asyncio.Task[Any]] = list(self._working.values())
        if self._doing is not None:
            tasks.append(self._doing)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _worked(self, conversation: str, task: "asyncio.Task[None]") -> None:
        _log_failure("conversation.failed", task)
        self._working.pop(conversation, None)
        if conversation in self._again:
            self._again.discard(conversation)
            self.wake(conversation)

    async def _work(self, conversation_id: str) -> None:
        """Answer everything that waits in one conversation, while the lease holds."""
        now = self._now()
        try:
            if not await asyncio.to_thread(
                self._store.lease, conversation_id, self._owner, now, now + self._settings.lease_s
            ):
                return
            try:
                while found := await asyncio.to_thread(self._next, conversation_id):
                    await self._work_one(*found)
            finally:
                await asyncio.to_thread(self._store.release, conversation_id, self._owner)
        except LeaseLost:
            log.info("conversation.lease_lost")
        except Outdated:
            # Whatever came in between is stored by now: work it anew.
            log.info("conversation.outdated")
            self._again.add(conversation_id)
        except SQLAlchemyError as error:
            # The message stays in the inbox; `recover` takes it up again.
            log.error("store.failed", error=type(error).__name__)

    def _next(self, conversation_id: str) -> tuple[Conversation, Waiting] | None:
        """The oldest message that waits in a conversation, with the conversation as it stands; blocks."""
        conversation = self._store.get(conversation_id)
        waiting = self._store.next_waiting(conversation) if conversation else None
        return (conversation, waiting) if conversation and waiting else None

    async def _work_one(self, conversation: Conversation, waiting: Waiting) -> None:
        broken = waiting.attempts > MOST_RUNS
        try:
            turn = self._failed(conversation) if broken else await self._turns.process(conversation, waiting)
        except EngineUnavailable:
            if waiting.attempts < MOST_ATTEMPTS:
                await self._say_starting(conversation, waiting)
                return
            turn = self._failed(conversation)
        except EngineFailed as error:
            log.error("engine.failed", error=str(error))
            turn = self._failed(conversation)
        if self._collecting is not None and not broken:
            turn = self._collecting.seen(turn, conversation, self._turns.at(conversation, waiting))
        if turn.not_before is not None:
            await asyncio.sleep(turn.not_before - self._now())
        await asyncio.to_thread(
            self._store.finish,
            conversation,
            self._owner,
            waiting.inbox,
            new_events=turn.events,
            new_replies=turn.replies,
            new_commands=turn.commands,
            memory=turn.memory,
            writes=[*turn.writes, counted(conversation, turn, self._now())],
            now=self._now(),
        )
        self._tell(conversation.id)
        for subject in turn.news:
            self._spread(subject)
        if any(command.kind in self._jobs for command in turn.commands):
            self._start_jobs()

    async def _say_starting(self, conversation: Conversation, waiting: Waiting) -> None:
        """Say once, honestly, that the answer takes longer; keep the lease while an engine comes up."""
        if waiting.attempts == 1:
            notice = Reply(text=f"{self._words.starting}\n{self.emergency_line}", quiet=conversation.memory.quiet)
            notice = self._door.in_language(notice, conversation.memory.language)
            await asyncio.to_thread(self._store.notice, conversation, self._owner, [notice])
            self._tell(conversation.id)
        for _ in range(12):
            now = self._now()
            await asyncio.to_thread(self._store.lease, conversation.id, self._owner, now, now + self._settings.lease_s)
            if await self._engine.wait_ready(self._settings.lease_s / 3):
                return

    def _failed(self, conversation: Conversation) -> Turn:
        text = f"{self._words.failed}\n{self.emergency_line}"
        apology = Reply(text=text, private=Private(outcome="failed"))
        return Turn(replies=[self._door.in_language(apology, conversation.memory.language)], memory=conversation.memory)

    def _start_jobs(self) -> None:
        """Begin with the jobs now, beside whatever else goes on; `carry_out` takes up what is left."""
        if self._doing is None or self._doing.done():
            self._doing = asyncio.get_running_loop().create_task(self.do_jobs())
            self._doing.add_done_callback(functools.partial(_log_failure, "job.failed"))

    def _tell(self, conversation: str) -> None:
        news = self._news.get(conversation)
        if news:
            news.set()

    def _spread(self, subject: str) -> None:
        if self._hand_offs is not None:
            self._hand_offs.desk.room.fanout.tell(subject)

    def _heard(self, subject: str) -> None:
        kind, _, conversation = subject.partition(":")
        if kind == "conversation":
            self._tell(conversation)

    # --- inside

    async def _erase(self, conversation: str) -> str:
        if self._erasing is None:
            await asyncio.to_thread(self._store.erase, conversation)
            return self._words.erased
        return await self._erasing.erase(conversation, self._now())

    def _lapse(self, conversation: str, drafts: Drafts) -> bool:
        found = self._store.get(conversation)
        return found is not None and drafts.lapse(found, self._owner, self._door.in_language)

    def _now(self) -> float:
        return self._clock().timestamp()


def _both(one: Purge | None, other: Purge) -> Purge:
    return lambda before: (one(before) if one else 0) + other(before)


def _log_failure(what: str, task: "asyncio.Task[Any]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error(what, error=type(error).__name__)
