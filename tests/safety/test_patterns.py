"""Every pattern catches what it says it catches, and every file fits."""

from pathlib import Path

import pytest
import yaml

from bot.data_files import DataError
from bot.safety.gate import ORDER, Gate, load_gate
from bot.safety.patterns import Language

DATA = Path(__file__).parents[2] / "data"

RULES = yaml.safe_load((DATA / "safety" / "patterns" / "en.yml").read_text(encoding="utf-8"))["patterns"]
CATEGORIES = [one["id"] for one in yaml.safe_load((DATA / "safety" / "cards.yml").read_text("utf-8"))["categories"]]
EXAMPLES = [(rule["category"], example) for rule in RULES for example in rule["examples"]]


@pytest.mark.parametrize(("category", "example"), EXAMPLES)
def test_an_example_is_caught_in_its_category(gate: Gate, category: str, example: str) -> None:
    verdict = gate.check(example)
    assert verdict is not None and verdict.category == category


def test_every_category_has_patterns() -> None:
    assert {rule["category"] for rule in RULES} == set(CATEGORIES)


def test_every_category_has_its_place_in_the_order() -> None:
    assert sorted(ORDER) == sorted(CATEGORIES)


def test_ids_are_unique_and_every_rule_says_why() -> None:
    ids = [rule["id"] for rule in RULES]
    assert len(ids) == len(set(ids))
    assert all(rule["why"] and len(rule["examples"]) >= 2 for rule in RULES)


def test_an_unknown_word_group_is_named(tmp_path: Path) -> None:
    wrong = {"id": "a", "category": "c", "pattern": "{nobody}", "why": "w", "examples": []}
    path = tmp_path / "en.yml"
    path.write_text(yaml.safe_dump({"version": 1, "groups": {}, "patterns": [wrong]}))
    with pytest.raises(DataError, match="no group 'nobody'"):
        Language(path)


def test_a_data_folder_without_patterns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "safety").mkdir()
    (tmp_path / "safety" / "cards.yml").write_text("categories: []")
    with pytest.raises(DataError, match="no pattern files"):
        load_gate(tmp_path)
