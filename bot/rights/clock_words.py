"""The rights clock in plain sentences (data/conversation/clock.<language>.yml)."""

from datetime import date
from pathlib import Path

import msgspec
from babel import Locale
from babel.dates import format_time

from bot.data_files import DataError, load
from bot.rights.clock import Row
from bot.rights.dates import locale_of, said
from bot.rights.facts import load_facts
from bot.rights.situation import Reading
from bot.rights.working_days import LONDON


class Lines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sentences of a row; see the comments in the file."""

    by: str
    by_either: str
    by_enhanced_first: str
    by_moment: str
    no_date: str
    confirm_enhanced: str
    due: str
    passed_if_enhanced: str
    overdue: str
    unknown: str
    met: str
    complain: str
    ask_today: str
    told_late: str
    early: str
    near: str
    act_by: str
    sent: str
    hedged_duty: str
    hedged_deadline: str


class ToldEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Patterns by which people say that something happened; fields as in `bot.rights.situation.Reading`."""

    events: list[str]
    why: str
    patterns: list[str]
    unless: str = ""
    examples: list[str]
    not_examples: list[str]

    def reading(self, name: str) -> Reading:
        """The patterns for a reader of situations."""
        return Reading(
            entity=name,
            value=" ".join(self.events),
            why=self.why,
            patterns=self.patterns,
            unless=self.unless,
            examples=self.examples,
            not_examples=self.not_examples,
        )


class ClockPhrases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/clock.<language>.yml.

    Attributes:
        lines: the sentences of a row.
        days_left: by plural form, and `zero`.
        bodies: whom to ask, by the name in time-limits.yml.
        what: by id of a limit, what is owed; no full stop.
        undated: by id of a limit, what is said where no day can be counted.
        also: by id of an own time limit, what is said as long as it runs.
        groups, told: what people say has happened.
        language: set on loading.
    """

    version: int
    lines: Lines
    days_left: dict[str, str]
    bodies: dict[str, str]
    what: dict[str, str]
    undated: dict[str, str]
    also: dict[str, str]
    groups: dict[str, str]
    told: list[ToldEvent]
    language: str = "en"


def load_clock_phrases(data: Path, language: str = "en") -> ClockPhrases:
    """Read the words of one language.

    Raises:
        DataError: the file does not fit, lacks a limit or body, or names one that does not exist.
    """
    file = data / "conversation" / f"clock.{language}.yml"
    phrases = msgspec.structs.replace(load(file, ClockPhrases), language=language)
    limits = load_facts(data).limits
    if wrong := set(phrases.what) ^ set(limits):
        raise DataError(f"{file}: `what` and data/code/time-limits.yml differ in: {', '.join(sorted(wrong))}")
    owing = {name for one in limits.values() if one.kind != "victim_deadline" for name in one.responsible[:1]}
    if missing := owing - set(phrases.bodies):
        raise DataError(f"{file}: `bodies` lacks: {', '.join(sorted(missing))}")
    events = {limit.event for limit in limits.values()}
    if unknown := {event for one in phrases.told for event in one.events} - events:
        raise DataError(f"{file}: `told` names events that do not exist: {', '.join(sorted(unknown))}")
    return phrases


def words(row: Row, phrases: ClockPhrases) -> str:
    """A row of the clock in plain words.

    Args:
        row: from `bot.rights.clock.Clock`.
        phrases: the words of a language.
    """
    lines = phrases.lines
    what = phrases.what[row.limit]
    undated = phrases.undated.get(row.limit) or lines.no_date.format(what=what.rstrip(","))
    if row.past_due:
        return row.past_due
    if row.hedged:
        today = lines.ask_today if row.state == "ask_today" else None
        parts = [undated, _hedge(row, phrases), today, row.say_with]
    elif row.state == "ask_today":
        parts = [undated, lines.ask_today, lines.told_late if row.may_complain else None, row.say_with]
    elif row.own:
        parts = [undated, lines.sent] if row.state == "met" else [*_own_limit(row, what, phrases)]
    elif row.state == "met":
        parts = [undated, lines.met]
    else:
        parts = [_by(row, what, phrases), *_duty(row, phrases)]
    return " ".join(part for part in parts if part)


def day_of(row: Row, phrases: ClockPhrases) -> str:
    """The day that counts for a row, in words; empty where no day may or can be said."""
    return "" if row.state in ("met", "ask_today", "ask_anyway") or row.hedged else _day(row.latest, phrases)


def whom_to_ask(row: Row, phrases: ClockPhrases) -> str | None:
    """Whom to ring about a duty; None for a time limit of the person's own, whose words say it."""
    return None if row.own else phrases.bodies[row.responsible[0]]


def _own_limit(row: Row, what: str, phrases: ClockPhrases) -> list[str]:
    lines = phrases.lines
    if row.standard is None or row.days_left is None:
        return [phrases.undated.get(row.limit) or lines.no_date.format(what=what), lines.early]
    parts = [_by(row, what, phrases), _days_left(row.days_left, phrases)]
    if row.act_by and row.act_by != row.standard:
        parts.append(lines.act_by.format(act_by=said(row.act_by, phrases.language)))
    also = [phrases.also[row.limit]] if row.limit in phrases.also else []
    return [*parts, lines.near if row.warn_early else lines.early, *also]


def _duty(row: Row, phrases: ClockPhrases) -> list[str | None]:
    lines = phrases.lines
    confirm = lines.confirm_enhanced if row.confirm_enhanced else None
    if row.state == "due":
        return [lines.passed_if_enhanced if row.passed_if_enhanced else lines.due, confirm]
    passed = lines.overdue if row.state == "overdue" else lines.unknown
    return [passed, whom_to_ask(row, phrases), lines.complain if row.may_complain else None, confirm]


def _by(row: Row, what: str, phrases: ClockPhrases) -> str:
    lines = phrases.lines
    standard, enhanced = (_day(day, phrases) for day in (row.standard, row.enhanced))
    if row.moment is not None:
        local = row.moment.astimezone(LONDON)
        time = format_time(local.time(), "HH:mm", locale=locale_of(phrases.language))
        return lines.by_moment.format(what=what, time=time, standard=said(local.date(), phrases.language))
    if row.standard == row.enhanced or row.enhanced_rights in ("yes", "no"):
        return lines.by.format(what=what, standard=_day(row.latest, phrases))
    either = lines.by_enhanced_first if row.enhanced_rights == "likely" else lines.by_either
    return either.format(what=what, standard=standard, enhanced=enhanced)


def _hedge(row: Row, phrases: ClockPhrases) -> str:
    if row.own:
        return phrases.lines.hedged_deadline
    return phrases.lines.hedged_duty.format(ask=whom_to_ask(row, phrases))


def _day(day: date | None, phrases: ClockPhrases) -> str:
    return said(day, phrases.language) if day else ""


def _days_left(number: int, phrases: ClockPhrases) -> str:
    form = "zero" if number == 0 else Locale.parse(locale_of(phrases.language)).plural_form(number)
    return phrases.days_left.get(form, phrases.days_left["other"]).format(n=number)
