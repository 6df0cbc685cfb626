"""Feedback on an answer: kept for staff with its topic, without words, and without a way back to the person."""

import httpx
import pytest

from bot.conversation.messages import Private, Reply, Response
from bot.gateway.app import Gateway

TOPIC = "right_06/investigation_updates"
ANSWER = Reply(text="An answer.", topic=TOPIC, right=6)


class StandInPool:
    ready = 1


@pytest.fixture
async def talking(conversations, settings, engine):
    """A client whose third reply is a card, whose second is an answer."""

    async def answer(_request):
        card = Reply(text="A card.", topic="x", private=Private(safety="danger"))
        return Response(events=[], carry=[], replies=[ANSWER, card])

    engine.answer = answer
    app = Gateway(conversations, StandInPool(), settings).app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        started = (await client.post("/api/v1/conversations")).json()
        client.headers["Authorization"] = f"Bearer {started['token']}"
        await client.post("/api/v1/messages", json={"client_id": "a", "text": "when do i hear"})
        await conversations.settle()
        yield client


async def judge(client, **given):
    return (await client.post("/api/v1/feedback", json=given)).status_code


async def test_a_yes_is_kept_with_the_topic(talking, feedback):
    assert await judge(talking, reply=2, helped=True) == 204
    assert [(one.topic, one.right, one.helped, one.why) for one in feedback.all()] == [(TOPIC, 6, True, None)]


async def test_a_second_thought_replaces_the_first(talking, feedback):
    await judge(talking, reply=2, helped=False)
    await judge(talking, reply=2, helped=False, why="hard")
    assert [(one.helped, one.why) for one in feedback.all()] == [(False, "hard")]


@pytest.mark.parametrize("number", [1, 3, 4, 0, -1])
async def test_only_an_answer_can_be_judged_and_never_a_safety_card(talking, feedback, number):
    assert await judge(talking, reply=number, helped=True) == 400
    assert feedback.all() == []


@pytest.mark.parametrize(
    "given", [{}, {"reply": 2}, {"reply": "2", "helped": True}, {"reply": 2, "helped": False, "why": "my own words"}]
)
async def test_what_is_no_judgement_is_refused(talking, feedback, given):
    assert await judge(talking, **given) == 400
    assert feedback.all() == []


async def test_without_a_token_nothing_is_kept(talking, feedback):
    del talking.headers["Authorization"]
    assert await judge(talking, reply=2, helped=True) == 401


async def test_it_outlives_the_conversation_and_leads_back_to_none(talking, feedback, sqlite):
    await judge(talking, reply=2, helped=True)
    with sqlite.connect() as database:
        conversation = database.exec_driver_sql("SELECT id FROM conversations").scalar()
    await talking.delete("/api/v1/conversation")
    [kept] = feedback.all()
    assert conversation not in str(kept)


async def test_it_is_deleted_after_its_time(talking, feedback, conversations, settings, monkeypatch):
    await judge(talking, reply=2, helped=True)
    later = conversations._now() + 86_400 * settings.feedback_retention_days + 1
    monkeypatch.setattr(conversations, "_now", lambda: later)
    await conversations.purge()
    assert feedback.all() == []
