"""Typing, both ways, through the gateway: the page posts it, and hears of it in its stream."""

import httpx
import pytest

from bot.gateway.app import Gateway
from tests.action_engine import ActionEngine
from tests.conversation.hand_off_parts import INTENTS, Parts
from tests.gateway.test_api import StandInPool
from tests.handoff.conftest import AMIRA


@pytest.fixture
async def parts(sqlite, vault, settings):
    return Parts(sqlite, vault, settings, ActionEngine(INTENTS))


@pytest.fixture
async def talk(parts):
    return await parts.talk()


@pytest.fixture
def gateway(parts):
    return Gateway(parts.conversations, StandInPool(), parts.settings)


class Page:
    """A request of a page that reads so many events and leaves."""

    def __init__(self, token: str) -> None:
        self.headers = {"authorization": f"Bearer {token}"}
        self.gone = False

    async def is_disconnected(self) -> bool:
        return self.gone


async def post(gateway, token):
    transport = httpx.ASGITransport(gateway.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post("/api/v1/typing", headers={"Authorization": f"Bearer {token}"})


async def test_staff_see_that_the_person_types(parts, talk, gateway):
    found = await talk.talks()
    assert (await post(gateway, talk.token)).status_code == 204
    assert parts.desk.lines(AMIRA, found.id)[0].person_typing_until > parts.clock.now


async def test_nobody_is_told_where_nobody_talks(parts, talk, gateway):
    await talk.wait()
    assert (await post(gateway, talk.token)).status_code == 204
    assert talk.standing.person_typing_until == 0.0


async def test_typing_needs_a_token(gateway):
    assert (await post(gateway, "guessed")).status_code == 401


async def test_the_page_hears_that_staff_type_and_then_their_words(parts, talk, gateway):
    found = await talk.talks()
    parts.desk.typing(AMIRA, found.id, parts.clock.now)
    page, heard = Page(talk.token), []
    async for event in gateway._events(page, await talk.fresh(), talk._cursor):
        heard.append(event.event)
        if event.event == "typing":
            parts.desk.send(AMIRA, found.id, "a", "Hello.", parts.clock.now)
        page.gone = event.event == "reply"
    assert heard == ["typing", "reply"]
