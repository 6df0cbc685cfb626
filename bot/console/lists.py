"""What lists of the console share: a filter's dates, pages, and files for a spreadsheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from bot.console.times import begins, read_day
from bot.privacy.export import csv_safe
from bot.rights.working_days import LONDON

T = TypeVar("T")
ON_A_PAGE = 50
Form = Mapping[str, str]


class Shown(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list.

    Attributes:
        items: what stands on it.
        count: how many there are in all.
        page, pages: this one, counted from 1, and how many.
        query: what the address carries besides the page.
    """

    items: list[T]
    count: int
    page: int
    pages: int
    query: str

    def link(self, page: int) -> str:
        """The address of another page of the list."""
        return f"?{self.query}{'&' if self.query else ''}page={page}"


def shown(items: Sequence[T], asked: Form) -> Shown[T]:
    """The page of a list that an address asks for.

    Args:
        items: the whole list.
        asked: the query of the address; a page that is none is the first.
    """
    pages = max(1, -(-len(items) // ON_A_PAGE))
    told = asked.get("page", "1")
    page = min(pages, max(1, int(told))) if told.isascii() and told.isdigit() and len(told) < 6 else 1
    rest = urlencode([(name, value) for name, value in asked.items() if name not in ("page", "done") and value])
    first = (page - 1) * ON_A_PAGE
    return Shown(items=[*items[first : first + ON_A_PAGE]], count=len(items), page=page, pages=pages, query=rest)


def span(asked: Form, names: tuple[str, str] = ("from", "to")) -> tuple[float | None, float | None, dict[str, str]]:
    """The first and the last day of a filter, both with all their hours in Europe/London.

    Args:
        asked: the query of the address.
        names: its fields for the two days.

    Returns:
        When they begin and end, in seconds since the epoch, None where nothing was given; and what is wrong, by field.
    """
    days = [read_day(asked.get(name, "")) for name in names]
    problems = {
        name: "Write the day as 25 November 2026 or 25/11/2026"
        for name, day in zip(names, days, strict=True)
        if day is None and asked.get(name, "").strip()
    }
    first, last = days
    if first and last and last < first:
        problems[names[1]] = "The last day must not be before the first"
    until = last + timedelta(days=1) if last and last < date.max else None
    return begins(first) if first else None, begins(until) if until else None, problems


def table_file(name: str, form: str, rows: Sequence[Mapping[str, str]]) -> Response:
    """A list as a file to keep: `csv` or `json`; in CSV nothing that a spreadsheet takes for a formula.

    Args:
        name: of the file, without its ending.
        form: `csv` or `json`.
        rows: the cells by column; all rows have the same columns.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "no-store"}
    if form == "json":
        content = msgspec.json.format(msgspec.json.encode([dict(row) for row in rows]), indent=2)
        return Response(content, media_type="application/json", headers=headers)
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([*rows[0]] if rows else [])
    writer.writerows([csv_safe(cell) for cell in row.values()] for row in rows)
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def iso(at: float | None) -> str:
    """A moment for a file: `2026-11-25T14:05:00+00:00`, in Europe/London; empty where there is none."""
    return "" if at is None else datetime.fromtimestamp(at, LONDON).isoformat(timespec="seconds")
