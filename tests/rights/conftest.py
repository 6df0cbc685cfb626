"""A copy of the content that a test may change, and ways to change it."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.rights.answers import Answers, Situation
from bot.rights.catalogue import load_catalogue
from bot.rights.phrases import load_phrases
from bot.settings import ROOT

DATA = ROOT / "data"
PARTS = ("code", "rights", "cases", "conversation")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the folders that the answers are made from."""
    copy = tmp_path / "data"
    for part in PARTS:
        shutil.copytree(DATA / part, copy / part)
    shutil.copy(DATA / "approvals.yml", copy)
    return copy


@pytest.fixture(scope="session")
def answers() -> Answers:
    """The answers of this project."""
    return Answers(load_catalogue(DATA), load_phrases(DATA))


def answers_of(data: Path) -> Answers:
    """The answers of a changed copy."""
    return Answers(load_catalogue(data), load_phrases(data))


def situation(**told: Any) -> Situation:
    """A situation in demonstration mode, with what a test sets differently."""
    values: dict[str, Any] = {"today": date(2026, 11, 20), "area": "West Midlands", "demo": True}
    return Situation(**{**values, **told})


def change_file(file: Path, change: Callable[[Any], None]) -> None:
    """Change one YAML file."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def change_entry(data: Path, topic: str, **fields: Any) -> None:
    """Change fields of one topic's words; a function makes the new value from the old."""

    def change(content: Any) -> None:
        entry = next(entry for entry in content["topics"] if entry["id"] == topic)
        for name, value in fields.items():
            entry[name] = value(entry.get(name)) if callable(value) else value

    change_file(data / "rights" / "en" / f"{topic.partition('/')[0]}.yml", change)


def change_facts(data: Path, topic: str, change: Callable[[Any], None]) -> None:
    """Change what is known about one topic."""

    def apply(content: Any) -> None:
        change(next(entry for entry in content["topics"] if entry["id"] == topic))

    change_file(data / "code" / "facts" / f"{topic.partition('/')[0]}.yml", apply)
