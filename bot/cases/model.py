"""What a force's system tells about one case. Names of people, places and evidence have no field here at all."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Moment = Annotated[datetime, Meta(tz=True)]
Role = Literal[
    "victim",
    "parent_of_child",
    "family_spokesperson",
    "named_supporter",
    "suspect",
    "accused",
    "offender",
    "other",
]
Channel = Literal["sms", "email"]
Owner = Literal["victim", "parent", "relative", "supporter", "unknown"]
Enhanced = Literal["yes", "no", "unknown"]


class SafeContact(msgspec.Struct, frozen=True, kw_only=True):
    """Where a code may go: a mobile number or an e-mail address that somebody marked safe, and whose it is."""

    channel: Channel
    address: Annotated[str, Meta(max_length=254)]
    belongs_to: Owner = "unknown"


class CaseEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened on a day; `kind` is an event of data/code/time-limits.yml or data/cases/risk.yml."""

    kind: str
    on: date


class CaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One case, for one person on it. Fields without a value given stay unset, and such a record is not shown.

    Attributes:
        reference: the crime number, as the force writes it.
        other_references: other numbers that find the same case, such as the URN.
        stage: id of data/cases/stages.yml; None where the force's status code has no agreed meaning.
        side_state: id of `side_states` there.
        changed_at: when stage or side state last changed.
        events: dated events, for the rights clock.
        enhanced: whether enhanced rights apply.
        hearing_on: day of the next hearing.
        person_role: what the person who owns the safe contact is in this case.
        linked_case_roles: what they are in linked cases; None where nobody knows.
        acts_until: last day on which a parent acts for a child (end of responsibility, or the child's 18th birthday).
        safe_contact, safe_contact_confirmed_by, safe_contact_confirmed_at: where a code may go, who asked the victim
            whether it is safe, and when.
        last_risk_event_at: the last arrest, release, separation or change of address; None when there was none.
        case_flags: ids of `flags` in data/cases/risk.yml; None where nobody knows.
        online_allowed: the force has opted this case in.
        online_decided_by: who decided so; a high-risk case needs two people.
        told_in_person_at: when a person told the victim of the stage.
        updated_at: when the record was last changed at the force.
    """

    reference: Annotated[str, Meta(min_length=1, max_length=40)]
    other_references: list[Annotated[str, Meta(min_length=1, max_length=40)]] = []
    stage: str | UnsetType | None = UNSET
    side_state: str | None = None
    changed_at: Moment | UnsetType | None = UNSET
    events: list[CaseEvent] = []
    enhanced: Enhanced = "unknown"
    hearing_on: date | None = None
    person_role: Role | UnsetType = UNSET
    linked_case_roles: list[Role] | UnsetType | None = UNSET
    acts_until: date | None = None
    safe_contact: SafeContact | UnsetType | None = UNSET
    safe_contact_confirmed_by: str | UnsetType | None = UNSET
    safe_contact_confirmed_at: Moment | UnsetType | None = UNSET
    last_risk_event_at: Moment | UnsetType | None = UNSET
    case_flags: list[str] | UnsetType | None = UNSET
    online_allowed: bool | UnsetType = UNSET
    online_decided_by: list[str] = []
    told_in_person_at: Moment | UnsetType | None = UNSET
    updated_at: Moment | UnsetType | None = UNSET


REQUIRED = tuple(field.name for field in msgspec.structs.fields(CaseRecord) if field.required or field.default is UNSET)
"""Fields that every source must give: `provider_required_fields` of data/cases/stages.yml, and what a view needs."""


def missing_fields(record: CaseRecord) -> list[str]:
    """Names of required fields that the source did not give."""
    return [name for name in REQUIRED if getattr(record, name) is UNSET]
