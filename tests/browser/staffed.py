"""The whole service with people on both sides: a gateway and a console over one database, and demonstration staff."""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy.engine import Engine

from bot.console.app import Console
from bot.console.chat import Chat
from bot.console.live import Live
from bot.console.queue import Queue
from bot.console.sessions import Cookies
from bot.console.sign_in import SignInPages
from bot.gateway.app import Gateway
from bot.referrals.configured import form_for
from bot.referrals.queue import ReferralQueue
from bot.referrals.store import ReferralStore
from bot.rights.answers import Answers
from bot.rights.catalogue import load_catalogue
from bot.rights.phrases import load_phrases
from bot.rights.search import AnswerSearch
from bot.settings import Settings
from bot.staff.assembly import StaffServices, load_staff
from bot.staff.passwords import Passwords
from bot.store.encryption import Vault
from tests.action_engine import ActionEngine
from tests.browser.conftest import StandInPool, ask
from tests.browser.served import Served
from tests.conftest import DATA, KEY, real_front_door
from tests.conversation.hand_off_parts import INTENTS, PERSON, Clock, Parts
from tests.handoff.conftest import make_desk
from tests.staff.conftest import QUICK

ADVISER, SECOND, SUPERVISOR = "demo-adviser", "demo-adviser-2", "demo-supervisor"


class Running(Clock):
    """A clock that runs, from noon on a Wednesday, and can be moved forward besides."""

    def __init__(self) -> None:
        super().__init__()
        self._began = monotonic()

    def __call__(self) -> datetime:
        return self.at + timedelta(seconds=monotonic() - self._began)

    @property
    def now(self) -> float:
        return self().timestamp()


class Staffed(Parts):
    """Gateway and console over one database. The engine runs the real actions; what is typed is understood as told."""

    def __init__(self, database: Engine, vault: Vault, settings: Settings, browser: Browser) -> None:
        super().__init__(database, vault, settings, ActionEngine(INTENTS))
        self.clock = Running()
        self.staff: StaffServices = load_staff(self.settings, database, vault, [KEY], Passwords(QUICK))
        self.staff.seed_demo(self.settings, self.clock.now)
        self.desk = make_desk(
            database, vault, self.staff.presence, self.staff.audit.record, in_language=real_front_door().in_language
        )
        self.conversations = self.gateway()
        self.browser, self.contexts = browser, list[BrowserContext]()
        self.public, self.console = Served(), Served()
        self.public.start(Gateway(self.conversations, StandInPool(), self.settings).app())
        self.console.start(self._console().app())

    def _console(self) -> Console:
        def now() -> float:
            return self.clock.now

        pages = SignInPages(self.settings, self.staff, Cookies(self.settings, [KEY]), now)
        answers = Answers(load_catalogue(DATA), load_phrases(DATA))
        search = AnswerSearch(answers, area="", demo=True, today=lambda: self.clock().date())
        referrals = ReferralQueue(self.database, ReferralStore(self.database, self.vault, form_for(self.settings)))
        sections = [
            Queue(self.desk, self.staff.presence, now),
            Chat(self.desk, search, referrals, now),
            Live(self.desk, self.staff.presence, self.desk.room.fanout, pages.who, now),
        ]
        return Console(self.settings, pages, sections, self.staff.audit.record)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.console.stop()
        self.public.stop()

    # --- people

    def page(self, **options: Any) -> Page:
        context = self.browser.new_context(**{"locale": "en-GB", **options})
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        return context.new_page()

    def victim(self) -> Page:
        """Somebody with a small phone who has opened the chat."""
        page = self.page(viewport={"width": 320, "height": 640})
        page.goto(f"{self.public.address}/chat")
        expect(page.locator(".bubble").first).to_be_visible()
        return page

    def member(self, sign_in: str = ADVISER, on_duty: bool = True, **options: Any) -> Page:
        """A member of staff who has signed in and looks at the queue."""
        page = self.page(**{"viewport": {"width": 1280, "height": 900}, **options})
        who = next(one for one in self.staff.demo_staff(self.clock.now) if one.sign_in == sign_in)
        page.goto(f"{self.console.address}/sign-in")
        page.locator("[name=name]").fill(who.sign_in)
        page.locator("[name=password]").fill(who.password)
        page.locator("[name=code]").fill(who.code)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
        if on_duty:
            page.get_by_role("button", name="Go on duty").click()
            expect(page.get_by_role("heading", name="You are on duty")).to_be_visible()
        return page


def press(page: Page, name: str) -> None:
    """Press the newest button of the chat with this name."""
    page.get_by_role("button", name=name, exact=True).last.click()


def ask_for_a_person(page: Page, told: str = "I need help with court", again: bool = False) -> None:
    """Through the form, up to its question whether all this may be shown; who may work here is asked once only."""
    last = page.locator(".message").last
    ask(page, PERSON)
    expect(last).to_contain_text("How old are you?")
    press(page, "18 or over")
    if not again:
        expect(last).to_contain_text("Does anyone involved work for the police")
        press(page, "No")
    expect(last).to_contain_text("What would you like to tell them first?")
    ask(page, told)
    expect(last).to_contain_text("If the connection breaks")
    press(page, "Skip")
    expect(last).to_contain_text("This is all that they will see")


def join_the_queue(page: Page, told: str = "I need help with court", again: bool = False) -> None:
    """The same, and agree."""
    ask_for_a_person(page, told, again)
    press(page, "Yes, show this and wait")
    expect(page.locator(".message").last).to_contain_text("You are in the queue")
