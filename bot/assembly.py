"""Putting the parts together: settings in, a gateway with its store, engines, gate and texts out."""

import logging
import sys
from pathlib import Path

import msgspec
import structlog

from bot.conversation.core import Conversations
from bot.conversation.front_door import load_front_door
from bot.conversation.turns import Words
from bot.data_files import load
from bot.directory import Directory
from bot.engine.pool import EnginePool
from bot.gateway.app import Gateway
from bot.language import load_identifier
from bot.language.translations import Translations, load_translations
from bot.rights.approvals import approved_translations
from bot.rights.catalogue import load_catalogue
from bot.safety.cards import load_cards
from bot.safety.gate import load_gate
from bot.settings import Settings
from bot.store.conversations import ConversationStore
from bot.store.database import open_database
from bot.store.encryption import Vault, local_keys


class Assistant(msgspec.Struct, frozen=True):
    """The parts of a running assistant."""

    conversations: Conversations
    pool: EnginePool
    gateway: Gateway
    store: ConversationStore


def assemble(settings: Settings) -> Assistant:
    """Build everything; nothing is started yet.

    Raises:
        bot.data_files.DataError: a file under data/ is wrong.
        bot.store.database.StoreUnavailable: the database cannot be opened.
    """
    data = settings.data_path
    keys = [key.strip() for key in settings.keys.split(",") if key.strip()] or local_keys(Path(settings.var_dir))
    store = ConversationStore(open_database(settings.store_url), Vault(keys))
    pool = EnginePool(settings.models_path, settings.engines, settings.engine_timeout_s)
    directory = Directory(data, settings.demo)
    found = load_translations(data)
    # Demonstration mode serves drafts; elsewhere a language waits for its approval and the person gets English.
    translations = Translations(found, set(found) if settings.demo else approved_translations(data))
    titles = {topic: entry.title for (_, topic), entry in load_catalogue(data).entries.items()}
    conversations = Conversations(
        store=store,
        engine=pool,
        gate=load_gate(data, settings.models_path),
        cards=load_cards(data, directory, translations),
        identifier=load_identifier(data),
        front_door=load_front_door(data, translations, directory, titles),
        words=load(data / "conversation" / "gateway.en.yml", Words),
        settings=settings,
    )
    return Assistant(conversations, pool, Gateway(conversations, pool, settings), store)


def log_to_stderr(level: str) -> None:
    """One JSON object a line; no message text, address or token is ever passed to a logger."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
