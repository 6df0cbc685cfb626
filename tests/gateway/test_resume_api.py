"""Coming back with a PIN, over the API: one answer for everything that does not fit."""

import httpx
import pytest

from bot.gateway.app import Gateway
from tests.gateway.test_api import StandInPool, say

PIN = {"pin": "4711"}


@pytest.fixture
async def client(conversations, settings, resuming):
    app = Gateway(conversations, StandInPool(), settings, resuming=resuming).app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
async def talking(client):
    started = (await client.post("/api/v1/conversations")).json()
    client.headers["Authorization"] = f"Bearer {started['token']}"
    return client


async def chosen(client) -> str:
    return (await client.put("/api/v1/pin", json=PIN)).json()["resume"]


async def test_with_the_pin_everything_comes_back_and_the_chat_goes_on(talking, conversations):
    await say(talking, conversations, text="hello there")
    resume = await chosen(talking)
    back = await talking.post("/api/v1/resume", json={"resume": resume, **PIN})
    assert back.status_code == 200
    assert back.json()["own"] == [{"text": "hello there", "reply": 2}]
    assert [reply["text"] for reply in back.json()["replies"]][1:] == ["echo hello there"]
    assert (await talking.get("/api/v1/replies")).status_code == 401
    talking.headers["Authorization"] = f"Bearer {back.json()['token']}"
    assert (await talking.get("/api/v1/replies")).status_code == 200


async def test_all_that_does_not_fit_gets_one_answer(talking):
    resume = await chosen(talking)
    tries = [
        {"resume": resume, "pin": "0000"},
        {"resume": resume, "pin": "no number"},
        {"resume": "a" * 64, **PIN},
        {"resume": "", **PIN},
    ]
    answers = [await talking.post("/api/v1/resume", json=one) for one in tries]
    await talking.post("/api/v1/end")
    answers.append(await talking.post("/api/v1/resume", json={"resume": resume, **PIN}))
    assert {(one.status_code, one.content) for one in answers} == {(401, answers[0].content)}


@pytest.mark.parametrize("pin", ["123", "1234567", "abcd", "", "12 34", "４７１１", 4711, None])
async def test_a_pin_is_four_to_six_digits(talking, pin):
    assert (await talking.put("/api/v1/pin", json={"pin": pin})).status_code == 400


async def test_a_pin_needs_the_conversation_it_is_for(client):
    assert (await client.put("/api/v1/pin", json=PIN)).status_code == 401


async def test_guessing_is_slowed_down_by_address(client, settings):
    tries = [
        (await client.post("/api/v1/resume", json={"resume": "x", **PIN})).status_code
        for _ in range(settings.starts_per_minute + 1)
    ]
    assert (set(tries[:-1]), tries[-1]) == ({401}, 429)


async def test_the_quiet_card_and_what_follows_say_that_somebody_may_be_looking(talking, conversations):
    await say(talking, conversations, text="hes sat right here")
    quiet = (await talking.get("/api/v1/replies", params={"after": 1})).json()["replies"]
    buttons = {button["title"]: button["id"] for button in quiet[-1]["buttons"]}
    for client_id, title in (("b", "Numbers"), ("c", "Go on")):
        await talking.post("/api/v1/messages", json={"client_id": client_id, "button": buttons[title]})
        await conversations.settle()
    replies = (await talking.get("/api/v1/replies")).json()["replies"]
    assert [reply["quiet"] for reply in replies] == [False, True, True, False]
