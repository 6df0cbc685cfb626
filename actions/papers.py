"""Papers a person makes for themselves: a complaint, an outline for a statement, a sheet of rights.

A form over bot.papers.form. Before anything else it is asked whether the paper may stay on this device, and before
anything is typed, that a court could ask for it (shared/protection.md, "On the device").
"""

from datetime import date
from typing import Any

import msgspec
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.clock_context import clock, confirmed, edition, readers
from actions.context import answers, intent, language, say, situation
from actions.forms import FormAction, Heard, form_words, interrupts_free_words, order, yes_or_no
from actions.paper_context import FLOW, bodies_of, maker, sections, words
from actions.paper_questions import BY_HAND, DONE, ENOUGH, GUIDED, OTHER_DUTY
from bot.conversation.messages import Reply
from bot.conversation.papers import PAPER_CLOSED, PAPER_MADE, shown
from bot.papers.draft import Draft, Kind, Way
from bot.papers.form import CHECK, DEVICE, HOW, READY, SECTION, State, finished
from bot.rights.clock_form import owed_in

KIND_OF: dict[str, Kind] = {"complain": "complaint", "statement_outline": "statement", "rights_sheet": "sheet"}
_WAYS: tuple[Way, ...] = ("screen", "copy", "download")


class PaperForm(FormAction):
    """Takes the answers a paper is made from."""

    flow = FLOW

    def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Begin with the paper whose button was pressed."""
        kind = KIND_OF.get(intent(tracker), "sheet")
        owed = owed_in(next(tracker.get_latest_entity_values("owed"), "")) if kind == "complaint" else {}
        if kind == "complaint" and not owed:
            rows = confirmed(tracker).rows(clock(), situation(tracker), edition(tracker))
            owed = {row.limit: row.happened for row in rows if row.may_complain}
        known = State(kind=kind, owed={duty: day for duty, day in owed.items() if bodies_of(tracker, duty)})
        if len(known.owed) == 1:
            (duty,) = known.owed
            known = known.with_duty(duty, bodies_of(tracker, duty))
        return self._on(known)

    def step(self, state: dict[str, Any]) -> str:
        """The open question."""
        return msgspec.convert(state, State).step(sections())

    def takes_words(self, tracker: Tracker, state: dict[str, Any]) -> bool:
        """Where a person may type freely, everything that is no question; elsewhere what picks an answer."""
        step = self.step(state)
        if step.startswith(SECTION) or step in ("what_happened", "wants"):
            return not interrupts_free_words(tracker)
        if step == "day" and self._days(tracker, tracker.latest_message.get("text") or ""):
            return True
        return super().takes_words(tracker, state)

    def stop(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Nothing is made, and what was typed goes."""
        order(dispatcher, PAPER_CLOSED)
        say(dispatcher, Reply(text=words().stopped))
        return self.end()

    def take(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, state: dict[str, Any], heard: Heard
    ) -> list[dict[str, Any]]:
        """Take an answer, or steer."""
        known = msgspec.structs.replace(msgspec.convert(state, State), problem="")
        step = known.step(sections())
        if heard.kind == "control":
            return self._next(dispatcher, tracker, _steered(known, step, heard.value))
        if heard == Heard(kind="choice", value=""):
            return self._on(known)
        if step == DEVICE:
            return self._device(dispatcher, tracker, known, heard)
        if step == HOW:
            return self._how(dispatcher, tracker, known, heard)
        if step.startswith(SECTION):
            return self._section(dispatcher, tracker, known, step.partition(":")[2], heard)
        if step.startswith(CHECK):
            return self._check(dispatcher, tracker, known, heard)
        return self._line(dispatcher, tracker, known, step, heard)

    # --- inside

    def _device(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, heard: Heard
    ) -> list[dict[str, Any]]:
        if heard.kind == "words" or heard.value not in _WAYS:
            return self._unread(dispatcher, known)
        return self._next(dispatcher, tracker, msgspec.structs.replace(known, way=heard.value))

    def _how(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, heard: Heard
    ) -> list[dict[str, Any]]:
        if heard.value not in (GUIDED, BY_HAND):
            return self._unread(dispatcher, known)
        return self._next(dispatcher, tracker, msgspec.structs.replace(known, guided=heard.value == GUIDED))

    def _section(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, section: str, heard: Heard
    ) -> list[dict[str, Any]]:
        if heard.kind == "words":
            return self._next(dispatcher, tracker, known.answer(section, heard.value))
        if heard.value == ENOUGH:
            return self._made(dispatcher, tracker, known)
        return self._unread(dispatcher, known)

    def _check(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, heard: Heard
    ) -> list[dict[str, Any]]:
        answer = heard.value if heard.kind == "choice" else yes_or_no(heard.value)
        line = known.line
        if answer == "yes":
            return self._next(dispatcher, tracker, known.settle(keep=True))
        if answer == "no" and line is not None:
            return self._on(known.cleared(line))
        if answer == "leave_out" and line not in ("duty", "body"):
            return self._next(dispatcher, tracker, known.settle(keep=False))
        return self._unread(dispatcher, known)

    def _line(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, step: str, heard: Heard
    ) -> list[dict[str, Any]]:
        """Something given for a line; it is shown as the letter will have it, and confirmed, before it counts."""
        given = known.answers
        if step == "duty":
            if heard == Heard(kind="choice", value=OTHER_DUTY):
                return self._other_duty(dispatcher, tracker)
            bodies = bodies_of(tracker, heard.value) if heard.kind == "choice" else []
            return self._on(known.with_duty(heard.value, bodies)) if bodies else self._unread(dispatcher, known)
        if step == "day":
            return self._day(tracker, known, heard.value)
        if step == "body":
            if heard.value not in known.bodies:
                return self._unread(dispatcher, known)
            given = msgspec.structs.replace(given, body=heard.value)
        elif step == "what_happened":
            given = msgspec.structs.replace(given, what_happened=heard.value)
        elif heard.kind == "words":
            given = msgspec.structs.replace(given, wants=known.picked, wants_own=heard.value)
        elif heard.value == DONE:
            if not known.picked:
                return self._next(dispatcher, tracker, known.settle(keep=False))
            given = msgspec.structs.replace(given, wants=known.picked)
        else:
            others = [one for one in known.picked if one != heard.value]
            picked = others if heard.value in known.picked else [*others, heard.value]
            return self._on(msgspec.structs.replace(known, picked=picked))
        return self._on(msgspec.structs.replace(known, answers=given))

    def _day(self, tracker: Tracker, known: State, text: str) -> list[dict[str, Any]]:
        days = self._days(tracker, text)
        if not days:
            return self._on(msgspec.structs.replace(known, problem="no_day"))
        found = days[0]
        problem = ""
        if found.on is None:
            problem = "no_such_day"
        elif "future" in found.problems:
            problem = "still_to_come"
        elif found.others or found.to:
            problem = "two_days"
        if problem:
            return self._on(msgspec.structs.replace(known, problem=problem))
        return self._on(
            msgspec.structs.replace(known, answers=msgspec.structs.replace(known.answers, happened_on=found.on))
        )

    def _other_duty(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        order(dispatcher, PAPER_CLOSED, silent=True)
        ways_on = answers().topic_buttons(["right_12/how_to_complain"], situation(tracker))
        say(dispatcher, Reply(text=words().no_other_duty, buttons=ways_on))
        return self.end()

    def _unread(self, dispatcher: CollectingDispatcher, known: State) -> list[dict[str, Any]]:
        say(dispatcher, Reply(text=form_words().pick_one))
        return self._on(known)

    def _next(self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State) -> list[dict[str, Any]]:
        return self._made(dispatcher, tracker, known) if known.step(sections()) == READY else self._on(known)

    def _made(self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State) -> list[dict[str, Any]]:
        """Make the paper, and have the gateway keep its draft for a while."""
        draft = draft_of(tracker, known)
        order(dispatcher, PAPER_MADE, draft=msgspec.to_builtins(draft))
        for reply in shown(maker(tracker).make(draft), draft, words()):
            say(dispatcher, reply)
        return self.end()

    def _on(self, state: State) -> list[dict[str, Any]]:
        return self.go_on(msgspec.to_builtins(state))

    @staticmethod
    def _days(tracker: Tracker, text: str) -> list[Any]:
        _, dates = readers()
        return dates.dates_in(text, language(tracker), situation(tracker).today)


def draft_of(tracker: Tracker, known: State) -> Draft:
    """The finished draft."""
    own = situation(tracker)
    today: date = own.today
    complaint = None
    if known.kind == "complaint":
        base = answers().catalogue.base
        complaint = finished(known.answers, base, clock(), edition(tracker), today, own.area)
    return Draft(
        kind=known.kind,
        way=known.way or "screen",
        language=language(tracker),
        made_on=today,
        complaint=complaint,
        typed=known.typed,
        situation=own if known.kind == "sheet" else None,
        confirmed=confirmed(tracker),
    )


def _steered(known: State, step: str, control: str) -> State:
    if control == "over":
        return State(kind=known.kind, owed=known.owed)
    if control == "back":
        return known.back()
    # Skipped. The device question has a default; who owes what cannot be left out.
    if step == DEVICE:
        return msgspec.structs.replace(known, way="screen")
    if step == HOW:
        return msgspec.structs.replace(known, guided=False)
    if step.startswith(SECTION):
        return known.answer(step.partition(":")[2], "")
    return known if known.line in ("duty", "body") else known.settle(keep=False)
