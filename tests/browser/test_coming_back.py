"""Coming back to a page that was left: nothing is shown, and with a PIN that was chosen beforehand the words return.

The rule is shared/protection.md, "On the device". Tabs are closed and reopened, and the browser is ended and started
anew with its session, in a profile of its own.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.conftest import FLAGS, ask

pytestmark = pytest.mark.browser
REOPEN = Path(__file__).with_name("reopen")
PRIVATE = "something private"


@pytest.fixture
def start_browser(playwright: Playwright, chromium: str, tmp_path: Path) -> Iterator[Callable[[], BrowserContext]]:
    """Starts a browser as a person has one: with a profile, the tabs of before, and closed tabs to reopen."""
    started: list[BrowserContext] = []

    def start_browser() -> BrowserContext:
        args = [*FLAGS, "--restore-last-session", f"--disable-extensions-except={REOPEN}", f"--load-extension={REOPEN}"]
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=chromium,
            args=args,
            ignore_default_args=["--disable-extensions"],
            viewport={"width": 320, "height": 640},
        )
        started.append(context)
        return context

    yield start_browser
    for context in started:
        context.close()


def reopen(context: BrowserContext) -> Page:
    """The tab that was closed last, opened again by the browser itself."""
    worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
    with context.expect_page() as page:
        worker.evaluate("reopen()")
    return page.value


def restored(context: BrowserContext) -> Page:
    """The chat's tab in a browser that has restored its tabs."""
    tab = next((page for page in context.pages if "/chat" in page.url), None)
    return tab or context.wait_for_event("page", lambda page: "/chat" in page.url)


def talked(page: Page, address: str, pin: str | None = None) -> Page:
    """A page on which something private was said, and a PIN chosen."""
    page.goto(f"{address}/chat")
    expect(page.locator(".bubble")).to_have_count(1)
    ask(page, PRIVATE)
    expect(page.get_by_text(f"echo {PRIVATE}")).to_be_visible()
    if pin is not None:
        page.locator("summary").click()
        page.get_by_label("Set a PIN").fill(pin)
        page.get_by_role("button", name="Save the PIN").click()
        expect(page.locator("#pin-state")).to_contain_text("within 2 minutes")
    return page


def enter(page: Page, pin: str) -> None:
    page.get_by_role("textbox", name="PIN", exact=True).fill(pin)
    page.get_by_role("button", name="Show the chat").click()


def shows_nothing(page: Page) -> None:
    """A new chat or the question for the PIN, and no word of before."""
    expect(page.locator("#returned-heading, .bubble").locator("visible=true").first).to_be_visible()
    assert PRIVATE not in page.content()


def shows_the_chat(page: Page) -> None:
    """All that was said, in its order, and the chat goes on."""
    expect(page.get_by_text(f"echo {PRIVATE}")).to_be_visible()
    said = [text.split(": ", 1)[0] for text in page.locator(".bubble").all_text_contents()]
    assert said == ["Assistant", "You", "Assistant"]
    ask(page, "and more")
    expect(page.get_by_text("echo and more")).to_be_visible()


def left(page: Page, address: str, way: str) -> None:
    """The page is left in a way that leads back to it."""
    if way == "Back":
        page.goto(f"{address}/rights")
        page.go_back()
    else:
        page.reload()


# --- without a PIN


def test_without_a_pin_a_reopened_tab_shows_nothing(start_browser, address):
    context = start_browser()
    talked(context.new_page(), address).close()
    page = reopen(context)
    shows_nothing(page)
    expect(page.locator("#returned")).to_be_hidden()


def test_without_a_pin_a_restored_browser_shows_nothing(start_browser, address):
    context = start_browser()
    talked(context.new_page(), address)
    context.close()
    page = restored(start_browser())
    shows_nothing(page)
    expect(page.locator("#returned")).to_be_hidden()


@pytest.mark.parametrize("way", ["Back", "reload"])
def test_without_a_pin_the_way_back_shows_nothing(phone, address, way):
    left(talked(phone, address), address, way)
    shows_nothing(phone)
    expect(phone.locator("#returned")).to_be_hidden()


# --- with one


def test_a_reopened_tab_asks_for_the_pin_and_then_shows_the_chat(start_browser, address):
    context = start_browser()
    talked(context.new_page(), address, "4711").close()
    page = reopen(context)
    shows_nothing(page)
    expect(page.locator("#text")).to_be_hidden()
    enter(page, "4711")
    shows_the_chat(page)


def test_a_browser_that_restores_its_tabs_asks_for_the_pin_and_then_shows_the_chat(start_browser, address):
    context = start_browser()
    talked(context.new_page(), address, "4711")
    context.close()
    page = restored(start_browser())
    shows_nothing(page)
    enter(page, "4711")
    shows_the_chat(page)


