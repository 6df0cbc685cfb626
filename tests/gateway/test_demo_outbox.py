"""The page of the demonstration's outbox: there in the demonstration, and nowhere else."""

import asyncio
from datetime import datetime, timezone

import msgspec
import pytest
from starlette.testclient import TestClient

from bot.gateway.app import Gateway
from bot.gateway.demo_outbox import demo_outbox_routes
from bot.notify.outbox import DemoOutbox

AT = datetime(2026, 11, 24, 11, 0, 5, tzinfo=timezone.utc)


class StandInPool:
    ready = 1

    def start(self) -> None: ...

    def watch(self) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def outbox(sqlite, vault) -> DemoOutbox:
    return DemoOutbox(sqlite, vault, lambda: AT)


def client(conversations, settings, outbox) -> TestClient:
    routes = demo_outbox_routes(outbox, settings)
    return TestClient(Gateway(conversations, StandInPool(), settings, routes=routes).app())


async def test_it_shows_address_text_and_time_of_each_message(conversations, settings, outbox):
    await outbox.send("sms", "+447400123456", "Your code is 123456.")
    page = client(conversations, settings, outbox).get("/demo/outbox")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    for shown in ("Text to +447400123456", "Your code is 123456.", "24 November 2026, 11:00:05"):
        assert shown in page.text


async def test_it_says_what_it_is_and_carries_the_numbers_and_the_way_out(conversations, settings, outbox):
    page = client(conversations, settings, outbox).get("/demo/outbox").text
    assert "This page exists only in the demonstration." in page
    assert "No messages yet." in page
    assert "tel:999" in page
    assert settings.exit_url in page
    assert "<script" not in page


async def test_the_newest_message_stands_first(conversations, settings, outbox):
    await outbox.send("sms", "+447400123456", "the first")
    await outbox.send("email", "demo.person@example.org", "the second")
    page = client(conversations, settings, outbox).get("/demo/outbox").text
    assert page.index("the second") < page.index("the first")


async def test_what_a_message_holds_is_no_markup(conversations, settings, outbox):
    await outbox.send("sms", "<b>+44</b>", "<script>alert(1)</script>")
    page = client(conversations, settings, outbox).get("/demo/outbox").text
    assert "<script" not in page
    assert "<b>" not in page


def test_outside_the_demonstration_it_is_like_any_address_that_does_not_exist(conversations, settings, outbox):
    live = client(conversations, msgspec.structs.replace(settings, demo=False), outbox)
    page, nothing = live.get("/demo/outbox"), live.get("/no/such/page")
    assert page.status_code == nothing.status_code == 404
    assert page.content == nothing.content


def test_where_messages_leave_there_is_no_page_either(conversations, settings):
    assert client(conversations, settings, None).get("/demo/outbox").status_code == 404


def test_what_runs_beside_the_gateway_starts_and_stops_with_it(conversations, settings):
    seen = []

    async def beside() -> None:
        seen.append("started")
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("stopped")

    app = Gateway(conversations, StandInPool(), settings, background=[beside]).app()
    with TestClient(app) as running:
        running.get("/health")
        assert seen == ["started"]
    assert seen == ["started", "stopped"]
