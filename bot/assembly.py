"""Putting the parts together: settings in, a gateway with its store, engines, gate, services and texts out."""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.engine import Engine

from bot.cases.desk import CaseDesk, Limits
from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.provider import CaseProvider
from bot.cases.references import load_references
from bot.cases.seeds import seed
from bot.cases.sources import load_provider
from bot.cases.sql import SqlCases
from bot.cases.stages import load_stages
from bot.cases.view import load_case_words
from bot.channels.telegram.assembly import assemble_telegram
from bot.channels.telegram.channel import CHANNEL
from bot.channels.telegram.connection import Telegram
from bot.channels.telegram.switches import closed, why_off
from bot.channels.telegram.words import load_telegram_words
from bot.conversation.case_status import CASE_ASK, CASE_SHOW, CaseStatus, load_case_status_words
from bot.conversation.core import Conversations
from bot.conversation.drafts import DRAFT_CLOSED, DRAFT_OPEN, Drafts
from bot.conversation.erasing import ASK as ERASE_ASK
from bot.conversation.erasing import Erasing
from bot.conversation.flows import Elsewhere
from bot.conversation.form_words import load_form_words
from bot.conversation.front_door import load_front_door
from bot.conversation.hand_off import CALL_BACK, HAND_OFF, HandOffService
from bot.conversation.papers import PAPER_CLOSED, PAPER_MADE, PAPER_OPEN, Papers
from bot.conversation.referral import STATUS, SUBMIT, WITHDRAW, ReferralService
from bot.conversation.resuming import Resuming
from bot.conversation.switched_off import SwitchedOff, load_off_words
from bot.conversation.turn import Service
from bot.conversation.turns import Words
from bot.conversation.unanswered import Collecting
from bot.data_files import load
from bot.directory import LONDON, Directory
from bot.engine.pool import EnginePool
from bot.gateway.acknowledgements import Acknowledgements
from bot.gateway.app import Gateway
from bot.gateway.demo_outbox import demo_outbox_routes
from bot.handoff.configured import desk_for
from bot.handoff.desk import HandOffDesk
from bot.handoff.fanout import Fanout, InProcess
from bot.handoff.form import load_form as load_hand_off_form
from bot.language import load_identifier
from bot.language.translations import Translations, load_translations
from bot.notify.loading import load_notifier
from bot.papers.draft import PaperMaker
from bot.papers.form_words import load_paper_form_words
from bot.papers.phrases import load_papers_phrases
from bot.privacy.backups import BackupKeys
from bot.privacy.complaints import Complaints
from bot.privacy.erasure import load_words
from bot.privacy.export import Exports
from bot.privacy.holds import Holds
from bot.privacy.purges import purges
from bot.privacy.retention import Purge
from bot.referrals.configured import form_for, sender_for
from bot.referrals.delivery import Outbox
from bot.referrals.draft import Form
from bot.referrals.store import ReferralStore
from bot.rights.answers import Answers, intent_of
from bot.rights.approvals import approved_translations
from bot.rights.catalogue import Catalogue, load_catalogue
from bot.rights.clock import Clock
from bot.rights.clock_words import load_clock_phrases
from bot.rights.phrases import load_phrases
from bot.safety.cards import Cards, load_cards
from bot.safety.gate import load_gate
from bot.settings import Settings
from bot.staff.assembly import StaffServices, load_staff
from bot.store.conversations import ConversationStore
from bot.store.counts import Counts
from bot.store.database import open_database
from bot.store.encryption import Vault, local_keys
from bot.store.feedback import FeedbackStore
from bot.store.resuming import ResumeStore
from bot.unanswered.store import Unanswered


class Assistant(msgspec.Struct, frozen=True):
    """The parts of a running assistant."""

    conversations: Conversations
    pool: EnginePool
    gateway: Gateway
    store: ConversationStore
    desk: HandOffDesk | None = None
    telegram: Telegram | None = None


