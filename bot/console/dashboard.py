"""The dashboard for supervisors: what people ask, in which languages, how long they wait. Counters only.

It opens no conversation and no referral, and its numbers are coarse (`bot.console.figures`), so nothing on it is
personal and looking at it is not noted. Waits and referrals are those of the own organisation.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import msgspec
from sqlalchemy.engine import Engine
from starlette.responses import Response

from bot.console.figures import LEAST, Figure, Figures, Heading, NumberWords
from bot.console.section import MenuEntry, Page, Visit
from bot.conversation.counting import ALERTED, CARD, CHANNEL, LANGUAGE, OUTCOME, RIGHT
from bot.data_files import load
from bot.handoff.queue import SUPERVISORS, may_see_restricted
from bot.handoff.waits import waits
from bot.language.languages import english_name
from bot.referrals.tally import tally
from bot.rights.facts import FactBase
from bot.rights.working_days import LONDON
from bot.staff.roles import Staff
from bot.store.counts import Counts

DASHBOARD = "/dashboard"
SPANS = {1: "Today", 7: "7 days", 30: "30 days"}


class DashboardWords(NumberWords, frozen=True, kw_only=True):
    """data/staff/dashboard.yml."""

    version: int
    outcomes: Heading
    rights: Heading
    languages: Heading
    channels: Heading
    days: Heading
    dangers: Heading
    waits: Heading
    referrals: Heading


def load_dashboard_words(data: Path) -> DashboardWords:
    """The words of the dashboard.

    Raises:
        bot.data_files.DataError: the file is wrong.
    """
    return load(data / "staff" / "dashboard.yml", DashboardWords)


class Dashboard:
    """The dashboard.

    Args:
        engine: an opened database.
        words: its words.
        base: the rights and what they are called.
        clock: seconds since the epoch.
    """

    def __init__(
        self, engine: Engine, words: DashboardWords, base: FactBase, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine, self._counts, self._words, self._clock = engine, Counts(engine), words, clock
        self._figures = Figures(words)
        rights = {str(number): f"{number}. {right.title}" for number, right in base.rights.items()}
        self._rights = _with_rows(words.rights, rights | words.rights.rows)

    def pages(self) -> list[Page]:
        """One page."""
        return [Page(path=DASHBOARD, view=self.page, roles=frozenset(SUPERVISORS))]

    def menu(self) -> list[MenuEntry]:
        """One line."""
        return [MenuEntry(title="Dashboard", path=DASHBOARD)]

    async def page(self, visit: Visit) -> Response:
        """All figures of today, 7 or 30 days."""
        asked = visit.request.query_params.get("days", "")
        days = int(asked) if asked in map(str, SPANS) else 1
        now = self._clock()
        figures = await asyncio.to_thread(self._all, visit.staff, days, now)
        return visit.render("dashboard/dashboard.html", figures=figures, days=days, spans=SPANS, now=now)

    def _all(self, staff: Staff, days: int, now: float) -> list[Figure]:
        today = datetime.fromtimestamp(now, LONDON).date()
        first = today - timedelta(days=days - 1)
        since = datetime.combine(first, clock_time(), LONDON).timestamp()
        totals = self._counts.totals(first)
        words, figures = self._words, self._figures
        waited = waits(self._engine, staff, since)
        referred = tally(self._engine, staff.organisation, since, restricted=may_see_restricted(staff))
        return [
            figures.counted("outcomes", words.outcomes, totals.get(OUTCOME, {})),
            *([self._days(first, today)] if days > 1 else []),
            figures.counted("rights", self._rights, totals.get(RIGHT, {})),
            self._languages(totals.get(LANGUAGE, {})),
            figures.counted("channels", words.channels, totals.get(CHANNEL, {})),
            figures.counted("dangers", words.dangers, totals.get(CARD, {}), totals.get(ALERTED, {})),
            figures.waited("waits", words.waits, {"taken": waited.taken, "first_reply": waited.first_reply}),
            figures.counted("referrals", words.referrals, referred),
        ]

    def _days(self, first: date, today: date) -> Figure:
        days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
        heading = _with_rows(self._words.days, {day.isoformat(): f"{day.day} {day:%B}" for day in days})
        found = self._counts.by_day(CHANNEL, first)
        return self._figures.counted("days", heading, {day.isoformat(): n for day, n in found.items()})

    def _languages(self, found: dict[str, int]) -> Figure:
        """Only languages that enough people write: a rare one on its own can tell of somebody."""
        often = sorted((tag for tag in found if found[tag] >= LEAST), key=lambda tag: (-found[tag], tag))
        heading = _with_rows(self._words.languages, {tag: english_name(tag) or tag for tag in often})
        return self._figures.counted("languages", heading, found)


def _with_rows(heading: Heading, rows: dict[str, str]) -> Heading:
    return msgspec.structs.replace(heading, rows=rows)
