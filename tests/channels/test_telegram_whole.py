"""The whole assistant with its model, as `make run` starts it, with a token: real processes, HTTP on both sides."""

import asyncio
import re

import httpx
import pytest

from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.person import Person
from tests.test_serve import Running

pytestmark = pytest.mark.model


@pytest.fixture
async def api():
    async with BotApi() as api:
        yield api


@pytest.fixture
async def running(api, tmp_path, monkeypatch):
    monkeypatch.setenv("BOT_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("BOT_TELEGRAM_BASE_URL", api.base_url)
    running = await asyncio.to_thread(Running, tmp_path)
    await asyncio.to_thread(running.until, True)
    yield running
    running.process.kill()
    # It is gone before the API is, so that no call is left half-way.
    await asyncio.to_thread(running.process.wait)


async def says(person: Person, text: str, heard: str) -> None:
    """Send a message and wait until the chat shows these words of the bot."""
    await person.api.push(**person._put({"text": text}))
    await person.api.until(lambda: any(heard in shown for shown in person.texts))


def offering(person: Person, title: str) -> list[tuple[int, str]]:
    """The messages that show a button with this title, the oldest first: their numbers and what it sends."""
    return [
        (number, button["callback_data"])
        for number, one in sorted(person.api.messages[person.address].items())
        for button in one["buttons"]
        if button["text"] == title
    ]


async def presses(person: Person, title: str, heard: str) -> None:
    """Press the newest button with this title and wait until the chat shows these words."""
    await person.api.until(lambda: offering(person, title))
    number, data = offering(person, title)[-1]
    message = {"message_id": number, "date": 1, "chat": person.chat}
    query = {"id": "1", "from": person.user, "chat_instance": "1", "data": data, "message": message}
    await person.api.push(callback_query=query)
    await person.api.until(lambda: any(heard in shown for shown in person.texts))


async def code_sent(running: Running) -> str:
    """The code that arrived on the demonstration's phone."""
    address = str(running.http.base_url.join("/demo/outbox"))
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(100):
            if found := re.search(r"\b(\d{6})\b", (await http.get(address)).text):
                return found[1]
            await asyncio.sleep(0.1)
    raise AssertionError("no code came")


async def test_a_right_a_case_a_referral_and_erasing_in_one_chat(api, running):
    person = Person(api, None, None)
    await says(person, "when will i get my phone back from the police", "From: Right 10")
    await says(person, "/case", "crime number")
    await says(person, "00/000103/26", "a code is on its way")
    code = await code_sent(running)
    await says(person, code, "The police are looking into it")
    await api.until(lambda: code not in [one["text"] for one in person.sees])
    await presses(person, "Put my case away", "I have put your case away")
    assert not any("looking into it" in text for text in person.texts)
    await says(person, "can you pass my details to victim support", "Is this about you?")
    await presses(person, "About a friend", "friend")
    await says(person, "/erase", "Delete chat")
    assert len(person.sees) == 1
    log = running.log.read_text()
    assert "telegram.connected" in log
    assert str(person.address) not in log
    assert TOKEN not in log


async def test_a_welsh_and_an_urdu_phone_meet_their_front_doors(api, running):
    welsh, urdu = Person(api, None, None, 700_000_003, "cy"), Person(api, None, None, 700_000_004, "ur")
    await says(welsh, "/rights", "Eich 12 hawl")
    await says(urdu, "/rights", "12.")
    assert all("\u200f" in text for text in urdu.texts)
