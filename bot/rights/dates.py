"""Dates in words, found inside a message and read day first, and a date in the words of a language.

Where dates stand is data (data/conversation/dates.yml); what they mean is read by the library `dateparser`. Nothing is
taken as certain: every date is echoed to the person for confirmation, with what is odd about it.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from bot.data_files import DataError, load

Problem = Literal["future", "impossible", "too_old", "ambiguous"]
"""`future`: still to come, though it is about something that has happened. `impossible`: 31 February. `too_old`: before
1950. `ambiguous`: it may be another day, or is a span or about a day."""

LIMIT = 1_000
"""Characters read of a message."""

_OLDEST = date(1950, 1, 1)
_ENGLISH = "en"
_WEEK = timedelta(days=7)
# A letter or sign of a word goes on: \w leaves out the vowel signs of Gurmukhi and its neighbours.
_NO_WORD_BEFORE = r"(?<![\w\u0900-\u0dff])"
_NO_WORD_AFTER = r"(?![\w\u0900-\u0dff])"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A date found in a message.

    Attributes:
        words: the words that were read as a date.
        start, end: where they stand in the message.
        on: the day; the first of a month that was named without a day. None where it is impossible.
        to: the last day of such a month.
        year_guessed: no year was said.
        others: other days it may mean.
        problems: what to ask about.
    """

    words: str
    start: int
    end: int
    on: date | None
    to: date | None = None
    year_guessed: bool = False
    others: list[date] = []
    problems: list[Problem] = []


class LanguageDates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How dates stand in messages, in every language or in one; see the comments in the file."""

    groups: dict[str, str]
    patterns: list[str]
    instead: dict[str, str] = {}


class DatesFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/dates.yml."""

    version: int
    everywhere: LanguageDates
    languages: dict[str, LanguageDates]


class DateReader:
    """Finds dates in messages.

    Args:
        file: how dates stand there.

    Raises:
        re.error, KeyError: a pattern is no regular expression, or names a group that does not exist.
    """

    def __init__(self, file: DatesFile) -> None:
        self.languages = tuple(file.languages)
        self._patterns: dict[str, list[re.Pattern[str]]] = {}
        self._instead: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for language, one in file.languages.items():
            patterns = [*file.everywhere.patterns, *one.patterns]
            instead = {**file.everywhere.instead, **one.instead}
            self._patterns[language] = [_compiled(pattern, one.groups, whole=True) for pattern in patterns]
            self._instead[language] = [(_compiled(find, one.groups, whole=False), put) for find, put in instead.items()]

    def dates_in(self, text: str, language: str, today: date, *, happened: bool = True) -> list[Found]:
        """The dates in a message, in the order in which they stand there.

        Args:
            text: a message; only the first 1,000 characters are read.
            language: its language. English dates are found in every language.
            today: the day it was written.
            happened: it is about the past: a day without a year is the last one, and a day to come is a problem.
        """
        # One character for another, so that places in the message stay the same.
        plain = "".join(_ascii_digit(letter) for letter in text[:LIMIT])
        found: list[Found] = []
        for known in dict.fromkeys([language, _ENGLISH]):
            for pattern in self._patterns.get(known, []):
                for match in pattern.finditer(plain):
                    if any(match.start() < one.end and one.start < match.end() for one in found):
                        continue
                    read = self._read(match, text, known, today, happened)
                    if read is not None:
                        found.append(read)
        return sorted(found, key=lambda one: one.start)

    def _read(self, match: re.Match[str], text: str, language: str, today: date, happened: bool) -> Found | None:
        part = match.groupdict()
        prefer = "future" if part.get("next") or not (happened or part.get("this")) else "past"
        monday = today - timedelta(days=today.weekday())
        # Of the days before its base dateparser takes the last one.
        base = monday if part.get("week") else monday + _WEEK if part.get("this") else today
        day, period = _parse(self._known(part["date"], language), language, base, prefer)
        numbered = part.get("day")
        impossible = day is None or (numbered is not None and day.day != int(numbered))
        if impossible and not (numbered and part.get("month")):
            return None
        start, end = match.span()
        words = text[start:end]
        guessed = bool(part.get("month")) and not part.get("year")
        if day is None or impossible:
            return Found(words=words, start=start, end=end, on=None, year_guessed=guessed, problems=["impossible"])
        others = list(self._others(part, day, today, language))
        to = _end_of_month(day) if period == "month" and part.get("month") else None
        problems: list[Problem] = []
        if happened and day > today:
            problems.append("future")
        if day < _OLDEST:
            problems.append("too_old")
        if others or period != "day":
            problems.append("ambiguous")
        return Found(
            words=words,
            start=start,
            end=end,
            on=day,
            to=min(to, max(today, day)) if to and happened else to,
            year_guessed=guessed,
            others=others,
            problems=problems,
        )

    def _others(self, part: dict[str, Any], day: date, today: date, language: str) -> Iterator[date]:
        """Other days the words may mean: the week before, this very day, or the date of the weekday that was said."""
        if part.get("last") and day >= today - timedelta(days=today.weekday()):
            yield day - _WEEK
        if part.get("weekday") == part["date"] and not (part.get("last") or part.get("week")) and day + _WEEK == today:
            yield today
        if part.get("weekday") and part.get("day"):
            named, _ = _parse(self._known(part["weekday"], language), language, day + timedelta(days=1), "past")
            if named is not None and named != day:
                yield named

    def _known(self, words: str, language: str) -> str:
        """Words as dateparser knows them."""
        plain = re.sub(r"\s+", " ", words.lower())
        for find, put in self._instead[language]:
            plain = find.sub(put, plain)
        return plain


