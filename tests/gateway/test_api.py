"""The JSON API, over a real ASGI stack with a stand-in engine."""

import json

import httpx
import msgspec
import pytest

from bot.gateway import api
from bot.gateway.acknowledgements import PATH as ACKNOWLEDGEMENTS
from bot.gateway.app import Gateway
from bot.gateway.contract import openapi
from bot.settings import ROOT

PRIVATE = ("private", "payload", "confidence", "intent", "safety", "outcome")


class StandInPool:
    ready = 1


@pytest.fixture
def app(conversations, settings):
    return Gateway(conversations, StandInPool(), settings).app()


@pytest.fixture
async def client(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
async def talking(client):
    """A client with a conversation."""
    started = (await client.post("/api/v1/conversations")).json()
    client.headers["Authorization"] = f"Bearer {started['token']}"
    return client


async def say(client, conversations, **message):
    sent = await client.post("/api/v1/messages", json={"client_id": "a", **message})
    await conversations.settle()
    return sent


async def test_a_conversation_starts_with_the_first_words(client):
    started = await client.post("/api/v1/conversations")
    assert started.status_code == 201
    assert "A computer answers" in started.json()["replies"][0]["text"]


async def test_a_message_is_accepted_and_its_reply_read(talking, conversations):
    assert (await say(talking, conversations, text="hello there")).status_code == 202
    read = (await talking.get("/api/v1/replies", params={"after": 1})).json()
    assert ([reply["text"] for reply in read["replies"]], read["cursor"]) == (["echo hello there"], 2)


async def test_a_repeat_says_so(talking, conversations):
    await say(talking, conversations, text="hello there")
    assert (await say(talking, conversations, text="hello there")).json()["repeated"] is True


@pytest.mark.parametrize("text", ["hello", "he is outside with a knife trying to get in", "hes sat right here"])
async def test_no_reply_says_how_a_message_was_understood(talking, conversations, text):
    await say(talking, conversations, text=text)
    for reply in (await talking.get("/api/v1/replies")).json()["replies"]:
        assert not set(PRIVATE) & set(reply)
        assert not any(set(PRIVATE) & set(button) for button in reply["buttons"])


async def test_without_a_token_nothing_is_read(client):
    refused = await client.get("/api/v1/replies")
    assert refused.status_code == 401
    assert "999" in refused.json()["text"]


async def test_an_ended_conversation_is_closed(talking):
    await talking.post("/api/v1/end")
    assert (await talking.get("/api/v1/replies")).status_code == 401


async def test_an_erased_conversation_is_gone(talking):
    erased = await talking.delete("/api/v1/conversation")
    assert (erased.status_code, "erased" in erased.json()["text"]) == (200, True)
    assert (await talking.get("/api/v1/replies")).status_code == 401


async def test_a_closed_page_may_come_back_for_two_minutes_only(talking, conversations, monkeypatch):
    await talking.post("/api/v1/away")
    now = conversations._now()
    monkeypatch.setattr(conversations, "_now", lambda: now + 121)
    assert (await talking.get("/api/v1/replies")).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"client_id": "a"}',
        b'{"client_id": "", "text": "x"}',
        b'{"client_id": "a", "text": 1}',
        b'{"client_id": "a", "text": "x", "button": "1.0"}',
        b"[" * 5000,
        b"\xff\xfe",
    ],
)
async def test_what_cannot_be_read_is_refused_politely(talking, body):
    refused = await talking.post("/api/v1/messages", content=body)
    assert refused.status_code == 400
    assert "999" in refused.json()["text"]


async def test_a_lone_surrogate_is_answered(talking, conversations):
    body = b'{"client_id": "a", "text": "help \\ud800 please"}'
    assert (await talking.post("/api/v1/messages", content=body)).status_code == 202
    await conversations.settle()
    assert len((await talking.get("/api/v1/replies", params={"after": 1})).json()["replies"]) == 1


async def test_a_body_that_is_too_large_is_refused_with_the_emergency_number(talking):
    refused = await talking.post("/api/v1/messages", json={"client_id": "a", "text": "a" * 1_000_000})
    assert refused.status_code == 413
    assert "999" in refused.json()["text"]


async def test_too_many_messages_are_slowed_down(talking, settings):
    statuses = [
        (await talking.post("/api/v1/messages", json={"client_id": str(n), "text": "x"})).status_code
        for n in range(settings.messages_per_minute + 1)
    ]
    assert statuses[-1] == 429


async def test_every_answer_carries_the_security_headers(client):
    for path in ("/", "/health", "/nowhere", "/static/chat.js", "/chat", "/embed", "/widget.js"):
        headers = (await client.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert len(headers["x-request-id"]) == 32


async def test_no_other_origin_may_call(client):
    answer = await client.post("/api/v1/conversations", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers


async def test_the_page_says_that_it_is_a_demonstration(client):
    page = (await client.get("/")).text
    assert "Demonstration" in page
    assert "999" in page


async def test_the_published_contract_is_that_of_the_code(client):
    served = (await client.get("/api/v1/openapi.json")).json()
    assert served == json.loads((ROOT / "docs" / "api" / "openapi.json").read_text()) == openapi()


def test_the_contract_names_every_route(app):
    paths = {route.path for route in app.routes if route.path.startswith("/api/")} - {"/api/v1/openapi.json"}
    assert paths | {"/health", ACKNOWLEDGEMENTS} == set(openapi()["paths"])


async def test_replies_stream_as_events_from_the_last_one_seen(talking, conversations):
    await say(talking, conversations, text="hello there")
    conversation = await conversations.find(talking.headers["Authorization"].split()[1])
    await conversations.end(conversation)
    refused = await talking.get("/api/v1/replies/stream", headers={"Last-Event-ID": "1"})
    assert refused.status_code == 401


async def test_public_replies_are_what_the_types_say(talking, conversations):
    await say(talking, conversations, text="hello there")
    msgspec.json.decode((await talking.get("/api/v1/replies")).content, type=api.Replies)


async def test_the_first_words_are_in_the_language_of_the_page_where_we_have_them(client):
    started = (await client.post("/api/v1/conversations", json={"language": "pl-PL"})).json()
    assert started["replies"][0]["language"] == "pl"
    assert "999" in started["replies"][0]["text"]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"language": null}', b'{"language": "tlh"}'])
async def test_a_page_need_not_say_its_language(client, body):
    started = await client.post("/api/v1/conversations", content=body)
    assert started.status_code == 201
    assert started.json()["replies"][0]["language"] == "en"


async def test_a_start_that_is_no_json_is_refused(client):
    assert (await client.post("/api/v1/conversations", content=b"{")).status_code == 400


async def test_a_language_picked_on_the_page_is_gone_on_in(talking, conversations):
    assert (await say(talking, conversations, language="pl")).status_code == 202
    read = (await talking.get("/api/v1/replies", params={"after": 1})).json()
    assert {reply["language"] for reply in read["replies"]} == {"pl"}


@pytest.mark.parametrize("given", [{"language": "tlh"}, {"language": "pl", "text": "x"}, {"language": ""}])
async def test_a_language_without_words_is_refused(talking, conversations, given):
    assert (await say(talking, conversations, **given)).status_code == 400


async def test_behind_the_quiet_card_a_picked_language_answers_nothing(talking, conversations):
    await say(talking, conversations, text="hes sat right here")
    await talking.post("/api/v1/messages", json={"client_id": "b", "language": "pl"})
    await conversations.settle()
    read = (await talking.get("/api/v1/replies", params={"after": 2})).json()
    assert [reply["display"] for reply in read["replies"]] == ["quiet"]
