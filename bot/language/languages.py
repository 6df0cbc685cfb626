"""The languages we serve: one file each in data/languages."""

import functools
from pathlib import Path
from typing import Literal

import msgspec

from bot.data_files import DataError, load
from bot.language.words import SCRIPTS

DATA = Path(__file__).resolve().parents[2] / "data"
Direction = Literal["ltr", "rtl"]


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """data/languages/<tag>.yml.

    Attributes:
        name: what its speakers call it, in its own script.
        english: what English speakers call it.
        direction: which way it is written.
        scripts: the scripts it is typed in (ISO 15924).
        speakers: roughly how many thousand in England and Wales; decides between languages that look alike.
        letters: all its letters that not every language of its script has.
        words: function words and everyday words, with or without accents.
        weak: those of `words`, or others, that also mean something elsewhere, so that one alone proves little.
        sample: running text, for languages langdetect has no profile of.
    """

    name: str
    english: str
    direction: Direction
    scripts: list[str]
    speakers: int
    letters: str = ""
    words: str = ""
    weak: str = ""
    sample: str = ""


class _Neutral(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: str


def load_languages(data: Path) -> dict[str, Language]:
    """All languages under `data`, by tag.

    Args:
        data: the data folder.

    Raises:
        DataError: a file does not fit, or names a script we cannot read.
    """
    found = {}
    for path in sorted((data / "languages").glob("[a-z]*.yml")):
        found[path.stem] = load(path, Language)
        unknown = set(found[path.stem].scripts) - set(SCRIPTS)
        if unknown:
            raise DataError(f"{path}:1: unknown script {min(unknown)}")
    return found


def load_neutral(data: Path) -> str:
    """The words that say nothing about the language, separated by white space.

    Args:
        data: the data folder.

    Raises:
        DataError: the file does not fit.
    """
    return load(data / "languages" / "_neutral.yml", _Neutral).words


@functools.cache
def _served() -> dict[str, Language]:
    return load_languages(DATA)


def direction(tag: str) -> Direction:
    """Which way a language is written; left to right where we do not know it."""
    language = _served().get(tag)
    return language.direction if language else "ltr"


def names() -> dict[str, str]:
    """Each language's own name, by tag."""
    return {tag: language.name for tag, language in _served().items()}


def english_name(tag: str) -> str | None:
    """What English speakers call a language; None where we do not serve it."""
    language = _served().get(tag)
    return language.english if language else None
