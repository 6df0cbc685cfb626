"""Stores of the data protection records on a real database."""

import pytest

from bot.privacy.complaints import Complaints
from bot.privacy.export import Exports
from bot.privacy.holds import Holds
from bot.referrals.store import ReferralStore
from tests.referrals.conftest import form, on_sqlite, rotating_vault  # noqa: F401


@pytest.fixture
def holds(database, vault) -> Holds:
    return Holds(database, vault)


@pytest.fixture
def complaints(database, vault) -> Complaints:
    return Complaints(database, vault)


@pytest.fixture
def exports(database, vault) -> Exports:
    return Exports(database, vault)


@pytest.fixture
def referrals(database, rotating_vault, form) -> ReferralStore:  # noqa: F811
    return ReferralStore(database, rotating_vault, form)
