"""Signing in and the pages of administrators and auditors in a real browser: accessible, narrow, by keyboard alone."""

import re
import socket
from collections.abc import Callable, Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.settings import Settings
from tests.browser.conftest import Served, violations
from tests.console.staff_console import StaffConsole
from tests.staff.conftest import PASSWORD
from tests.staff.oidc_provider import CLIENT, SECRET, running

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
Opened = Callable[..., Page]


@pytest.fixture
def console(settings: Settings, sqlite, served: Served) -> StaffConsole:
    console = StaffConsole(settings, sqlite)
    console.staff.seed_demo(settings, console.clock.now)
    served.start(console.app)
    return console


@pytest.fixture
def open_page(browser: Browser, served: Served, axe: str) -> Iterator[Opened]:
    contexts = []

    def opened(path: str = "/sign-in", viewport: dict[str, int] = WIDE) -> Page:
        context = browser.new_context(bypass_csp=True, viewport=viewport)
        context.add_init_script(axe)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(served.address + path)
        return page

    yield opened
    for context in contexts:
        context.close()


def sign_in(page: Page, console: StaffConsole, sign_in: str) -> None:
    """As somebody of the demonstration."""
    one = next(one for one in console.staff.demo_staff(console.clock.now) if one.sign_in == sign_in)
    page.get_by_label("Name to sign in with").fill(one.sign_in)
    page.get_by_label("Password", exact=True).fill(one.password)
    page.get_by_label("Code from your app").fill(one.code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def is_clean(page: Page) -> None:
    """Nothing that axe finds, and nothing that hangs out of the window."""
    page.wait_for_load_state()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_pages_before_signing_in_are_accessible(console, open_page, viewport):
    page = open_page(viewport=viewport)
    is_clean(page)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.title().startswith("Error: ")
    is_clean(page)
    page.get_by_role("link", name="I have an invitation").click()
    expect(page.get_by_role("heading", name="I have an invitation")).to_be_visible()
    is_clean(page)
    invitation = console.staff.accounts.add("bob", "Bob", ["adviser"], "police", None, console.clock.now)
    page.get_by_label("Code of the invitation").fill(invitation.code)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Set up your account")).to_be_visible()
    is_clean(page)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_pages_of_administrators_and_auditors_are_accessible(console, open_page, viewport):
    page = open_page(viewport=viewport)
    sign_in(page, console, "demo-police-administrator")
    console.staff.audit.record("somebody", "search.outside", "9876", "police")
    page.get_by_role("link", name="Accounts").click()
    expect(page.get_by_role("heading", name="Accounts", exact=True)).to_be_visible()
    is_clean(page)
    page.get_by_role("link", name="Demo case officer").click()
    expect(page.get_by_role("heading", name="Demo case officer")).to_be_visible()
    is_clean(page)
    page.get_by_role("link", name="All accounts").click()
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("alert")).to_be_visible()
    is_clean(page)
    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_role("heading", name="Searches outside their own work: 1")).to_be_visible()
    is_clean(page)


def test_somebody_signs_in_by_keyboard_alone(console, open_page):
    page = open_page()
    one = console.staff.demo_staff(console.clock.now)[0]
    page.get_by_label("Name to sign in with").focus()
    for text in (one.sign_in, one.password, one.code):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Hello, {one.staff.name}")).to_be_visible()


def test_an_administrator_invites_somebody_who_sets_up_their_account(console, open_page):
    admin, owner = open_page(), open_page("/invitation")
    sign_in(admin, console, "demo-administrator")
    admin.get_by_role("link", name="Accounts").click()
    admin.get_by_role("button", name="Invite somebody").click()
    admin.get_by_label("Name to sign in with").fill("bob")
    admin.get_by_label("Name or role that people see").fill("Adviser")
    admin.get_by_role("checkbox", name="Adviser").check()
    admin.get_by_role("button", name="Invite").click()
    expect(admin.get_by_role("heading", name="Invitation for Adviser")).to_be_visible()
    admin.set_viewport_size(NARROW)
    is_clean(admin)
    owner.get_by_label("Code of the invitation").fill(admin.locator("code").inner_text())
    owner.get_by_role("button", name="Continue").click()
    expect(owner.get_by_role("heading", name="Set up your account")).to_be_visible()
    owner.get_by_label("New password").fill(PASSWORD)
    owner.get_by_label("The same password again").fill(PASSWORD)
    owner.get_by_label("Code from your app").fill(console.code("bob"))
    owner.get_by_role("button", name="Begin").click()
    expect(owner.get_by_text("Hello, Adviser")).to_be_visible()


def test_a_console_left_alone_is_unlocked_and_left(console, open_page):
    page = open_page()
    sign_in(page, console, "demo-adviser")
    console.clock.now += 15 * 60 + 1
    page.goto(re.sub(r"/home$", "/", page.url))
    expect(page.get_by_role("heading", name="The console is locked")).to_be_visible()
    is_clean(page)
    page.get_by_label("Code from your app").fill(console.staff.demo_staff(console.clock.now)[0].code)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_somebody_comes_back_from_a_provider_on_another_site_and_is_in(settings, sqlite, served, browser):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        served.port = free.getsockname()[1]
    # Another name of this machine is another site to the browser.
    ours = f"http://localhost:{served.port}"
    with running(f"{ours}/sign-in/provider/back") as provider:
        given = {"staff_oidc_issuer": provider.issuer, "staff_oidc_client": CLIENT, "staff_oidc_secret": SECRET}
        served.start(StaffConsole(msgspec.structs.replace(settings, staff_address=ours, **given), sqlite).app)
        context = browser.new_context()
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto(f"{ours}/sign-in")
        page.get_by_role("button", name="Sign in with your organisation").click()
        expect(page.get_by_text("Hello, Adviser of the provider")).to_be_visible()
        cookies = {cookie["name"]: cookie for cookie in context.cookies()}
        assert (cookies["staff"]["httpOnly"], cookies["staff"]["sameSite"]) == (True, "Strict")
        context.close()
