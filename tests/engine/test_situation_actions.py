"""What people tell reaches the slots, the last answer is made anew, and the three questions about enhanced rights."""

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import answers
from actions.conversation import ActionSay
from actions.enhanced import ActionEnhancedCheck
from actions.rights import ActionAnswer, ActionOfferChoices
from actions.situation import ActionSituation
from bot.settings import ROOT

ARRESTED = "right_06/suspect_arrested"
CHECK = answers().phrases.enhanced_check


def turn(action: Any, intent: str, text: str = "", told: dict[str, str] | None = None, **slots: Any) -> Any:
    """Run an action on a message; returns what it said and the slots it set."""
    latest = {
        "text": text,
        "intent": {"name": intent, "confidence": 0.9},
        "intent_ranking": [],
        "entities": [{"entity": name, "value": value} for name, value in (told or {}).items()],
        "metadata": {"today": "2026-11-24", "demo": True, "area": "West Midlands"},
    }
    tracker = Tracker("c", {**slots}, latest, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    events = action.run(dispatcher, tracker, {})
    return [said["custom"]["reply"] for said in dispatcher.messages], {one["name"]: one["value"] for one in events}


# --- told without a question


def test_the_last_topic_is_answered_anew_for_what_is_known_now() -> None:
    said, _ = turn(ActionSituation(), "situation_told", last_topic=ARRESTED, about="my_child", age_group="under_18")
    assert [reply["topic"] for reply in said] == [ARRESTED, ARRESTED]
    assert "1 working day (with enhanced rights, 5 working days without)" in said[0]["text"]
    assert said[1]["buttons"][0]["payload"] == "/right_04__young_victims"


def test_without_a_topic_it_says_what_was_noted_and_offers_what_fits_first() -> None:
    told = {"about": "my_child", "age_group": "under_18", "reported": "no"}
    (reply,), _ = turn(ActionSituation(), "situation_told", told=told, **told)
    assert "this is about your child, this is about someone under 18 and you have not told the police" in reply["text"]
    assert reply["buttons"][0]["payload"] == "/right_04__young_victims"
    assert len(reply["buttons"]) <= 4


def test_what_changes_no_answer_is_thanked_for() -> None:
    (reply,), _ = turn(ActionSituation(), "situation_told", text="it was a tuesday")
    assert reply["text"] == answers().phrases.situation.heard


def test_not_being_sure_is_as_good_as_unknown() -> None:
    said, _ = turn(ActionAnswer(), "right_06__suspect_arrested", enhanced="unsure")
    assert "within 5 working days (1 working day if you have enhanced rights)" in said[0]["text"]


# --- the three questions


def test_the_check_begins_with_the_first_question_and_three_equal_buttons() -> None:
    (reply,), slots = turn(ActionEnhancedCheck(), "enhanced_check")
    assert reply["display"] == "choice"
    assert reply["text"].endswith(CHECK.questions[0])
    assert [button["payload"] for button in reply["buttons"]] == [
        f'/enhanced_check{{"enhanced_answer": "{answer}"}}' for answer in ("yes", "no", "unsure")
    ]
    assert slots == {"enhanced_step": "1"}


@pytest.mark.parametrize("answer", ["no", "unsure"])
def test_the_next_question_follows(answer: str) -> None:
    (reply,), slots = turn(ActionEnhancedCheck(), "enhanced_check", told={"enhanced_answer": answer}, enhanced_step="1")
    assert reply["text"] == CHECK.questions[1]
    assert slots == {"enhanced_step": "2"}


@pytest.mark.parametrize("step", ["1", "2", "3"])
def test_the_first_yes_ends_it(step: str) -> None:
    (reply,), slots = turn(ActionEnhancedCheck(), "enhanced_check", told={"enhanced_answer": "yes"}, enhanced_step=step)
    assert reply["text"] == CHECK.likely
    assert slots == {"enhanced_step": None, "enhanced": "likely"}


def test_three_times_no_is_never_a_certain_no() -> None:
    (reply,), slots = turn(ActionEnhancedCheck(), "enhanced_check", told={"enhanced_answer": "no"}, enhanced_step="3")
    assert reply["text"] == CHECK.unsure
    assert "anyone can ask" in reply["text"]
    assert slots == {"enhanced_step": None, "enhanced": "unsure"}


def test_what_the_person_knows_for_certain_stays() -> None:
    told = {"enhanced_answer": "no"}
    _, slots = turn(ActionEnhancedCheck(), "enhanced_check", told=told, enhanced_step="3", enhanced="yes")
    assert slots["enhanced"] == "yes"


def test_a_child_is_not_asked() -> None:
    (reply,), slots = turn(ActionEnhancedCheck(), "enhanced_check", age_group="under_18")
    assert reply["text"] == CHECK.likely
    assert slots["enhanced"] == "likely"


def test_what_an_earlier_check_found_is_asked_anew() -> None:
    _, slots = turn(ActionEnhancedCheck(), "enhanced_check", enhanced="likely")
    assert slots == {"enhanced_step": "1"}


def test_an_answer_without_a_question_begins_anew() -> None:
    (reply,), slots = turn(ActionEnhancedCheck(), "enhanced_check", told={"enhanced_answer": "yes"})
    assert reply["text"].endswith(CHECK.questions[0])
    assert slots == {"enhanced_step": "1"}


@pytest.mark.parametrize(
    ("action", "intent", "text", "expected"),
    [
        (ActionSay(), "affirm", "Yes.", CHECK.likely),
        (ActionSay(), "deny", "no", CHECK.questions[1]),
        (ActionSay(), "deny", "No, I'm not", CHECK.questions[1]),
        (ActionOfferChoices(), "nlu_fallback", "I don’t know", CHECK.questions[1]),
        (ActionSay(), "none_of_these", "not sure", CHECK.questions[1]),
    ],
)
def test_a_typed_answer_counts_while_a_question_is_open(action: Any, intent: str, text: str, expected: str) -> None:
    (reply,), _ = turn(action, intent, text, enhanced_step="1")
    assert reply["text"] == expected


def test_a_typed_yes_without_a_question_is_what_it_was() -> None:
    (reply,), slots = turn(ActionSay(), "affirm", "yes")
    assert reply["text"] == answers().phrases.service["affirm"].text
    assert slots == {}


def test_another_question_is_answered_and_closes_the_check() -> None:
    said, slots = turn(ActionAnswer(), "right_06__suspect_arrested", "when do they tell me", enhanced_step="2")
    assert said[0]["topic"] == ARRESTED
    assert slots == {"last_topic": ARRESTED, "enhanced_step": None}


def test_a_refusal_closes_the_check() -> None:
    (reply,), slots = turn(ActionSay(), "deny", "I don't want to do this", enhanced_step="2")
    assert reply["text"] == answers().phrases.service["deny"].text
    assert slots == {"enhanced_step": None}


def test_no_typed_message_means_two_answers() -> None:
    typed = [message for messages in CHECK.typed.values() for message in messages]
    assert len(typed) == len(set(typed))
    assert CHECK.answers.keys() == CHECK.typed.keys()


# --- from a message to the slots, as Rasa does it


@pytest.fixture(scope="module")
def domain() -> Any:
    from rasa.shared.core.domain import Domain

    from bot.engine import quiet  # noqa: F401

    return Domain.load(str(ROOT / "domain.yml"))


def entities(text: str) -> list[dict[str, Any]]:
    from rasa.shared.nlu.training_data.message import Message

    from bot.engine.situation_extractor import SituationExtractor
    from bot.rights.situation import load_situation

    (message,) = SituationExtractor(load_situation(ROOT / "data")).process([Message({"text": text})])
    return message.get("entities") or []


async def slots_after(domain: Any, *texts: str) -> dict[str, Any]:
    from rasa.core.actions.action import ActionExtractSlots
    from rasa.core.channels.channel import CollectingOutputChannel
    from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
    from rasa.shared.core.events import UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    tracker = DialogueStateTracker.from_events("c", [], domain.slots, domain=domain)
    channel, nlg = CollectingOutputChannel(), TemplatedNaturalLanguageGenerator({})
    for text in texts:
        tracker.update(UserUttered(text, {"name": "situation_told"}, entities(text)), domain)
        for event in await ActionExtractSlots(None).run(channel, nlg, tracker, domain):
            tracker.update(event, domain)
    return {name: value for name, value in tracker.current_slot_values().items() if value}


async def test_what_was_told_stands_in_slots(domain: Any) -> None:
    assert await slots_after(domain, "my lad, he's 14", "I haven't reported it") == {
        "about": "my_child",
        "age_group": "under_18",
        "reported": "no",
    }


async def test_a_later_message_changes_what_was_told(domain: Any) -> None:
    assert await slots_after(domain, "it's for my mum", "no, it's my daughter") == {"about": "my_child"}
    assert await slots_after(domain, "im 15", "I'm not under 18") == {"age_group": "adult"}


async def test_a_question_tells_nothing(domain: Any) -> None:
    assert await slots_after(domain, "do I have enhanced rights") == {}


def test_entities_name_their_place_and_a_payload_has_none_of_ours() -> None:
    (found,) = entities("hi, I'm 16 btw")
    assert (found["entity"], found["value"], found["start"]) == ("age_group", "under_18", 4)
    assert found["extractor"] == "SituationExtractor"
    assert entities('/enhanced_check{"enhanced_answer": "yes"}') == []


def test_a_button_of_the_check_carries_its_answer(domain: Any) -> None:
    from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
    from rasa.shared.nlu.training_data.message import Message

    pressed = Message({"text": '/enhanced_check{"enhanced_answer": "unsure"}'})
    read = YAMLStoryReader.unpack_regex_message(pressed, domain)
    assert read.get("intent")["name"] == "enhanced_check"
    assert [(one["entity"], one["value"]) for one in read.get("entities")] == [("enhanced_answer", "unsure")]


# The intents of topics are derived from the content and not part of domain.yml.
@pytest.mark.filterwarnings("ignore:Issue found in:UserWarning")
def test_the_dialogues_name_what_is_read_from_them(domain: Any) -> None:
    from rasa.shared.core.events import UserUttered
    from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader

    reader = YAMLStoryReader(domain)
    steps = [
        step
        for file in sorted((ROOT / "tests" / "dialogues").glob("*.yml"))
        for step in reader.read_from_file(str(file))
    ]
    for event in (event for step in steps for event in step.events):
        if isinstance(event, UserUttered) and event.text and not event.text.startswith("/"):
            expected = [(e["entity"], e["value"], e["start"], e["end"]) for e in event.entities]
            assert [(e["entity"], e["value"], e["start"], e["end"]) for e in entities(event.text)] == expected


def test_a_short_unclear_question_after_an_answer_is_taken_to_be_about_it() -> None:
    replies, _ = turn(ActionOfferChoices(), "nlu_fallback", text="does that cost", last_topic=ARRESTED)
    assert replies[0]["topic"] == ARRESTED
    assert replies[0]["text"].startswith("I think you are asking about this:")


def test_a_long_unclear_question_after_an_answer_gets_choices() -> None:
    text = "there is another thing that nobody has been able to tell me and it has to do with the car"
    replies, _ = turn(ActionOfferChoices(), "nlu_fallback", text=text, last_topic=ARRESTED)
    assert not any(reply.get("topic") for reply in replies)
