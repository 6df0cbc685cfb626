"""Reading the answers: mistakes in a file are named with file and line."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.data_files import DataError
from bot.rights.catalogue import load_catalogue
from tests.rights.conftest import change_entry, change_file

TOPIC = "right_06/how_long"
FILE = "right_06.yml"


def break_line(data: Path, old: str, new: str) -> int:
    """Change the first line that begins like `old`; its number."""
    file = data / "rights" / "en" / FILE
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    number = next(place for place, line in enumerate(lines) if line.startswith(old))
    lines[number] = lines[number].replace(old, new, 1)
    file.write_text("".join(lines), encoding="utf-8")
    return number + 1


def test_a_value_of_the_wrong_kind_is_named_with_file_and_line(data: Path) -> None:
    line = break_line(data, "  facts: [", "  facts: [one, ")
    with pytest.raises(DataError, match=rf"rights/en/{FILE}:{line}: Expected `int`"):
        load_catalogue(data)


def test_an_unknown_field_is_named_with_file_and_line(data: Path) -> None:
    line = break_line(data, "  title: ", "  name: ")
    # The line is that of the entry, which begins with its id.
    with pytest.raises(DataError, match=rf"rights/en/{FILE}:{line - 1}: .*`name`"):
        load_catalogue(data)


def test_a_missing_field_is_named(data: Path) -> None:
    change_file(data / "rights" / "en" / FILE, lambda content: content["topics"][0].pop("who"))
    with pytest.raises(DataError, match=rf"{FILE}:\d+: .*missing required field `who`"):
        load_catalogue(data)


def test_a_state_that_does_not_exist_is_refused(data: Path) -> None:
    change_entry(data, TOPIC, state="published")
    with pytest.raises(DataError, match=rf"{FILE}:\d+: Invalid enum value 'published'"):
        load_catalogue(data)


def test_a_related_topic_must_exist(data: Path) -> None:
    change_entry(data, TOPIC, related=["right_06/nothing"])
    with pytest.raises(DataError, match=f"{FILE}: {TOPIC} names topics that do not exist: right_06/nothing"):
        load_catalogue(data)


def test_a_fixed_line_must_exist(data: Path) -> None:
    change_entry(data, TOPIC, fixed_lines=["some_line"])
    with pytest.raises(DataError, match="names the fixed line some_line, which does not exist"):
        load_catalogue(data)


def test_a_fact_must_exist(data: Path) -> None:
    change_entry(data, TOPIC, facts=[1, 99])
    with pytest.raises(DataError, match=r"rests on facts that do not exist: \[99\]"):
        load_catalogue(data)


def test_an_edition_must_exist(data: Path) -> None:
    change_file(data / "rights" / "en" / FILE, lambda content: content.update(edition="1990"))
    with pytest.raises(DataError, match=r"the edition 1990 is not in data/code/editions\.yml"):
        load_catalogue(data)


def test_a_missing_language_is_named(data: Path) -> None:
    shutil.rmtree(data / "rights" / "en")
    with pytest.raises(DataError, match="cannot be read"):
        load_catalogue(data)


def test_the_state_does_not_change_the_hash_of_the_words(data: Path) -> None:
    before = load_catalogue(data).entries["2021", TOPIC].digest()
    change_entry(data, TOPIC, state="reviewed")
    assert load_catalogue(data).entries["2021", TOPIC].digest() == before


def test_any_word_changes_the_hash(data: Path) -> None:
    before = load_catalogue(data).entries["2021", TOPIC].digest()
    change_entry(data, TOPIC, who=lambda who: who.replace("the", "any", 1))
    assert load_catalogue(data).entries["2021", TOPIC].digest() != before


def test_a_state_written_by_hand_counts_as_drafted(data: Path) -> None:
    change_entry(data, TOPIC, state="approved")
    catalogue = load_catalogue(data)
    entry = catalogue.entry(TOPIC, catalogue.edition(date(2026, 11, 20)))
    assert entry is not None
    assert catalogue.state(entry) == "drafted"
