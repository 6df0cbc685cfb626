"""Fixtures that every test may use: settings in a temporary folder, a real database, stand-ins for engine and gate."""

import functools
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.conversation.core import Conversations
from bot.conversation.front_door import FrontDoor, load_front_door
from bot.conversation.resuming import Resuming
from bot.conversation.turns import Words
from bot.data_files import load
from bot.directory import Directory
from bot.language import Identifier, load_identifier
from bot.language.translations import Translations, load_translations
from bot.rights.catalogue import load_catalogue
from bot.safety.cards import Cards, load_cards
from bot.safety.gate import Gate, load_gate
from bot.settings import ROOT, Settings
from bot.settings import load as load_settings
from bot.store.conversations import ConversationStore
from bot.store.database import open_database
from bot.store.encryption import Vault
from bot.store.feedback import FeedbackStore
from bot.store.resuming import ResumeStore
from tests.stand_ins import StandInEngine

pytest_plugins = ["tests.talking"]

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg2://root@127.0.0.1:5432/test")
KEY = "eTQ1eXk2bTJ4M3Y0ZzVoNmo3azhsOXowYTFzMmQzZjQ="


DATA = ROOT / "data"


@functools.cache
def real_gate() -> Gate:
    """The gate with the patterns of data/safety, compiled once for all tests."""
    return load_gate(DATA)


@functools.cache
def real_cards() -> Cards:
    """The cards of data/safety with the directory of services, as in demonstration mode."""
    return load_cards(DATA, Directory(DATA, demo=True), real_translations())


@functools.cache
def real_translations() -> Translations:
    """All translations, as in demonstration mode."""
    found = load_translations(DATA)
    return Translations(found, found)


@functools.cache
def real_front_door() -> FrontDoor:
    """The front door in every language we have words in."""
    titles = {topic: entry.title for (_, topic), entry in load_catalogue(DATA).entries.items()}
    return load_front_door(DATA, real_translations(), Directory(DATA, demo=True), titles)


@functools.cache
def real_identifier() -> Identifier:
    """The languages of data/languages, read once for all tests."""
    return load_identifier(DATA)


def missing(what: str) -> None:
    """A service or browser the test needs is not here: a failure with CI set, else a skip with one line."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI is set")
    pytest.skip(f"{what} is missing")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({}, demo=True, var_dir=str(tmp_path / "var"), keys=KEY)


@pytest.fixture
def sqlite(settings: Settings) -> Iterator[Engine]:
    engine = open_database(settings.store_url)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres() -> Iterator[Engine]:
    schema = f"test_{uuid.uuid4().hex}"
    admin = sa.create_engine(POSTGRES, future=True)
    try:
        with admin.begin() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    except sa.exc.OperationalError:
        missing("PostgreSQL on localhost")
    engine = open_database(f"{POSTGRES}?options=-csearch_path%3D{schema}")
    yield engine
    engine.dispose()
    with admin.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Engine:
    """A real database of each kind we support."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def vault() -> Vault:
    return Vault([KEY])


@pytest.fixture
def store(database: Engine, vault: Vault) -> ConversationStore:
    return ConversationStore(database, vault)


@pytest.fixture
def engine() -> StandInEngine:
    return StandInEngine()


@pytest.fixture
def conversations(sqlite: Engine, vault: Vault, engine: StandInEngine, settings: Settings) -> Conversations:
    """The conversation core on SQLite, with the real gate and cards and a stand-in engine."""
    return make_conversations(ConversationStore(sqlite, vault), engine, settings, feedback=FeedbackStore(sqlite))


@pytest.fixture
def resuming(sqlite: Engine, vault: Vault, settings: Settings) -> Resuming:
    """Brings the chats of `conversations` back to who knows their PIN."""
    return Resuming(ConversationStore(sqlite, vault), ResumeStore(sqlite, vault), settings)


def make_conversations(
    store: ConversationStore, engine: Any, settings: Settings, gate: Gate | None = None, **parts: Any
) -> Conversations:
    return Conversations(
        store=store,
        engine=engine,
        gate=gate or real_gate(),
        cards=real_cards(),
        identifier=real_identifier(),
        front_door=real_front_door(),
        words=load(DATA / "conversation" / "gateway.en.yml", Words),
        settings=settings,
        **parts,
    )


@pytest.fixture
def feedback(sqlite: Engine) -> FeedbackStore:
    """What staff see of the feedback given in `conversations`."""
    return FeedbackStore(sqlite)
