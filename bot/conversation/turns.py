"""One message, from words to outcome: the gate, then a button's meaning or the engine's answer. Nothing is stored here.

The order of safety card and answer is the table of shared/protection.md ("Order of card and answer, by mode"):
interrupt: the card, then "Answer my question"; attach: the answer, then the card; quiet: the quiet line alone;
boundary: the limit, then the answer.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Protocol, TypeVar

import msgspec

from bot.conversation.case_status import HIDE_CASE, CaseStatus
from bot.conversation.drafts import Drafts, DraftWords
from bot.conversation.erasing import Erasing
from bot.conversation.flows import Elsewhere, open_form
from bot.conversation.form_words import FormWords
from bot.conversation.front_door import LANGUAGE, FrontDoor
from bot.conversation.hand_off import HandOffService
from bot.conversation.messages import Button, Command, Reply, Request, Response, Verdict
from bot.conversation.paused import AGAIN, FORM, GO_ON, is_paused, paused, resumed, with_way_back, without_form
from bot.conversation.referral import family_mentioned
from bot.conversation.switched_off import SwitchedOff
from bot.conversation.text import clean
from bot.conversation.told import told
from bot.conversation.turn import At, Service, Turn
from bot.conversation.with_staff import WithStaff
from bot.engine.pool import EngineFailed, EngineUnavailable
from bot.handoff.words import TALK
from bot.language import Identified, Identifier
from bot.safety.cards import Cards
from bot.safety.gate import FIRST, SECOND, Gate
from bot.settings import Settings
from bot.store.conversations import ALERT, Conversation, ConversationStore, Memory, Waiting

T = TypeVar("T")
TURNS_SENT = 10
CHANGE_LANGUAGE = "change_language"
NOTICE_AFTER_S = 2.0
MOST_WORDS_OF_AN_ANSWER = 6
"""Words of an answer to a form that a model may take for danger: longer messages tell of something."""
WATCHED = Verdict(category="watched_now", mode="quiet", pattern="still_quiet")
EXIT, ERASE, ANSWER, NUMBERS, HIDE = (f"gateway:{what}" for what in ("exit", "erase", "answer", "numbers", "hide"))

OURS = frozenset({EXIT, ERASE, NUMBERS, HIDE, HIDE_CASE})
"""Buttons that mean the same whoever has the conversation."""


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
    drafts: DraftWords


class Turns:
    """Works out turns.

    Args:
        store: read only, for issued buttons and recent events.
        engine: what understands and answers.
        gate: the safety gate.
        cards: its cards.
        identifier: tells the language of a message.
        front_door: words in other languages.
        words: what the gateway itself says.
        settings: limits and modes.
        clock: the time now, aware.
        form_words: the words that steer an open form.
        services: who carries out a command of the engine, by its kind; other kinds are stored for a `Job`.
        case_status: looks cases up, where that is on.
        erasing: says what erasing comes to.
        drafts: knows of forms that are open.
        elsewhere: the flows that a channel leaves to the web page.
        hand_offs: passes people to staff, where the console runs.
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
        clock: Callable[[], datetime],
        form_words: FormWords | None = None,
        services: Mapping[str, Service] = MappingProxyType({}),
        case_status: CaseStatus | None = None,
        erasing: Erasing | None = None,
        drafts: Drafts | None = None,
        elsewhere: Elsewhere | None = None,
        hand_offs: HandOffService | None = None,
        switched_off: SwitchedOff | None = None,
    ) -> None:
        self._hand_offs = hand_offs
        self._staffed = WithStaff(hand_offs.desk, gate, self, front_door.in_language) if hand_offs is not None else None
        self._off = switched_off
        self._form_words = form_words
        self._elsewhere = elsewhere or Elsewhere({})
        self._services, self._case_status, self._erasing, self._drafts = services, case_status, erasing, drafts
        self._store, self._engine, self._gate, self._cards, self._words = store, engine, gate, cards, words
        self._identifier, self._door, self._settings, self._clock = identifier, front_door, settings, clock

    async def process(self, conversation: Conversation, waiting: Waiting) -> Turn:
        """What a message comes to; nothing is stored by this.

        Raises:
            EngineUnavailable, EngineFailed: there is no answer yet, or none to be had. Cards never fail so.
        """
        turn = await self._process(conversation, waiting)
        if not turn.memory.quiet:
            return turn
        return msgspec.structs.replace(turn, replies=[msgspec.structs.replace(one, quiet=True) for one in turn.replies])

    async def _process(self, conversation: Conversation, waiting: Waiting) -> Turn:
        if (turn := await self._to_staff(conversation, waiting)) is not None:
            return turn
        if waiting.message.button is not None:
            button = await asyncio.to_thread(self._store.button, conversation, waiting.message.button)
            if button is None:
                turn = Turn(replies=[Reply(text=self._words.stale_button)], memory=conversation.memory)
            else:
                turn = await self._press(conversation, waiting, button)
            return self._in_language(turn)
        if waiting.message.language is not None:
            picked = Button(title="", payload=LANGUAGE + waiting.message.language)
            return self._in_language(await self._press(conversation, waiting, picked))
        if waiting.message.payload is not None:
            button = Button(title="", payload=waiting.message.payload)
            return self._in_language(await self._press(conversation, waiting, button))
        return await self._typed(conversation, waiting)

    async def _to_staff(self, conversation: Conversation, waiting: Waiting) -> Turn | None:
        """The turn of a message while staff have the conversation or are waited for; None: the gateway goes on."""
        if self._staffed is None or waiting.message.language is not None:
            return None
        staffed = self._staffed
        found = await asyncio.to_thread(staffed.standing, conversation)
        memory, at = conversation.memory, self.at(conversation, waiting)
        if waiting.message.button is None and waiting.message.payload is None:
            return staffed.typed(memory, waiting.message.text or "", found, at) if found else None
        button: Button | None = Button(title="", payload=waiting.message.payload or "")
        if waiting.message.button is not None:
            button = await asyncio.to_thread(self._store.button, conversation, waiting.message.button)
        if button is None or button.payload in OURS or button.payload.startswith(LANGUAGE):
            return None
        if button.payload in (ANSWER, GO_ON):
            return await asyncio.to_thread(staffed.goes_on, memory, found, at) if found else staffed.came_back(memory)
        if memory.quiet:
            return None
        if found is None:
            return await asyncio.to_thread(staffed.judged, memory, button.payload, at)
        return await asyncio.to_thread(staffed.pressed, memory, button, found, at)

    async def _typed(self, conversation: Conversation, waiting: Waiting) -> Turn:
        # The gate reads what was typed, before anything is cut or dropped.
        typed = waiting.message.text or ""
        look = self._gate.look(typed)
        verdict = look.verdict
        read = clean(typed, self._settings.message_max_chars)
        heard, memory = self._heard(typed, conversation.memory)
        if verdict is None and not read.text and not memory.quiet:
            return self._in_language(Turn(replies=[Reply(text=self._words.empty)], memory=memory))
        if memory.quiet and (verdict is None or verdict.mode != "interrupt"):
            # Someone else may be typing: until "Go on" is pressed nothing is answered but a cry for help.
            verdict = WATCHED
        elif self._steers_a_form(read.text, memory):
            # "Stop" alone may also mean "somebody is here"; to the form that has just offered it, it means stop.
            return self._in_language(await self._ask(conversation, waiting, read.text, None, memory))
        # Words typed into an open form may be an answer that only looks like danger to a model: the engine tells.
        short = len(read.text.split()) <= MOST_WORDS_OF_AN_ANSWER
        perhaps_answer = (
            verdict is not None and short and _interrupts_by_model(verdict) and open_form(memory.carry) is not None
        )
        if verdict is not None and verdict.mode in ("interrupt", "quiet") and not perhaps_answer:
            return self._card_first(memory, verdict, read.text)
        try:
            turn = await self._ask(conversation, waiting, read.text, None, memory, self._gate.doubts(look))
        except (EngineUnavailable, EngineFailed):
            verdict = WATCHED if verdict is WATCHED else self._gate.alone(look)
            if verdict is None:
                raise
            # A card never waits for an engine: it goes first, and the question after it.
            return self._card_first(memory, verdict, read.text)
        # Now the second layer, which has seen the sentence vector: it may add a card or raise its mode.
        if verdict is not WATCHED:
            danger = turn.understanding.danger
            verdict = self._gate.with_second(look, danger) if turn.read else self._gate.alone(look)
        if verdict is not None and short and _interrupts_by_model(verdict) and _answered_a_form(turn):
            # "Not at night please" says when to ring. The card comes first all the same, and the answer is not lost.
            return self._in_language(self._card_above(turn, verdict, read.text), heard)
        if verdict is not None and verdict.mode in ("interrupt", "quiet"):
            return self._card_first(memory, verdict, read.text)
        turn = self._in_language(self._language_asked_for(turn, read.text), heard)
        if read.cut:
            cut = self._door.in_language(Reply(text=self._words.cut), memory.language)
            cut = msgspec.structs.replace(cut, text=cut.text.format(n=self._settings.message_max_chars))
            turn = msgspec.structs.replace(turn, replies=[cut, *turn.replies])
        if verdict is None:
            return msgspec.structs.replace(turn, question=read.text)
        card, memory = self.card(turn.memory, verdict, read.text)
        order = [card, *turn.replies] if verdict.mode == "boundary" else [*turn.replies, card]
        return msgspec.structs.replace(turn, replies=order, memory=memory, verdict=verdict, question=read.text)

    def _steers_a_form(self, text: str, memory: Memory) -> bool:
        steers = self._form_words is not None and self._form_words.control(text) is not None
        return steers and open_form(memory.carry) is not None

    async def understood(self, conversation: Conversation, waiting: Waiting, text: str) -> Turn:
        """What the engine makes of a text, past the gate; for evaluation, of a question that waits behind a card.

        Raises:
            EngineUnavailable, EngineFailed: as for `process`.
        """
        return await self._ask(conversation, waiting, text, None, conversation.memory)

    # --- languages

    def _heard(self, typed: str, memory: Memory) -> tuple[Identified, Memory]:
        """The language of what was typed, and the memory with the language to go on with."""
        heard = self._identifier.identify(typed, in_use=memory.language, chosen=memory.chosen, page=memory.page)
        return heard, msgspec.structs.replace(memory, language=heard.language)

    def _in_language(self, turn: Turn, heard: Identified | None = None) -> Turn:
        """A turn's replies in the language of the conversation, and the front door where that language is new."""
        memory, tag = turn.memory, turn.memory.language
        replies = turn.replies
        if memory.quiet:
            # Nothing but the quiet card and its numbers, which are in the language already.
            return turn
        if tag != "en":
            first = tag not in memory.welcomed
            memory = msgspec.structs.replace(memory, welcomed=[*memory.welcomed, tag] if first else memory.welcomed)
            if self._door.serves(tag):
                replies = self._door.around(replies, tag, first and heard is not None)
            elif first:
                replies = [self._english_only(), *replies]
        offer = heard.offer if heard else None
        if offer and offer not in memory.offered and self._door.serves(offer):
            memory = msgspec.structs.replace(memory, offered=[*memory.offered, offer])
            replies = [*replies, self._door.offer(offer)]
        return msgspec.structs.replace(turn, replies=replies, memory=memory)

    def _language_asked_for(self, turn: Turn, text: str) -> Turn:
        """Somebody who asks for a language gets it if the message names or is in it, else the list to pick from."""
        if turn.understanding.intent != CHANGE_LANGUAGE or _answered_a_form(turn):
            # To a form that asks which language somebody speaks, its name is an answer.
            return turn
        memory = turn.memory
        named = self._door.named(text) or (memory.language if memory.language != "en" else None)
        if named is None or not (named == "en" or self._door.serves(named)):
            return msgspec.structs.replace(turn, replies=[*turn.replies, self._door.choices(memory.language)])
        memory = msgspec.structs.replace(memory, language=named, chosen=named)
        return msgspec.structs.replace(turn, replies=[self._door.chosen(named)], memory=memory)

    def _english_only(self) -> Reply:
        """Said once to someone whose language we have no approved words in."""
        interpreter = Button(title=self._words.interpreters, payload="/right_01__interpreter")
        return Reply(text=self._words.english_only, buttons=[interpreter])

    # --- cards

    def _card_first(self, memory: Memory, verdict: Verdict, text: str) -> Turn:
        card, memory = self.card(memory, verdict, text)
        if all(button.payload not in (ANSWER, GO_ON) for button in card.buttons):
            again = Button(title=self._words.answer_my_question, payload=ANSWER)
            card = msgspec.structs.replace(card, buttons=[again, *card.buttons])
        memory = msgspec.structs.replace(memory, waiting=text, quiet=memory.quiet or verdict.mode == "quiet")
        if memory.quiet:
            # Somebody else may be reading: no form comes back behind this card before it is asked for by its name.
            memory = without_form(memory)
        elif verdict.mode == "interrupt":
            memory = paused(memory)
        return Turn(replies=[card], memory=memory, commands=self.alert(verdict), verdict=verdict, question=text)

    def _card_above(self, turn: Turn, verdict: Verdict, text: str) -> Turn:
        """A card that interrupts, with what was said to the message below it and not behind a button."""
        card, memory = self.card(turn.memory, verdict, text)
        return msgspec.structs.replace(
            turn,
            replies=[card, *turn.replies],
            memory=memory,
            commands=[*turn.commands, *self.alert(verdict)],
            verdict=verdict,
            question=text,
        )

    def alert(self, verdict: Verdict) -> list[Command]:
        """The command that tells staff of danger, where somebody could see it."""
        # Without a console nobody could see an alert, and the first words have told of none.
        raised = self._settings.has_console and self._cards.alerts(verdict)
        return [Command(kind=ALERT, body={"category": verdict.category})] if raised else []

    def card(self, memory: Memory, verdict: Verdict, text: str) -> tuple[Reply, Memory]:
        """The card and what to remember of it; a full one once per kind, a stronger signal counting as another kind."""
        kind = f"{verdict.category}:{verdict.mode}"
        repeated = kind in memory.cards_shown and verdict.mode != "quiet"
        known = told(memory)
        card = self._cards.card(
            verdict,
            now=self._clock(),
            repeated=repeated,
            under_18=known.under_18,
            area=known.area,
            text=text,
            language=memory.language,
        )
        return card, msgspec.structs.replace(memory, cards_shown=[*{*memory.cards_shown, kind}])

    def at(self, conversation: Conversation, waiting: Waiting) -> At:
        """Where and when the turn of a message happens."""
        return At(conversation=conversation.id, inbox=waiting.inbox, received=waiting.received, now=self._clock())

    async def _press(self, conversation: Conversation, waiting: Waiting, button: Button) -> Turn:
        memory = conversation.memory
        if button.payload in (ANSWER, GO_ON):
            question = memory.waiting if button.payload == ANSWER else None
            form, memory = is_paused(memory), msgspec.structs.replace(memory, waiting=None, quiet=False)
            if question is not None:
                return await self._ask(conversation, waiting, question, None, resumed(memory))
            if form:
                return await self._ask(conversation, waiting, "", AGAIN, resumed(memory))
            return Turn(replies=[Reply(text=self._words.go_on)], memory=memory)
        if button.payload == NUMBERS:
            return Turn(replies=[self._cards.numbers(memory.language)], memory=memory)
        if button.payload == HIDE:
            return Turn(replies=[Reply(text=self._words.hidden)], memory=memory)
        if button.payload == HIDE_CASE and self._case_status is not None:
            return self._case_status.put_away(memory)
        if button.payload in (EXIT, ERASE):
            if self._case_status is not None:
                memory = self._case_status.put_away(memory).memory
            # The page does both itself; where it could not, the next call does.
            kind = button.payload.removeprefix("gateway:")
            text = self._words.exited if button.payload == EXIT else self._words.erased
            if button.payload == ERASE and self._erasing is not None:
                text = await self._erasing.announced(conversation.id, text, self._clock().timestamp())
            return Turn(replies=[Reply(text=text)], memory=memory, commands=[Command(kind=kind)])
        if memory.quiet:
            return self._card_first(memory, WATCHED, "")
        if button.payload.startswith(LANGUAGE):
            tag = button.payload.removeprefix(LANGUAGE)
            memory = msgspec.structs.replace(memory, language=tag, chosen=tag)
            shown = [self._door.chosen(tag)] if tag == "en" else [self._door.chosen(tag), self._door.interpreter(tag)]
            return Turn(replies=shown, memory=memory)
        if button.payload.startswith(TALK):
            return Turn(replies=[Reply(text=self._words.stale_button)], memory=memory)
        opened = self._door.opened(button.payload, memory.language)
        if opened is not None:
            return Turn(replies=[opened], memory=memory)
        if button.payload.startswith(FORM):
            # Whoever presses a button of the form goes on with it.
            memory = resumed(memory)
        return await self._ask(conversation, waiting, "", button.payload, memory)

    async def _ask(
        self,
        conversation: Conversation,
        waiting: Waiting,
        text: str,
        payload: str | None,
        memory: Memory,
        doubt: bool = False,
    ) -> Turn:
        at = self.at(conversation, waiting)
        if self._off is not None and (closed := await self._off.channel(conversation.channel, at.now)):
            return Turn(replies=[closed], memory=memory, read=False)
        if self._case_status is not None:
            memory = self._case_status.used(memory, at.now)
            if payload is None and self._case_status.expects(text, memory, at.now):
                return await self._case_status.take_code(text, memory, at)
        if payload is not None and (closed := self._elsewhere.opened_by(conversation.channel, payload)):
            return Turn(replies=[closed], memory=memory)
        if not await self._engine.wait_ready(NOTICE_AFTER_S):
            raise EngineUnavailable("starting")
        response = await self._engine.answer(
            Request(
                conversation=conversation.id,
                message=str(waiting.inbox),
                text=text,
                payload=payload,
                carry=memory.carry,
                events=await asyncio.to_thread(self._store.recent_events, conversation, TURNS_SENT),
                context={
                    "today": at.now.date().isoformat(),
                    "language": memory.language,
                    "case": self._case_status.state(memory, at.now) if self._case_status else "off",
                    "referral": self._settings.referrals_go_by,
                    "hand_off": await self._hand_offs.offers(at.now) if self._hand_offs else "off",
                    "family": family_mentioned(memory),
                    "controller": self._settings.controller,
                    "demo": self._settings.demo,
                    "area": self._settings.area,
                    "gate_passed": True,
                    "doubt": doubt,
                },
            )
        )
        if closed := self._elsewhere.entered(conversation.channel, response):
            # What the engine did is forgotten: the flow was never entered.
            return Turn(replies=[closed], memory=memory, understanding=response.understanding)
        replies = response.replies
        if self._off is not None:
            left = await self._off.answers(conversation.channel, replies, at.now)
            if left is None:
                # Nor is anything asked that would have followed on the answer.
                off = self._off.topic(at.now)
                return Turn(replies=[off], memory=memory, understanding=response.understanding)
            replies = left
        turn = Turn(
            replies=replies,
            memory=msgspec.structs.replace(memory, carry=response.carry),
            events=response.events,
            understanding=response.understanding,
        )
        if is_paused(turn.memory):
            turn = with_way_back(turn, self._words.drafts.go_on)
        if self._drafts is not None:
            turn = self._drafts.used(turn, at)
        for command in response.commands:
            service = self._services.get(command.kind)
            if service is None:
                turn = msgspec.structs.replace(turn, commands=[*turn.commands, command])
            else:
                turn = await service.serve(command, turn, at)
        return turn


def _interrupts_by_model(verdict: Verdict) -> bool:
    return verdict.mode == "interrupt" and verdict.pattern in (FIRST, SECOND)


def _answered_a_form(turn: Turn) -> bool:
    """Whether a message was taken as an answer: the form's next question is the first thing said to it."""
    return bool(turn.replies) and turn.replies[0].display in ("form", "consent")
