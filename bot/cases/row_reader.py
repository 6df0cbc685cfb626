"""One row of a force's file of cases, by a mapping.

What is said about a row names its column and never what stands in it; only codes are repeated, so that somebody can map
them.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Table
from datetime import date, datetime
from datetime import time as clock
from functools import partial
from typing import TypeVar

import msgspec
from msgspec import UNSET

from bot.cases.contacts import WrongAddress, tidy
from bot.cases.mapping import Mapping, Status
from bot.cases.model import CaseRecord, SafeContact
from bot.cases.references import Recognise
from bot.directory import LONDON

T = TypeVar("T")
_EARLIEST = 1900
_ROLE, _FLAG, _STATUS, _OWNER = "role", "flag", "status", "owner"
_EMPTY: dict[str, object] = {
    "other_references": [],
    "person_role": "other",
    "enhanced": "unknown",
    "last_risk_event_at": UNSET,
    "online_allowed": False,
    "online_decided_by": [],
}
"""What an empty cell means, where it is not None: the defaults of `provider_required_fields`; unknown stays unknown."""
_NONE: dict[str, object] = {"linked_case_roles": [], "case_flags": [], "last_risk_event_at": None}
"""What a cell means that says "none", where it is not the same as an empty one."""


class WrongHeading(Exception):
    """The file lacks a column or has it twice; one argument for each."""


class _Wrong(Exception):
    """A cell cannot be used; the message says why, without what stands there."""


class _NoMeaning(Exception):
    """A code is in no table. Arguments: kind, code."""


class RowReader:
    """Reads rows of a file with one heading.

    Args:
        mapping: what columns and codes mean.
        recognise: reads references.
        heading: the first row.

    Raises:
        WrongHeading: a column that the mapping names is missing or there twice.

    Attributes:
        filled: fields that a column fills.
    """

    def __init__(self, mapping: Mapping, recognise: Recognise, heading: Sequence[str]) -> None:
        self._mapping, self._recognise, self._width = mapping, recognise, len(heading)
        named = {name: column for name, column in msgspec.structs.asdict(mapping.columns).items() if column}
        wanted = [*named.values(), *mapping.events]
        counts = Counter(heading)
        reasons = [f"The file has no column '{column}'." for column in wanted if not counts[column]]
        reasons += [f"The file has more than one column '{column}'." for column in wanted if counts[column] > 1]
        if reasons:
            raise WrongHeading(*reasons)
        self._places = {name: heading.index(column) for name, column in named.items()}
        self._events = [(column, heading.index(column), kind) for column, kind in mapping.events.items()]
        self._columns = named
        contact = {"safe_contact"} if {"safe_mobile", "safe_email"} & set(named) else set()
        self.filled = contact | {"stage" if name == "status" else name for name in named}
        moment, last_moment = self._moment, partial(self._moment, ends=True)
        self._readers: dict[str, Callable[[str], object]] = {
            "reference": self._reference,
            "other_references": lambda cell: [self._reference(one) for one in self._several(cell)],
            "changed_at": last_moment,
            "enhanced": lambda cell: "yes" if self._yes(cell) else "no",
            "hearing_on": self._day,
            "person_role": partial(self._meaning, _ROLE, mapping.roles),
            "linked_case_roles": lambda cell: [self._meaning(_ROLE, mapping.roles, one) for one in self._several(cell)],
            "acts_until": self._day,
            "safe_contact_confirmed_by": str,
            "safe_contact_confirmed_at": moment,
            "last_risk_event_at": last_moment,
            "case_flags": lambda cell: [
                flag for one in self._several(cell) for flag in self._meaning(_FLAG, mapping.flags, one)
            ],
            "online_allowed": self._yes,
            "online_decided_by": self._several,
            "told_in_person_at": moment,
            "updated_at": moment,
        }

    def read(self, cells: Sequence[str]) -> tuple[CaseRecord | None, list[str], list[tuple[str, str]]]:
        """A row's case or None, what is wrong with it, and its codes without a meaning."""
        if len(cells) != self._width:
            return None, [f"all of it: has {len(cells)} cells where the heading has {self._width}"], []
        wrong: list[str] = []
        codes: list[tuple[str, str]] = []

        def tried(column: str, read: Callable[[], T]) -> T | None:
            try:
                return read()
            except _Wrong as error:
                wrong.append(f"{column}: {error}")
            except _NoMeaning as error:
                codes.append(error.args)
            return None

        values: dict[str, object] = {}
        for name, read in self._readers.items():
            if name in self._columns:
                cell = cells[self._places[name]]
                values[name] = tried(self._columns[name], partial(self._value, name, cell, read))
        status = tried(self._columns["status"], lambda: self._status(cells))
        if status is not None:
            values |= {"stage": status.stage, "side_state": status.side_state}
            if isinstance(values.get("case_flags"), list):
                values["case_flags"] = sorted({*values["case_flags"], *status.flags})  # type: ignore[misc]
        if "safe_contact" in self.filled:
            values["safe_contact"] = tried("safe contact", lambda: self._contact(cells))
        values["events"] = [
            {"kind": kind, "on": on}
            for column, place, kind in self._events
            if cells[place]
            and cells[place] not in self._mapping.none
            and (on := tried(column, partial(self._day, cells[place])))
        ]
        if wrong or codes:
            return None, wrong, codes
        given = {name: value for name, value in values.items() if value is not UNSET}
        try:
            return msgspec.convert(given, CaseRecord), [], []
        except msgspec.ValidationError as error:
            # Its words name lengths and types; what stands in the cell is in none of them.
            return None, [f"all of it: {error}"], []

    def _value(self, name: str, cell: str, read: Callable[[str], object]) -> object:
        if cell in self._mapping.none and name in _NONE:
            return _NONE[name]
        if not cell or cell in self._mapping.none:
            return _EMPTY.get(name)
        return read(cell)

    def _reference(self, cell: str) -> str:
        found = self._recognise(cell)
        # Words such as "not given" are no number, though a person may look for anything.
        if not found.finds_case or not any(map(str.isdigit, found.key)):
            raise _Wrong("is not a number that a case can be found by")
        return found.written

    def _status(self, cells: Sequence[str]) -> Status:
        cell = cells[self._places["status"]]
        if not cell:
            raise _Wrong("is empty")
        return self._meaning(_STATUS, self._mapping.statuses, cell)

    def _contact(self, cells: Sequence[str]) -> SafeContact | None:
        given = {name: cells[place] for name, place in self._places.items()}
        mobile, email, owner = (given.get(name, "") for name in ("safe_mobile", "safe_email", "contact_belongs_to"))
        if not mobile and not email:
            return None
        try:
            return tidy(
                SafeContact(
                    channel="sms" if mobile else "email",
                    address=mobile or email,
                    belongs_to=self._meaning(_OWNER, self._mapping.owners, owner) if owner else "unknown",
                )
            )
        except WrongAddress as error:
            raise _Wrong(str(error)) from error

    def _several(self, cell: str) -> list[str]:
        return [one.strip() for one in cell.split(self._mapping.separator) if one.strip()]

    def _yes(self, cell: str) -> bool:
        if cell not in self._mapping.yes and cell not in self._mapping.no:
            raise _Wrong("is neither yes nor no, as the mapping writes them")
        return cell in self._mapping.yes

    def _day(self, cell: str) -> date:
        return self._moment(cell).date()

    def _moment(self, cell: str, ends: bool = False) -> datetime:
        """A moment of London. A day without a time is its beginning; with `ends`, its end: the safe side of each."""
        for form in self._mapping.dates:
            try:
                found = datetime.strptime(cell, form)
            except ValueError:
                continue
            if found.year < _EARLIEST:
                break
            if "%H" not in form:
                found = datetime.combine(found, clock.max if ends else clock.min)
            return found if found.tzinfo else found.replace(tzinfo=LONDON)
        raise _Wrong("is not a date in a form that `dates` of the mapping names")

    @staticmethod
    def _meaning(kind: str, table: Table[str, T], code: str) -> T:
        if code not in table:
            raise _NoMeaning(kind, code)
        return table[code]
