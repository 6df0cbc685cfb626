"""A real browser (Debian's Chromium) and a real gateway with a stand-in engine, on localhost."""

import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Frame, FrameLocator, Page, Playwright, sync_playwright
from starlette.routing import BaseRoute

from bot.gateway.app import Gateway
from bot.settings import ROOT
from tests.browser.host_site import HostSite
from tests.browser.recorded_replies import RecordedEngine
from tests.browser.served import Served
from tests.conftest import missing
from tests.test_serve import Running

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


AXE = ROOT / "bot" / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, for a context that bypasses the page's own policy."""
    if not AXE.exists():
        missing("axe-core (npm ci in bot/web)")
    return AXE.read_text(encoding="utf-8")


def violations(page: Page | Frame) -> list[str]:
    """What axe-core finds wrong on a page, each with the element."""
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        missing("Chromium")
    return path


@pytest.fixture(scope="session")
def playwright(chromium: str) -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    yield browser
    browser.close()


class StandInPool:
    """Engines that are always ready and need no starting."""

    ready = 1

    def start(self) -> None: ...

    def watch(self) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def engine() -> RecordedEngine:
    return RecordedEngine()


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.stop()


@pytest.fixture
def routes() -> list[BaseRoute]:
    """Routes beside the gateway's own; a module may give some."""
    return []


@pytest.fixture
def address(conversations, settings, served, routes, resuming) -> str:
    """A gateway on a free port."""
    served.start(Gateway(conversations, StandInPool(), settings, routes=routes, resuming=resuming).app())
    return served.address


@pytest.fixture
def host() -> Iterator[HostSite]:
    """A site of another origin."""
    host = HostSite()
    yield host
    host.served.stop()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The whole assistant, with its trained model."""
    with pytest.MonkeyPatch.context() as patch:
        # All tests come from one address.
        patch.setenv("BOT_STARTS_PER_MINUTE", "1000")
        running = Running(tmp_path_factory.mktemp("whole"))
    running.until(ready=True)
    yield running
    running.process.kill()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page the size of a small phone."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    yield page
    context.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait for something outside the browser, where nothing tells when it happens."""
    for _ in range(400):
        if holds():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it did not happen within 20 seconds")


def ask(page: Page | FrameLocator, words: str) -> None:
    """Type into the page and send."""
    page.locator("#text").fill(words)
    page.locator("#send").click()
