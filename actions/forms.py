"""What all forms share: a Rasa form with one step at a time, whose state is a single slot.

A form of the flow `x` is `x_form` in domain.yml, with the slot `x` (its state, any value) and one required slot
`x_step` that is never filled: it stands for "the next question". `validate_x_form` takes what was said, and
`action_ask_x_step` puts the question. What is no answer is left to the rules; after them the form asks again.
"""

import functools
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import answers, intent, say, settings
from bot.conversation.form_words import Control, FormWords, load_form_words, plain
from bot.conversation.messages import NLU_FALLBACK, OUT_OF_SCOPE, Button, Command, Reply

FORM, STEP, ANSWER = "/form", "form_step", "form_answer"
INSIDER, SKIPPED = "insider", "skipped"
"""The slot of the question that is asked once, before a referral or a talk with staff, and its value when skipped."""
MOST_WORDS_OF_A_NAME = 2
SURE = 0.6
"""How sure the understanding must be that words are a question of their own while a form waits for words."""
# What interrupts a form however it was understood: leaving, and asking for a person or for what happens to the words.
_ALWAYS = frozenset(
    {"speak_to_human", "delete_my_data", "privacy", "menu", "goodbye", "change_language", "safety", "about_bot"}
)
_ANSWERS = frozenset({"affirm", "deny", "thanks", "greet", "small_talk", "situation_told", "none_of_these", "restart"})


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was said to a form: a control, the id of a choice, or words."""

    kind: Literal["control", "choice", "words"]
    value: str


@functools.cache
def form_words(language: str = "en") -> FormWords:
    """The words all forms share, read once."""
    return load_form_words(settings().data_path, language)


def choice(title: str, step: str, answer: str) -> Button:
    """A button that answers a step; pressed when that step is no longer asked, it is told apart."""
    return Button(title=title, payload=f'{FORM}{{"{STEP}": "{step}", "{ANSWER}": "{answer}"}}')


def control(name: Control, step: str) -> Button:
    """A button that steers a form."""
    return msgspec.structs.replace(choice(form_words().controls[name].title, step, f"control:{name}"), control=True)


def order(dispatcher: CollectingDispatcher, kind: str, **body: Any) -> None:
    """Ask the gateway for something (bot.conversation.turn.Service, Job)."""
    dispatcher.utter_message(json_message={"command": msgspec.to_builtins(Command(kind=kind, body=body))})


def yes_or_no(text: str) -> str | None:
    """`yes`, `no` or `unsure`, where a typed message is just that."""
    typed = answers().phrases.enhanced_check.typed
    return next((answer for answer, messages in typed.items() if plain(text) in messages), None)


def insider_told(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Event that remembers the answer to the question that is asked once, of answers that were agreed to."""
    return SlotSet(INSIDER, answers.get(INSIDER, SKIPPED))


def resumed(tracker: Tracker) -> bool:
    """Whether something else was said to the latest message already, so that the open question is put again."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action" and not event["name"].endswith(("_form", "_step")):
            return True
    return False


def asks_something_else(tracker: Tracker) -> bool:
    """Whether words typed while a form waits for words are a question of their own."""
    name = intent(tracker)
    confidence = float((tracker.latest_message.get("intent") or {}).get("confidence") or 0.0)
    if name in _ALWAYS:
        return confidence >= SURE
    if name in _ANSWERS or name == NLU_FALLBACK or name == "form":
        return False
    text = tracker.latest_message.get("text") or ""
    question = "?" in text or len(plain(text).split()) >= 4 or name.startswith(OUT_OF_SCOPE)
    return confidence >= SURE and question


def interrupts_free_words(tracker: Tracker) -> bool:
    """The same where any words may be the answer, such as a name or a time: only what is put as a question counts.

    One or two words are an answer whatever they look like: "Person" is a name, and "Polish" a language to speak.
    """
    text = tracker.latest_message.get("text") or ""
    words = plain(text).split()
    if intent(tracker) in _ALWAYS:
        return len(words) > MOST_WORDS_OF_A_NAME and asks_something_else(tracker)
    return ("?" in text or words[:1] in ([word] for word in form_words().asking)) and asks_something_else(tracker)


class FormAction(Action, ABC):
    """Takes what was said to a form: `validate_<flow>_form`.

    A subclass names its flow and says how it begins and what an answer comes to.
    """

    flow: ClassVar[str]

    def name(self) -> str:
        """Name in domain.yml, by which Rasa finds it."""
        return f"validate_{self.flow}_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Begin, take an answer, or leave it to the rules: without a slot set, Rasa lets them answer."""
        if not self._under_way(tracker):
            return self.begin(dispatcher, tracker)
        state = tracker.get_slot(self.flow) or {}
        if resumed(tracker):
            return self.after_interruption(state)
        heard = self._heard(tracker, state)
        if heard is None:
            return []
        if heard == Heard(kind="control", value="stop"):
            return self.stop(dispatcher, tracker)
        return self.take(dispatcher, tracker, state, heard)

    # --- for a subclass

    @abstractmethod
    def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Events that begin the form, made from the message that opened it; `end` where nothing is to be asked."""

    @abstractmethod
    def step(self, state: dict[str, Any]) -> str:
        """Id of the step that is asked in this state."""

    def takes_words(self, tracker: Tracker, state: dict[str, Any]) -> bool:
        """Whether the typed words of this turn are an answer to the open step."""
        return not asks_something_else(tracker)

    @abstractmethod
    def take(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, state: dict[str, Any], heard: Heard
    ) -> list[dict[str, Any]]:
        """Events an answer comes to: `go_on` or `end`, and whatever is said besides."""

    def after_interruption(self, state: dict[str, Any]) -> list[dict[str, Any]]:
        """Events once something else was asked and answered: none, so that the open question is put again."""
        return []

    def stop(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Close the form at the person's word."""
        say(dispatcher, Reply(text=form_words().stopped))
        return self.end()

    # --- what an answer may come to

    def go_on(self, state: dict[str, Any]) -> list[dict[str, Any]]:
        """Events that keep the form open in a state."""
        return [SlotSet(self.flow, state)]

    def end(self) -> list[dict[str, Any]]:
        """Events that close the form and forget its state."""
        return [SlotSet(self.flow, None), SlotSet("requested_slot", None)]

    # --- inside

    def _under_way(self, tracker: Tracker) -> bool:
        """Whether a question was put already.

        Rasa calls a form active before it begins, with the message that opened it, which is for `begin` and no answer.
        """
        active = (tracker.active_loop or {}).get("name") == f"{self.flow}_form"
        return active and tracker.get_slot("requested_slot") == f"{self.flow}_step"

    def _heard(self, tracker: Tracker, state: dict[str, Any]) -> Heard | None:
        pressed = next(tracker.get_latest_entity_values(ANSWER), None)
        if pressed is not None:
            asked = next(tracker.get_latest_entity_values(STEP), None)
            if asked != self.step(state) and pressed != "control:stop":
                # A button of an earlier question: the open one is put again.
                return Heard(kind="choice", value="")
            name = pressed.removeprefix("control:")
            return Heard(kind="choice" if name == pressed else "control", value=name)
        text = tracker.latest_message.get("text") or ""
        if text.startswith("/"):
            return None
        if (steered := form_words().control(text)) is not None:
            return Heard(kind="control", value=steered)
        return Heard(kind="words", value=text) if self.takes_words(tracker, state) else None


class ActionFormClosed(Action):
    """A button of a form that is no longer open."""

    def name(self) -> str:
        """Name in domain.yml."""
        return "action_form_closed"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say so."""
        say(dispatcher, Reply(text=form_words().closed))
        return []
