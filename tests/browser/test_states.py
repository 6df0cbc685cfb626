"""Every state of the page, as axe-core finds it: no violation of WCAG 2.2 AA in any of them."""

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.gateway.app import Gateway
from tests.browser.conftest import RULES, StandInPool, ask, violations
from tests.browser.recorded_replies import RECORDED

pytestmark = pytest.mark.browser
SMALL = {"width": 320, "height": 640}
# 1280 by 1024 at 400 %.
ZOOMED = {"width": 320, "height": 256}


@pytest.fixture
def open_page(browser: Browser, address: str, axe: str):
    """Opens the chat with axe-core in it; the page's own policy would rightly keep that out."""
    contexts = []

    def open_page(path: str = "/chat", **options: object) -> Page:
        context = browser.new_context(bypass_csp=True, **{"viewport": SMALL, "locale": "en-GB", **options})
        contexts.append(context)
        context.add_init_script(axe)
        page = context.new_page()
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def started(page: Page) -> Page:
    expect(page.locator(".bubble").first).to_be_visible()
    return page


def shown(page: Page, name: str) -> Page:
    """The page after a recorded reply."""
    ask(started(page), name)
    expect(page.locator(".message")).not_to_have_count(1)
    expect(page.locator(".message").last).to_contain_text(RECORDED[name][-1].text.split("\n")[0])
    return page


@pytest.mark.parametrize("name", RECORDED)
def test_each_reply_is_accessible(open_page, name):
    assert violations(shown(open_page(), name)) == []


@pytest.mark.parametrize(
    "look",
    [
        {"viewport": ZOOMED},
        {"forced_colors": "active"},
        {"color_scheme": "dark"},
        {"reduced_motion": "reduce"},
        {"viewport": {"width": 1280, "height": 800}},
    ],
    ids=["400 %", "forced colours", "dark", "reduced motion", "wide"],
)
@pytest.mark.parametrize("name", ["answer", "choices", "date", "preview"])
def test_each_look_is_accessible(open_page, look, name):
    page = shown(open_page(**look), name)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= look.get("viewport", SMALL)["width"]


@pytest.mark.parametrize("language", ["ur", "ar", "fa", "ps", "cy", "pl"])
def test_the_start_is_accessible_in_each_direction(open_page, language):
    page = started(open_page(f"/chat?language={language}"))
    assert page.evaluate("document.documentElement.lang") == language
    assert violations(page) == []


@pytest.mark.parametrize("contrast", [False, True], ids=["normal", "high contrast"])
def test_the_options_are_accessible_open(open_page, contrast):
    page = started(open_page())
    page.locator("summary").click()
    if contrast:
        page.get_by_label("High contrast").check()
    page.get_by_role("button", name="End and erase").click()
    assert violations(page) == []


def test_the_largest_text_fits_a_small_phone(open_page):
    page = shown(open_page(), "answer")
    page.locator("summary").click()
    page.get_by_label("Text size").select_option("largest")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_form_with_a_problem_is_accessible(open_page):
    page = shown(open_page(), "date")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("That is not a date")).to_be_visible()
    assert violations(page) == []


def test_the_hidden_chat_is_accessible(open_page):
    page = shown(open_page(), "answer")
    page.locator("summary").click()
    page.get_by_label("Set a PIN").fill("1234")
    page.get_by_role("button", name="Save the PIN").click()
    page.get_by_role("button", name="Hide this chat now").click()
    assert violations(page) == []


def test_the_question_for_the_pin_is_accessible(open_page):
    page = shown(open_page(), "answer")
    page.locator("summary").click()
    page.get_by_label("Set a PIN").fill("1234")
    page.get_by_role("button", name="Save the PIN").click()
    expect(page.locator("#pin-state")).to_contain_text("saved")
    page.reload()
    page.get_by_role("textbox", name="PIN", exact=True).fill("4321")
    page.get_by_role("button", name="Show the chat").click()
    expect(page.locator("#returned-problem")).not_to_have_text("")
    assert violations(page) == []


def test_the_quiet_card_is_accessible(open_page):
    page = started(open_page())
    ask(page, "hes sat right here")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    assert violations(page) == []


def test_the_chat_is_accessible_on_another_site_closed_and_open(browser, axe, conversations, settings, served, host):
    settings = msgspec.structs.replace(settings, embed_origins=host.address)
    served.start(Gateway(conversations, StandInPool(), settings).app())
    host.chat = served.address
    context = browser.new_context(bypass_csp=True, viewport=SMALL, locale="en-GB")
    context.add_init_script(axe)
    page = context.new_page()
    page.goto(host.address)
    launcher = page.get_by_role("button", name="Ask about your rights")
    # What the host's own page lacks, such as a landmark, is not the chat's.
    ours = "rules => axe.run({fromShadowDom: ['body > div', 'button']}, {runOnly: rules})"
    assert page.evaluate(ours, RULES)["violations"] == []
    launcher.click()
    frame = page.frames[-1]
    expect(frame.locator(".bubble")).to_have_count(1)
    assert violations(frame) == []
    context.close()


def test_a_lost_connection_is_accessible(open_page):
    page = started(open_page())
    page.context.set_offline(True)
    ask(page, "hello")
    expect(page.locator("#state")).to_contain_text("No connection")
    assert violations(page) == []


def test_an_ended_chat_is_accessible(open_page):
    page = started(open_page())
    page.locator("summary").click()
    page.get_by_role("button", name="End and erase").click()
    page.get_by_role("button", name="Yes, erase it").click()
    expect(page.locator("#state")).to_contain_text("Your device may keep its own copy")
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/device", "/device?language=ur", "/rights", "/rights/right_06"])
def test_the_plain_pages_are_accessible(open_page, path):
    assert violations(open_page(path)) == []
