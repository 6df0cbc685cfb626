"""What staff here have decided about a case, laid over what its source says.

Staff's word wins where it is newer or tighter: a contact withdrawn here stays withdrawn, whatever a nightly file says,
until somebody confirms it anew. Source: shared/protection.md, "Looking up a case".
"""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.cases.hashing import LookupHash
from bot.cases.model import CaseRecord, SafeContact
from bot.cases.references import key_of
from bot.cases.sealed import seal, unseal
from bot.store.case_tables import case_decisions
from bot.store.encryption import Vault


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """All decisions about one case that hold now.

    Attributes:
        online: whether it may be shown online; None where nobody here has decided.
        flags: the marks the case bore then: a new mark needs a new decision.
        decided_by: who decided that it may be shown.
        contact, confirmed_by, confirmed_at, how: a contact confirmed here.
        withdrawn_at: when a contact was withdrawn; whatever was confirmed until then is not safe.
        told_at: when a person told the victim of the stage.
    """

    online: bool | None = None
    flags: list[str] = []
    decided_by: list[str] = []
    contact: SafeContact | None = None
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    how: str = ""
    withdrawn_at: datetime | None = None
    told_at: datetime | None = None


def case_hash(hashed: LookupHash, record: CaseRecord) -> str:
    """The keyed hash under which decisions, codes and attempts of a case are kept."""
    return hashed.of("case", key_of(record.reference))


def read_decision(db: Connection, vault: Vault, hashed: LookupHash, reference: str) -> Decision:
    """The decisions about a case: one query, whether there are any or not.

    Args:
        reference: the case's own reference (`CaseRecord.reference`).
    """
    hashes = hashed.all("case", key_of(reference))
    row = db.execute(case_decisions.select().where(case_decisions.c.case_hash.in_(hashes)).limit(1)).first()
    return Decision() if row is None else unseal(vault, row, Decision)


def write_decision(db: Connection, vault: Vault, hashed: LookupHash, reference: str, decision: Decision) -> None:
    """Replace the decisions about a case."""
    hashes = hashed.all("case", key_of(reference))
    db.execute(case_decisions.delete().where(case_decisions.c.case_hash.in_(hashes)))
    db.execute(sa.insert(case_decisions).values(case_hash=hashes[0], **seal(vault, decision)))


def decided(record: CaseRecord, decision: Decision) -> CaseRecord:
    """The record as it stands with staff's decisions."""
    changes: dict[str, object] = {}
    if decision.online is not None:
        flags = record.case_flags if isinstance(record.case_flags, list) else []
        still = decision.online and set(flags) <= set(decision.flags)
        changes |= {"online_allowed": still, "online_decided_by": decision.decided_by if still else []}
    confirmed = record.safe_contact_confirmed_at
    theirs = confirmed if isinstance(confirmed, datetime) else None
    if decision.confirmed_at is not None and (theirs is None or theirs <= decision.confirmed_at):
        theirs = decision.confirmed_at
        changes |= {
            "safe_contact": decision.contact,
            "safe_contact_confirmed_by": decision.confirmed_by,
            "safe_contact_confirmed_at": theirs,
        }
    if decision.withdrawn_at is not None and (theirs is None or theirs <= decision.withdrawn_at):
        changes |= {"safe_contact": None, "safe_contact_confirmed_by": None, "safe_contact_confirmed_at": None}
    told_at = record.told_in_person_at
    if decision.told_at is not None and (not isinstance(told_at, datetime) or told_at < decision.told_at):
        changes |= {"told_in_person_at": decision.told_at}
    return msgspec.structs.replace(record, **changes)
