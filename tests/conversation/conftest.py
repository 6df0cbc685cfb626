"""The trained model behind the conversation core."""

import pytest

from tests.conversation.referral_parts import RealEngine
from tests.engine.conftest import models  # noqa: F401


@pytest.fixture(scope="session")
def real_engine(models) -> RealEngine:  # noqa: F811
    """Loaded once; the tests that use it are marked `model`."""
    return RealEngine(models)