@pytest.mark.parametrize("way", ["Back", "reload"])
def test_the_way_back_asks_for_the_pin_and_then_shows_the_chat(phone, address, way):
    left(talked(phone, address, "4711"), address, way)
    shows_nothing(phone)
    enter(phone, "4711")
    shows_the_chat(phone)


def test_the_pin_brings_the_chat_back_a_second_time(phone, address):
    page = talked(phone, address, "4711")
    for _ in range(2):
        page.reload()
        enter(page, "4711")
        expect(page.get_by_text(f"echo {PRIVATE}")).to_be_visible()


def test_the_chat_that_came_back_is_hidden_behind_the_same_pin(phone, address):
    page = talked(phone, address, "4711")
    page.reload()
    enter(page, "4711")
    page.locator("summary").click()
    page.get_by_role("button", name="Hide this chat now").click()
    enter(page, "0000")
    expect(page.get_by_text("Tries left: 4")).to_be_visible()


def test_a_pressed_button_comes_back_as_its_words(phone, address):
    page = talked(phone, address, "4711")
    ask(page, "choice")
    page.get_by_role("button", name="My child").click()
    expect(page.get_by_text("echo /choice_1")).to_be_visible()
    page.reload()
    enter(page, "4711")
    expect(page.locator(".bubble.mine").last).to_have_text("You: My child")


def test_what_the_quiet_card_folded_away_does_not_come_back(phone, address):
    page = talked(phone, address, "4711")
    ask(page, "hes sat right here")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.reload()
    enter(page, "4711")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    assert PRIVATE not in page.content()
    expect(page.locator(".emergency")).to_be_hidden()


# --- one answer for everything that does not fit

REFUSED = "The PIN may be wrong, or the chat may be over."


def refused(page: Page, pin: str = "4711") -> str:
    """What is said to a PIN that opens nothing."""
    enter(page, pin)
    expect(page.locator("#returned-problem")).to_contain_text(REFUSED)
    shows_nothing(page)
    return page.locator("#returned-problem").inner_text()


def test_a_wrong_pin_an_unknown_id_and_a_chat_that_is_over_get_the_same_answer(phone, address, sqlite):
    page = talked(phone, address, "4711")
    page.reload()
    wrong = refused(page, "0000")
    with sqlite.begin() as database:
        database.exec_driver_sql("UPDATE conversations SET token_expires = 1")
    over = refused(page)
    page.evaluate("history.replaceState({resume: 'a'.repeat(64)}, '')")
    page.reload()
    assert {wrong, over} == {refused(page)}


def test_after_five_wrong_pins_the_right_one_opens_nothing(phone, address):
    page = talked(phone, address, "4711")
    page.reload()
    for guess in range(5):
        refused(page, f"000{guess}")
    refused(page, "4711")


def test_whoever_has_no_pin_starts_a_new_chat(phone, address):
    page = talked(phone, address, "4711")
    page.reload()
    page.get_by_role("button", name="Start a new chat").click()
    expect(page.locator(".bubble")).to_have_count(1)
    ask(page, "another question")
    expect(page.get_by_text("echo another question")).to_be_visible()
    page.reload()
    shows_nothing(page)
    expect(page.locator("#returned")).to_be_hidden()


def test_exit_leaves_no_way_back(phone, address):
    phone.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    page = talked(phone, address, "4711")
    page.get_by_role("button", name="Exit this page").click()
    page.wait_for_url("https://www.bbc.co.uk/weather")
    page.go_back()
    assert "/chat" not in page.url


def test_an_erased_chat_leaves_no_way_back(phone, address):
    page = talked(phone, address, "4711")
    page.get_by_role("button", name="End and erase").click()
    page.get_by_role("button", name="Yes, erase it").click()
    expect(page.locator("#over")).to_be_visible()
    page.reload()
    expect(page.locator("#returned")).to_be_hidden()


# --- what the device keeps of it


def test_the_tab_keeps_an_id_that_is_no_token_and_nothing_else(phone, address):
    with phone.expect_response("**/api/v1/conversations") as started:
        page = talked(phone, address, "4711")
    state = page.evaluate("history.state")
    assert list(state) == ["resume"]
    assert state["resume"] not in ("4711", started.value.json()["token"])
    headers = {"Authorization": f"Bearer {state['resume']}"}
    assert page.request.get(f"{address}/api/v1/replies", headers=headers).status == 401
    assert page.url == f"{address}/chat"
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_without_a_pin_the_tab_keeps_nothing(phone, address):
    assert talked(phone, address).evaluate("history.state") is None
