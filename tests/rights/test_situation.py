"""Reading what people tell about their own situation: only clear statements, by patterns kept as data."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from bot.data_files import DataError
from bot.rights.answers import Situation
from bot.rights.phrases import load_phrases
from bot.rights.situation import Reading, SituationReader, load_situation
from tests.rights.conftest import DATA, change_file

READER = load_situation(DATA)
READINGS = READER.readings.readings
NAMES = [f"{one.entity}-{one.value}-{number}" for number, one in enumerate(READINGS)]


def told(text: str, reader: SituationReader = READER) -> dict[str, str]:
    return {one.entity: one.value for one in reader.read(text)}


@pytest.mark.parametrize("reading", READINGS, ids=NAMES)
def test_every_example_is_read(reading: Reading) -> None:
    missed = [text for text in reading.examples if told(text).get(reading.entity) != reading.value]
    assert missed == []


@pytest.mark.parametrize("reading", READINGS, ids=NAMES)
def test_what_only_looks_like_it_is_not_read(reading: Reading) -> None:
    wrong = [text for text in reading.not_examples if told(text).get(reading.entity) == reading.value]
    assert wrong == []


@pytest.mark.parametrize("reading", READINGS, ids=NAMES)
def test_every_pattern_has_an_example_and_every_reading_its_reason(reading: Reading) -> None:
    assert reading.why and "\n" not in reading.why
    assert reading.examples and reading.not_examples
    for pattern in reading.patterns:
        alone = Reading(
            **{name: getattr(reading, name) for name in reading.__struct_fields__} | {"patterns": [pattern]}
        )
        only = SituationReader(type(READER.readings)(
            version=1, guards=READER.readings.guards, groups=READER.readings.groups, readings=[alone]
        ))  # fmt: skip
        assert any(only.read(text) for text in reading.examples), pattern


def test_every_value_can_be_told_and_has_words() -> None:
    hints = get_type_hints(Situation)
    words = load_phrases(DATA).situation.told
    for one in READINGS:
        assert one.value in (*get_args(hints[one.entity]), "unsure")
        assert words[one.entity][one.value]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", {}),
        ("", {}),
        ("my lad, he's 14", {"about": "my_child", "age_group": "under_18"}),
        ("My lad, he’s 14", {"about": "my_child", "age_group": "under_18"}),
        ("she was murdered and I'm her mum", {"bereaved": "yes"}),
        ("I'm 45, my daughter's 12", {"about": "my_child", "age_group": "under_13"}),
        ("I haven't reported it. I'm 16", {"reported": "no", "age_group": "under_18"}),
        ("he's been charged and the trial is in May", {"stage": "trial"}),
        ("no, it's my daughter", {"about": "my_child"}),
        ("I'm not under 18", {"age_group": "adult"}),
        ("my son is 34, he was attacked", {"about": "someone"}),
        ("do I have enhanced rights", {}),
        ("what happens if I'm under 18", {}),
        ("does it matter if I haven't reported it", {}),
        ("my son hits me, he's 14", {}),
    ],
)
def test_messages(text: str, expected: dict[str, str]) -> None:
    assert told(text) == expected


def test_a_condition_reaches_to_the_comma() -> None:
    assert told("if you need it, I'm 15") == {"age_group": "under_18"}
    assert told("if I'm 15, who is told") == {}


def test_what_was_told_is_named_with_its_place() -> None:
    text = "hi. it’s for my daughter and I haven't told the police"
    assert [(one.entity, text[one.start : one.end]) for one in READER.read(text)] == [
        ("about", "it’s for my daughter"),
        ("reported", "I haven't told the police"),
    ]


@pytest.mark.parametrize(
    "text", ["my " * 700, "no, " * 500, "so and but " * 180, "i'm the mum of " + "a " * 900, "9" * 2000]
)
def test_a_long_message_is_read_quickly(text: str) -> None:
    begun = time.perf_counter()
    READER.read(text)
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize("change", [
    lambda content: content["readings"][0]["patterns"].append("("),
    lambda content: content["readings"][0]["patterns"].append("{nobody}"),
    lambda content: content["readings"][0].pop("why"),
])  # fmt: skip
def test_a_broken_file_is_named(data: Path, change: Callable[[Any], None]) -> None:
    file = data / "conversation" / "situation.en.yml"
    change_file(file, change)
    with pytest.raises(DataError, match=re.escape(str(file))):
        load_situation(data)
