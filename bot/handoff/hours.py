"""When each organisation answers: a week's hours, bank holidays and single days off, edited by supervisors.

The default is data/handoff/hours.yml. Bank holidays come from the `holidays` library, as everywhere here
(`bot.rights.working_days`). Times are London's.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

import msgspec

from bot.data_files import DataError, load
from bot.handoff.model import Window
from bot.rights.working_days import LONDON, is_working_day
from bot.staff.roles import ORGANISATIONS, OrganisationId

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AHEAD = 28
_SATURDAY = 5


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of one organisation.

    Attributes:
        weekly: spans such as `09:00-17:00` for each weekday that has any; `24:00` is the end of the day.
        closed: single days on which nobody answers.
        bank_holidays: whether they answer on bank holidays, too.
    """

    weekly: dict[Day, list[str]]
    closed: list[date] = []
    bank_holidays: bool = False

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """From when to when they answer on a day, in order."""
        if day in self.closed or (not self.bank_holidays and _is_bank_holiday(day)):
            return []
        return [_span(day, one) for one in sorted(self.weekly.get(DAYS[day.weekday()], []))]

    def is_open(self, now: datetime) -> bool:
        """Whether they answer at a moment."""
        local = now.astimezone(LONDON)
        return any(start <= local < end for start, end in self.spans(local.date()))

    def next_opening(self, now: datetime) -> datetime | None:
        """When they answer next, from a moment on; None where nothing is planned in the next four weeks."""
        return next((max(start, now.astimezone(LONDON)) for start, _ in self._ahead(now)), None)

    def windows(self, now: datetime, hours: int, most: int) -> list[Window]:
        """Spans to pick from for a call-back, beginning with the next shift.

        Args:
            now: this moment; a span that has begun is not offered.
            hours: length of one.
            most: how many.
        """
        found: list[Window] = []
        for start, end in self._ahead(now):
            at = start
            while at < end and len(found) < most:
                until = min(at + timedelta(hours=hours), end)
                if at >= now:
                    found.append(Window(start=at.timestamp(), end=until.timestamp()))
                at = until
        return found

    def problems(self) -> list[str]:
        """What is wrong with hours that somebody typed; empty when they can be kept."""
        found = []
        for day, spans in self.weekly.items():
            try:
                read = [_span(date(2026, 1, 1), one) for one in sorted(spans)]
            except ValueError:
                found.append(f"{day}: write times as 09:00-17:00")
                continue
            if any(start >= end for start, end in read):
                found.append(f"{day}: a time ends before it begins")
            if any(end > later for (_, end), (later, _) in pairwise(read)):
                found.append(f"{day}: two times overlap")
        return found

    def _ahead(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Spans that are not over, of today and the days to come."""
        local = now.astimezone(LONDON)
        for ahead in range(_AHEAD):
            for start, end in self.spans(local.date() + timedelta(days=ahead)):
                if end > local:
                    yield start, end


class HoursWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words in which hours are said."""

    days: dict[Day, str]
    span: str
    until: str
    always: str
    never: str
    bank_holidays: str


class _File(msgspec.Struct, frozen=True, kw_only=True):
    hours: dict[OrganisationId, Hours]


def load_hours(data: Path) -> dict[OrganisationId, Hours]:
    """The default hours of every organisation.

    Raises:
        bot.data_files.DataError: the file is wrong, or lacks an organisation.
    """
    file = data / "handoff" / "hours.yml"
    found = load(file, _File).hours
    for organisation in ORGANISATIONS:
        if organisation not in found or found[organisation].problems():
            raise DataError(f"{file}: {organisation}: missing, or a time that cannot be read")
    return found


def spoken(hours: Hours, words: HoursWords) -> str:
    """The week in one line: days with the same hours are joined, such as "Monday to Friday 9am to 5pm"."""
    week = [(day, tuple(sorted(hours.weekly.get(day, [])))) for day in DAYS]
    if all(spans == ("00:00-24:00",) for _, spans in week):
        return words.always
    parts, place = [], 0
    while place < len(week):
        last = place
        while last + 1 < len(week) and week[last + 1][1] == week[place][1]:
            last += 1
        if spans := week[place][1]:
            first, final = words.days[week[place][0]], words.days[week[last][0]]
            days = first if last == place else words.until.format(start=first, end=final)
            times = ", ".join(
                words.span.format(start=clock(start.time()), end=clock(end.time()))
                for start, end in (_span(date(2026, 1, 1), one) for one in spans)
            )
            parts.append(f"{days} {times}")
        place = last + 1
    if not parts:
        return words.never
    return ", ".join(parts) + ("" if hours.bank_holidays else words.bank_holidays)


def clock(at: time) -> str:
    """A time of day as people say it: `9am`, `5:30pm`."""
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def _is_bank_holiday(day: date) -> bool:
    return day.weekday() < _SATURDAY and not is_working_day(day)


def _span(day: date, text: str) -> tuple[datetime, datetime]:
    start, _, end = text.partition("-")
    whole = datetime.combine(day + timedelta(days=1), time(), LONDON)
    begins = datetime.combine(day, time.fromisoformat(start), LONDON)
    return begins, whole if end == "24:00" else datetime.combine(day, time.fromisoformat(end), LONDON)
