"""The trained model, once for all tests that need it."""

import pytest

from bot.engine.model import ModelError, checked_model
from bot.settings import ROOT


@pytest.fixture(scope="session")
def models():
    """The models folder; the tests that use it are marked `model`."""
    folder = ROOT / "models"
    try:
        checked_model(folder)
    except ModelError as error:
        pytest.fail(f"{error} (or leave these tests out: -m 'not model')")
    return folder
