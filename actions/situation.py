"""Somebody tells something about their situation without asking: the last answer, made anew for it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import LAST_TOPIC, answers, buttons, say, situation
from actions.enhanced import closed
from actions.rights_clock import offer
from bot.conversation.messages import Reply

MOST_BUTTONS = 4


class ActionSituation(Action):
    """Answer the last topic for what is known now; without one, say what was noted and offer topics."""

    def name(self) -> str:
        """Name in domain.yml."""
        return "action_situation"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say it. The slots have been set from the message's entities by now."""
        topic = tracker.get_slot(LAST_TOPIC)
        replies = answers().answer(topic, situation(tracker)) if topic else [_noted(tracker)]
        for reply in replies:
            say(dispatcher, reply)
        return [*closed(tracker), *offer(tracker)]


def _noted(tracker: Tracker) -> Reply:
    """What this message told, in one sentence, with the topics that fit it first."""
    phrases = answers().phrases
    words = phrases.situation
    told = [
        words.told[one["entity"]][one["value"]]
        for one in tracker.latest_message.get("entities") or []
        if one["value"] in words.told.get(one["entity"], {})
    ]
    text = words.noted.format(what=_joined(told, words.joined)) if told else words.heard
    fitting = answers().topic_buttons(answers().fitting_topics(situation(tracker)), situation(tracker))
    return Reply(text=text, buttons=[*fitting, *buttons(phrases.service["greet"].buttons)][:MOST_BUTTONS])


def _joined(parts: list[str], last: str) -> str:
    return last.join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
