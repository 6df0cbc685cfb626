"""Who may look at a case, and where a code may go. Sources: `verification_rules` of data/cases/stages.yml and
shared/protection.md, "Looking up a case".

Each function gives the first rule that stands in the way. The reason is for staff: the person who asks gets the same
words whatever it is.
"""

from datetime import datetime, timedelta
from datetime import time as clock
from enum import Enum

from bot.cases.contacts import WrongAddress, tidy
from bot.cases.model import CaseRecord, Role, missing_fields
from bot.cases.stages import SideState, Stage, Stages
from bot.directory import LONDON

MAY_LOOK: tuple[Role, ...] = ("victim", "parent_of_child", "family_spokesperson", "named_supporter")
RECORDED_AGAINST: tuple[Role, ...] = ("suspect", "accused", "offender")
CONTACT_HOLDS = timedelta(days=90)
DECIDERS = 2
"""People who must have decided that a high-risk case may be shown."""


class Reason(str, Enum):
    """How a look-up came out, for staff. Never shown to the person who asked."""

    ALLOWED = "allowed"
    NO_SUCH_CASE = "no_such_case"
    UNAVAILABLE = "unavailable"
    MISSING_FIELDS = "missing_fields"
    RECORDED_AGAINST = "recorded_against"
    NOT_ENTITLED = "not_entitled"
    LINKED_UNKNOWN = "linked_unknown"
    LINKED_AGAINST = "linked_against"
    CROSS_ALLEGATION = "cross_allegation"
    ACTING_ENDED = "acting_ended"
    UNMAPPED_STAGE = "unmapped_stage"
    NOT_OPTED_IN = "not_opted_in"
    HIGH_RISK = "high_risk"
    NOT_TOLD = "not_told"
    NO_CONTACT = "no_contact"
    CONTACT_UNCONFIRMED = "contact_unconfirmed"
    CONTACT_OLD = "contact_old"
    CONTACT_BEFORE_RISK = "contact_before_risk"
    PARENTS_CONTACT = "parents_contact"
    CONTACT_CHANGED = "contact_changed"
    CODE_RECENT = "code_recent"
    TOO_MANY = "too_many"
    CODE_SENT = "code_sent"
    NO_CODE = "no_code"
    LOCKED = "locked"
    WRONG_CODE = "wrong_code"
    PROVEN = "proven"


def stage_of(record: CaseRecord, stages: Stages) -> tuple[Stage, SideState | None] | None:
    """The stage a record is at, with its side state; None where either has no agreed meaning."""
    side = stages.side_states.get(record.side_state) if record.side_state is not None else None
    if record.side_state is not None and side is None:
        return None
    stage = stages.stages.get(record.stage) if isinstance(record.stage, str) else None
    return None if stage is None else (stage, side)


def is_high_risk(record: CaseRecord) -> bool:
    """Whether the case is of a high-risk kind. Unknown counts as yes, and so does a mark we do not know."""
    return not isinstance(record.case_flags, list) or bool(record.case_flags)


def may_show(record: CaseRecord, stages: Stages, now: datetime) -> Reason:
    """Whether the case may be shown online to the person on the record: ALLOWED, or the first rule against it."""
    if missing_fields(record) or record.case_flags is None or record.updated_at is None or record.changed_at is None:
        return Reason.MISSING_FIELDS
    if record.person_role in RECORDED_AGAINST:
        return Reason.RECORDED_AGAINST
    if record.person_role not in MAY_LOOK:
        return Reason.NOT_ENTITLED
    if not isinstance(record.linked_case_roles, list):
        return Reason.LINKED_UNKNOWN
    if set(record.linked_case_roles) & set(RECORDED_AGAINST):
        return Reason.LINKED_AGAINST
    assert isinstance(record.case_flags, list)
    if "cross_allegation" in record.case_flags:
        return Reason.CROSS_ALLEGATION
    if record.person_role == "parent_of_child" and (
        record.acts_until is None or record.acts_until < now.astimezone(LONDON).date()
    ):
        return Reason.ACTING_ENDED
    found = stage_of(record, stages)
    if found is None:
        return Reason.UNMAPPED_STAGE
    if record.online_allowed is not True:
        return Reason.NOT_OPTED_IN
    if is_high_risk(record) and len(different_people(record.online_decided_by)) < DECIDERS:
        return Reason.HIGH_RISK
    if needs_telling(record, stages) and not told(record, now):
        return Reason.NOT_TOLD
    return Reason.ALLOWED


def may_send_code(record: CaseRecord, stages: Stages, now: datetime) -> Reason:
    """Whether a code may go to the safe contact: the case may be shown, and the contact is safe today."""
    reason = may_show(record, stages, now)
    if reason is not Reason.ALLOWED:
        return reason
    contact, confirmed = record.safe_contact, record.safe_contact_confirmed_at
    if not contact or not _sendable(record):
        return Reason.NO_CONTACT
    if not isinstance(confirmed, datetime) or confirmed > now or not record.safe_contact_confirmed_by:
        return Reason.CONTACT_UNCONFIRMED
    if now - confirmed > CONTACT_HOLDS:
        return Reason.CONTACT_OLD
    risk = last_risk_event(record, stages)
    if risk is not None and confirmed <= risk:
        return Reason.CONTACT_BEFORE_RISK
    if _about_a_child(record) and contact.belongs_to not in ("victim", "supporter"):
        return Reason.PARENTS_CONTACT
    return Reason.ALLOWED


def needs_telling(record: CaseRecord, stages: Stages) -> bool:
    """Whether a person must tell the victim of this stage before a screen does (`human_first`)."""
    found = stage_of(record, stages)
    flags = record.case_flags if isinstance(record.case_flags, list) else []
    if found is None or stages.human_first_cases & set(flags):
        return True
    stage, side = found
    return stage.human_first or (side is not None and side.human_first)


def told(record: CaseRecord, now: datetime) -> bool:
    """Whether a person told the victim of the stage as it stands: after it last changed, and not in the future."""
    at, changed = record.told_in_person_at, record.changed_at
    return isinstance(at, datetime) and isinstance(changed, datetime) and changed <= at <= now


def last_risk_event(record: CaseRecord, stages: Stages) -> datetime | None:
    """The last arrest, release, separation or change of address that the record tells of in any way.

    A day without a time counts to its end: what was confirmed that day may have been confirmed before.
    """
    moments = [
        datetime.combine(event.on, clock.max, LONDON) for event in record.events if event.kind in stages.risk_events
    ]
    if isinstance(record.last_risk_event_at, datetime):
        moments.append(record.last_risk_event_at)
    risky = record.stage in stages.risk_stages or record.side_state in stages.risk_side_states
    if risky and isinstance(record.changed_at, datetime):
        moments.append(record.changed_at)
    return max(moments, default=None)


def different_people(names: list[str]) -> set[str]:
    """Names of staff without regard to capitals and blanks."""
    return {"".join(name.split()).casefold() for name in names} - {""}


def _about_a_child(record: CaseRecord) -> bool:
    flags = record.case_flags if isinstance(record.case_flags, list) else []
    return record.person_role == "parent_of_child" or "child_victim" in flags


def _sendable(record: CaseRecord) -> bool:
    try:
        return bool(record.safe_contact) and bool(tidy(record.safe_contact))  # type: ignore[arg-type]
    except WrongAddress:
        return False
