"""Channels and topics that a supervisor has switched off: an honest text in place of answers, after the gate."""

import time
from datetime import datetime

import msgspec
import pytest
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from bot.conversation.messages import Message, Reply, Response
from bot.conversation.switched_off import SwitchedOff, load_off_words
from bot.directory import LONDON, Directory
from bot.gateway.app import Gateway
from bot.staff.audit import AuditLog
from bot.staff.switches import EVERY, Switches
from bot.store.conversations import ConversationStore
from tests.conftest import DATA, make_conversations
from tests.conversation.test_core import ATTACHED
from tests.stand_ins import StandInEngine

HOW_LONG, OTHER = "right_06/how_long", "right_06/who"
WORDS = load_off_words(DATA)
NOW = datetime(2026, 11, 25, 12, tzinfo=LONDON)


class Answering(StandInEngine):
    """Answers everything about the topics it was given, and then asks something."""

    def __init__(self) -> None:
        super().__init__()
        self.topics = [HOW_LONG]

    async def answer(self, request) -> Response:
        response = await super().answer(request)
        answers = [Reply(text=f"about {topic}", topic=topic) for topic in self.topics]
        form = [{"event": "active_loop", "name": "clock_form"}]
        return msgspec.structs.replace(response, replies=[*answers, Reply(text="When?", display="form")], carry=form)


@pytest.fixture
def engine() -> Answering:
    return Answering()


@pytest.fixture
def switches(sqlite: Engine) -> Switches:
    return Switches(sqlite, AuditLog(sqlite), monotonic=iter(range(0, 10**6, 10)).__next__)


@pytest.fixture
def conversations(sqlite, vault, engine, settings, switches):
    off = SwitchedOff(switches, WORDS, Directory(DATA, demo=True))
    store = ConversationStore(sqlite, vault)
    return make_conversations(store, engine, settings, switched_off=off, clock=lambda: NOW)


def off(switches, channel=EVERY, topic=EVERY):
    switches.switch_off(channel, topic, "a reason for staff", "ann", "victim_support", time.time())


async def begin(conversations, channel="web"):
    token, first = await conversations.start(channel)
    return await conversations.find(token), first


async def replies_to(conversations, conversation, text, after):
    await conversations.accept(conversation, Message(client_id=text, text=text))
    await conversations.settle()
    return [one.reply for one in await conversations.replies(conversation, after)]


async def test_where_nothing_is_off_everything_is_answered(conversations):
    conversation, first = await begin(conversations)
    assert len(first) == 1
    said = await replies_to(conversations, conversation, "how long does it take", 1)
    assert [reply.text for reply in said] == [f"about {HOW_LONG}", "When?"]


async def test_a_channel_that_is_off_says_so_at_once_with_the_numbers(conversations, switches, engine):
    off(switches, "web")
    conversation, first = await begin(conversations)
    assert first[1].reply.text == WORDS.channel
    (said,) = await replies_to(conversations, conversation, "how long does it take", 2)
    assert said.text == WORDS.channel
    assert "999" in said.text
    assert [contact.number for contact in said.contacts][:2] == ["999", "101"]
    assert engine.asked == []


async def test_another_channel_is_still_on(conversations, switches):
    off(switches, "telegram")
    conversation, first = await begin(conversations)
    assert len(first) == 1
    assert (await replies_to(conversations, conversation, "how long does it take", 1))[0].topic == HOW_LONG


async def test_in_a_channel_that_is_off_the_gate_still_runs_first(conversations, switches):
    off(switches, "web")
    conversation, _ = await begin(conversations)
    (card,) = await replies_to(conversations, conversation, "he is going to kill me", 2)
    assert card.private.safety == "immediate_danger"


async def test_behind_the_card_of_a_channel_that_is_off_the_question_gets_the_same_text(conversations, switches):
    off(switches, "web")
    conversation, _ = await begin(conversations)
    (card,) = await replies_to(conversations, conversation, "he is going to kill me", 2)
    await conversations.accept(conversation, Message(client_id="b", button=card.buttons[0].id))
    await conversations.settle()
    assert (await conversations.replies(conversation, 3))[0].reply.text == WORDS.channel


async def test_a_channel_that_is_off_does_not_need_an_engine(conversations, switches, engine):
    off(switches, "web")
    engine.alive = False
    conversation, _ = await begin(conversations)
    assert (await replies_to(conversations, conversation, "how long", 2))[0].text == WORDS.channel


async def test_what_a_chat_may_always_do_works_in_a_channel_that_is_off(conversations, switches):
    off(switches, "web")
    conversation, _ = await begin(conversations)
    await conversations.accept(conversation, Message(client_id="a", language="cy"))
    await conversations.settle()
    assert (await conversations.get(conversation.id)).memory.language == "cy"


async def test_in_place_of_a_topic_that_is_off_the_signpost_is_said_and_nothing_follows_on_it(conversations, switches):
    off(switches, topic=HOW_LONG)
    conversation, _ = await begin(conversations)
    (said,) = await replies_to(conversations, conversation, "how long does it take", 1)
    assert said.text == WORDS.topic
    assert said.contacts[0].name.startswith("Victim Support")
    assert [button.title for button in said.buttons] == ["See all topics"]
    assert (await conversations.get(conversation.id)).memory.carry == []


async def test_of_two_questions_the_one_that_is_on_is_answered(conversations, switches, engine):
    off(switches, topic=HOW_LONG)
    engine.topics = [HOW_LONG, OTHER]
    conversation, _ = await begin(conversations)
    said = await replies_to(conversations, conversation, "who, and how long", 1)
    assert [reply.text for reply in said] == [WORDS.topic, f"about {OTHER}", "When?"]


async def test_a_topic_that_is_off_still_gets_its_card(conversations, switches):
    off(switches, topic=HOW_LONG)
    conversation, _ = await begin(conversations)
    said = await replies_to(conversations, conversation, ATTACHED, 1)
    assert said[0].text == WORDS.topic
    assert said[1].display == "card"


async def test_the_reason_is_never_said(conversations, switches):
    off(switches, topic=HOW_LONG)
    off(switches, "web")
    conversation, first = await begin(conversations)
    said = await replies_to(conversations, conversation, "how long does it take", 1)
    assert "a reason for staff" not in repr([first, said])


async def test_what_is_switched_on_again_is_answered_again(conversations, switches):
    off(switches, "web")
    conversation, _ = await begin(conversations)
    await replies_to(conversations, conversation, "how long does it take", 2)
    switches.switch_on("web", EVERY, "ann", "victim_support", time.time())
    assert (await replies_to(conversations, conversation, "and now?", 3))[0].topic == HOW_LONG


class Pool:
    ready = 1

    def start(self) -> None: ...

    def watch(self) -> None: ...

    async def close(self) -> None: ...


def test_the_plain_pages_do_not_show_the_answer_either(conversations, switches, settings):
    with TestClient(Gateway(conversations, Pool(), settings).app(), base_url="http://127.0.0.1") as client:
        before = client.get("/rights/right_06").text
        off(switches, "web", HOW_LONG)
        pages = [client.get("/rights/right_06").text, client.get("/rights/all").text]
        found = client.post("/rights/search", content="words=how+long").text
    assert WORDS.page not in before
    answer = before.partition('id="how_long"')[2].partition("<p>")[2].partition("</p>")[0]
    for page in (*pages, found):
        assert WORDS.page in page
        assert answer not in page
