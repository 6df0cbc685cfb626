"""From a look-up in the conversation to the code on the phone, and back into the conversation."""

import re

import pytest

from bot.notify.loading import load_notifier
from bot.settings import TELLING
from tests.cases.conftest import ADDRESS, REFERENCE
from tests.conversation.case_desk import Desk


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
