"""A real browser (Debian's Chromium) and a real gateway with a stand-in engine, on localhost."""

import shutil
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.routing import BaseRoute

from bot.gateway.app import Gateway
from tests.conftest import missing

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class StandInPool:
    """Engines that are always ready and need no starting."""

    ready = 1

    def start(self) -> None: ...

    def watch(self) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def routes() -> list[BaseRoute]:
    """Routes beside the gateway's own; a module may give some."""
    return []


@pytest.fixture
def address(conversations, settings, routes) -> Iterator[str]:
    """A gateway on a free port."""
    app = Gateway(conversations, StandInPool(), settings, routes=routes).app()
    config = uvicorn.Config(app, port=0, ws="none", log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page the size of a small phone."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="en-GB")
    page = context.new_page()
    yield page
    context.close()