def assemble(
    settings: Settings,
    pool: EnginePool | None = None,
    fanout: Fanout | None = None,
) -> Assistant:
    """Build everything; nothing is started yet.

    Args:
        settings: all of them.
        pool: engines to use in place of those of the settings.
        fanout: word between this process and the staff console's; without it nobody else is told.

    Raises:
        bot.data_files.DataError: a file under data/ is wrong.
        bot.store.database.StoreUnavailable: the database cannot be opened.
    """
    data = settings.data_path
    keys = [key.strip() for key in settings.keys.split(",") if key.strip()] or local_keys(Path(settings.var_dir))
    database, vault = open_database(settings.store_url), Vault(keys)
    store = ConversationStore(database, vault)
    pool = pool or EnginePool(settings.models_path, settings.engines, settings.engine_timeout_s)
    directory = Directory(data, settings.demo)
    found = load_translations(data)
    # Demonstration mode serves drafts; elsewhere a language waits for its approval and the person gets English.
    translations = Translations(found, set(found) if settings.demo else approved_translations(data))
    catalogue = load_catalogue(data)
    titles = {topic: entry.title for (_, topic), entry in catalogue.entries.items()}
    desk = None
    if settings.case_status:
        desk = case_desk(settings, database, vault, keys, case_provider(settings, database, vault, keys))
    notices = load_notifier(settings, database, vault) if desk else None
    cases = case_status(settings, desk, catalogue, notices.worker.wake if notices else None) if desk else None
    words = load(data / "conversation" / "gateway.en.yml", Words)
    form = form_for(settings)
    referrals = ReferralStore(database, vault, form)
    drafts = Drafts(store, words.drafts, settings.controller_contact, 60.0 * settings.draft_minutes)
    holds = Holds(database, vault)
    staff = load_staff(settings, database, vault, keys)
    door = load_front_door(data, translations, directory, titles)
    people, hand_offs = None, None
    if settings.has_console:
        people = desk_for(
            settings,
            database,
            vault,
            presence=staff.presence,
            record=staff.audit.record,
            fanout=fanout or InProcess(),
            in_language=door.in_language,
        )
        hand_offs = HandOffService(people, load_hand_off_form(data), drafts)
    erasing = Erasing(
        store,
        referrals,
        holds,
        load_words(data),
        settings.controller_contact,
        form.words.buttons["withdraw"],
        people.call_backs.asked_for if people else lambda _: 0,
    )
    made = papers(settings, catalogue, translations, directory, drafts)
    telegram_words = load_telegram_words(data)
    support = directory.contact("victim_support", datetime.now(LONDON))
    cards = load_cards(data, directory, translations)
    conversations = Conversations(
        store=store,
        engine=pool,
        gate=load_gate(data, settings.models_path),
        cards=cards,
        identifier=load_identifier(data),
        front_door=door,
        words=words,
        settings=settings,
        form_words=load_form_words(data),
        services={
            **({CASE_ASK: cases, CASE_SHOW: cases} if cases else {}),
            **referral_services(settings, referrals, form, drafts, directory),
            ERASE_ASK: erasing,
            **dict.fromkeys((PAPER_OPEN, PAPER_CLOSED, PAPER_MADE), made),
            **(hand_off_services(hand_offs) if hand_offs else {}),
        },
        jobs={CASE_ASK: cases.ask} if cases else {},
        case_status=cases,
        elsewhere=Elsewhere({CHANNEL: closed(settings, telegram_words, support)}),
        drafts=drafts,
        erasing=erasing,
        switched_off=SwitchedOff(staff.switches, load_off_words(data), directory),
        purges=every_purge(settings, database, vault, referrals, holds, desk, staff),
        feedback=FeedbackStore(database),
        hand_offs=hand_offs,
        collecting=collecting(database, vault, cards, catalogue) if settings.collects_unanswered else None,
    )
    sender = sender_for(settings, referrals, form)
    outbox = Outbox(referrals, sender, str(uuid.uuid4()), time.time) if sender else None
    telegram = None
    if why_off(settings) is None:
        telegram = assemble_telegram(
            settings,
            conversations=conversations,
            database=database,
            vault=vault,
            keys=keys,
            words=telegram_words,
            topics=list(catalogue.base.topics),
            languages=translations.tags,
            papers=made,
        )
    gateway = Gateway(
        conversations,
        pool,
        settings,
        routes=[
            *(telegram.routes() if telegram else []),
            Acknowledgements(referrals, settings.referral_secrets, time.time).route(),
            *(demo_outbox_routes(notices.outbox, settings) if notices else []),
        ],
        background=[
            *([outbox.run] if outbox else []),
            *(notices.background if notices else []),
            *([telegram.run] if telegram else []),
        ],
        papers=made,
        resuming=Resuming(store, ResumeStore(database, vault), settings),
    )
    return Assistant(conversations, pool, gateway, store, people)


