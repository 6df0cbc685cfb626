"""The directory of services (data/services/directory.yml): which number may be shown, and who is open now.

Rules for use stand at the top of that file: a `recalled` or `confirm` number is never shown; outside demonstration mode
an entry nobody has rung is not shown in a danger card; unknown hours count as possibly closed.
"""

from datetime import datetime, time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import holidays
import msgspec

from bot.conversation.messages import Contact
from bot.data_files import load

LONDON = ZoneInfo("Europe/London")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One service as listed."""

    id: str
    name: str
    what: str
    area: str
    certainty: Literal["verified", "recalled"]
    phone: str | None = None
    text: str | None = None
    url: str | None = None
    hours: str | None = None
    open: dict[str, Any] | Literal["unknown"] = "unknown"
    confirm: bool = False
    out_of_hours: dict[str, Any] | None = None

    @property
    def number(self) -> str | None:
        """The phone or text number that may be shown, or None."""
        if self.certainty == "recalled" or self.confirm:
            return None
        return self.phone or self.text

    @property
    def showable(self) -> bool:
        """Has a number, or at least a page, that may be shown."""
        return bool(self.number or self.url)

    def is_open(self, now: datetime) -> bool | None:
        """Whether someone answers at this moment; None where the hours are not known."""
        if self.open == "unknown":
            return None
        if self.open.get("always"):
            return True
        local = now.astimezone(LONDON)
        if local.date() in holidays.country_holidays("GB", subdiv="ENG", years=local.year):
            return False
        spans = self.open["weekly"].get(_DAYS[local.weekday()], [])
        return any(_clock(start) <= local.time() < _clock(end) for start, _, end in (s.partition("-") for s in spans))


class _File(msgspec.Struct, frozen=True):
    services: list[Service]
    rung_exempt: list[str]
    rung: dict[str, Any]


class Directory:
    """All services by id.

    Args:
        data: the data folder.
        demo: demonstration mode, in which numbers nobody has rung yet are shown too.

    Raises:
        DataError: the file does not fit.
    """

    def __init__(self, data: Path, demo: bool) -> None:
        file = load(data / "services" / "directory.yml", _File)
        self.services = {service.id: service for service in file.services}
        self._rung = set(file.rung_exempt) | set(file.rung)
        self._demo = demo

    def may_show_in_danger(self, service: str) -> bool:
        """A danger card may name this service: it has something to show, and somebody rang it (or this is a demo)."""
        known = self.services[service]
        return known.showable and (self._demo or service in self._rung)

    def contact(self, service: str, now: datetime) -> Contact:
        """A service as a line of a card: its name, its number if it may be shown, and when it answers."""
        known = self.services[service]
        state = known.is_open(now)
        if state is False:
            note = f"Closed now. Open {known.hours}" if known.hours else "Closed now"
        elif state is None and service != "emergency_999":
            note = "Check the website for opening times"
        else:
            note = ""
        return Contact(name=known.name, number=known.number or "", note=note, url=known.url or "")


def _clock(text: str) -> time:
    # 24:00 stands for the end of the day, which Python's clock does not have.
    return time.max if text == "24:00" else time.fromisoformat(text)
