"""The trained model behind the conversation core."""

from datetime import date

import pytest

from tests.conversation.referral_parts import RealEngine
from tests.engine.conftest import models  # noqa: F401


@pytest.fixture(scope="session")
def real_engine(models) -> RealEngine:  # noqa: F811
    """Loaded once; the tests that use it are marked `model`."""
    return RealEngine(models)


@pytest.fixture
def holding():
    """Places a hold."""

    def place(parts, kind, subject):
        return parts.holds.place(
            kind,
            subject,
            reason="A court has asked.",
            by="demo",
            role="supervisor",
            review_on=date(2027, 6, 1),
            today=date(2026, 11, 25),
            now=parts.clock().timestamp(),
        )

    return place
