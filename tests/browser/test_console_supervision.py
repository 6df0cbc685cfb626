"""The pages of supervisors and case officers in a real browser: accessible, narrow and wide, and by keyboard alone."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.sql import SqlCases
from bot.console.app import Console
from bot.console.dashboard import load_dashboard_words
from bot.console.supervision import supervision
from bot.conversation.counting import CARD, CHANNEL, LANGUAGE, OUTCOME, RIGHT
from bot.referrals.queue import ReferralQueue
from bot.referrals.sealing import RotatingVault
from bot.referrals.store import ReferralStore
from bot.rights.facts import load_facts
from bot.staff.assembly import load_staff
from bot.store.counts import Counts
from tests.browser.conftest import violations
from tests.cases.conftest import NOW, REFERENCE, record
from tests.conftest import DATA, KEY
from tests.console.conftest import OnDuty, Recorded, SignInByHeader, as_staff
from tests.handoff.conftest import make_desk
from tests.referrals.conftest import real_form

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
SUPERVISOR, OFFICER = as_staff("supervisor"), as_staff("case_officer")


@pytest.fixture
def console_address(sqlite, vault, settings, served) -> str:
    """The console with something in it, on a free port."""
    SqlCases(sqlite, vault, LookupHash(lookup_keys([KEY]))).save([record(case_flags=["stalking"])], NOW)
    words = load_dashboard_words(DATA)
    seen = [(CHANNEL, "web"), (LANGUAGE, "en"), (LANGUAGE, "pl"), (RIGHT, "6"), (CARD, "stalking")]
    with sqlite.begin() as db:
        Counts.add(db, [*seen, *((OUTCOME, one) for one in words.outcomes.rows)] * 12, time.time())
    sections = supervision(
        settings,
        sqlite,
        vault,
        [KEY],
        desk=make_desk(sqlite, vault, OnDuty(), lambda *_, **__: None),
        staff=load_staff(settings, sqlite, vault, [KEY]),
        referrals=ReferralQueue(sqlite, ReferralStore(sqlite, RotatingVault([KEY]), real_form())),
        base=load_facts(DATA),
    )
    served.start(Console(settings, SignInByHeader(), sections, Recorded()).app())
    return served.address


@pytest.fixture
def open_page(browser: Browser, console_address: str, axe: str) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_page(path: str, who: dict[str, str] = SUPERVISOR, viewport: dict[str, int] = WIDE, **more: Any) -> Page:
        headers = {"X-Staff": who["X-Staff"]}
        context = browser.new_context(bypass_csp=True, viewport=viewport, extra_http_headers=headers, **more)
        context.add_init_script(axe)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(console_address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


def type_into(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def find_case(page: Page) -> Page:
    type_into(page, "#reference", REFERENCE)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(f"Case {REFERENCE}")
    return page


def fits(page: Page) -> bool:
    """Whether nothing but a table of its own needs scrolling sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "320 px"])
@pytest.mark.parametrize("path", ["/dashboard?days=30", "/hours", "/switches", "/holds"])
def test_each_page_of_supervisors_is_accessible_and_fits(open_page, path, viewport):
    page = open_page(path, viewport=viewport)
    assert violations(page) == []
    assert fits(page)


@pytest.mark.parametrize("look", [{"forced_colors": "active"}, {"color_scheme": "dark"}], ids=["forced", "dark"])
def test_the_dashboard_is_accessible_in_other_colours(open_page, look):
    assert violations(open_page("/dashboard", **look)) == []


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "320 px"])
def test_the_pages_of_case_officers_are_accessible_and_fit(open_page, viewport):
    page = open_page("/cases", OFFICER, viewport)
    assert (violations(page), fits(page)) == ([], True)
    find_case(page)
    page.locator("summary").click()
    assert (violations(page), fits(page)) == ([], True)


def test_a_number_of_the_dashboard_has_its_bar_drawn(open_page):
    page = open_page("/dashboard?days=7")
    row = page.get_by_role("row", name="Polish")
    drawn = row.locator("rect").bounding_box()
    whole = row.locator("svg").bounding_box()
    assert drawn is not None and whole is not None and drawn["width"] == pytest.approx(whole["width"], rel=0.01)


def test_what_is_wrong_with_the_hours_takes_the_focus_and_leads_to_its_field(open_page):
    page = open_page("/hours")
    type_into(page, "#tue", "whenever")
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert violations(page) == []
    tab_to(page, "a[href='#tue']")
    page.keyboard.press("Enter")
    expect(page.locator("#tue")).to_be_focused()
    assert page.title().startswith("Error: ")


def test_a_channel_goes_off_and_on_by_keyboard_alone(open_page):
    page = open_page("/switches")
    tab_to(page, "#channel")
    page.keyboard.type("Tele")
    tab_to(page, "#topic")
    page.keyboard.type("Everything")
    type_into(page, "#reason", "It repeats itself.")
    tab_to(page, ".govuk-button--warning")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Off: Telegram, Everything")
    assert violations(page) == []
    tab_to(page, "table button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("On again: Telegram, Everything")


def test_a_hold_is_placed_and_lifted_by_keyboard_alone(open_page):
    page = open_page("/holds")
    type_into(page, "#subject", REFERENCE)
    type_into(page, "#reason", "A court has asked for it.")
    type_into(page, "#review_on", "24 December 2099")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name=f"Case {REFERENCE}")).to_be_visible()
    assert violations(page) == []
    tab_to(page, "table button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing of your organisation is on hold.")).to_be_visible()


def test_a_case_goes_offline_by_keyboard_alone(open_page):
    page = find_case(open_page("/cases", OFFICER))
    tab_to(page, "button[value=off]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Taken offline.")
    expect(page.locator("main")).to_contain_text("Not allowed.")
