"""Putting the console together: the same services as the gateway's, over the same database, in any process."""

import asyncio
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.console.app import Console
from bot.console.audit import Audit
from bot.console.chat import Chat
from bot.console.content import Content
from bot.console.feedback import FeedbackSection
from bot.console.live import Live
from bot.console.people import People
from bot.console.queue import Queue
from bot.console.referrals import Referrals
from bot.console.section import Section
from bot.console.sessions import Cookies
from bot.console.sign_in import SignInPages
from bot.console.supervision import supervision
from bot.console.unanswered import UnansweredSection
from bot.conversation.front_door import FrontDoor, load_front_door
from bot.directory import LONDON, Directory
from bot.handoff.configured import desk_for
from bot.handoff.fanout import Fanout
from bot.language.translations import Translations, load_translations
from bot.referrals.configured import form_for
from bot.referrals.queue import ReferralQueue
from bot.referrals.store import ReferralStore
from bot.rights.answers import Answers
from bot.rights.approvals import approved_translations
from bot.rights.catalogue import load_catalogue
from bot.rights.phrases import load_phrases
from bot.rights.search import AnswerSearch
from bot.settings import Settings
from bot.staff.assembly import StaffServices, load_staff
from bot.store.database import open_database
from bot.store.encryption import Vault, local_keys
from bot.store.feedback_inbox import FeedbackInbox
from bot.unanswered.store import Unanswered

log = structlog.get_logger()

PURGE_EVERY_S = 3600.0


def assemble_console(settings: Settings, fanout: Fanout, say: Callable[[str], None] | None = None) -> Console:
    """Build the console; nothing is started yet.

    Args:
        settings: all of them.
        fanout: word between the processes.
        say: prints one line for the person who starts it: who can sign in, in the demonstration only.

    Raises:
        bot.data_files.DataError: a file under data/ is wrong.
        bot.store.database.StoreUnavailable: the database cannot be opened.
    """
    data = settings.data_path
    keys = [key.strip() for key in settings.keys.split(",") if key.strip()] or local_keys(Path(settings.var_dir))
    database, vault = open_database(settings.store_url), Vault(keys)
    staff = load_staff(settings, database, vault, keys)
    staff.seed_demo(settings, time.time())
    if settings.demo and say is not None:
        say("Staff of the demonstration: name, password, secret of the codes (codes stand on the page to sign in, too)")
        for one in staff.demo_staff(time.time()):
            say(f"  {one.sign_in}  {one.password}  {one.code_secret}")
    catalogue = load_catalogue(data)
    titles = {topic: entry.title for (_, topic), entry in catalogue.entries.items()}
    desk = desk_for(
        settings,
        database,
        vault,
        presence=staff.presence,
        record=staff.audit.record,
        fanout=fanout,
        in_language=_front_door(settings, titles).in_language,
    )
    sign_in = SignInPages(settings, staff, Cookies(settings, keys))
    form = form_for(settings)
    referrals = ReferralQueue(database, ReferralStore(database, vault, form))
    phrases = load_phrases(data)
    topics = {**titles, **{f"oos/{name}": f"Not for us: {name.replace('_', ' ')}" for name in phrases.signposts}}
    search = AnswerSearch(Answers(catalogue, phrases), area=settings.area, demo=settings.demo, today=_today)
    sections: list[Section] = [
        Queue(desk, staff.presence),
        Chat(desk, search, referrals),
        Live(desk, staff.presence, fanout, sign_in.who),
        Referrals(referrals, form),
        FeedbackSection(FeedbackInbox(database, vault), titles),
        *([UnansweredSection(Unanswered(database, vault), topics)] if settings.collects_unanswered else []),
        Content(data),
        *supervision(settings, database, vault, keys, desk=desk, staff=staff, referrals=referrals, base=catalogue.base),
        People(staff.accounts),
        Audit(staff.audit, staff.accounts),
    ]
    return Console(settings, sign_in, sections, staff.audit.record, [lambda: _purge(settings, staff)])


def _front_door(settings: Settings, titles: dict[str, str]) -> FrontDoor:
    data = settings.data_path
    found = load_translations(data)
    translations = Translations(found, set(found) if settings.demo else approved_translations(data))
    return load_front_door(data, translations, Directory(data, settings.demo), titles)


def _today() -> date:
    return datetime.now(LONDON).date()


async def _purge(settings: Settings, staff: StaffServices) -> None:
    """Delete old sessions' and accounts' traces now and then; the audit log goes with the gateway's purges."""
    while True:
        try:
            await asyncio.to_thread(staff.local.purge, time.time())
        except SQLAlchemyError as error:
            log.error("store.failed", error=type(error).__name__)
        await asyncio.sleep(PURGE_EVERY_S)
