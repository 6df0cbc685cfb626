"""From a look-up in the conversation to the code on the phone, and back into the conversation."""

import re

import pytest
from starlette.testclient import TestClient

from bot.gateway.app import Gateway
from bot.gateway.demo_outbox import demo_outbox_routes
from bot.notify.loading import load_notifier
from bot.settings_checks import TELLING
from tests.cases.conftest import ADDRESS, REFERENCE
from tests.conversation.case_desk import CODE, Desk


class StandInPool:
    ready = 1

    def start(self) -> None: ...

    def watch(self) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def desk(sqlite, settings) -> Desk:
    return Desk(sqlite, settings)


@pytest.fixture
def sending(desk, sqlite, vault, settings):
    """The notifier of the demonstration, on the desk's own queue and clock."""
    return load_notifier(settings, sqlite, vault, desk.time)


async def test_the_code_that_arrives_shows_the_case(desk, sending):
    desk.keep_one()
    conversation = await desk.start()
    await desk.say(conversation, REFERENCE)
    await sending.worker.work()
    (arrived,) = sending.outbox.messages()
    assert arrived.address == ADDRESS
    code = re.search(r"\d{6}", arrived.text)
    assert "looking into it" in (await desk.say(conversation, code[0]))[0].text


def test_through_the_running_gateway_a_code_is_soon_on_the_outbox_page(desk, sending, settings):
    desk.keep_one()
    routes = demo_outbox_routes(sending.outbox, settings)
    gateway = Gateway(desk.conversations, StandInPool(), settings, routes=routes, background=sending.background)
    with TestClient(gateway.app()) as client:
        token = client.post("/api/v1/conversations").json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        client.post("/api/v1/messages", json={"client_id": "1", "text": REFERENCE}, headers=headers)
        while CODE not in (page := client.get("/demo/outbox").text):
            assert "No messages yet." in page
    assert ADDRESS in page


async def test_what_arrives_says_nothing_of_crime_service_or_case(desk, sending):
    desk.keep_one()
    await desk.say(await desk.start(), REFERENCE)
    await sending.worker.work()
    text = sending.outbox.messages()[0].text.lower()
    assert [word for word in (*TELLING, REFERENCE, "000001", "assistant", "rights") if word in text] == []


async def test_a_look_up_of_nothing_is_worked_off_and_sends_nothing(desk, sending):
    await desk.say(await desk.start(), REFERENCE)
    await sending.worker.work()
    assert sending.outbox.messages() == []
    assert sending.worker.outcomes == {"decoy": 1}
