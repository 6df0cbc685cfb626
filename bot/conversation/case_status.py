"""Where a case stands, in the conversation: a code is asked for, typed, and the case shown while the proof lives.

Rules: shared/protection.md, "Looking up a case". What a look-up comes to is never told: the first reply leaves at a
tick before any case work begins (the work is a stored `Job`), and every failure of a code has the same words at a tick.
"""

import asyncio
import json
import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

from bot.cases.desk import CaseDesk, Proof
from bot.cases.provider import CasesUnavailable
from bot.cases.references import fold
from bot.cases.view import CaseView
from bot.conversation.messages import Button, Command, Field, Reply, TimelineRow
from bot.conversation.turn import At, Turn
from bot.data_files import load
from bot.rights.answers import intent_of
from bot.rights.clock import Clock, Happened, Row
from bot.rights.clock_form import owed_of
from bot.rights.clock_words import ClockPhrases, day_of
from bot.rights.clock_words import words as clock_row
from bot.rights.facts import Edition
from bot.store.conversations import Memory

log = structlog.get_logger()
T = TypeVar("T")

CASE_ASK, CASE_SHOW = "case_ask", "case_show"
HIDE_CASE = "gateway:hide_case"
SHOW_AGAIN, COMPLAIN = "/case_status", "/complain"
TICK_S = 1.0
NAME = "case"
"""Under which a conversation remembers a look-up."""
_CODE = re.compile(r"\d(?:[ -]?\d){5}")
_MOST_WORDS = 8
_MOST_TOPICS = 5


class CaseStatusWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/case_status.<language>.yml: what is said around the case itself."""

    version: int
    type_code: str
    seen_on_this_screen: str
    unavailable: str
    lapsed: str
    put_away: str
    timeline: str
    show_again: str
    put_away_button: str
    complain: str
    number: str
    code: str
    ask: str
    ask_again: str
    confirm_yes: str
    confirm_no: str
    no_number: str
    no_number_help: str
    no_look_up: str


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What a conversation remembers of a look-up, sealed with the rest of its memory.

    Attributes:
        reference: the case a code was asked for.
        until: until when a code may be typed, in seconds since the epoch.
        proof: that the code was right; it lapses after a pause.
        changed_on: the day of the last change that was shown.
    """

    reference: str | None = None
    until: float = 0.0
    proof: Proof | None = None
    changed_on: str | None = None


