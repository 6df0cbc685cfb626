"""How a force's file of cases is read: its columns, its dates, and what its codes mean. A code without a meaning is
refused, never guessed (pitfalls of data/cases/stages.yml). Example: data/cases/mapping.example.yml.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from bot.cases.model import Owner, Role
from bot.cases.stages import Stages
from bot.data_files import DataError, load

Text = Annotated[str, Meta(min_length=1)]


class Columns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Headings of the columns, each under the field of `bot.cases.model.CaseRecord` that it fills.

    Attributes:
        status: the force's status code, which gives stage and side state.
        safe_mobile, safe_email: the safe contact; where a row has both, codes go to the mobile.
        contact_belongs_to: whose contact it is.
    """

    reference: Text
    status: Text
    other_references: Text | None = None
    changed_at: Text | None = None
    enhanced: Text | None = None
    hearing_on: Text | None = None
    person_role: Text | None = None
    linked_case_roles: Text | None = None
    acts_until: Text | None = None
    safe_mobile: Text | None = None
    safe_email: Text | None = None
    contact_belongs_to: Text | None = None
    safe_contact_confirmed_by: Text | None = None
    safe_contact_confirmed_at: Text | None = None
    last_risk_event_at: Text | None = None
    case_flags: Text | None = None
    online_allowed: Text | None = None
    online_decided_by: Text | None = None
    told_in_person_at: Text | None = None
    updated_at: Text | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a status code means. With `stage: null` and no side state it has no agreed meaning: such cases stay hidden.

    Attributes:
        stage: id of data/cases/stages.yml; left out, it is the side state's own.
        side_state: id of `side_states` there.
        flags: marks that every case with this code bears.
    """

    stage: str | None = None
    side_state: str | None = None
    flags: list[str] = []


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping file.

    Attributes:
        delimiter: stands between cells.
        separator: stands between several codes, numbers or names in one cell.
        dates: forms of dates, as for `strptime`; without a zone they are of London.
        none: what stands in a cell to say that there is none. An empty cell says that nobody knows.
        yes, no: what stands for them.
        columns, events: headings of columns; the days in those of `events` are events of that kind.
        statuses, flags, roles, owners: what codes mean.
    """

    version: int
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    separator: Text = ";"
    dates: Annotated[list[Text], Meta(min_length=1)]
    none: list[Text]
    yes: list[Text]
    no: list[Text]
    columns: Columns
    events: dict[Text, str] = {}
    statuses: dict[Text, Status]
    flags: dict[Text, list[str]] = {}
    roles: dict[Text, Role] = {}
    owners: dict[Text, Owner] = {}


def load_mapping(file: Path, stages: Stages, events: frozenset[str]) -> Mapping:
    """Read a mapping file.

    Args:
        file: YAML.
        stages: the stages, side states and flags there are.
        events: kinds of events there are.

    Raises:
        DataError: it does not fit, or names something that does not exist.
    """
    found = load(file, Mapping)
    statuses = found.statuses.values()
    used = [flag for flags in found.flags.values() for flag in flags] + [f for one in statuses for f in one.flags]
    checks = [
        ("stages", {one.stage for one in statuses if one.stage}, set(stages.stages)),
        ("side states", {one.side_state for one in statuses if one.side_state}, set(stages.side_states)),
        ("flags", set(used), set(stages.flags)),
        ("events", set(found.events.values()), set(events)),
    ]
    for what, named, known in checks:
        if named - known:
            raise DataError(f"{file}: {what} that do not exist: {', '.join(sorted(named - known))}")
    return msgspec.structs.replace(
        found,
        statuses={
            code: msgspec.structs.replace(one, stage=stages.side_states[one.side_state].stage)
            if one.side_state and one.stage is None
            else one
            for code, one in found.statuses.items()
        },
    )
