"""Cases from a force's CSV file, by a mapping: each row is checked, and either all of them are stored or none."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from collections.abc import Mapping as Table
from datetime import datetime
from pathlib import Path

import msgspec

from bot.cases.mapping import Mapping
from bot.cases.model import REQUIRED, CaseRecord
from bot.cases.references import Recognise, key_of
from bot.cases.row_reader import RowReader, WrongHeading
from bot.cases.sql import ReferencesShared, SqlCases

MOST_CODES = 50
"""More different codes than this in one column are no codes: they may be names or numbers, and are not repeated."""
_MOST_ROWS = 5


class ImportRefused(Exception):
    """The file as a whole cannot be read, or its rows cannot be stored; one argument for each reason."""


class Unmapped(msgspec.Struct, frozen=True, kw_only=True):
    """A code without a meaning.

    Attributes:
        kind: status, flag, role or owner.
        code: as it stands in the file; None for a column that holds too many to be codes.
        rows: numbers of the rows.
    """

    kind: str
    code: str | None
    rows: list[int]

    def __str__(self) -> str:
        if self.code is None:
            return f"{self.kind}: more than {MOST_CODES} different codes without a meaning. Is it the right column?"
        more = f" and {len(self.rows) - _MOST_ROWS} more" if len(self.rows) > _MOST_ROWS else ""
        rows = ", ".join(map(str, self.rows[:_MOST_ROWS]))
        return f"{self.kind} code '{self.code}' has no meaning in the mapping: rows {rows}{more}"


class Cases(msgspec.Struct, frozen=True, kw_only=True):
    """What was read.

    Attributes:
        records: cases of the rows without a problem.
        rows: their numbers; the heading is row 1.
        problems: what is wrong, one line each, in the order of the rows.
        unmapped: codes without a meaning, the commonest first.
        without_column: fields a case cannot be shown without, for which the mapping names no column.
    """

    records: list[CaseRecord]
    rows: list[int]
    problems: list[str]
    unmapped: list[Unmapped]
    without_column: list[str]


def read_cases(file: Path, mapping: Mapping, recognise: Recognise) -> Cases:
    """Read and check every row. Nothing is stored.

    Args:
        file: CSV in UTF-8, with a heading.
        mapping: what its columns and codes mean.
        recognise: reads references.

    Raises:
        ImportRefused: it is no such file, or lacks a column that the mapping names.
    """
    rows = _rows(file, mapping)
    heading = next(rows, None)
    if heading is None:
        raise ImportRefused("The file is empty.")
    try:
        reader = RowReader(mapping, recognise, heading[1])
    except WrongHeading as error:
        raise ImportRefused(*error.args) from error
    records: dict[int, CaseRecord] = {}
    problems: list[str] = []
    unmapped: dict[tuple[str, str], list[int]] = defaultdict(list)
    first_with: dict[str, int] = {}
    for number, cells in rows:
        record, wrong, codes = reader.read(cells)
        problems += [f"row {number}, {one}" for one in wrong]
        for code in codes:
            unmapped[code].append(number)
        if record is None:
            continue
        keys = {key_of(one) for one in (record.reference, *record.other_references)}
        earlier = [first_with[key] for key in keys if key in first_with]
        if earlier:
            problems.append(f"row {number}: has a number that row {min(earlier)} has, too")
        else:
            records[number] = record
        first_with |= {key: first_with.get(key, number) for key in keys}
    return Cases(
        records=list(records.values()),
        rows=list(records),
        problems=problems,
        unmapped=list(_listed(unmapped)),
        without_column=[name for name in REQUIRED if name not in reader.filled],
    )


def store_cases(found: Cases, cases: SqlCases, now: datetime, *, complete: bool = False) -> int:
    """Store what was read, all or nothing. Returns how many cases.

    Args:
        found: what `read_cases` gave.
        cases: our own tables.
        now: aware.
        complete: these are all cases there are; others are deleted.

    Raises:
        ImportRefused: there are problems or unmapped codes, or nothing to store, or a row's numbers belong to two
            cases that are known.
    """
    reasons = [*found.problems, *map(str, found.unmapped)]
    if reasons or not found.records:
        raise ImportRefused(*(reasons or ["The file holds no cases."]))
    try:
        cases.save(found.records, now, complete=complete)
    except ReferencesShared as error:
        rows = [found.rows[index] for index in error.indexes]
        raise ImportRefused(*(f"row {row}: its numbers belong to two cases that are known" for row in rows)) from error
    return len(found.records)


def _listed(unmapped: Table[tuple[str, str], list[int]]) -> Iterator[Unmapped]:
    kinds = Counter(kind for kind, _ in unmapped)
    for kind, count in kinds.items():
        if count > MOST_CODES:
            rows = sorted({row for (other, _), rows in unmapped.items() if other == kind for row in rows})
            yield Unmapped(kind=kind, code=None, rows=rows)
    for (kind, code), rows in sorted(unmapped.items(), key=lambda item: -len(item[1])):
        if kinds[kind] <= MOST_CODES:
            yield Unmapped(kind=kind, code=code, rows=rows)


def _rows(file: Path, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    """Numbers, counted as a spreadsheet counts, and cells; the heading first, empty rows left out."""
    number = 0
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            for number, cells in enumerate(csv.reader(text, delimiter=mapping.delimiter, strict=True), start=1):
                stripped = [cell.strip() for cell in cells]
                if any(stripped):
                    yield number, stripped
    except OSError as error:
        raise ImportRefused(f"The file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise ImportRefused("The file is not in UTF-8. Save it as 'CSV UTF-8' and try again.") from None
    except csv.Error as error:
        raise ImportRefused(f"The file is not CSV after row {number}: {error}.") from error
