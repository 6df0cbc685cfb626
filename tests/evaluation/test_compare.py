"""The comparison of pipelines: families, folds, the hash of the data, and a whole run on made-up examples."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from rich.console import Console

from bot.evaluation.compare import (
    COLUMNS,
    PIPELINES,
    CompareError,
    Mix,
    as_page,
    as_tables,
    compare,
    data_hash,
    drawn,
    families_of,
    folds_of,
    hits,
    words_first,
)
from bot.evaluation.examples_check import read_examples

# Different enough not to be a family.
SAID = {
    "right_08__hearing_dates": [
        "when is the trial",
        "which day must I be in court",
        "hearing date please",
        "has a judge been booked yet",
        "nobody wrote to me about Monday at Luton Crown",
        "how will I hear that it was moved",
    ],
    "right_10__expenses": [
        "who pays my train fare",
        "lost wages",
        "parking was twelve pounds",
        "can I claim for a childminder",
        "petrol money back?",
        "lunch and bus tickets, do I send receipts",
    ],
    "greet": ["hello", "good morning", "hi there", "hey", "evening all", "anybody about"],
}
HELD_OUT = [
    {"id": "1", "text": "what date is court", "topic": "right_08/hearing_dates", "also_ok": ["right_10/expenses"]},
    {"id": "2", "text": "hiya", "intent": "greet"},
    {"id": "3", "text": "best pizza in town", "why": "far"},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "nlu" / "en").mkdir(parents=True)
    (tmp_path / "heldout").mkdir()
    blocks = [{"intent": intent, "examples": "".join(f"- {one}\n" for one in said)} for intent, said in SAID.items()]
    (tmp_path / "nlu" / "en" / "all.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}))
    (tmp_path / "heldout" / "en.jsonl").write_text("".join(json.dumps(line) + "\n" for line in HELD_OUT))
    return tmp_path


def test_near_copies_are_one_family() -> None:
    texts = ["where is my money", "where is my money now", "wheres is my money now then", "who is the judge"]
    families = families_of(texts, ["a"] * 4)
    assert families[0] == families[1] == families[2] != families[3]


def test_a_family_is_within_an_intent() -> None:
    first, second = families_of(["where is my money"] * 2, ["a", "b"])
    assert first != second


def test_a_fold_never_splits_a_family() -> None:
    families = np.repeat(np.arange(30), 3)
    truth = families % 3
    folds = folds_of(truth, families, 5)
    assert set(folds) == set(range(5))
    assert all(len(set(folds[families == family])) == 1 for family in range(30))


def test_too_few_families_are_an_error() -> None:
    with pytest.raises(CompareError):
        folds_of(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 3, 3, 3]), 2)


def test_any_right_label_counts() -> None:
    chances = np.array([[0.5, 0.3, 0.2, 0.0], [0.5, 0.3, 0.2, 0.0], [0.5, 0.3, 0.2, 0.0]])
    first, three = hits(chances, [{0, 3}, {2}, {3}])
    assert (first.hits, three.hits, three.total) == (1, 2, 3)


def test_the_meaning_is_not_asked_where_the_words_are_sure() -> None:
    def meaning() -> np.ndarray:
        raise AssertionError("asked")

    mix = Mix(both=np.array([1.0, 1.0]), words=1.0, meaning=1.0, sure=0.9)
    assert words_first(lambda: np.array([[9.0, 0.0]]), meaning, mix).argmax() == 0
    unsure = words_first(lambda: np.array([[0.1, 0.0]]), lambda: np.array([[0.0, 5.0]]), mix)
    assert unsure.argmax() == 1


def test_the_hash_changes_with_an_example(data: Path) -> None:
    before = data_hash(data / "nlu")
    assert data_hash(data / "nlu") == before
    file = data / "nlu" / "en" / "all.yml"
    file.write_text(file.read_text().replace("lost wages", "lost my wages"))
    assert data_hash(data / "nlu") != before


def test_a_limit_holds_for_each_intent(data: Path) -> None:
    examples = read_examples(data / "nlu")
    few = drawn(examples, 2)
    assert sorted(example.intent for example in few) == sorted([*SAID] * 2)
    assert few == drawn(examples, 2)
    assert drawn(examples, None) == examples


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_whole_run_names_every_pipeline(data: Path, tmp_path: Path) -> None:
    comparison = compare(data, folds=2, cache=tmp_path / "vectors.npz")

    (section,) = comparison.sections
    assert [row.name for row in section.rows] == list(PIPELINES)
    for row in section.rows:
        assert [share.total for share in (*row.folds, *row.held_out)] == [18, 18, 2, 2]
        assert 0 < row.median_ms <= row.p95_ms
        assert row.memory_mb > 0

    page = as_page(comparison)
    shown = Console(file=io.StringIO(), width=300)
    shown.print(*as_tables(comparison))
    for text in [page, shown.file.getvalue()]:
        assert all(name in text for name in [*PIPELINES, *COLUMNS])
    assert data_hash(data / "nlu") in page
