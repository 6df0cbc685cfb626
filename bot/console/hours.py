"""Opening hours and shifts of an organisation, for its supervisors: when people may be offered its staff.

The desk keeps them and notes each change in the audit log (`bot.handoff.opening`).
"""

import asyncio
import re
import time
from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.responses import Response

from bot.console.section import MenuEntry, Page, Visit
from bot.console.times import read_day
from bot.handoff.desk import HandOffDesk
from bot.handoff.hours import DAYS, Day, Hours, spoken
from bot.handoff.queue import SUPERVISORS
from bot.staff.roles import ORGANISATIONS, Staff

PATH = "/hours"
NAMES: dict[Day, str] = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
CLOSED, BANK_HOLIDAYS = "closed", "bank_holidays"
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?:[:.](\d{2}))?")
_SEPARATOR = re.compile(r",|;|\band\b")
_LONGEST = 2000


class OpeningHours:
    """Hours of a supervisor's own organisation.

    Args:
        desk: keeps them.
        clock: seconds since the epoch.
    """

    def __init__(self, desk: HandOffDesk, clock: Callable[[], float] = time.time) -> None:
        self._desk, self._clock = desk, clock

    def pages(self) -> list[Page]:
        """Its page and its form."""
        roles = frozenset(SUPERVISORS)
        return [
            Page(path=PATH, view=self._show, roles=roles),
            Page(path=f"{PATH}/set", view=self._set, roles=roles, methods=("POST",)),
        ]

    def menu(self) -> list[MenuEntry]:
        """Its line in the navigation."""
        return [MenuEntry(title="Hours", path=PATH)]

    async def _show(self, visit: Visit) -> Response:
        hours = await asyncio.to_thread(self._desk.opening.hours, visit.staff.organisation)
        return await self._page(visit, written(hours), {})

    async def _set(self, visit: Visit) -> Response:
        typed = _typed(await visit.form())
        hours, errors = read(typed)
        if not errors:
            told = await asyncio.to_thread(self._desk.opening.set_hours, visit.staff, hours, self._clock())
            errors = _by_field(told)
        if errors:
            return await self._page(visit, typed, errors)
        return visit.redirect(PATH, "The hours are changed.")

    async def _page(self, visit: Visit, typed: dict[str, str], errors: dict[str, str]) -> Response:
        hours, is_open, on_duty = await asyncio.to_thread(self._standing, visit.staff)
        return visit.render(
            "hours/hours.html",
            422 if errors else 200,
            organisation=ORGANISATIONS[visit.staff.organisation],
            told=spoken(hours, self._desk.room.words.hours),
            is_open=is_open,
            on_duty=on_duty,
            days=NAMES,
            typed=typed,
            errors=errors,
        )

    def _standing(self, staff: Staff) -> tuple[Hours, bool, list[Staff]]:
        room, now = self._desk.room, self._clock()
        hours = self._desk.opening.hours(staff.organisation)
        return hours, hours.is_open(room.moment(now)), room.there(staff.organisation, now, restricted=False)


def written(hours: Hours) -> dict[str, str]:
    """Hours as the form shows them, by field."""
    days: dict[str, str] = {day: ", ".join(sorted(hours.weekly.get(day, []))) for day in DAYS}
    closed = "\n".join(f"{day.day} {day:%B %Y}" for day in sorted(hours.closed))
    return {**days, CLOSED: closed, BANK_HOLIDAYS: "yes" if hours.bank_holidays else ""}


def read(typed: dict[str, str]) -> tuple[Hours, dict[str, str]]:
    """What somebody typed as hours, and what is wrong with it, by field.

    Args:
        typed: the form, by field; times such as `9 to 17` or `09:00-17:00`, several separated by commas.
    """
    weekly = {day: [_span(one) for one in _SEPARATOR.split(typed[day]) if one.strip()] for day in DAYS}
    closed, errors = [], {}
    for line in filter(str.strip, typed[CLOSED].splitlines()):
        day = read_day(line)
        if day is None:
            errors[CLOSED] = "Write each day like 25 December 2026, one on a line."
        else:
            closed.append(day)
    found = Hours(
        weekly={day: spans for day, spans in weekly.items() if spans},
        closed=sorted(set(closed)),
        bank_holidays=typed[BANK_HOLIDAYS] == "yes",
    )
    return found, {**_by_field(found.problems()), **errors}


def _by_field(problems: list[str]) -> dict[str, str]:
    """Problems such as `mon: two times overlap`, said for people."""
    found: dict[str, str] = {}
    for problem in problems:
        day, _, what = problem.partition(": ")
        name = next((name for known, name in NAMES.items() if known == day), day)
        found.setdefault(day, f"{name}: {what}.")
    return found


def _typed(form: FormData) -> dict[str, str]:
    return {field: str(form.get(field, ""))[:_LONGEST] for field in (*DAYS, CLOSED, BANK_HOLIDAYS)}


def _span(text: str) -> str:
    """A span as it is kept; what cannot be read stays as it is, for the check to say so."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return text.strip()
    start, start_minute, end, end_minute = found.groups(default="00")
    return f"{start:0>2}:{start_minute}-{end:0>2}:{end_minute}"
