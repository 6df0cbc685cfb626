"""Pictures of the page's states: which there are, how each is reached, and where they go.

`make test` takes them all into var/screenshots; `make screenshots` also puts them into docs/screenshots.
"""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from bot.settings import ROOT
from tests.browser.conftest import ask
from tests.browser.recorded_replies import RECORDED

TAKEN, KEPT = ROOT / "var" / "screenshots", ROOT / "docs" / "screenshots"
SIZES = {
    "phone": {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}
Act = Callable[[Page], None]


def started(page: Page) -> None:
    expect(page.locator(".bubble").first).to_be_visible(timeout=30_000)


def answered(words: str) -> Act:
    """Something is typed, and answered."""

    def act(page: Page) -> None:
        started(page)
        ask(page, words)
        # In a log that was not emptied, the person's own words stand before the answer.
        expect(page.locator(".message ~ .message, .message:only-child .quiet").first).to_be_visible(timeout=30_000)
        expect(page.locator("#state")).to_have_text("", timeout=30_000)

    return act


def recorded(name: str) -> Act:
    def act(page: Page) -> None:
        answered(name)(page)
        expect(page.locator(".message").last).to_contain_text(RECORDED[name][-1].text.split("\n")[0])

    return act


def options(page: Page) -> None:
    started(page)
    page.locator("summary").click()


def high_contrast(page: Page) -> None:
    recorded("answer")(page)
    page.locator("summary").click()
    page.get_by_label("High contrast").check()
    page.locator("summary").click()


def largest_text(page: Page) -> None:
    recorded("answer")(page)
    page.locator("summary").click()
    page.get_by_label("Text size").select_option("largest")
    page.locator("summary").click()


def with_pin(page: Page) -> None:
    started(page)
    page.locator("summary").click()
    page.get_by_label("Set a PIN").fill("4711")
    page.get_by_role("button", name="Save the PIN").click()
    expect(page.locator("#pin-state")).not_to_have_text("")


def hidden(page: Page) -> None:
    with_pin(page)
    page.get_by_role("button", name="Hide this chat now").click()


def came_back(page: Page) -> None:
    with_pin(page)
    page.reload()
    expect(page.locator("#returned")).to_be_visible()


def erase_question(page: Page) -> None:
    options(page)
    page.get_by_role("button", name="End and erase").click()


def erased(page: Page) -> None:
    erase_question(page)
    page.get_by_role("button", name="Yes, erase it").click()
    expect(page.locator("#over")).to_be_visible()


def offline(page: Page) -> None:
    recorded("answer")(page)
    page.context.set_offline(True)
    ask(page, "and when do I hear?")
    expect(page.locator("#state")).to_contain_text("No connection")


def form_problem(page: Page) -> None:
    recorded("date")(page)
    page.get_by_role("button", name="Continue").click()


def shown(_page: Page) -> None:
    """A page without a chat: it is there as soon as it is loaded."""


STATES: dict[str, tuple[str, Act]] = {
    "start": ("/chat", started),
    "start-urdu": ("/chat?language=ur", started),
    "start-welsh": ("/chat?language=cy", started),
    "options": ("/chat", options),
    "high-contrast": ("/chat", high_contrast),
    "largest-text": ("/chat", largest_text),
    "hidden": ("/chat", hidden),
    "came-back": ("/chat", came_back),
    "offline": ("/chat", offline),
    "erase-question": ("/chat", erase_question),
    "erased": ("/chat", erased),
    "form-problem": ("/chat", form_problem),
    "device": ("/device", shown),
    "rights": ("/rights", shown),
    "right": ("/rights/right_06", shown),
    **{f"reply-{name.replace(' ', '-')}": ("/chat", recorded(name)) for name in RECORDED},
}
"""States with recorded replies: address and what is done there, by the name of the picture."""

ASKED = {
    "answer": "been four months and heard nowt",
    "choices": "the thing with the form",
    "card": "he is outside with a knife and he is trying to get in",
    "quiet": "hes sat right here",
    "signpost": "can i get a divorce",
    "polish": "kiedy dostanę z powrotem mój telefon od policji",
    "polish-card": "pomocy on jest pod drzwiami z nożem",
    "two-questions": "when do i get my phone back and who pays my train fare",
    "form": "please ask victim support to contact me",
    "case-number": "where does my case stand",
}
"""What the whole assistant is asked, by the name of the picture."""

HOST = ("host-closed", "host-open")
"""The chat on somebody else's site."""


def names() -> set[str]:
    """The files of all pictures."""
    return {f"{name}-{size}.png" for name in (*STATES, *ASKED, *HOST) for size in SIZES}


def take(browser: Browser, name: str, address: str, act: Act) -> None:
    """Take a state's picture in each size.

    Args:
        browser: a started one.
        name: the picture's.
        address: of the page.
        act: what is done there.
    """
    TAKEN.mkdir(parents=True, exist_ok=True)
    for size, looks in SIZES.items():
        context = browser.new_context(locale="en-GB", reduced_motion="reduce", **looks)
        page = context.new_page()
        page.goto(address)
        act(page)
        page.screenshot(path=TAKEN / f"{name}-{size}.png")
        context.close()
