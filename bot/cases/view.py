"""The case in words a victim can use. Names, places and evidence are in no record, so none can be shown.

Sources: stages of data/cases/stages.yml; shared/content-guide.md; "What is shown" of the case status.
"""

from datetime import date, datetime
from pathlib import Path

import msgspec
from babel.dates import format_date, format_time

from bot.cases.model import CaseEvent, CaseRecord, Enhanced
from bot.cases.rules import is_high_risk, stage_of
from bot.cases.stages import Duty, Stages
from bot.data_files import DataError, load
from bot.directory import LONDON

_LOCALE = "en_GB"


class Within(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time in words, where enhanced rights make it shorter."""

    standard: str
    enhanced: str
    unknown: str


class Holder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who can answer, and how to reach them."""

    name: str
    how: str


class CaseWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/cases.<language>.yml."""

    version: int
    changed: str
    unchanged: str
    read: str
    read_unknown: str
    court_lag: str
    hearing: str
    next_heading: str
    next_none: str
    duties_heading: str
    duty: str
    duty_usual: str
    ask: str
    safety_line: str
    holders: dict[str, Holder]
    duty_holders: dict[str, str]
    stages: dict[str, str]
    within: dict[str, str | Within]
    references: dict[str, str]


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a case, in words, in the order in which it is read.

    Attributes:
        stage, side_state: their ids.
        title: the stage in a few words.
        plain: what it means.
        side: one more line, where something besides the stage holds.
        changed: since when.
        unchanged: that nothing is new since, as an answer in its own right; says whom to ask.
        read: when the feed last worked, and that court news can lag.
        hearing: the court date on the record, if it is still to come.
        next_heading, next: what usually comes next.
        ask: whom to ask and how.
        duties_heading, duties: what starts here, who owes it, and by when.
        topics: ids of the topics that apply now, for buttons.
        custody_line: must stand with the stage wherever it is given.
        safety_line: help, where the stage moves risk or the case is of a high-risk kind.
        events, enhanced, changed_on: for the rights clock; not for the screen.
    """

    stage: str
    side_state: str | None
    title: str
    plain: str
    side: str | None
    changed: str
    unchanged: str
    read: str
    hearing: str | None
    next_heading: str
    next: list[str]
    ask: str
    duties_heading: str
    duties: list[str]
    topics: list[str]
    custody_line: str | None
    safety_line: str | None
    events: list[CaseEvent]
    enhanced: Enhanced
    changed_on: date

    def blocks(self) -> list[str]:
        """The view in three parts, to be read in this order; the custody line stands with the stage, at the top."""
        first = [f"{self.title}.", self.plain, self.side, self.custody_line, self.safety_line, self.hearing]
        second = [self.changed, self.ask, _listed(self.next_heading, self.next)]
        third = [_listed(self.duties_heading, self.duties), self.read]
        return ["\n\n".join(filter(None, part)) for part in (first, second, third)]


def load_case_words(data: Path, stages: Stages, language: str = "en") -> CaseWords:
    """The words of one language.

    Raises:
        DataError: the file does not fit, or lacks words for something that stages.yml names.
    """
    path = data / "conversation" / f"cases.{language}.yml"
    words = load(path, CaseWords)
    duties = [duty for stage in stages.stages.values() for duty in stage.duties]
    needed = [
        ("stages", set(stages.stages), set(words.stages)),
        ("within", {duty.within for duty in duties}, set(words.within)),
        ("duty_holders", {duty.who for duty in duties}, set(words.duty_holders)),
        ("holders", {stage.holder for stage in stages.stages.values()}, set(words.holders)),
    ]
    for part, names, known in needed:
        if names - known:
            raise DataError(f"{path}: {part} lacks {', '.join(sorted(names - known))}")
    return words


def view_of(
    record: CaseRecord, stages: Stages, words: CaseWords, read_at: datetime | None, now: datetime, area: str
) -> CaseView:
    """A record in words. Ask `bot.cases.rules` first whether it may be shown.

    Args:
        record: with a stage that is known.
        stages, words: what it means and how it is said.
        read_at: when the feed last worked; None where nobody knows.
        now: aware.
        area: police area served.

    Raises:
        ValueError: the record has no stage that is known, or no day on which it began.
    """
    found = stage_of(record, stages)
    if found is None or not isinstance(record.changed_at, datetime):
        raise ValueError("a record that may not be shown")
    stage, side = found
    holder = words.holders["family_liaison" if _bereaved(record) else stage.holder]
    began = record.changed_at.astimezone(LONDON)
    parts = (stage, side) if side else (stage,)
    today = now.astimezone(LONDON).date()
    coming = record.hearing_on if record.hearing_on is not None and record.hearing_on >= today else None
    here = side is not None and (side.area is None or side.area == area.lower().replace(" ", "_"))
    return CaseView(
        stage=stage.id,
        side_state=side.id if side else None,
        title=words.stages[stage.id],
        plain=stage.plain,
        side=side.line if side and here else None,
        changed=words.changed.format(date=_day(began)),
        unchanged=words.unchanged.format(date=_day(began), who=holder.name),
        read=_read(words, read_at, in_court=stage.phase == "court"),
        hearing=words.hearing.format(date=_day(coming)) if coming else None,
        next_heading=words.next_heading if stage.next else words.next_none.format(who=holder.name),
        next=[words.stages[name] for name in stage.next],
        ask=words.ask.format(name=holder.name, how=holder.how),
        duties_heading=words.duties_heading if stage.duties else "",
        duties=[_duty(duty, words, record.enhanced) for duty in stage.duties],
        topics=stage.topics,
        custody_line=stages.custody_line if any(part.custody_line for part in parts) else None,
        safety_line=words.safety_line if is_high_risk(record) or any(part.safety_line for part in parts) else None,
        events=record.events,
        enhanced=record.enhanced,
        changed_on=began.date(),
    )


def _duty(duty: Duty, words: CaseWords, enhanced: Enhanced) -> str:
    within = words.within[duty.within]
    if isinstance(within, Within):
        within = {"yes": within.enhanced, "no": within.standard, "unknown": within.unknown}[enhanced]
    pattern = words.duty if duty.certainty == "verified" else words.duty_usual
    return pattern.format(who=words.duty_holders[duty.who], what=duty.what, within=within)


def _read(words: CaseWords, read_at: datetime | None, *, in_court: bool) -> str:
    if read_at is None:
        line = words.read_unknown
    else:
        local = read_at.astimezone(LONDON)
        line = words.read.format(date=_day(local), time=format_time(local, "HH:mm", locale=_LOCALE))
    return f"{line} {words.court_lag}" if in_court else line


def _bereaved(record: CaseRecord) -> bool:
    return isinstance(record.case_flags, list) and "fatal" in record.case_flags


def _day(day: date) -> str:
    return str(format_date(day, "d MMMM y", locale=_LOCALE))


def _listed(heading: str, lines: list[str]) -> str:
    return "\n".join([heading, *(f"- {line}" for line in lines)]) if heading else ""
