"""The rights clock: from what has happened and when, what is owed to a person and by which day.

It counts as `counting_rules` of data/code/time-limits.yml says (bot.rights.working_days), and keeps these rules of
shared/protection.md: a row about arrest, interview, release, bail, remand or escape (`never_on_time`) says only that
the person can ask today; a time limit of the person's own is never over, but says who can still accept a late request.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from bot.rights import working_days as count
from bot.rights.answers import Enhanced
from bot.rights.facts import Edition, FactBase, TimeLimit, right_of

State = Literal["met", "due", "overdue", "unknown", "ask_today", "ask_anyway"]
"""`unknown`: the day has passed and nobody said whether it was done, or no day can be counted. `ask_today`: no word
about time may be said. `ask_anyway`: the person's own time limit has passed."""

COMPLAINTS = "right_12/how_to_complain"
"""The topic whose responsible bodies are those that take a complaint under Right 12."""

_NATIONWIDE = frozenset({"England and Wales", "United Kingdom"})
# Notice that must come before a day: counted back from it, though its counting_starts reads like all others.
_NOTICE_BEFORE = frozenset({"warned_list_1"})
# An own time limit is near in its last quarter, and always in its last two weeks.
_NEAR_SHARE = 4
_NEAR_DAYS = 14


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened.

    Attributes:
        event: an `event` of data/code/time-limits.yml.
        on: the day; where only a span is known ("in March"), its first day. For `case_in_warned_period` the day of
            the trial.
        to: the last day of the span.
        at: the moment, for limits in hours.
    """

    event: str
    on: date
    to: date | None = None
    at: datetime | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One thing owed to the person, or one time limit of their own.

    Attributes:
        limit: id of the time limit.
        event, happened: what it is counted from.
        kind: a duty owed to the person, a time limit of their own, or another limit in law.
        topic: the topic that explains it.
        responsible: who must do it.
        state: see `State`.
        standard, enhanced: the latest day without and with enhanced rights; None where no day may or can be said.
        enhanced_rights: whether the person has enhanced rights, as far as known.
        moment: the latest moment of a limit in hours, where the moment of the event is known.
        passed_if_enhanced: still due, but past the day that holds with enhanced rights.
        confirm_enhanced: the time with enhanced rights was recalled, not read.
        days_left: days until the last day of an own time limit; never negative.
        act_by: the last working day inside an own time limit.
        warn_early: an own time limit is near.
        may_complain: a complaint under Right 12 can be made about it now.
        say_with, past_due: the fixed lines of the file that go with it, where they apply.
        hedged: kept out of the clock: a pilot, another area, or a rule that could not be checked. It has no dates.
    """

    limit: str
    event: str
    happened: date
    kind: Literal["service_standard", "victim_deadline", "legal_limit"]
    topic: str
    responsible: list[str]
    state: State
    standard: date | None = None
    enhanced: date | None = None
    enhanced_rights: Enhanced = "unknown"
    moment: datetime | None = None
    passed_if_enhanced: bool = False
    confirm_enhanced: bool = False
    days_left: int | None = None
    act_by: date | None = None
    warn_early: bool = False
    may_complain: bool = False
    say_with: str | None = None
    past_due: str | None = None
    hedged: bool = False

    @property
    def latest(self) -> date | None:
        """The day that counts: with enhanced rights only where they are certain, else the later one."""
        return self.enhanced if self.enhanced_rights == "yes" else self.standard

    @property
    def own(self) -> bool:
        """Whether it is a time limit of the person's own."""
        return self.kind == "victim_deadline"


