"""Where does my case stand? Asks for the crime number and leaves the look-up to the gateway.

Nothing about the case is known here, and no code is ever seen here: bot.conversation.case_status takes it before Rasa.
"""

import functools
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import say, settings
from actions.forms import FormAction, Heard, asks_something_else, choice, control, form_words, order, resumed, yes_or_no
from bot.cases.references import CERTAIN, Recognise, Reference, load_references
from bot.cases.stages import load_stages
from bot.cases.view import CaseWords, load_case_words
from bot.conversation.case_status import CASE_ASK, CASE_SHOW, CaseStatusWords, load_case_status_words
from bot.conversation.messages import Field, Reply

NUMBER, CONFIRM = "number", "confirm"
NO_NUMBER = "no_number"


@functools.cache
def recognise() -> Recognise:
    """The reader of crime numbers, made once."""
    return load_references(settings().data_path)


@functools.cache
def words() -> CaseStatusWords:
    """What is said around a case, read once."""
    return load_case_status_words(settings().data_path)


@functools.cache
def case_words() -> CaseWords:
    """What is said about numbers, read once."""
    return load_case_words(settings().data_path, load_stages(settings().data_path))


class CaseForm(FormAction):
    """Asks for the crime number and reads it back where it could be another."""

    flow = "case"

    def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Show a case that is proven; look up a number given at once; else ask for it."""
        case = (tracker.latest_message.get("metadata") or {}).get("case", "none")
        if case == "off":
            say(dispatcher, Reply(text=words().no_look_up))
            return self.end()
        if case == "proven":
            order(dispatcher, CASE_SHOW)
            return self.end()
        given = recognise()(tracker.latest_message.get("text") or "")
        if given.finds_case and given.kind in CERTAIN:
            return self._given(dispatcher, given, read_back=given.looks_like_date)
        return self.go_on({"step": NUMBER, "first": True})

    def step(self, state: dict[str, Any]) -> str:
        """`number` or `confirm`."""
        return str(state.get("step", NUMBER))

    def takes_words(self, tracker: Tracker, state: dict[str, Any]) -> bool:
        """A number, or a yes or no to one that was read back."""
        text = tracker.latest_message.get("text") or ""
        if any(char.isdigit() for char in text):
            return True
        return yes_or_no(text) is not None or not asks_something_else(tracker)

    def take(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, state: dict[str, Any], heard: Heard
    ) -> list[dict[str, Any]]:
        """Look the number up, read it back, or say what it is instead."""
        if heard.kind == "choice" and heard.value == NO_NUMBER:
            say(dispatcher, Reply(text=words().no_number_help))
            return self.end()
        if heard.kind == "control":
            if heard.value == "skip":
                say(dispatcher, Reply(text=words().no_number_help))
                return self.end()
            return self.go_on({"step": NUMBER})
        if heard == Heard(kind="choice", value=""):
            return self.go_on(state)
        if state.get("step") == CONFIRM:
            answer = heard.value if heard.kind == "choice" else yes_or_no(heard.value)
            if answer == "yes":
                return self._look_up(dispatcher, str(state["reference"]))
            if answer is not None:
                return self.go_on({"step": NUMBER})
        if not any(char.isdigit() for char in heard.value):
            return self.go_on({**state, "first": False})
        given = recognise()(heard.value)
        if not given.finds_case:
            say(dispatcher, Reply(text=case_words().references[given.kind]))
            return self.go_on({"step": NUMBER})
        changed = given.kind not in CERTAIN or given.looks_like_date or given.written not in heard.value.upper()
        return self._given(dispatcher, given, read_back=changed)

    def _given(self, dispatcher: CollectingDispatcher, given: Reference, *, read_back: bool) -> list[dict[str, Any]]:
        if read_back:
            return self.go_on({"step": CONFIRM, "kind": given.kind, "reference": given.written})
        return self._look_up(dispatcher, given.written)

    def _look_up(self, dispatcher: CollectingDispatcher, reference: str) -> list[dict[str, Any]]:
        order(dispatcher, CASE_ASK, reference=reference)
        return self.end()


class ActionAskCaseStep(Action):
    """Puts the open question of the case form."""

    def name(self) -> str:
        """Name in domain.yml, by which Rasa finds it."""
        return "action_ask_case_step"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask for the number, or whether it was read rightly."""
        state = tracker.get_slot("case") or {}
        if state.get("step") == CONFIRM:
            text = case_words().references[state["kind"]].format(written=state["reference"])
            buttons = [
                choice(words().confirm_yes, CONFIRM, "yes"),
                choice(words().confirm_no, CONFIRM, "no"),
                control("stop", CONFIRM),
            ]
        else:
            first = state.get("first") and not resumed(tracker)
            text = words().ask if first else f"{words().ask_again} {form_words().goes_on}"
            buttons = [choice(words().no_number, NUMBER, NO_NUMBER), control("stop", NUMBER)]
        field = (
            Field(kind="choice") if state.get("step") == CONFIRM else Field(kind="text", label=words().number, most=40)
        )
        say(dispatcher, Reply(text=text, display="form", buttons=buttons, field=field))
        return []
