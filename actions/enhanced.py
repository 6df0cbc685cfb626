"""Do I have enhanced rights? At most three questions, each answered yes, no or not sure; the first yes ends them.

What comes of it is never certain: the police decide, and anyone can ask.
"""

import re
from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import ENHANCED_STEP, answers, say, situation
from bot.conversation.messages import Button, Reply
from bot.rights.answers import ENHANCED_CHECK, ENHANCED_RIGHTS

ANSWER = "enhanced_answer"
_MARKS = re.compile(r"[^\w\s]")


class ActionEnhancedCheck(Action):
    """Ask the first question, or take an answer and ask the next, or say what comes of it."""

    def name(self) -> str:
        """Name in domain.yml."""
        return "action_enhanced_check"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Begin, or go on with the answer of the button that was pressed."""
        answer = next(tracker.get_latest_entity_values(ANSWER), None)
        return go_on(dispatcher, tracker, answer)


def go_on(dispatcher: CollectingDispatcher, tracker: Tracker, answer: str | None) -> list[dict[str, Any]]:
    """Say what follows an answer to the open question; without either the first question follows.

    Returns:
        Events: the question now open, and in the end what was found, unless the person knows better.
    """
    words = answers().phrases.enhanced_check
    open_step = tracker.get_slot(ENHANCED_STEP)
    step = int(open_step) + 1 if open_step and answer else 1
    # A child or a bereaved family need not be asked; what an earlier check found is asked anew.
    told = msgspec.structs.replace(situation(tracker), enhanced="unknown").enhanced_rights
    likely = told == "likely" or (answer == "yes" and open_step is not None)
    if not likely and step <= len(words.questions):
        _ask(dispatcher, step)
        return [SlotSet(ENHANCED_STEP, str(step))]
    _conclude(dispatcher, tracker, words.likely if likely else words.unsure)
    known = tracker.get_slot("enhanced")
    found = "likely" if likely else "unsure"
    return [SlotSet(ENHANCED_STEP, None), SlotSet("enhanced", known if known == "yes" else found)]


def typed_answer(tracker: Tracker) -> str | None:
    """The answer that a typed message gives to the open question, if one is open and this is one."""
    if not tracker.get_slot(ENHANCED_STEP):
        return None
    said = " ".join(_MARKS.sub("", (tracker.latest_message.get("text") or "").lower()).split())
    typed = answers().phrases.enhanced_check.typed
    return next((answer for answer, messages in typed.items() if said in messages), None)


def closed(tracker: Tracker) -> list[dict[str, Any]]:
    """Events that close an open question, so that a later "yes" no longer means it."""
    return [SlotSet(ENHANCED_STEP, None)] if tracker.get_slot(ENHANCED_STEP) else []


def _ask(dispatcher: CollectingDispatcher, step: int) -> None:
    words = answers().phrases.enhanced_check
    question = words.questions[step - 1]
    choices = [
        Button(title=title, payload=f'{ENHANCED_CHECK}{{"{ANSWER}": "{answer}"}}')
        for answer, title in words.answers.items()
    ]
    say(
        dispatcher,
        Reply(text=f"{words.before}\n\n{question}" if step == 1 else question, display="choice", buttons=choices),
    )


def _conclude(dispatcher: CollectingDispatcher, tracker: Tracker, text: str) -> None:
    phrases = answers().phrases
    topics = [ENHANCED_RIGHTS, "right_04/needs_assessment"]
    ways_on = answers().topic_buttons(topics, situation(tracker))
    person = Button(title=phrases.talk_to_a_person, payload="/speak_to_human")
    say(dispatcher, Reply(text=text, buttons=[*ways_on, person], topic=ENHANCED_RIGHTS))
