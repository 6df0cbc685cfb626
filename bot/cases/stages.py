"""The stages of a case and what makes one high-risk (data/cases/stages.yml and risk.yml)."""

from pathlib import Path
from typing import Literal

import msgspec

from bot.data_files import DataError, load

Certainty = Literal["verified", "recalled"]


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody owes the victim from a stage on; `within` is a key of the case view's words."""

    who: str
    what: str
    within: str
    certainty: Certainty


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage, in plain words. `human_first`: a person tells it before a screen does."""

    id: str
    phase: Literal["investigation", "charge", "court", "after", "ended"]
    holder: str
    plain: str
    next: list[str]
    topics: list[str]
    duties: list[Duty]
    safety_line: bool = False
    custody_line: bool = False
    human_first: bool = False


class SideState(msgspec.Struct, frozen=True, kw_only=True):
    """A status that is no stage of its own: a stage and one more line. `area` limits where the line holds."""

    id: str
    stage: str
    line: str
    safety_line: bool = False
    custody_line: bool = False
    human_first: bool = False
    area: str | None = None


class LookupText(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the look-up: one for every outcome, so that they tell nothing apart."""

    every_outcome: str
    code_message: str
    wrong_or_late_code: str


class _StageFile(msgspec.Struct, frozen=True, kw_only=True):
    custody_line: str
    human_first_cases: list[str]
    stages: list[Stage]
    side_states: list[SideState]
    high_risk: list[str]
    lookup_text: LookupText


class Flag(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mark that makes a case high-risk, and the sentence of stages.yml it stands for."""

    id: str
    covers: str


class _RiskFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    flags: list[Flag]
    events: list[str]
    stages: list[str]
    side_states: list[str]


class Stages(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known about stages, by id.

    Attributes:
        custody_line: goes with everything about arrest, release, bail, remand, appeal or escape.
        human_first_cases: flags with which every stage is told by a person first.
        flags: marks a case may bear; each of them makes it high-risk.
        risk_events, risk_stages, risk_side_states: what makes a safe contact out of date.
    """

    stages: dict[str, Stage]
    side_states: dict[str, SideState]
    custody_line: str
    lookup_text: LookupText
    human_first_cases: frozenset[str]
    flags: frozenset[str]
    risk_events: frozenset[str]
    risk_stages: frozenset[str]
    risk_side_states: frozenset[str]


def load_stages(data: Path) -> Stages:
    """Read data/cases/stages.yml and risk.yml.

    Args:
        data: the data folder.

    Raises:
        DataError: a file does not fit, names a stage that does not exist, or leaves a high-risk kind without a flag.
    """
    file, risk = data / "cases" / "stages.yml", data / "cases" / "risk.yml"
    found, marks = load(file, _StageFile), load(risk, _RiskFile)
    stages = {stage.id: stage for stage in found.stages}
    side_states = {state.id: state for state in found.side_states}
    flags = frozenset(flag.id for flag in marks.flags)
    named = {name for stage in found.stages for name in stage.next} | {state.stage for state in found.side_states}
    checks = [
        (file, "stages that do not exist", (named | set(marks.stages)) - set(stages)),
        (risk, "side states that do not exist", set(marks.side_states) - set(side_states)),
        (risk, "high-risk kinds of stages.yml without a flag", set(found.high_risk) - {f.covers for f in marks.flags}),
        (risk, "flags that cover nothing in stages.yml", {f.covers for f in marks.flags} - set(found.high_risk)),
        (file, "human_first_cases without a flag", set(found.human_first_cases) - flags),
    ]
    for where, what, wrong in checks:
        if wrong:
            raise DataError(f"{where}: {what}: {', '.join(sorted(wrong))}")
    return Stages(
        stages=stages,
        side_states=side_states,
        custody_line=found.custody_line,
        lookup_text=found.lookup_text,
        human_first_cases=frozenset(found.human_first_cases),
        flags=flags,
        risk_events=frozenset(marks.events),
        risk_stages=frozenset(marks.stages),
        risk_side_states=frozenset(marks.side_states),
    )
