"""Coming back with a PIN, on every kind of database we support."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.conversation.messages import Message, Reply
from bot.conversation.resuming import TRIES, Busy, Resuming
from bot.directory import LONDON
from bot.store.conversations import ConversationStore, Memory
from bot.store.resuming import OwnWords, ResumeStore

TOKEN, PIN = "token", "4711"
START = datetime(2026, 11, 25, 12, tzinfo=LONDON)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database, vault) -> ConversationStore:
    store = ConversationStore(database, vault)
    now = START.timestamp()
    store.start(TOKEN, "web", [Reply(text="first words")], now, now + 900)
    return store


@pytest.fixture
def resuming(store, database, vault, settings, clock) -> Resuming:
    return Resuming(store, ResumeStore(database, vault), settings, clock)


def found(store, token=TOKEN, now=None):
    return store.find(token, (now or START).timestamp())


@pytest.fixture
async def resume(resuming, store) -> str:
    """The resume id of a conversation with a PIN."""
    return await resuming.choose(found(store), TOKEN, PIN)


async def test_the_pin_and_the_id_give_the_conversation_a_new_token(resuming, store, resume):
    resumed = await resuming.resume(resume, PIN)
    assert [one.reply.text for one in resumed.replies] == ["first words"]
    assert found(store, resumed.token).id


async def test_the_token_and_the_id_of_before_work_no_more(resuming, store, resume):
    resumed = await resuming.resume(resume, PIN)
    assert found(store) is None
    assert await resuming.resume(resume, PIN) is None
    assert await resuming.resume(resumed.resume, PIN) is not None


async def test_without_a_pin_there_is_no_way_back(resuming, store):
    conversation = found(store)
    digest = await resuming.choose(conversation, TOKEN, PIN)
    store.lease(conversation.id, "me", START.timestamp(), START.timestamp() + 30)
    resuming._resumes.remember(conversation, "me", Memory())
    store.release(conversation.id, "me")
    assert await resuming.resume(digest, PIN) is None


@pytest.mark.parametrize("pin", ["0000", "", "47110", "４７１１"])
async def test_a_wrong_pin_opens_nothing(resuming, resume, pin):
    assert await resuming.resume(resume, pin) is None


@pytest.mark.parametrize("unknown", ["", "a" * 64, TOKEN])
async def test_an_id_that_is_none_opens_nothing(resuming, resume, unknown):
    assert await resuming.resume(unknown, PIN) is None


async def test_five_wrong_tries_end_the_way_back_and_not_the_chat(resuming, store, resume):
    for _ in range(TRIES):
        assert await resuming.resume(resume, "0000") is None
    assert await resuming.resume(resume, PIN) is None
    assert found(store) is not None


async def test_many_tries_at_once_are_counted_one_by_one(resuming, resume, monkeypatch):
    looked_at = []
    fits = resuming._fits
    monkeypatch.setattr(
        resuming, "_fits", lambda digest, *what: looked_at.append(digest != resuming._nobodys) or fits(digest, *what)
    )
    await asyncio.gather(*(resuming.resume(resume, f"{guess:04}") for guess in range(12)))
    assert (sum(looked_at), len(looked_at)) == (TRIES, 12)


async def test_a_right_pin_gives_all_tries_back(resuming, resume):
    for _ in range(TRIES - 1):
        await resuming.resume(resume, "0000")
    again = (await resuming.resume(resume, PIN)).resume
    for _ in range(TRIES - 1):
        await resuming.resume(again, "0000")
    assert await resuming.resume(again, PIN) is not None


async def test_the_way_back_ends_when_the_token_does(resuming, resume, clock):
    clock.now = START + timedelta(seconds=901)
    assert await resuming.resume(resume, PIN) is None


async def test_the_new_token_lives_as_long_as_a_new_page(resuming, store, resume, settings):
    resumed = await resuming.resume(resume, PIN)
    last = START + timedelta(minutes=settings.idle_minutes)
    assert found(store, resumed.token, last) is not None
    assert found(store, resumed.token, last + timedelta(seconds=1)) is None


async def test_an_ended_chat_has_no_way_back(resuming, store, resume):
    store.end(found(store).id)
    assert await resuming.resume(resume, PIN) is None


async def test_an_erased_chat_has_no_way_back(resuming, store, resume):
    store.erase(found(store).id)
    assert await resuming.resume(resume, PIN) is None


async def test_what_was_said_comes_back_in_its_order(resuming, store, resume):
    conversation = found(store)
    store.lease(conversation.id, "me", START.timestamp(), START.timestamp() + 30)
    for number, text in enumerate(("one", "two")):
        inbox, _ = store.accept(conversation, Message(client_id=str(number), text=text), START.timestamp())
        store.finish(
            conversation,
            "me",
            inbox,
            new_events=[],
            new_replies=[Reply(text=f"echo {text}")],
            new_commands=[],
            memory=store.get(conversation.id).memory,
            now=START.timestamp(),
        )
    store.accept(conversation, Message(client_id="last", text="not answered yet"), START.timestamp())
    store.release(conversation.id, "me")
    resumed = await resuming.resume(resume, PIN)
    assert [(one.number, one.reply.text) for one in resumed.replies] == [
        (1, "first words"),
        (2, "echo one"),
        (3, "echo two"),
    ]
    assert resumed.own == [
        OwnWords(text="one", reply=2),
        OwnWords(text="two", reply=3),
        OwnWords(text="not answered yet", reply=0),
    ]


async def test_a_conversation_that_is_worked_on_costs_no_try(resuming, store, resume, monkeypatch):
    monkeypatch.setattr("bot.conversation.resuming._WAIT_S", 0.001)
    monkeypatch.setattr("bot.conversation.resuming._HOLD_S", 0.01)
    conversation = found(store).id
    store.lease(conversation, "somebody else", START.timestamp(), START.timestamp() + 30)
    for _ in range(TRIES + 1):
        with pytest.raises(Busy):
            await resuming.resume(resume, "0000")
    store.release(conversation, "somebody else")
    assert await resuming.resume(resume, PIN) is not None


async def test_neither_pin_nor_id_can_be_read_from_the_database(database, resuming, resume):
    with database.connect() as connection:
        stored = str(connection.exec_driver_sql("SELECT memory FROM conversations").scalar())
    assert PIN not in stored
    assert resume not in stored
