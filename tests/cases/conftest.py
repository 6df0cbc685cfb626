"""A database of cases, a case that may be shown, and a desk whose codes are known."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.cases.desk import CaseDesk
from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.model import CaseRecord, SafeContact
from bot.cases.notices import CaseNotices
from bot.cases.references import load_references
from bot.cases.sql import SqlCases
from bot.cases.stages import Stages, load_stages
from bot.cases.view import load_case_words
from bot.directory import LONDON
from bot.store.encryption import Vault
from tests.conftest import DATA, KEY

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=LONDON)
REFERENCE, CODE, ADDRESS = "20/000001/26", "123456", "demo.person@example.org"


def record(**changes: Any) -> CaseRecord:
    """A burglary under investigation that may be shown to its victim; `changes` spoil it."""
    good: dict[str, Any] = {
        "reference": REFERENCE,
        "stage": "under_investigation",
        "changed_at": NOW - timedelta(days=20),
        "updated_at": NOW - timedelta(days=1),
        "person_role": "victim",
        "linked_case_roles": [],
        "safe_contact": SafeContact(channel="email", address=ADDRESS, belongs_to="victim"),
        "safe_contact_confirmed_by": "officer 1",
        "safe_contact_confirmed_at": NOW - timedelta(days=5),
        "last_risk_event_at": None,
        "case_flags": [],
        "online_allowed": True,
        "told_in_person_at": None,
    }
    return CaseRecord(**{**good, **changes})


@pytest.fixture(scope="session")
def stages() -> Stages:
    return load_stages(DATA)


@pytest.fixture
def hashed() -> LookupHash:
    return LookupHash(lookup_keys([KEY]))


@pytest.fixture
def cases(database: Any, hashed: LookupHash) -> SqlCases:
    return SqlCases(database, Vault([KEY]), hashed)


@pytest.fixture
def desk(database: Any, cases: SqlCases, hashed: LookupHash, stages: Stages) -> CaseDesk:
    return CaseDesk(
        engine=database,
        vault=Vault([KEY]),
        hashed=hashed,
        provider=cases,
        recognise=load_references(DATA),
        stages=stages,
        words=load_case_words(DATA, stages),
        new_code=lambda: CODE,
    )


@pytest.fixture
def notices(database: Any) -> CaseNotices:
    """What the desk has queued."""
    return CaseNotices(database, Vault([KEY]))


@pytest.fixture
def store(cases: SqlCases) -> Callable[..., CaseRecord]:
    """Stores a case, with what differs from the good one."""

    def keep(**changes: Any) -> CaseRecord:
        one = record(**changes)
        cases.save([one], NOW)
        return one

    return keep


def later(**time: float) -> datetime:
    """Some time after NOW."""
    return NOW + timedelta(**time)
