"""Referrals, feedback, unanswered questions and content in the console: accessible, and worked by keyboard alone."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.console.app import Console
from bot.console.content import Content
from bot.console.feedback import FeedbackSection
from bot.console.referrals import Referrals
from bot.console.unanswered import UnansweredSection
from bot.conversation.messages import Reply
from bot.referrals.queue import ReferralQueue
from bot.referrals.rows import spoken
from bot.referrals.sealing import RotatingVault
from bot.referrals.store import ReferralStore
from bot.store.conversations import ConversationStore
from bot.store.feedback import Feedback, FeedbackStore
from bot.store.feedback_inbox import FeedbackInbox
from bot.unanswered.store import Unanswered
from tests.browser.test_states import axe, violations  # noqa: F401  (a fixture)
from tests.conftest import DATA, KEY
from tests.console.conftest import CSRF, Recorded, SignInByHeader, as_staff
from tests.referrals.conftest import NOW, real_form, submitted

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 256}
SUPERVISOR = as_staff("supervisor", "adviser", organisation="victim_support")
COLLEAGUE = as_staff("supervisor", organisation="victim_support")
TOPIC, JUDGED = "right_07/court_dates", "judgement-1"
TOPICS = {TOPIC: "Court dates", "oos/housing": "Not for us: housing"}
NEW = "who tells me the date of the hearing"


@pytest.fixture
def referrals(sqlite) -> list[str]:
    """Three referrals of Victim Support: given up and guarded, received, waiting."""
    store = ReferralStore(sqlite, RotatingVault([KEY]), real_form())
    stuck = submitted(store, real_form(), "message-1", insider="yes", family="yes")
    store.not_delivered(store.claim("worker", NOW, NOW + 60), "status 401", None)
    received = submitted(store, real_form(), "message-2")
    store.received(received, NOW)
    return [stuck, received, submitted(store, real_form(), "message-3")]


@pytest.fixture
def console_address(sqlite, vault, settings, served, referrals) -> str:
    """A console with the sections of this file and something in each."""
    form = real_form()
    queue = ReferralQueue(sqlite, ReferralStore(sqlite, RotatingVault([KEY]), form))
    given = Feedback(id=JUDGED, topic=TOPIC, right=7, language="en", helped=False, why="hard", given=NOW)
    FeedbackStore(sqlite).give(given)
    conversation = ConversationStore(sqlite, vault).start(uuid.uuid4().hex, "web", [Reply(text="hello")], NOW, NOW + 1)
    with sqlite.begin() as db:
        Unanswered(sqlite, vault).keep(db, conversation, "unclear", TOPIC, "when is he up " + "x" * 90, NOW)
    sections = [
        Referrals(queue, form),
        FeedbackSection(FeedbackInbox(sqlite, vault), TOPICS),
        UnansweredSection(Unanswered(sqlite, vault), TOPICS),
        Content(DATA),
    ]
    served.start(Console(settings, SignInByHeader(), sections, Recorded()).app())
    return served.address


@pytest.fixture
def open_page(browser: Browser, console_address: str, axe: str) -> Iterator[Callable[..., Page]]:  # noqa: F811
    contexts = []

    def open_page(path: str, who: dict[str, str] = SUPERVISOR, viewport: dict[str, int] = WIDE) -> Page:
        context = browser.new_context(
            bypass_csp=True, viewport=viewport, extra_http_headers={"X-Staff": who["X-Staff"]}, locale="en-GB"
        )
        context.add_init_script(axe)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(console_address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def press_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Move the focus by the keyboard until it stands on something."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"the keyboard does not reach {selector}")


PATHS = {
    "referrals": "/referrals",
    "a filter that is wrong": "/referrals?from=soon&state=lost",
    "a reference that is none": "/referrals/find?reference=12",
    "feedback": "/feedback",
    "a judgement": f"/feedback/{JUDGED}",
    "topics": "/unanswered",
    "questions": f"/unanswered/about?topic={TOPIC}",
    "a question": "/unanswered/1",
    "content": "/content",
    "content, last page": "/content?page=3",
}


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "400 %"])
@pytest.mark.parametrize("path", PATHS.values(), ids=list(PATHS))
def test_each_page_is_accessible(open_page, path, viewport):
    page = open_page(path, viewport=viewport)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "400 %"])
@pytest.mark.parametrize("path", ["/referrals/{}", "/referrals/{}/withdraw"])
def test_a_referral_is_accessible(open_page, referrals, path, viewport):
    page = open_page(path.format(referrals[0]), viewport=viewport)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_form_with_a_problem_is_accessible(open_page):
    page = open_page(f"/feedback/{JUDGED}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Choose what became of it").click()
    assert page.evaluate("document.activeElement.id") == "state"


def test_a_referral_is_found_opened_and_acknowledged_by_keyboard_alone(open_page, referrals):
    page = open_page("/referrals")
    press_to(page, "#reference")
    page.keyboard.type(spoken(referrals[2]))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=f"Referral {spoken(referrals[2])}")).to_be_visible()
    press_to(page, "form[action$='acknowledge'] button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is marked as received")).to_be_visible()


def test_two_supervisors_make_an_example_by_keyboard_alone(open_page):
    page = open_page("/unanswered/1")
    press_to(page, "#text")
    page.keyboard.type(NEW)
    press_to(page, "form[action$='rewrite'] button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Somebody else must approve it")).to_be_visible()
    other = open_page("/unanswered/1", COLLEAGUE)
    assert violations(other) == []
    press_to(other, "form[action$='approve'] button")
    other.keyboard.press("Enter")
    expect(other.get_by_text("The question it was made of is deleted")).to_be_visible()


def test_a_file_comes_down_under_a_plain_name(open_page):
    page = open_page("/referrals?state=received")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV file").click()
    assert download.value.suggested_filename == "referrals.csv"
    assert CSRF not in download.value.path().read_text()
