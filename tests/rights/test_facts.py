"""The fact base: editions that take over on their day, and names that must exist."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.data_files import DataError
from bot.rights.facts import load_facts, right_of
from tests.rights.conftest import answers_of, change_facts, change_file, situation

STARTS = date(2027, 1, 15)
DAY_BEFORE = date(2027, 1, 14)
TOPIC = "right_06/how_long"
NEW_WORDS = "The new Code says how long a case takes."


@pytest.fixture
def two_editions(data: Path) -> Path:
    """The content with a second edition, of which one topic is written."""

    def add(content: Any) -> None:
        new = {**content["editions"][0], "id": "2027", "title": "Victims' Code 2027", "starts": STARTS.isoformat()}
        content["editions"].append(new)

    def only_topic(content: Any) -> None:
        content["edition"] = "2027"
        content["topics"] = [entry for entry in content["topics"] if entry["id"] == TOPIC]

    def reword(content: Any) -> None:
        only_topic(content)
        content["topics"][0]["answer"] = NEW_WORDS

    change_file(data / "code" / "editions.yml", add)
    for folder, change in ((data / "code" / "facts", only_topic), (data / "rights" / "en", reword)):
        (folder / "2027").mkdir()
        shutil.copy(folder / "right_06.yml", folder / "2027" / "right_06.yml")
        change_file(folder / "2027" / "right_06.yml", change)
    return data


def test_an_edition_is_in_force_until_the_day_before_the_next(two_editions: Path) -> None:
    assert load_facts(two_editions).edition_on(DAY_BEFORE).id == "2021"


def test_an_edition_takes_over_on_its_day(two_editions: Path) -> None:
    assert load_facts(two_editions).edition_on(STARTS).id == "2027"


def test_the_old_words_are_said_until_the_day_before(two_editions: Path) -> None:
    reply = answers_of(two_editions).answer(TOPIC, situation(today=DAY_BEFORE))[0]
    assert NEW_WORDS not in reply.text
    assert reply.source is not None
    assert reply.source.edition == "2021"


def test_the_new_words_are_said_on_the_day(two_editions: Path) -> None:
    reply = answers_of(two_editions).answer(TOPIC, situation(today=STARTS))[0]
    assert NEW_WORDS in reply.text
    assert reply.source is not None
    assert reply.source.edition == "2027"


def test_a_topic_that_the_new_edition_lacks_is_not_answered_from_the_old_one(two_editions: Path) -> None:
    topic = "right_06/withdrawing"
    old = answers_of(two_editions).answer(topic, situation(today=DAY_BEFORE))[0].text
    replies = answers_of(two_editions).answer(topic, situation(today=STARTS))
    assert len(replies) == 1
    assert replies[0].text != old


def test_before_the_first_edition_there_is_none(data: Path) -> None:
    with pytest.raises(DataError, match="no edition of the Code was in force"):
        load_facts(data).edition_on(date(2000, 1, 1))


def test_facts_about_an_unknown_topic_are_refused(data: Path) -> None:
    change_facts(data, TOPIC, lambda topic: topic.update(id="right_06/nothing"))
    with pytest.raises(DataError, match=r"right_06\.yml: right_06/nothing is not a topic"):
        load_facts(data)


def test_an_unknown_time_limit_is_refused(data: Path) -> None:
    change_facts(data, TOPIC, lambda topic: topic.update(time_limits=[{"id": "someday", "in_answer": "first"}]))
    with pytest.raises(DataError, match="time limit someday, which does not exist"):
        load_facts(data)


def test_there_are_95_topics(answers: Any) -> None:
    assert len(answers.catalogue.base.topics) == 95


@pytest.mark.parametrize(("topic", "right"), [("right_06/how_long", 6), ("code/list_rights", None)])
def test_a_topic_knows_its_right(topic: str, right: int | None) -> None:
    assert right_of(topic) == right


@pytest.mark.parametrize(
    ("changed", "sure"),
    [
        ({}, True),
        ({"certainty": "recalled"}, False),
        ({"certainty_enhanced": "recalled"}, False),
        ({"status": "pilot"}, False),
        ({"status": "unconfirmed"}, False),
        ({"earlier_edition": True}, False),
        ({"area": ["Sussex"]}, False),
        ({"area": ["United Kingdom"]}, True),
        ({"area": ["West Midlands"]}, True),
    ],
)
def test_a_limit_is_sure_only_when_everything_about_it_is(data: Path, changed: dict[str, Any], sure: bool) -> None:
    change_file(data / "code" / "time-limits.yml", lambda content: content["limits"][0].update(changed))
    limit = next(iter(load_facts(data).limits.values()))
    assert limit.sure("West Midlands") is sure
