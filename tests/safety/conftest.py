"""Things that the safety tests share; the gate is compiled once."""

from pathlib import Path

import pytest

from bot.directory import Directory
from bot.safety.cards import Cards, load_cards
from bot.safety.gate import Gate, load_gate

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def gate() -> Gate:
    return load_gate(DATA)


@pytest.fixture(scope="session")
def cards() -> Cards:
    return load_cards(DATA, Directory(DATA, demo=True))
