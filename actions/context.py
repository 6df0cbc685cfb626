"""What every action needs: the answers, the day and mode of this turn, and a way to say a reply."""

import functools
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.conversation.messages import Button, Reply
from bot.directory import LONDON, Directory
from bot.rights.answers import Answers, Situation
from bot.rights.catalogue import load_catalogue
from bot.rights.phrases import Choice, load_phrases
from bot.settings import Settings, load

LAST_TOPIC = "last_topic"
RECOGNISED = "recognised"
STORY_WORDS = 20
OWN = frozenset({"i", "me", "my", "we", "us", "our", "im", "ive"})
"""Words that make it the person's own story."""
ENHANCED_STEP = "enhanced_step"
TOLD = ("enhanced", "age_group", "about", "bereaved", "reported", "stage")


@functools.cache
def settings() -> Settings:
    """The settings of this process."""
    return load()


@functools.cache
def answers(language: str = "en") -> Answers:
    """The answers in a language, read once."""
    data = settings().data_path
    return Answers(load_catalogue(data, language), load_phrases(data, language))


@functools.cache
def directory(demo: bool) -> Directory:
    """The directory of services, read once."""
    return Directory(settings().data_path, demo)


def situation(tracker: Tracker) -> Situation:
    """Day, area and mode come from the gateway with the message; without it (`rasa shell`) from the settings.

    What the person chose to tell stands in slots. A value that an answer does not go by, such as not being sure, is as
    good as unknown.
    """
    given = tracker.latest_message.get("metadata") or {}
    today = given.get("today")
    told = {name: value for name in TOLD if (value := tracker.get_slot(name)) and value != "unsure"}
    known = {
        "today": date.fromisoformat(today) if today else datetime.now(LONDON).date(),
        "area": given.get("area") or settings().area,
        "demo": bool(given.get("demo", settings().demo)),
    }
    return msgspec.convert({**known, **told}, Situation)


def language(tracker: Tracker) -> str:
    """The language of the conversation, a tag such as `pl`; English without a gateway."""
    return str((tracker.latest_message.get("metadata") or {}).get("language", "en"))


def intent(tracker: Tracker) -> str:
    """Name of the intent of the latest message."""
    return (tracker.latest_message.get("intent") or {}).get("name") or ""


def say(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Say a reply: as it is for our gateway, and as text and buttons for a stock Rasa channel."""
    whole: dict[str, Any] = {"reply": msgspec.to_builtins(reply)}
    dispatcher.utter_message(
        text=reply.text,
        buttons=[{"title": button.title, "payload": button.payload} for button in reply.buttons],
        json_message=whole,
    )


def recognised(tracker: Tracker, replies: list[Reply]) -> tuple[list[Reply], list[dict[str, Any]]]:
    """Replies to someone who tells their story: one sentence of recognition first, once in a conversation.

    Returns:
        The replies, and the event that remembers it.
    """
    words = "".join(c if c.isalpha() else " " for c in (tracker.latest_message.get("text") or "").lower()).split()
    phrases = answers().phrases
    story = len(words) >= STORY_WORDS and not OWN.isdisjoint(words) and not set(phrases.harm.split()).isdisjoint(words)
    if not story or tracker.get_slot(RECOGNISED) or not replies:
        return replies, []
    first = msgspec.structs.replace(replies[0], text=f"{phrases.recognition}\n\n{replies[0].text}")
    return [first, *replies[1:]], [SlotSet(RECOGNISED, True)]


def buttons(choices: Sequence[Choice]) -> list[Button]:
    """Buttons as written in data/conversation."""
    return [Button(title=choice.title, payload=choice.payload) for choice in choices]
