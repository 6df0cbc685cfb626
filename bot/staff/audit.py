"""The audit log: what staff did and read. Rows are only ever added, and each carries a hash over itself and the last.

Database triggers refuse to change a row or to delete a young one (migration 0009). The hash is keyed with a key that
stands in no database, so that whoever owns the database cannot make up a chain. The log holds ids, references and acts:
no personal data and no words. Rule: shared/protection.md, "Data protection": kept two years.
"""

import csv
import hashlib
import hmac
import io
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from bot.directory import LONDON
from bot.privacy.export import csv_safe
from bot.store.database import reading
from bot.store.staff_tables import audit

KEEP_S = 730 * 86_400.0
MARGIN_S = 3600.0
"""By how much the purge stays behind the triggers' two years: the database's clock may not be ours."""
PURGED = "audit.purge"
OUTSIDE, SEEN = "search.outside", "search.seen"
"""A search outside one's own work, and that an auditor has seen it: its subject is the entry's number."""
MOST = 100_000
_ACT = re.compile(r"[a-z_]+(\.[a-z_]+)*")
_BATCH = 500
_LONGEST = 200


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log.

    Attributes:
        id: counted from 1, without gaps.
        at: seconds since the epoch.
        by: id of the member of staff, or `command_line`, `service`.
        act: such as `referral.open`.
        subject: what it was done to: an id or a reference.
        organisation: that of who did it; empty for acts of the service.
        what: more of the same kind.
        hash: over this line and the one before.
    """

    id: int
    at: float
    by: str
    act: str
    subject: str
    organisation: str
    what: dict[str, str]
    hash: str


class Link(msgspec.Struct, frozen=True):
    """A line that was noted down elsewhere, to be found again: its number and hash."""

    id: int
    hash: str


class AuditLog:
    """The log in one database.

    Args:
        engine: an opened database.
        keys: what the chain is keyed with (`bot.cases.hashing.lookup_keys` with the purpose "audit"), newest first.
    """

    def __init__(self, engine: Engine, keys: Sequence[bytes] = (b"",)) -> None:
        self._engine, self._keys = engine, list(keys)

    def record(
        self,
        by: str,
        act: str,
        subject: str = "",
        organisation: str = "",
        what: Mapping[str, str] = MappingProxyType({}),
        at: float | None = None,
        connection: Connection | None = None,
    ) -> None:
        """Add a line.

        Args:
            by: who.
            act: words in small letters, joined by dots.
            subject: an id or a reference, never a name.
            organisation: that of who did it.
            what: more of the same kind.
            at: seconds since the epoch; now if left out.
            connection: the transaction the act itself is written in. Writers wait for each other from here to its
                end, so this comes last in it.

        Raises:
            ValueError: `act` is no act.
        """
        if not _ACT.fullmatch(act):
            raise ValueError(f"no act: {act!r}")
        told = (by, act, subject, organisation)
        values = {
            "at": time.time() if at is None else at,
            **dict(zip(("by", "act", "subject", "organisation"), map(_storable, told), strict=True)),
            "what": msgspec.json.encode({key: _storable(value) for key, value in sorted(what.items())}).decode(),
        }
        if connection is not None:
            self._append(connection, values)
        else:
            with self._engine.begin() as db:
                self._append(db, values)

    def entries(
        self,
        *,
        by: str = "",
        act: str = "",
        subject: str = "",
        organisation: str | None = None,
        since: float | None = None,
        until: float | None = None,
        below: int | None = None,
        limit: int = 100,
    ) -> list[Entry]:
        """Lines, the newest first.

        Args:
            by, subject: exactly these, if given.
            act: this one, or all that begin with it and a dot.
            organisation: that one's acts and those of the service; all if None.
            since, until: seconds since the epoch; `until` itself is left out.
            below: only lines with a smaller number, to page on.
            limit: most lines.
        """
        query = audit.select().order_by(audit.c.id.desc()).limit(limit)
        for column, wanted in ((audit.c.by, by), (audit.c.subject, subject)):
            query = query.where(column == wanted) if wanted else query
        if act:
            query = query.where(sa.or_(audit.c.act == act, audit.c.act.startswith(f"{act}.", autoescape=True)))
        if organisation is not None:
            query = query.where(audit.c.organisation.in_(["", organisation]))
        query = query.where(audit.c.at >= since) if since is not None else query
        query = query.where(audit.c.at < until) if until is not None else query
        query = query.where(audit.c.id < below) if below is not None else query
        with reading(self._engine) as db:
            return [_entry(row) for row in db.execute(query)]

    def outside(self, organisation: str | None = None) -> list[Entry]:
        """Searches outside one's own work that no auditor has seen yet, the newest first."""
        seen = {entry.subject for entry in self.entries(act=SEEN, organisation=organisation, limit=MOST)}
        found = self.entries(act=OUTSIDE, organisation=organisation, limit=MOST)
        return [entry for entry in found if str(entry.id) not in seen]

    def last(self) -> Link | None:
        """The newest line, to be noted down elsewhere; None while there is none."""
        with reading(self._engine) as db:
            row = db.execute(sa.select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)).first()
        return None if row is None else Link(row.id, row.hash)

    def verify(self, known: Link | None = None) -> list[str]:
        """Read the whole log and check its chain.

        Args:
            known: a line noted down earlier: it must still be there as it was. Without one, lines cut off at the end
                cannot be told.

        Returns:
            What is wrong, one sentence each; empty when the log is whole.
        """
        found: list[str] = []
        before: Row | None = None
        first: Row | None = None
        purged: dict[str, str] = {}
        seen = known is None
        for row in self._all():
            first = first or row
            if before is not None and row.id != before.id + 1:
                found.append(f"Lines are missing between {before.id} and {row.id}.")
            elif before is not None and row.previous != before.hash:
                found.append(f"Line {row.id} does not follow on line {before.id}.")
            if not any(hmac.compare_digest(row.hash, _hash(key, row._mapping)) for key in self._keys):
                found.append(f"Line {row.id} is not as it was written.")
            if row.act == PURGED:
                purged = msgspec.json.decode(row.what, type=dict[str, str])
            seen = seen or (known is not None and (row.id, row.hash) == (known.id, known.hash))
            before = row
        if first is not None and first.id == 1 and first.previous:
            found.append("Line 1 is not the first one.")
        if (
            first is not None
            and first.id > 1
            and (str(first.id - 1), first.previous)
            != (
                purged.get("through"),
                purged.get("hash"),
            )
        ):
            found.append(f"Lines before {first.id} are missing, and no purge took them.")
        if not seen and known is not None:
            found.append(f"Line {known.id} with the hash {known.hash} is not there.")
        return found

    def purge(self, before: float, now: float | None = None) -> int:
        """Delete lines older than a moment, but none younger than two years; the purge itself is noted.

        Args:
            before: seconds since the epoch.
            now: seconds since the epoch.

        Returns:
            How many were deleted.
        """
        now = time.time() if now is None else now
        before = min(before, now - KEEP_S - MARGIN_S)
        with self._engine.begin() as db:
            self._lock(db)
            # From the beginning up to the first that must stay, so that the chain has no hole.
            stays = db.execute(sa.select(sa.func.min(audit.c.id)).where(audit.c.at >= before)).scalar()
            old = sa.true() if stays is None else audit.c.id < stays
            end = db.execute(
                sa.select(audit.c.id, audit.c.hash).where(old).order_by(audit.c.id.desc()).limit(1)
            ).first()
            if end is None:
                return 0
            # Written first: where every line is old, the new one must follow on the last of them.
            self.record("service", PURGED, what={"through": str(end.id), "hash": end.hash}, at=now, connection=db)
            return int(db.execute(audit.delete().where(audit.c.id <= end.id)).rowcount)

    def _append(self, db: Connection, values: dict[str, object]) -> None:
        self._lock(db)
        last = db.execute(sa.select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)).first()
        row = {**values, "id": last.id + 1 if last else 1, "previous": last.hash if last else ""}
        db.execute(audit.insert().values(**row, hash=_hash(self._keys[0], row)))

    @staticmethod
    def _lock(db: Connection) -> None:
        # In SQLite there is one writer at a time anyway. In PostgreSQL readers are not kept waiting.
        if db.dialect.name != "sqlite":
            db.execute(sa.text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))

    def _all(self) -> Iterator[Row]:
        with reading(self._engine) as db:
            above = 0
            while rows := db.execute(
                audit.select().where(audit.c.id > above).order_by(audit.c.id).limit(_BATCH)
            ).fetchall():
                yield from rows
                above = rows[-1].id


def export(entries: Sequence[Entry], form: Literal["csv", "json"]) -> str:
    """Lines as a file, in the order given; in CSV nothing that a spreadsheet takes for a formula."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(list(entries)), indent=2).decode()
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "at", "by", "act", "subject", "organisation", "what", "hash"])
    for entry in entries:
        what = " ".join(f"{key}={value}" for key, value in entry.what.items())
        at = datetime.fromtimestamp(entry.at, LONDON).isoformat(timespec="seconds")
        cells = (str(entry.id), at, entry.by, entry.act, entry.subject, entry.organisation, what, entry.hash)
        writer.writerow([csv_safe(cell) for cell in cells])
    return out.getvalue()


def _storable(text: str) -> str:
    return text.replace("\x00", "")[:_LONGEST]


def _hash(key: bytes, row: Mapping[str, object]) -> str:
    told = [row[name] for name in ("id", "at", "by", "act", "subject", "organisation", "what", "previous")]
    return hmac.new(key, msgspec.json.encode(told), hashlib.sha256).hexdigest()


def _entry(row: Row) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        by=row.by,
        act=row.act,
        subject=row.subject,
        organisation=row.organisation,
        what=msgspec.json.decode(row.what, type=dict[str, str]),
        hash=row.hash,
    )
