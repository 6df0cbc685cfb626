"""Someone who tells a story is recognised once; two questions in one message get both answers."""

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import answers
from actions.rights import ActionAnswer
from bot.engine.context import parts_of, two_topics

STORY = (
    "I was on my way home from work last Tuesday and two lads robbed me at the tram stop, took my phone and my bag, "
    "the police came and I have heard nothing since, how often should they ring me"
)
SORRY = answers().phrases.recognition


def ask(text: str, intent: str, two: list[str] | None = None, **slots: Any) -> tuple[list[dict[str, Any]], set[str]]:
    latest = {
        "text": text,
        "intent": {"name": intent, "confidence": 0.9},
        "two_topics": two or [],
        "metadata": {"today": "2026-11-24", "demo": True, "area": "West Midlands"},
    }
    dispatcher = CollectingDispatcher()
    events = ActionAnswer().run(dispatcher, Tracker("c", slots, latest, [], False, None, {}, "action_listen"), {})
    return [said["custom"]["reply"] for said in dispatcher.messages], {event["name"] for event in events}


def test_a_story_gets_one_sentence_of_recognition_and_then_the_answer() -> None:
    said, remembered = ask(STORY, "right_06__investigation_updates")
    assert said[0]["text"].startswith(f"{SORRY}\n\n")
    assert len(said[0]["text"]) > len(SORRY) + 20
    assert "recognised" in remembered


def test_it_is_said_once_in_a_conversation() -> None:
    said, _ = ask(STORY, "right_06__investigation_updates", recognised=True)
    assert SORRY not in said[0]["text"]


@pytest.mark.parametrize(
    "text",
    [
        "how often should the police ring me",
        "my tutor wants an essay on how often officers in England have to write to people about open cases",
    ],
)
def test_a_plain_question_gets_none(text: str) -> None:
    said, _ = ask(text, "right_06__investigation_updates")
    assert SORRY not in said[0]["text"]


def test_two_questions_get_both_answers_and_a_button_to_the_rest_of_each() -> None:
    two = ["right_10__property_returned", "right_08__hearing_dates"]
    said, _ = ask("when do i get my phone back and when is the hearing", two[0], two)
    assert [reply["topic"] for reply in said] == ["right_10/property_returned", "right_08/hearing_dates"]
    assert [button["payload"] for button in said[-1]["buttons"]] == [f"/{one}" for one in two]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "when do i get my phone back and how long is the trial",
            ["when do i get my phone back", "how long is the trial"],
        ),
        ("Can I bring my mum? Who pays my train fare?", ["Can I bring my mum", "Who pays my train fare"]),
        ("they arrested him. will i be told if he gets out", []),
        ("when is the trial", []),
        ("", []),
    ],
)
def test_a_message_is_taken_apart_only_where_it_asks_twice(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


def test_two_topics_must_both_be_sure_and_different() -> None:
    assert two_topics([("right_08__hearing_dates", 0.9), ("right_10__expenses", 0.8)], 0.7) == [
        "right_08__hearing_dates",
        "right_10__expenses",
    ]
    assert two_topics([("right_08__hearing_dates", 0.9), ("right_10__expenses", 0.5)], 0.7) == []
    assert two_topics([("right_08__hearing_dates", 0.9), ("right_08__hearing_dates", 0.8)], 0.7) == []
    assert two_topics([("right_08__hearing_dates", 0.9), ("oos__housing", 0.9)], 0.7) == []
