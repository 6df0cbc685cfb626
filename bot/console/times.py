"""Times as the console shows them, in Europe/London: `25 November 2026, 14:05`."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time

from bot.rights.working_days import LONDON

_MINUTE_S, _HOUR_S = 60, 3600
_DAYS = ("%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%Y-%m-%d")
_TIMES = ("%H:%M", "%H.%M")


def moment(at: float) -> str:
    """Day and time of a moment, in seconds since the epoch: `25 November 2026, 14:05`."""
    local = datetime.fromtimestamp(at, LONDON)
    return f"{local.day} {local:%B %Y, %H:%M}"


def clock(at: float) -> str:
    """Time of day of a moment: `14:05`."""
    return f"{datetime.fromtimestamp(at, LONDON):%H:%M}"


def window(start: float, end: float) -> str:
    """A span of one day: `25 November 2026, 14:00 to 16:00`."""
    return f"{moment(start)} to {clock(end)}"


def length(seconds: float) -> str:
    """How long something has been or will be, in words: `6 minutes`."""
    if seconds < _MINUTE_S:
        return "less than a minute"
    number, unit = (seconds // _MINUTE_S, "minute") if seconds < 2 * _HOUR_S else (seconds // _HOUR_S, "hour")
    return f"{number:.0f} {unit}{'' if number == 1 else 's'}"


def read_day(text: str) -> date | None:
    """A day as somebody typed it: `25 November 2026`, `25/11/2026`; None where it is none.

    Typed words, and not the browser's own field: that one puts the month first for some.
    """
    found = _read(text, _DAYS)
    return found.date() if found else None


def begins(day: date) -> float:
    """When a day begins in London, in seconds since the epoch."""
    return datetime.combine(day, time(), LONDON).timestamp()


def read_moment(text: str) -> datetime | None:
    """A day and time in London as somebody typed it: `25 November 2026, 14:05`; None where it is none."""
    found = _read(text.replace(",", " "), [f"{day} {clock}" for day in _DAYS for clock in _TIMES])
    return found.replace(tzinfo=LONDON) if found else None


def _read(text: str, ways: Sequence[str]) -> datetime | None:
    for way in ways:
        with suppress(ValueError):
            return datetime.strptime(" ".join(text.split()), way)
    return None


FILTERS = {"moment": moment, "clock": clock, "length_of_time": length}