def case_provider(settings: Settings, database: Engine, vault: Vault, keys: Sequence[str]) -> CaseProvider:
    """Where cases come from; a demonstration gets its cases here."""
    provider = load_provider(settings, database, vault, LookupHash(lookup_keys(keys)))
    if settings.demo and isinstance(provider, SqlCases):
        seed(provider, load_stages(settings.data_path), datetime.now(LONDON), settings.data_path)
    return provider


def referral_services(
    settings: Settings, referrals: ReferralStore, form: Form, drafts: Drafts, directory: Directory
) -> dict[str, Service]:
    """What carries out the commands of the referral form and of what was sent with it."""
    service = ReferralService(referrals, form, drafts, directory, demonstration=settings.referrals_go_by == "demo")
    return {SUBMIT: service, STATUS: service, WITHDRAW: service, DRAFT_OPEN: drafts, DRAFT_CLOSED: drafts}


def hand_off_services(service: HandOffService) -> dict[str, Service]:
    """What carries out the commands of the form before a talk with staff."""
    return {HAND_OFF: service, CALL_BACK: service}


def collecting(database: Engine, vault: Vault, cards: Cards, catalogue: Catalogue) -> Collecting:
    """What keeps questions that were not answered."""
    topics = {intent_of(topic): topic for topic in catalogue.base.topics}
    return Collecting(Unanswered(database, vault), cards.says_child, topics.get)


def every_purge(
    settings: Settings,
    database: Engine,
    vault: Vault,
    referrals: ReferralStore,
    holds: Holds,
    desk: CaseDesk | None,
    staff: StaffServices,
) -> dict[str, Purge]:
    """What deletes each kind of data past its time, beside conversations and alerts."""
    keys = BackupKeys(Path(settings.var_dir) / "backup-keys")
    ours = purges(referrals, holds, Exports(database, vault), Complaints(database, vault), keys)
    # The desk goes by the same setting, and forgets codes besides.
    lookups: dict[str, Purge] = {"failed_lookup": lambda _: desk.purge(datetime.now(LONDON))} if desk else {}
    return {
        **ours,
        **lookups,
        "unanswered": Unanswered(database, vault).purge,
        "audit": lambda before: ours["audit"](before) + staff.purge(before),
        "count": Counts(database).purge,
    }


def case_desk(
    settings: Settings, database: Engine, vault: Vault, keys: Sequence[str], provider: CaseProvider, **more: Any
) -> CaseDesk:
    """The desk that looks cases up, with the limits of the settings; `more` as for `CaseDesk`."""
    data, hashed = settings.data_path, LookupHash(lookup_keys(keys))
    stages = load_stages(data)
    return CaseDesk(
        engine=database,
        vault=vault,
        hashed=hashed,
        provider=provider,
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
        **more,
    )


def case_status(
    settings: Settings, desk: CaseDesk, catalogue: Catalogue, queued: Callable[[], None] | None = None
) -> CaseStatus:
    """The service that shows where a case stands; `queued` is called when a code waits to be sent."""
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
        queued=queued,
    )


def papers(
    settings: Settings, catalogue: Catalogue, translations: Translations, directory: Directory, drafts: Drafts
) -> Papers:
    """The service that makes papers, in the languages that may be shown."""
    data = settings.data_path
    words = load_paper_form_words(data)
    maker = PaperMaker(
        load_papers_phrases(data),
        {"en": load_clock_phrases(data)},
        {"en": Answers(catalogue, load_phrases(data))},
        sheet_topics=words.sheet_topics,
        contacts=[directory.contact(service, datetime.now(LONDON)) for service in words.sheet_services],
        translations=translations,
    )
    return Papers(maker, words, drafts)