def load_date_reader(data: Path) -> DateReader:
    """Read data/conversation/dates.yml.

    Raises:
        DataError: the file is missing, does not fit, or holds a pattern that cannot be read.
    """
    file = data / "conversation" / "dates.yml"
    content = load(file, DatesFile)
    try:
        return DateReader(content)
    except (re.error, KeyError) as error:
        raise DataError(f"{file}: a pattern cannot be read: {error}") from error


def said(day: date, language: str) -> str:
    """A date in words: "Tuesday 3 March 2026", in English where we do not know the language's way.

    Args:
        day: the date.
        language: a tag such as `cy` or `pa-Latn`.
    """
    locale = locale_of(language)
    # CLDR puts a comma after an English weekday; the house style does not.
    return format_date(day, "EEEE d MMMM y" if locale.startswith(_ENGLISH) else "full", locale=locale)


@functools.cache
def locale_of(language: str) -> str:
    """The CLDR locale of a language; British English where there is none in its script.

    Args:
        language: a tag such as `cy` or `pa-Latn`.
    """
    if language == _ENGLISH:
        return "en_GB"
    try:
        found = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return "en_GB"
    script = language.partition("-")[2]
    return str(found) if script in ("", found.script) else "en_GB"


def _parse(words: str, language: str, base: date, prefer: str) -> tuple[date | None, str]:
    read = _parser(language, base, prefer).get_date_data(words)
    return (read.date_obj.date() if read.date_obj else None), read.period


@functools.lru_cache(maxsize=32)
def _parser(language: str, base: date, prefer: str) -> Any:
    # Imported when first needed: the library takes a third of a second to load.
    from dateparser.date import DateDataParser

    settings = {
        "DATE_ORDER": "DMY",
        "PREFER_LOCALE_DATE_ORDER": False,
        "PREFER_DATES_FROM": prefer,
        "PREFER_DAY_OF_MONTH": "first",
        "RELATIVE_BASE": datetime.combine(base, time(12)),
    }
    return DateDataParser(languages=[language], settings=settings)


def _compiled(pattern: str, groups: dict[str, str], *, whole: bool) -> re.Pattern[str]:
    filled = re.sub(r"\{([a-z]\w*)\}", lambda name: groups[name[1]], pattern)
    if whole:
        filled = f"{_NO_WORD_BEFORE}(?:{filled}){_NO_WORD_AFTER}"
    return re.compile(filled.replace(" ?", r"\s*").replace(" ", r"\s+") if whole else filled, re.IGNORECASE)


def _ascii_digit(letter: str) -> str:
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter


def _end_of_month(day: date) -> date:
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following - timedelta(days=1)
