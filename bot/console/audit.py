"""The section for auditors: the audit log of their organisation, read, filtered and exported."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from bot.console.lists import span
from bot.console.section import MenuEntry, Page, Visit
from bot.console.times import moment
from bot.staff.accounts import Accounts
from bot.staff.audit import MOST, SEEN, AuditLog, Entry, export
from bot.staff.roles import Role

AUDITORS: frozenset[Role] = frozenset({"auditor"})
PATH = "/audit"
ON_A_PAGE = 100
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an auditor looks for: as typed."""

    by: str = ""
    act: str = ""
    subject: str = ""
    first_day: str = ""
    last_day: str = ""

    def filters(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The same for `AuditLog.entries`, and what is wrong with it, by field."""
        days = ("first_day", "last_day")
        since, until, problems = span({name: getattr(self, name) for name in days}, days)
        found: dict[str, Any] = {"by": self.by, "act": self.act.rstrip("."), "subject": self.subject}
        return {**found, "since": since, "until": until}, problems


class Audit:
    """The audit log, for auditors.

    Args:
        log: all of it.
        accounts: names of staff.
        clock: seconds since the epoch.
    """

    def __init__(self, log: AuditLog, accounts: Accounts, clock: Callable[[], float] = time.time) -> None:
        self._log, self._accounts, self._clock = log, accounts, clock

    def pages(self) -> list[Page]:
        """Its pages."""
        return [
            Page(path=PATH, view=self._list, roles=AUDITORS),
            Page(path=f"{PATH}/export", view=self._export, roles=AUDITORS),
            Page(path=f"{PATH}/seen", view=self._seen, roles=AUDITORS, methods=("POST",)),
        ]

    def menu(self) -> list[MenuEntry]:
        """Its line in the navigation."""
        return [MenuEntry(title="Audit log", path=PATH)]

    async def _list(self, visit: Visit) -> Response:
        wanted, below = _wanted(visit), visit.request.query_params.get("below", "")
        organisation = visit.staff.organisation
        filters, problems = wanted.filters()
        entries: list[Entry] = []
        if not problems:
            entries = await asyncio.to_thread(
                self._log.entries,
                organisation=organisation,
                below=int(below) if below.isdecimal() and len(below) < 10 else None,
                limit=ON_A_PAGE + 1,
                **filters,
            )
        outside = await asyncio.to_thread(self._log.outside, organisation)
        people = await asyncio.to_thread(self._accounts.every, organisation)
        names = {account.staff.id: account.staff.name for account in people}
        visit.record("audit.read", **_told(wanted))
        shown, query = entries[:ON_A_PAGE], urlencode(_given(wanted))
        return visit.render(
            "audit/list.html",
            400 if problems else 200,
            wanted=wanted,
            problems=problems,
            entries=shown,
            outside=outside,
            names=names,
            moment=moment,
            more=f"{PATH}?{query}&below={shown[-1].id}" if len(entries) > ON_A_PAGE else "",
            exports={form: f"{PATH}/export?{query}&form={form}" for form in _TYPES},
        )

    async def _export(self, visit: Visit) -> Response:
        wanted = _wanted(visit)
        form: Literal["csv", "json"] = "json" if visit.request.query_params.get("form") == "json" else "csv"
        filters, problems = wanted.filters()
        if problems:
            return visit.not_found()
        visit.record("audit.export", form, **_told(wanted))
        text = await asyncio.to_thread(self._exported, visit.staff.organisation, form, filters)
        headers = {"Content-Disposition": f'attachment; filename="audit.{form}"'}
        return Response(text, media_type=_TYPES[form], headers=headers)

    def _exported(self, organisation: str, form: Literal["csv", "json"], filters: dict[str, Any]) -> str:
        return export(self._log.entries(organisation=organisation, limit=MOST, **filters), form)

    async def _seen(self, visit: Visit) -> Response:
        number = str((await visit.form()).get("entry", ""))
        outside: list[Entry] = await asyncio.to_thread(self._log.outside, visit.staff.organisation)
        if number not in [str(entry.id) for entry in outside]:
            return visit.not_found()
        visit.record(SEEN, number)
        return visit.redirect(PATH, "Marked as seen.")


def _wanted(visit: Visit) -> Wanted:
    asked = visit.request.query_params
    return Wanted(**{name: asked.get(name, "").strip()[:200] for name in Wanted.__struct_fields__})


def _given(wanted: Wanted) -> dict[str, str]:
    return {name: value for name, value in msgspec.structs.asdict(wanted).items() if value}


def _told(wanted: Wanted) -> dict[str, str]:
    """What is noted of a search: whether there was a subject, but nothing that was typed there."""
    typed = ("subject", "act")
    return {f"for_{name}": "given" if name in typed else value[:40] for name, value in _given(wanted).items()}
