"""Counting days as in `counting_rules` of data/code/time-limits.yml: working days, days, months, and hours.

Bank holidays, with those that were moved or added, come from the `holidays` library for England; Wales has the same.
"""

import functools
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta

LONDON = ZoneInfo("Europe/London")
_DAY = timedelta(days=1)
_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Whether a day is from Monday to Friday and no bank holiday, Christmas Day or Good Friday."""
    return day.weekday() < _SATURDAY and day not in _bank_holidays()


def working_days_after(day: date, number: int) -> date:
    """The last day of a time limit in working days: the first working day after the event is day 1.

    Args:
        day: the day of the event, which is not counted.
        number: working days, 1 or more.
    """
    return _step(day, number, _DAY)


def working_days_before(day: date, number: int) -> date:
    """The last day on which notice of some working days is still given: `working_days_after`, backwards.

    Args:
        day: the day the notice is about, which is not counted.
        number: working days, 1 or more.
    """
    return _step(day, number, -_DAY)


def last_working_day_by(day: date) -> date:
    """The day itself, or where it is none the last working day before it."""
    return day if is_working_day(day) else working_days_before(day, 1)


def calendar_days_from(first: date, number: int) -> date:
    """The last of a number of days, of which `first` is the first; weekends and holidays count."""
    return first + timedelta(days=number - 1)


def months_after(day: date, number: int) -> date:
    """The same date some months later; where that does not exist, the last day of the month."""
    return day + relativedelta(months=number)


def hours_after(moment: datetime, number: int) -> datetime:
    """The moment some hours later, day and night, also over a change of the clocks.

    Args:
        moment: the moment; without a time zone it is London's.
        number: hours.
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=LONDON)
    return (aware.astimezone(timezone.utc) + timedelta(hours=number)).astimezone(LONDON)


def _step(day: date, number: int, step: timedelta) -> date:
    while number > 0:
        day += step
        number -= is_working_day(day)
    return day


@functools.cache
def _bank_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG")
