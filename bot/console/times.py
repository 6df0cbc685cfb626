"""Times as the console shows them, in Europe/London: `25 November 2026, 14:05`."""

from datetime import datetime

from bot.rights.working_days import LONDON

_MINUTE_S, _HOUR_S = 60, 3600


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


FILTERS = {"moment": moment, "clock": clock, "length_of_time": length}
