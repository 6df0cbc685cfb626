"""Cases for the demonstration (data/cases/seeds.yml): every stage and side state, high-risk or not, and what is hidden.

To try one, give its reference; the code goes to the outbox of the demonstration.

- 00/000103/26: under investigation; the usual case.
- 00/000110/26: a first hearing to come.
- 00/000106/26, 00/000117/26: release on bail, after sentence; with the lines on custody and help.
- 00/000201/26: domestic abuse, shown because two people decided so and a person told the victim first.
- 00/000301/26 and on: never shown. The person hears the same as for all others.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from bot.cases.contacts import tidy
from bot.cases.model import CaseEvent, CaseRecord, Channel, Enhanced, Owner, Role, SafeContact
from bot.cases.rules import Reason
from bot.cases.sql import SqlCases
from bot.cases.stages import Stages
from bot.data_files import DataError, load
from bot.directory import LONDON
from bot.settings import ROOT

Days = Annotated[int, Meta(ge=0)]


class Seed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case, its dates as days ago or to come; what is left out is as in a case that is shown. See `CaseRecord`.

    Attributes:
        contact: a mobile number or an e-mail address; None where there is none.
        risk: days since the last event that made the contact doubtful.
        acts_for: days for which a parent still acts for a child.
        expect: how a look-up comes out.
    """

    reference: str
    stage: str | None
    side_state: str | None = None
    flags: list[str] = []
    changed: Days = 20
    told: Days | None = None
    hearing: Days | None = None
    events: dict[str, Days] = {}
    enhanced: Enhanced = "no"
    role: Role = "victim"
    linked_roles: list[Role] = []
    acts_for: int | None = None
    contact: str | None = None
    belongs_to: Owner = "victim"
    confirmed: Days = 5
    risk: Days | None = None
    online: bool = True
    decided_by: list[str] = msgspec.field(default_factory=lambda: ["demo officer 1", "demo officer 2"])
    expect: Reason = Reason.ALLOWED


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    cases: list[Seed]


def seed(cases: SqlCases, stages: Stages, now: datetime, data: Path = ROOT / "data") -> int:
    """Load the cases of the demonstration. Done again, it brings their dates up to today and adds nothing.

    Args:
        cases: our own tables. Other cases in them are left alone.
        stages: the stages, side states and flags there are.
        now: aware.
        data: the data folder.

    Returns:
        How many cases.

    Raises:
        DataError: the file does not fit.
        WrongAddress: a contact can take no code.
    """
    records = [record_of(one, now) for one in load_seeds(data, stages)]
    cases.save(records, now)
    return len(records)


def load_seeds(data: Path, stages: Stages) -> list[Seed]:
    """Read data/cases/seeds.yml.

    Raises:
        DataError: it does not fit, or names a stage, side state or flag that does not exist.
    """
    file = data / "cases" / "seeds.yml"
    found = load(file, _File).cases
    checks = [
        ("stages", {one.stage for one in found if one.stage}, set(stages.stages)),
        ("side states", {one.side_state for one in found if one.side_state}, set(stages.side_states)),
        ("flags", {flag for one in found for flag in one.flags}, set(stages.flags)),
    ]
    for what, named, known in checks:
        if named - known:
            raise DataError(f"{file}: {what} that do not exist: {', '.join(sorted(named - known))}")
    return found


def record_of(one: Seed, now: datetime) -> CaseRecord:
    """The case as it stands at a moment."""
    today = now.astimezone(LONDON).date()
    contact = None
    if one.contact is not None:
        channel: Channel = "email" if "@" in one.contact else "sms"
        contact = tidy(SafeContact(channel=channel, address=one.contact, belongs_to=one.belongs_to))
    return CaseRecord(
        reference=one.reference,
        stage=one.stage,
        side_state=one.side_state,
        changed_at=_ago(now, one.changed),
        events=[CaseEvent(kind=kind, on=today - timedelta(days=days)) for kind, days in one.events.items()],
        enhanced=one.enhanced,
        hearing_on=None if one.hearing is None else today + timedelta(days=one.hearing),
        person_role=one.role,
        linked_case_roles=one.linked_roles,
        acts_until=None if one.acts_for is None else today + timedelta(days=one.acts_for),
        safe_contact=contact,
        safe_contact_confirmed_by=one.decided_by[0] if contact else None,
        safe_contact_confirmed_at=_ago(now, one.confirmed) if contact else None,
        last_risk_event_at=None if one.risk is None else _ago(now, one.risk),
        case_flags=one.flags,
        online_allowed=one.online,
        online_decided_by=one.decided_by,
        told_in_person_at=None if one.told is None else _ago(now, one.told),
        updated_at=now,
    )


def _ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)