class CaseStatus:
    """The service of `/case_status`.

    Args:
        desk: looks cases up; blocks, so it is called in a thread.
        every_outcome: the one text for every outcome, its contact filled in.
        words: what is said around the case.
        clock, phrases: the rights clock, shown with the case.
        title: the title of a topic on a day.
        edition: the edition of the Code on a day.
        area: police area served.
        code_life: how long a code may be typed.
        time: the time now, aware.
        tick_s: seconds between the moments at which a reply may leave.
        queued: called when a code waits to be sent.
    """

    def __init__(
        self,
        *,
        desk: CaseDesk,
        every_outcome: str,
        words: CaseStatusWords,
        clock: Clock,
        phrases: ClockPhrases,
        title: Callable[[str, datetime], str],
        edition: Callable[[datetime], Edition],
        area: str,
        code_life: timedelta,
        time: Callable[[], datetime],
        tick_s: float = TICK_S,
        queued: Callable[[], None] | None = None,
    ) -> None:
        self._desk, self._every_outcome, self._words = desk, every_outcome, words
        self._clock, self._phrases, self._title, self._edition = clock, phrases, title, edition
        self._area, self._code_life, self._time, self._tick_s = area, code_life, time, tick_s
        self._queued = queued

    # --- what the engine asks for

    async def serve(self, command: Command, turn: Turn, at: At) -> Turn:
        """Carry out `case_ask` (a reference was given) or `case_show` (the case is to be shown again)."""
        if command.kind == CASE_SHOW:
            return await self._show(turn, at)
        known = Remembered(reference=command.body["reference"], until=(at.now + self._code_life).timestamp())
        turn = _remember(turn, known)
        return self._asked(msgspec.structs.replace(turn, commands=[*turn.commands, command]), at)

    async def ask(self, conversation: str, body: dict[str, Any]) -> None:
        """The job of `case_ask`: send a code, if one may go. The reply has left before."""
        await asyncio.to_thread(self._desk.ask, body["reference"], conversation, self._time())
        if self._queued is not None:
            self._queued()

    def state(self, memory: Memory, now: datetime) -> str:
        """For the engine: `proven`, `asked` or `none`."""
        known = _remembered(memory)
        if known.proof is not None and now < known.proof.until:
            return "proven"
        return "asked" if known.reference and now.timestamp() < known.until else "none"

    # --- the code

    def expects(self, text: str, memory: Memory, now: datetime) -> bool:
        """Whether a message is a code that this conversation waits for."""
        return self.state(memory, now) == "asked" and code_in(text) is not None

    async def take_code(self, text: str, memory: Memory, at: At) -> Turn:
        """Prove the case with the code in a message, and show it; every failure has the words of every look-up."""
        known, code = _remembered(memory), code_in(text)
        turn = Turn(replies=[], memory=memory, question=None)
        if known.reference is None or code is None:
            return self._asked(turn, at)
        proof = await asyncio.to_thread(self._desk.prove, known.reference, code, at.conversation, at.now)
        if proof is None:
            return self._asked(turn, at)
        return await self._show(_remember(turn, Remembered(proof=proof)), at)

    def _asked(self, turn: Turn, at: At) -> Turn:
        reply = Reply(
            text=f"{self._every_outcome}\n\n{self._words.type_code}",
            display="form",
            field=Field(kind="code", label=self._words.code),
        )
        return msgspec.structs.replace(turn, replies=[reply], not_before=self._tick(at))

    # --- the case

    def used(self, memory: Memory, now: datetime) -> Memory:
        """The memory after the conversation was used: a proof lapses after a pause, not while it is in use."""
        known = _remembered(memory)
        if known.proof is None:
            return memory
        proof = self._desk.renewed(known.proof, now)
        # One that has lapsed is forgotten, with what was seen.
        return _kept(memory, msgspec.structs.replace(known, proof=proof) if now < proof.until else Remembered())

    def put_away(self, memory: Memory) -> Turn:
        """Forget the proof: the case is asked for anew, and the code as well."""
        return Turn(replies=[Reply(text=self._words.put_away)], memory=_kept(memory, Remembered()))

    async def _show(self, turn: Turn, at: At) -> Turn:
        known = _remembered(turn.memory)
        if known.proof is None:
            return msgspec.structs.replace(turn, replies=[Reply(text=self._words.lapsed)])
        try:
            view = await asyncio.to_thread(self._desk.view, known.proof, at.now)
        except CasesUnavailable:
            log.error("case_status.unavailable")
            reply = Reply(text=self._words.unavailable, buttons=[self._again()])
            return msgspec.structs.replace(turn, replies=[reply], not_before=self._tick(at))
        if view is None:
            # Anything may have changed since the code: the case is treated as if it had never been proven.
            return self._asked(_remember(turn, Remembered()), at)
        shown = self._shown(view, known.changed_on, at)
        turn = _remember(turn, msgspec.structs.replace(known, changed_on=view.changed_on.isoformat()))
        return msgspec.structs.replace(turn, replies=shown, not_before=self._tick(at))

    def _shown(self, view: CaseView, seen: str | None, at: At) -> list[Reply]:
        first, *rest = view.blocks()
        if seen == view.changed_on.isoformat():
            first = f"{view.unchanged}\n\n{first}"
        else:
            first = f"{self._words.seen_on_this_screen}\n\n{first}"
        rows = self._rows(view, at)
        timeline = [TimelineRow(what=clock_row(row, self._phrases), when=day_of(row, self._phrases)) for row in rows]
        blocks = [first, *rest]
        if rows:
            blocks.append("\n".join([self._words.timeline, *(f"- {row.what}" for row in timeline)]))
        topics = [
            Button(title=self._title(topic, at.now), payload="/" + intent_of(topic))
            for topic in view.topics[:_MOST_TOPICS]
        ]
        owed = json.dumps({"owed": owed_of(rows)})
        complain = [Button(title=self._words.complain, payload=f"{COMPLAIN}{owed}")] if owed_of(rows) else []
        hide = Button(title=self._words.put_away_button, payload=HIDE_CASE)
        replies = [Reply(text=block, display="card") for block in blocks]
        last = msgspec.structs.replace(
            replies[-1],
            drawn_text=self._words.timeline if timeline else "",
            timeline=timeline,
            buttons=[*complain, *topics, self._again(), hide],
        )
        return [*replies[:-1], last]

    def _rows(self, view: CaseView, at: At) -> list[Row]:
        events = [Happened(event=one.kind, on=one.on) for one in view.events if self._clock.limits_of(one.kind)]
        return self._clock.owed(
            events, enhanced=view.enhanced, today=at.now.date(), area=self._area, edition=self._edition(at.now)
        )

    def _tick(self, at: At) -> float:
        """The next whole tick after the message came that has not passed yet: the work in between does not show."""
        passed = max(0.0, self._time().timestamp() - at.received)
        return at.received + self._tick_s * max(1, math.ceil(passed / self._tick_s))

    def _again(self) -> Button:
        return Button(title=self._words.show_again, payload=SHOW_AGAIN)


def load_case_status_words(data: Path, language: str = "en") -> CaseStatusWords:
    """The words of one language.

    Raises:
        bot.data_files.DataError: the file is missing or does not fit.
    """
    return load(data / "conversation" / f"case_status.{language}.yml", CaseStatusWords)


def code_in(text: str) -> str | None:
    """The six digits of a code in a short message that holds no other digits, or None.

    Digits of any script count, blanks and dashes between them do not matter.
    """
    plain = fold(text)
    found = _CODE.search(plain)
    if found is None or len(plain.split()) > _MOST_WORDS + found[0].count(" "):
        return None
    digits = re.sub(r"\D", "", plain)
    return digits if len(digits) == 6 else None


def _remembered(memory: Memory) -> Remembered:
    return msgspec.convert(memory.services.get(NAME, {}), Remembered)


def _kept(memory: Memory, known: Remembered) -> Memory:
    return msgspec.structs.replace(memory, services={**memory.services, NAME: msgspec.to_builtins(known)})


def _remember(turn: Turn, known: Remembered) -> Turn:
    return msgspec.structs.replace(turn, memory=_kept(turn.memory, known))