class Clock:
    """Counts what is owed.

    Args:
        base: the fact base with the time limits.
    """

    def __init__(self, base: FactBase) -> None:
        self.limits = base.limits
        self._base = base

    def limits_of(self, event: str) -> list[str]:
        """Ids of the time limits that an event starts; none where the event is not known."""
        return [limit.id for limit in self.limits.values() if limit.event == event]

    def owed(
        self,
        events: Sequence[Happened],
        *,
        enhanced: Enhanced,
        today: date,
        area: str,
        edition: Edition,
        done: Mapping[str, bool] | None = None,
        born: date | None = None,
    ) -> list[Row]:
        """The clock: a row for each time limit in force here that one of the events starts.

        Args:
            events: what has happened.
            enhanced: whether the person has enhanced rights; unless it is "yes" or "no", both days are given.
            today: the day of the question.
            area: the police area, as in settings.
            edition: the edition of the Code in force.
            done: by id of a limit, whether it was done, as the person or the record says; left out where not known.
            born: the person's day of birth, only for limits that end on a birthday.

        Returns:
            Rows in the order of the events, for each event in the order of the file.

        Raises:
            ValueError: there is no such event.
        """
        found = self._started(events, area, edition, in_clock=True)
        return [self._row(one, limit, enhanced, today, edition, done or {}, born) for one, limit in found]

    def hedged(self, events: Sequence[Happened], *, today: date, area: str, edition: Edition) -> list[Row]:
        """What the events also start but the clock leaves out: rows without dates, to be said with a hedge.

        Args:
            events, today, area, edition: as for `owed`.

        Raises:
            ValueError: there is no such event.
        """
        rows = []
        for one, limit in self._started(events, area, edition, in_clock=False):
            last, _ = last_days(limit, one)
            passed = limit.kind == "victim_deadline" and last is not None and today > last
            state: State = "ask_today" if limit.never_on_time else "ask_anyway" if passed else "unknown"
            past_due = limit.past_due if passed else None
            rows.append(_plain(one, limit, state=state, past_due=past_due, hedged=True))
        return rows

    def _started(
        self, events: Sequence[Happened], area: str, edition: Edition, *, in_clock: bool
    ) -> Iterator[tuple[Happened, TimeLimit]]:
        for one in events:
            limits = [self.limits[name] for name in self.limits_of(one.event)]
            if not limits:
                raise ValueError(f"{one.event} is not an event of data/code/time-limits.yml")
            for limit in limits:
                if _holds(limit, one.on, area, edition) == in_clock:
                    yield one, limit

    def _row(
        self,
        one: Happened,
        limit: TimeLimit,
        rights: Enhanced,
        today: date,
        edition: Edition,
        done: Mapping[str, bool],
        born: date | None,
    ) -> Row:
        standard, enhanced = last_days(limit, one, born)
        last = enhanced if rights == "yes" else standard
        passed = last is not None and today > last
        was_done = done.get(limit.id)
        if limit.kind == "victim_deadline":
            return _own(one, limit, standard, today, was_done)
        complain = passed and was_done is not True and self._under_right_12(limit, edition)
        if limit.never_on_time:
            return _plain(one, limit, state="ask_today", may_complain=complain)
        state: State
        if was_done:
            state = "met"
        elif not passed:
            state = "due"
        else:
            state = "unknown" if was_done is None else "overdue"
        differs = enhanced != standard and rights != "no"
        return msgspec.structs.replace(
            _plain(one, limit, state=state, may_complain=complain),
            standard=standard,
            enhanced=enhanced,
            enhanced_rights=rights,
            moment=count.hours_after(one.at, limit.standard["hours"]) if one.at and "hours" in limit.standard else None,
            passed_if_enhanced=differs and state == "due" and enhanced is not None and today > enhanced,
            confirm_enhanced=differs and limit.certainty_enhanced == "recalled",
        )

    def _under_right_12(self, limit: TimeLimit, edition: Edition) -> bool:
        """A right of the Code that a body bound by it did not keep."""
        facts = self._base.facts.get((edition.id, COMPLAINTS))
        bound = set(facts.responsible) if facts else set()
        return (
            limit.kind == "service_standard"
            and right_of(limit.topic) is not None
            and bool(bound & {*limit.responsible})
        )


def last_days(limit: TimeLimit, one: Happened, born: date | None = None) -> tuple[date | None, date | None]:
    """The last day without and with enhanced rights, by the counting rules alone, whether or not it may be said.

    Args:
        limit: a time limit.
        one: what it is counted from.
        born: day of birth, for a limit that ends on a birthday; without it there is no day.
    """
    # The latest dates of a chain are the sums of its steps, counted from the hearing.
    duration = limit.latest_from_event or {"standard": limit.standard, "enhanced": limit.enhanced}
    return _latest(limit, duration["standard"], one, born), _latest(limit, duration["enhanced"], one, born)


def _holds(limit: TimeLimit, day: date, area: str, edition: Edition) -> bool:
    """Whether a limit belongs into the clock (`status`, `area`): in force here, read, and not of an earlier Code."""
    of_this_code = limit.edition is None or (limit.edition == edition.id and day >= edition.starts)
    return (
        limit.status == "in_force"
        and limit.certainty == "verified"
        and not limit.earlier_edition
        and of_this_code
        and bool((_NATIONWIDE | {area}) & set(limit.area))
    )


def _own(one: Happened, limit: TimeLimit, last: date | None, today: date, was_done: bool | None) -> Row:
    if was_done:
        return _plain(one, limit, state="met")
    if last is None:
        return _plain(one, limit, state="unknown")
    if today > last:
        return _plain(one, limit, state="ask_anyway", past_due=limit.past_due)
    left = (last - today).days
    near = left <= max(_NEAR_DAYS, (last - one.on).days // _NEAR_SHARE)
    return msgspec.structs.replace(
        _plain(one, limit, state="due"),
        standard=last,
        enhanced=last,
        days_left=left,
        act_by=count.last_working_day_by(last),
        warn_early=near,
    )


def _plain(
    one: Happened,
    limit: TimeLimit,
    *,
    state: State,
    may_complain: bool = False,
    past_due: str | None = None,
    hedged: bool = False,
) -> Row:
    return Row(
        limit=limit.id,
        event=one.event,
        happened=one.on,
        kind=limit.kind,
        topic=limit.topic,
        responsible=limit.responsible,
        state=state,
        may_complain=may_complain,
        say_with=limit.say_with,
        past_due=past_due,
        hedged=hedged,
    )


def _latest(limit: TimeLimit, duration: Mapping[str, int], one: Happened, born: date | None) -> date | None:
    """The last day of a duration. When unsure, the earlier day for the person's own limits, else the later one."""
    own = limit.kind == "victim_deadline"
    day = one.on if own else one.to or one.on
    ((unit, number),) = duration.items()
    if limit.id in _NOTICE_BEFORE:
        return count.working_days_before(day, number)
    # Where nobody could say whether "days" are working days, they are taken as the rounding rule says.
    if unit == "working_days" or (unit == "days" and not own):
        return count.working_days_after(day, number)
    if unit in ("calendar_days", "days"):
        first = day + timedelta(days=1) if limit.counting_starts.startswith("day after") else day
        return count.calendar_days_from(first, number)
    if unit == "hours":
        # Without the moment of the event, the end of its day.
        end = datetime.combine(day, datetime.max.time())
        return count.hours_after(one.at or end, number).date()
    if unit == "until_birthday":
        # "Until" a birthday: the day before it is the last that is certain.
        return count.months_after(born, 12 * number) - timedelta(days=1) if born else None
    return count.months_after(day, number * (12 if unit == "years" else 1))
