"""What a message says has happened, and which of its days belongs to it."""

from datetime import date

import pytest

from bot.rights.dates import load_date_reader
from bot.rights.events_told import load_event_reader
from bot.rights.happened import Told, told_in
from tests.rights.conftest import DATA

TODAY = date(2026, 11, 25)
EVENTS, DATES = load_event_reader(DATA), load_date_reader(DATA)


def told(text: str, language: str = "en") -> list[Told]:
    return told_in(text, language, TODAY, EVENTS, DATES)


@pytest.mark.parametrize(
    ("text", "event", "day"),
    [
        ("sentenced on 3 March, too lenient, how long have I got", "offender_sentenced", date(2026, 3, 3)),
        ("he was arrested yesterday and nobody told me", "suspect_arrested", date(2026, 11, 24)),
        ("my brother was killed and the man was sentenced on 3 March", "offender_sentenced", date(2026, 3, 3)),
        ("it was NFA'd on 2 November", "police_decide_not_to_prosecute_suspect", date(2026, 11, 2)),
        ("she's been charged", "suspect_charged", None),
    ],
)
def test_an_event_with_its_day(text: str, event: str, day: date | None) -> None:
    (one,) = told(text)
    assert one.events[0] == event
    assert one.day == day


def test_the_nearest_day_belongs_to_it() -> None:
    (one,) = told("he was arrested on 10 November and the court is on 5 December")
    assert one.day == date(2026, 11, 10)


def test_two_events_have_a_day_each() -> None:
    arrested, charged = told("he was arrested on 2 November and he was charged on 9 November")
    assert (arrested.day, charged.day) == (date(2026, 11, 2), date(2026, 11, 9))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("he was arrested on 31 February", "impossible"),
        ("he was arrested next friday", "future"),
        ("he was arrested in October", "ambiguous"),
        ("he was arrested in March 1940", "too_old"),
    ],
)
def test_what_is_odd_about_a_day_is_kept(text: str, problem: str) -> None:
    (one,) = told(text)
    assert problem in one.problems


@pytest.mark.parametrize("text", ["he was arrested on 31 February", "he was arrested next friday", "he was arrested"])
def test_without_a_day_that_has_been_nothing_can_be_counted(text: str) -> None:
    (one,) = told(text)
    assert not one.has_happened


def test_a_month_is_counted_as_its_days() -> None:
    (one,) = told("he was arrested in October")
    (happened,) = one.happened()
    assert (happened.on, happened.to) == (date(2026, 10, 1), date(2026, 10, 31))


@pytest.mark.parametrize("text", ["was he arrested on Monday?", "if he was arrested do they tell me", "hello"])
def test_a_question_tells_nothing(text: str) -> None:
    assert told(text) == []
