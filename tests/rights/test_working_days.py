"""Counting days: bank holidays as they really were, and rules that hold in every year."""

from datetime import date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rights.working_days import (
    LONDON,
    calendar_days_from,
    hours_after,
    is_working_day,
    last_working_day_by,
    months_after,
    working_days_after,
    working_days_before,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
NUMBERS = st.integers(1, 40)


@pytest.mark.parametrize(
    "day",
    [
        date(2020, 5, 8),  # moved from the Monday for VE day
        date(2022, 6, 2),  # moved from 30 May
        date(2022, 6, 3),  # Platinum Jubilee
        date(2022, 9, 19),  # the funeral of the Queen
        date(2023, 5, 8),  # the coronation
        date(2020, 12, 28),  # for Boxing Day on a Saturday
        date(2021, 12, 27),  # for Christmas Day on a Saturday
        date(2021, 12, 28),  # for Boxing Day on a Sunday
        date(2022, 12, 27),  # for Christmas Day on a Sunday
        date(2023, 1, 2),  # for New Year's Day on a Sunday
        date(2024, 3, 29),  # Good Friday
        date(2024, 4, 1),  # Easter Monday
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 8, 31),
        date(2027, 12, 27),
        date(2027, 12, 28),
    ],
)
def test_a_bank_holiday_is_no_working_day(day: date) -> None:
    assert day.weekday() < 5
    assert not is_working_day(day)


@pytest.mark.parametrize("day", [date(2020, 5, 4), date(2022, 5, 30), date(2026, 12, 24), date(2026, 4, 2)])
def test_a_day_that_only_looks_like_a_holiday_is_one(day: date) -> None:
    assert is_working_day(day)


def test_wales_has_the_same_bank_holidays() -> None:
    years = range(2020, 2036)
    england = holidays.country_holidays("GB", subdiv="ENG", years=years)
    assert set(england) == set(holidays.country_holidays("GB", subdiv="WLS", years=years))


@given(DAYS, NUMBERS)
def test_a_limit_ends_on_a_working_day_with_that_many_counted(day: date, number: int) -> None:
    last = working_days_after(day, number)
    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert is_working_day(last)
    assert sum(map(is_working_day, between)) == number


@given(DAYS, NUMBERS)
def test_steps_of_a_chain_add_up(day: date, number: int) -> None:
    assert working_days_after(working_days_after(day, 5), number) == working_days_after(day, 5 + number)


@given(DAYS, NUMBERS)
def test_a_later_event_never_gives_an_earlier_day(day: date, number: int) -> None:
    assert working_days_after(day, number) <= working_days_after(day + timedelta(days=1), number)


@given(DAYS, NUMBERS)
def test_counting_back_undoes_counting_on(day: date, number: int) -> None:
    last = working_days_after(day, number)
    assert working_days_before(last, number) == last_working_day_by(day)


@given(st.integers(2020, 2035))
def test_christmas_never_shortens_a_limit(year: int) -> None:
    eve = date(year, 12, 24)
    assert working_days_after(eve, 1) > date(year, 12, 26)


@given(DAYS)
def test_there_is_no_week_without_a_working_day(day: date) -> None:
    assert (working_days_after(day, 1) - day).days <= 6


@given(DAYS, NUMBERS)
def test_months_end_on_the_same_date_or_the_last_of_the_month(day: date, number: int) -> None:
    last = months_after(day, number)
    assert (last.year - day.year) * 12 + last.month - day.month == number
    assert last.day == day.day or (last.day < day.day and (last + timedelta(days=1)).day == 1)


@given(DAYS, NUMBERS)
def test_of_calendar_days_the_first_is_counted(day: date, number: int) -> None:
    assert (calendar_days_from(day, number) - day).days == number - 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 11, 10, 9, 30), datetime(2026, 11, 11, 9, 30)),
        (datetime(2026, 10, 24, 20, 0), datetime(2026, 10, 25, 19, 0)),  # the clocks go back
        (datetime(2026, 3, 28, 20, 0), datetime(2026, 3, 29, 21, 0)),  # the clocks go forward
    ],
)
def test_hours_run_through_a_change_of_the_clocks(start: datetime, end: datetime) -> None:
    assert hours_after(start, 24) == end.replace(tzinfo=LONDON)
