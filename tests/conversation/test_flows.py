"""Flows that a channel leaves to the web page, and a channel's own commands."""

import pytest

from bot.conversation.flows import Elsewhere
from bot.conversation.messages import Command, Message, Reply, Response, Understanding
from bot.store.conversations import ConversationStore
from tests.conftest import make_conversations
from tests.conversation.test_core import say

CLOSED = Elsewhere({"telegram": {"case_status": Reply(text="on the page"), "staff_chat": Reply(text="by phone")}})
FORM = [{"event": "active_loop", "name": "case_form"}]


@pytest.fixture
def closed(sqlite, vault, engine, settings):
    return make_conversations(ConversationStore(sqlite, vault), engine, settings, elsewhere=CLOSED)


async def begin(conversations, channel):
    token, _ = await conversations.start(channel)
    return await conversations.find(token)


async def command(conversations, conversation, payload):
    await conversations.accept(conversation, Message(client_id=payload, payload=payload))
    await conversations.settle()
    return [one.reply.text for one in await conversations.replies(conversation, 1)]


async def test_a_command_is_worked_like_a_button(conversations, engine):
    conversation = await begin(conversations, "telegram")
    assert await command(conversations, conversation, "/menu") == ["echo /menu"]
    assert engine.asked[0].payload == "/menu"


@pytest.mark.parametrize("payload", ["/case_status", '/case_status{"crime_reference": "20/1"}'])
async def test_a_button_of_a_shut_flow_never_reaches_the_engine(closed, engine, payload):
    conversation = await begin(closed, "telegram")
    assert await command(closed, conversation, payload) == ["on the page"]
    assert engine.asked == []


async def test_the_same_button_works_where_the_flow_is_open(closed):
    conversation = await begin(closed, "web")
    assert await command(closed, conversation, "/case_status") == ["echo /case_status"]


@pytest.mark.parametrize(
    "response",
    [
        Response(events=[], carry=[], replies=[], understanding=Understanding(intent="case_status")),
        Response(events=[], carry=FORM, replies=[Reply(text="What is your crime number?")]),
        Response(events=[], carry=[], replies=[], commands=[Command(kind="case_ask", body={"reference": "x"})]),
    ],
    ids=["intent", "form", "command"],
)
async def test_typed_words_do_not_enter_a_shut_flow(closed, engine, response):
    async def answer(request):
        engine.asked.append(request)
        return response

    engine.answer = answer
    conversation = await begin(closed, "telegram")
    assert [reply.text for reply in await say(closed, conversation, "where is my case")] == ["on the page"]
    await say(closed, conversation, "and now")
    assert engine.asked[-1].carry == []
