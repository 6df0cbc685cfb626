"""Putting the parts together: settings in, a gateway with its store, engines, gate, services and texts out."""

import logging
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import structlog
from sqlalchemy.engine import Engine

from bot.cases.desk import CaseDesk, Limits
from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.references import load_references
from bot.cases.sql import SqlCases
from bot.cases.stages import load_stages
from bot.cases.view import load_case_words
from bot.conversation.case_status import CASE_ASK, CASE_SHOW, CaseStatus, load_case_status_words
from bot.conversation.core import Conversations
from bot.conversation.form_words import load_form_words
from bot.conversation.front_door import load_front_door
from bot.conversation.turns import Words
from bot.data_files import load
from bot.directory import LONDON, Directory
from bot.engine.pool import EnginePool
from bot.gateway.app import Gateway
from bot.language import load_identifier
from bot.language.translations import Translations, load_translations
from bot.rights.approvals import approved_translations
from bot.rights.catalogue import Catalogue, load_catalogue
from bot.rights.clock import Clock
from bot.rights.clock_words import load_clock_phrases
from bot.safety.cards import load_cards
from bot.safety.gate import load_gate
from bot.settings import Settings
from bot.store.conversations import ConversationStore
from bot.store.database import open_database
from bot.store.encryption import Vault, local_keys
from bot.store.feedback import FeedbackStore


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
    database, vault = open_database(settings.store_url), Vault(keys)
    store = ConversationStore(database, vault)
    pool = EnginePool(settings.models_path, settings.engines, settings.engine_timeout_s)
    directory = Directory(data, settings.demo)
    found = load_translations(data)
    # Demonstration mode serves drafts; elsewhere a language waits for its approval and the person gets English.
    translations = Translations(found, set(found) if settings.demo else approved_translations(data))
    catalogue = load_catalogue(data)
    titles = {topic: entry.title for (_, topic), entry in catalogue.entries.items()}
    desk = case_desk(settings, database, vault, keys) if settings.case_status else None
    cases = case_status(settings, desk, catalogue) if desk else None
    conversations = Conversations(
        store=store,
        engine=pool,
        gate=load_gate(data, settings.models_path),
        cards=load_cards(data, directory, translations),
        identifier=load_identifier(data),
        front_door=load_front_door(data, translations, directory, titles),
        words=load(data / "conversation" / "gateway.en.yml", Words),
        settings=settings,
        form_words=load_form_words(data),
        services={CASE_ASK: cases, CASE_SHOW: cases} if cases else {},
        jobs={CASE_ASK: cases.ask} if cases else {},
        case_status=cases,
        feedback=FeedbackStore(database),
    )
    return Assistant(conversations, pool, Gateway(conversations, pool, settings), store)


def case_desk(settings: Settings, database: Engine, vault: Vault, keys: Sequence[str]) -> CaseDesk:
    """The desk that looks cases up, with the limits of the settings."""
    data, hashed = settings.data_path, LookupHash(lookup_keys(keys))
    stages = load_stages(data)
    return CaseDesk(
        engine=database,
        vault=vault,
        hashed=hashed,
        provider=SqlCases(database, vault, hashed),
        recognise=load_references(data),
        stages=stages,
        words=load_case_words(data, stages),
        area=settings.area,
        limits=Limits(
            code_life=timedelta(minutes=settings.case_code_minutes),
            tries=settings.case_tries,
            failures_per_reference=settings.case_failures_per_hour,
            failures_per_session=settings.case_failures_per_hour,
            asks_per_session=settings.case_lookups_per_hour,
            proof_life=timedelta(minutes=settings.case_proof_minutes),
            keep_attempts=timedelta(days=settings.failed_lookup_days),
        ),
    )


def case_status(settings: Settings, desk: CaseDesk, catalogue: Catalogue) -> CaseStatus:
    """The service that shows where a case stands."""
    data = settings.data_path
    texts = load_stages(data).lookup_text
    return CaseStatus(
        desk=desk,
        every_outcome=texts.every_outcome.format(police_contact=settings.case_contact),
        words=load_case_status_words(data),
        clock=Clock(catalogue.base),
        phrases=load_clock_phrases(data),
        title=lambda topic, now: catalogue.title(topic, catalogue.edition(now.date())),
        edition=lambda now: catalogue.edition(now.date()),
        area=settings.area,
        code_life=timedelta(minutes=settings.case_code_minutes),
        time=lambda: datetime.now(LONDON),
    )


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
