"""Counters for supervisors: how many of each thing on each day, and nothing that leads to a conversation or a person.

A day's numbers are sums from the moment they are written: no row belongs to a message. What is shown of them is coarser
still (`bot.console.figures`).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from bot.rights.working_days import LONDON
from bot.store.database import reading
from bot.store.tables import counts

Counted = tuple[str, str]
"""A kind, such as `language`, and one of its keys, such as `pl`."""


class Counts:
    """The counters in one database.

    Args:
        engine: an opened database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @staticmethod
    def add(db: Connection, things: Iterable[Counted], now: float) -> None:
        """Count things, each time it is named by one, in one statement.

        Args:
            db: the transaction in which they happen. Others who count the same wait from here to its end, so this
                comes late in it.
            things: kinds and keys.
            now: seconds since the epoch; the day is London's.
        """
        found = Counter(things)
        if not found:
            return
        day = _day(now)
        # In one order, so that nobody waits for anybody crosswise.
        rows = [{"day": day, "kind": kind, "key": key, "n": n} for (kind, key), n in sorted(found.items())]
        insert = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
        new = insert(counts).values(rows)
        db.execute(
            new.on_conflict_do_update(index_elements=["day", "kind", "key"], set_={"n": counts.c.n + new.excluded.n})
        )

    def totals(self, since: date) -> dict[str, dict[str, int]]:
        """Sums by kind and key, from a day on."""
        query = (
            sa.select(counts.c.kind, counts.c.key, sa.func.sum(counts.c.n))
            .where(counts.c.day >= since)
            .group_by(counts.c.kind, counts.c.key)
            .order_by(counts.c.kind, counts.c.key)
        )
        found: dict[str, dict[str, int]] = {}
        with reading(self._engine) as db:
            for kind, key, n in db.execute(query):
                found.setdefault(kind, {})[key] = int(n)
        return found

    def by_day(self, kind: str, since: date) -> dict[date, int]:
        """Sums of one kind by day, from a day on; days without any are missing."""
        query = (
            sa.select(counts.c.day, sa.func.sum(counts.c.n))
            .where(counts.c.kind == kind, counts.c.day >= since)
            .group_by(counts.c.day)
            .order_by(counts.c.day)
        )
        with reading(self._engine) as db:
            return {day: int(n) for day, n in db.execute(query)}

    def purge(self, before: float) -> int:
        """Delete counters of days before that of a moment. Returns how many."""
        with self._engine.begin() as db:
            return int(db.execute(counts.delete().where(counts.c.day < _day(before))).rowcount)


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, LONDON).date()
