"""The demonstration's outbox, as it is read on a small phone."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from playwright.sync_api import expect

from bot.directory import LONDON
from bot.gateway.demo_outbox import demo_outbox_routes
from bot.notify.outbox import DemoOutbox

pytestmark = pytest.mark.browser
LONG = "demo." + "person" * 9 + "@example.org"


@pytest.fixture
def outbox(sqlite, vault) -> DemoOutbox:
    return DemoOutbox(sqlite, vault, lambda: datetime.now(LONDON))


@pytest.fixture
def routes(outbox, settings):
    return demo_outbox_routes(outbox, settings)


def test_a_code_that_was_just_sent_is_found_by_looking_again(phone, address, outbox):
    phone.goto(f"{address}/demo/outbox")
    expect(phone.get_by_text("No messages yet.")).to_be_visible()
    # The browser's driver keeps an event loop running in this thread.
    with ThreadPoolExecutor() as thread:
        thread.submit(asyncio.run, outbox.send("email", LONG, "Your code is 123456.")).result()
    phone.get_by_role("link", name="Look again").click()
    expect(phone.get_by_text("Your code is 123456.")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320
