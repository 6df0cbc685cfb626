"""The rights clock without a case: the person says what has happened and when, and gets what is owed because of it.

The answer to their question comes first; the clock is then offered, and goes away when something else is asked. Every
day is said back for confirmation. What was confirmed stays in the slot `happened`, for the papers (actions/papers.py).
"""

from datetime import date
from typing import Any

import msgspec
from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.clock_context import HAPPENED, clock, confirmed, days_for, edition, phrases, told_by, words
from actions.clock_questions import FLOW, OTHER, UNSURE, again, results
from actions.context import say, situation
from actions.forms import FormAction, Heard, form_words, yes_or_no
from bot.conversation.messages import Reply
from bot.rights.clock_form import State
from bot.rights.happened import Told

OFFERED = "clock_offered"


def offer(tracker: Tracker) -> list[dict[str, Any]]:
    """Events that open the form for what the latest message tells has happened; none where it tells nothing clearly,
    another form is open, or the same was offered before."""
    text = tracker.latest_message.get("text") or ""
    if text.startswith("/") or (tracker.active_loop or {}).get("name"):
        return []
    before = tracker.get_slot(OFFERED) or []
    told = [one for one in told_by(tracker, text) if _worth_an_offer(one, before)]
    if not told:
        return []
    state = State(told=told, not_told=words().says_not_told(text), offered=True)
    offered = [*before, *(event for one in told for event in one.events)]
    return [
        SlotSet(FLOW, msgspec.to_builtins(state)),
        SlotSet(OFFERED, offered),
        FollowupAction(f"{FLOW}_form"),
    ]


def _worth_an_offer(told: Told, before: list[str]) -> bool:
    dated = told.day is not None or bool(told.problems)
    new = told.events[0] not in before and told.events[0] not in words().needs_a_day
    return dated or new


class ClockForm(FormAction):
    """Asks for days, has them confirmed, and says what is owed."""

    flow = FLOW

    def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Go on with what was told, or ask what has happened."""
        return self._on(_state(tracker.get_slot(FLOW) or {}))

    def step(self, state: dict[str, Any]) -> str:
        """What is asked, and about which day."""
        return _state(state).step

    def after_interruption(self, state: dict[str, Any]) -> list[dict[str, Any]]:
        """An offer that was not taken up goes away."""
        return self.end() if _state(state).offered else []

    def takes_words(self, tracker: Tracker, state: dict[str, Any]) -> bool:
        """A day, a yes or a no; an offer takes no other words."""
        text = tracker.latest_message.get("text") or ""
        known = _state(state)
        if yes_or_no(text) is not None or (known.told and days_for(tracker, text, known.told[0])):
            return True
        return not known.offered and super().takes_words(tracker, state)

    def take(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, state: dict[str, Any], heard: Heard
    ) -> list[dict[str, Any]]:
        """Take a day, a yes or a no, or steer."""
        known = _state(state)
        if heard.kind == "control":
            return self._steer(dispatcher, tracker, known, heard.value)
        if heard == Heard(kind="choice", value=""):
            return self._on(known)
        answer = heard.value if heard.kind == "choice" else yes_or_no(heard.value) or heard.value
        if known.question == "event":
            return self._happened(tracker, known, answer)
        if known.question == "done":
            return self._done(dispatcher, tracker, known, answer)
        return self._day(dispatcher, tracker, known, answer)

    # --- inside

    def _steer(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, name: str
    ) -> list[dict[str, Any]]:
        if name == "over":
            return self._on(State())
        if name == "back" and known.told:
            return self._on(known.with_day(known.told[0].without_day()))
        if name == "skip" and known.question == "done":
            return self._next(dispatcher, tracker, known.answer(None))
        if name == "skip" and known.told:
            return self._next(dispatcher, tracker, known.leave_out())
        return self._on(known)

    def _happened(self, tracker: Tracker, known: State, answer: str) -> list[dict[str, Any]]:
        """What has happened: one of the buttons, or words that tell it."""
        picked = next((one.events for one in phrases().told if one.events[0] == answer), None)
        told = [Told(events=picked)] if picked else told_by(tracker, answer)
        return self._on(msgspec.structs.replace(known, told=told, unread=not told))

    def _day(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, answer: str
    ) -> list[dict[str, Any]]:
        current = known.told[0]
        if answer == "yes" and known.question == "confirm":
            return self._next(dispatcher, tracker, known.confirm())
        if answer == "no" and known.offered and known.question != "confirm":
            say(dispatcher, Reply(text=words().declined))
            return self.end()
        if answer in ("no", OTHER) and known.question != "day":
            return self._on(known.with_day(current.without_day()))
        if answer == UNSURE:
            return self._next(dispatcher, tracker, known.leave_out())
        if known.question == "pick" and answer in [day.isoformat() for day in current.days]:
            return self._next(
                dispatcher, tracker, known.with_day(current.exactly(date.fromisoformat(answer))).confirm()
            )
        days = days_for(tracker, answer, current)
        if not days:
            return self._on(msgspec.structs.replace(known, unread=True, offered=False))
        return self._on(known.with_day(days[0]))

    def _done(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, answer: str
    ) -> list[dict[str, Any]]:
        done = {"yes": True, "no": False, UNSURE: None}
        if answer not in done:
            say(dispatcher, Reply(text=form_words().pick_one))
            return self._on(known)
        return self._next(dispatcher, tracker, known.answer(done[answer]))

    def _next(self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State) -> list[dict[str, Any]]:
        """The next question, or what is owed."""
        if known.told:
            return self._on(known)
        if not known.confirmed.happened:
            say(dispatcher, Reply(text=words().no_day, buttons=[again()]))
            return self.end()
        known = known.asking_about_duties(known.confirmed.rows(clock(), situation(tracker), edition(tracker)))
        if known.limit:
            return self._on(known)
        for reply in results(tracker, known.confirmed):
            say(dispatcher, reply)
        kept = confirmed(tracker).with_(known.confirmed)
        return [SlotSet(HAPPENED, msgspec.to_builtins(kept)), *self.end()]

    def _on(self, state: State) -> list[dict[str, Any]]:
        return self.go_on(msgspec.to_builtins(state))


def _state(kept: dict[str, Any]) -> State:
    return msgspec.convert(kept, State)
