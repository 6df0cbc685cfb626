"""A paper as lines, each in the person's language with the English beside it, before it becomes text, HTML or .docx."""

import re
from datetime import date
from typing import Literal

import msgspec

from bot.language.languages import direction
from bot.language.translations import Translations
from bot.rights.dates import said

Kind = Literal["heading", "text", "item", "own", "blank"]
"""`own`: words the person typed. `blank`: a label and room to write by hand."""

_ENGLISH = "en"
_UNPRINTABLE = re.compile("[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A text, and the same in English where it is in another language.

    Attributes:
        text: the words.
        language: tag of their language; empty for the person's own words, whose language we do not know.
        english: the English beside them; None where it is not wanted, or the words are English or the person's own.
    """

    text: str
    language: str = _ENGLISH
    english: str | None = None

    @property
    def direction(self) -> str:
        """Which way it is written; `auto` where we do not know the language."""
        return direction(self.language) if self.language else "auto"


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A line and its place in a paper."""

    kind: Kind
    line: Line


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A paper.

    Attributes:
        title: what stands above it.
        notes: for the person only, shown with the paper and no part of it.
        blocks: what it holds.
        language: tag of its language.
        links: official pages that go with the notes.
    """

    title: Line
    notes: list[Line] = []
    blocks: list[Block]
    language: str = _ENGLISH
    links: list[str] = []

    @property
    def bilingual(self) -> bool:
        """Whether any line has the English beside it."""
        return any(one.english for one in (self.title, *(block.line for block in self.blocks)))


class Writer:
    """Writes lines in a language; where a translation is missing, in English alone.

    Args:
        language: tag of the language.
        translations: what is translated; None for English only.
        english_beside: put the English beside a translated line, as every paper that someone else reads needs it.
    """

    def __init__(
        self, language: str = _ENGLISH, translations: Translations | None = None, *, english_beside: bool = True
    ) -> None:
        self.language = language
        self._translations = translations
        self._beside = english_beside

    def line(self, english: str, **fields: str | date | Line) -> Line:
        """A line of fixed words.

        Args:
            english: the English text, as it stands in the data file.
            fields: what is filled in; dates and lines are put in each language in its own words.
        """
        plain = english.format(**{name: _filled(value, _ENGLISH) for name, value in fields.items()})
        found = self._translations.find(english, self.language) if self._translations else None
        if found is None or self.language == _ENGLISH:
            return Line(text=plain)
        spoken = found.format(**{name: _filled(value, self.language) for name, value in fields.items()})
        return Line(text=spoken, language=self.language, english=plain if self._beside else None)

    def pair(self, spoken: str, english: str) -> Line:
        """A line that was already put in words in both languages."""
        if self.language == _ENGLISH:
            return Line(text=english)
        return Line(text=spoken, language=self.language, english=english if self._beside else None)

    def block(self, kind: Kind, english: str, **fields: str | date | Line) -> Block:
        """A block of fixed words; arguments as for `line`."""
        return Block(kind=kind, line=self.line(english, **fields))


def own_words(text: str) -> Block:
    """What a person typed, as it is, without characters that no paper can hold."""
    plain = _UNPRINTABLE.sub("", text.replace("\r\n", "\n")).strip()
    return Block(kind="own", line=Line(text=plain, language=""))


def _filled(value: str | date | Line, language: str) -> str:
    if isinstance(value, date):
        return said(value, language)
    if isinstance(value, Line):
        return (value.english or value.text) if language == _ENGLISH else value.text
    return value
