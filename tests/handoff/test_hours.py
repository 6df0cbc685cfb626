"""When each organisation answers."""

from datetime import date, datetime

import pytest

from bot.directory import LONDON
from bot.handoff.hours import Hours, load_hours, spoken
from bot.handoff.words import load_hand_off_words
from tests.conftest import DATA

WORDS = load_hand_off_words(DATA).hours
WEEK = Hours(weekly={day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")})
WEDNESDAY, CHRISTMAS = date(2026, 11, 25), date(2026, 12, 25)


def at(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


@pytest.mark.parametrize(("hour", "is_open"), [(8, False), (9, True), (16, True), (17, False)])
def test_it_is_open_from_the_first_minute_to_before_the_last(hour, is_open):
    assert WEEK.is_open(at(WEDNESDAY, hour)) is is_open


def test_a_bank_holiday_is_closed_unless_said_otherwise():
    assert not WEEK.is_open(at(CHRISTMAS, 12))
    assert Hours(weekly=WEEK.weekly, bank_holidays=True).is_open(at(CHRISTMAS, 12))


def test_a_single_day_may_be_closed():
    assert not Hours(weekly=WEEK.weekly, closed=[WEDNESDAY]).is_open(at(WEDNESDAY, 12))


def test_the_next_opening_leaps_over_the_weekend_and_holidays():
    assert WEEK.next_opening(at(date(2026, 12, 24), 18)) == at(date(2026, 12, 29), 9)


def test_it_is_now_while_it_is_open_and_never_where_nothing_is_planned():
    assert WEEK.next_opening(at(WEDNESDAY, 12)) == at(WEDNESDAY, 12)
    assert Hours(weekly={}).next_opening(at(WEDNESDAY, 12)) is None


def test_a_whole_day_ends_at_midnight():
    always = Hours(weekly={"wed": ["00:00-24:00"]})
    assert always.is_open(at(WEDNESDAY, 23, 59))
    assert not always.is_open(at(date(2026, 11, 26), 0))


def test_windows_begin_with_the_next_shift_and_none_has_begun():
    found = WEEK.windows(at(WEDNESDAY, 14), hours=2, most=3)
    assert [datetime.fromtimestamp(one.start, LONDON).hour for one in found] == [15, 9, 11]
    assert datetime.fromtimestamp(found[0].end, LONDON).hour == 17


@pytest.mark.parametrize(
    ("spans", "problem"),
    [
        (["9-5"], "write times"),
        (["17:00-09:00"], "ends before it begins"),
        (["09:00-12:00", "11:00-13:00"], "overlap"),
        (["25:00-26:00"], "write times"),
    ],
)
def test_hours_that_cannot_be_are_told_of(spans, problem):
    assert problem in Hours(weekly={"mon": spans}).problems()[0]


def test_days_with_the_same_hours_are_said_together():
    hours = Hours(weekly={**WEEK.weekly, "sat": ["10:00-12:30"]})
    assert spoken(hours, WORDS) == "Monday to Friday 9am to 5pm, Saturday 10am to 12:30pm, not on bank holidays"


def test_every_organisation_has_hours_to_begin_with():
    assert all(hours.problems() == [] for hours in load_hours(DATA).values())
