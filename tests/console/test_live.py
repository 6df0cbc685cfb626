"""The stream of a page that stays open: it says that something changed, once, and ends with the session."""

import asyncio

import msgspec
import pytest

from bot.console import live
from bot.console.live import Live
from bot.console.section import SignedIn, Visit
from tests.console.conftest import CSRF, staff
from tests.handoff.conftest import NOON

ADVISER = "victim_support:adviser"
SOON_S = 10.0
NEVER_S = 3600.0


class Asking:
    """The request behind a stream, until the page is closed."""

    def __init__(self) -> None:
        self.closed = False

    async def is_disconnected(self) -> bool:
        return self.closed


class Deaf:
    """Fan-out that reaches nobody, as from another process."""

    def listen(self, heard):
        return lambda: None


@pytest.fixture
def session() -> list[SignedIn | None]:
    return [SignedIn(staff=staff(ADVISER), csrf=CSRF)]


@pytest.fixture
def stream(desk, duty, session):
    """Opens the stream of a page; `next` gives the next event with its words."""

    def opened(talk=None, who=ADVISER, fanout=None):
        async def asked(_request):
            return session[0]

        parts = Live(desk, duty, fanout or desk.room.fanout, asked, clock=lambda: NOON)
        visit = Visit(Asking(), SignedIn(staff=staff(who), csrf=CSRF), lambda *_, **__: None, {})
        events = parts.events(visit, talk)

        async def following():
            found = await asyncio.wait_for(events.__anext__(), SOON_S)
            return found.event, found.data

        return following

    return opened


@pytest.fixture
def only_fanout(monkeypatch):
    """It does not look by itself while a test runs."""
    monkeypatch.setattr(live, "LOOK_S", NEVER_S)


async def told(following, wanted: str) -> str:
    """The words of the next event of a kind."""
    while True:
        event, words = await following()
        if event == wanted:
            return words


async def test_somebody_who_asks_is_told_at_once(stream, people, only_fanout, desk):
    following = stream()
    await told(following, "queue")
    waiting = asyncio.create_task(told(following, "queue"))
    found = await asyncio.to_thread(people.ask)
    desk.room.fanout.tell("queue:victim_support")
    await waiting
    assert found.state == "waiting"


async def test_what_another_process_did_is_found_by_looking(stream, people, monkeypatch):
    monkeypatch.setattr(live, "LOOK_S", 0.05)
    following = stream(fanout=Deaf())
    await told(following, "queue")
    waiting = asyncio.create_task(told(following, "queue"))
    await asyncio.to_thread(people.ask)
    await waiting


async def test_nothing_is_told_where_nothing_has_changed(stream, desk, only_fanout):
    following = stream()
    await told(following, "queue")
    waiting = asyncio.create_task(following())
    desk.room.fanout.tell("queue:victim_support")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(waiting, 0.2)


async def test_the_page_of_a_talk_hears_of_words_and_of_typing(stream, desk, people, only_fanout):
    found = await asyncio.to_thread(people.ask)
    await asyncio.to_thread(desk.claim, staff(ADVISER), found.id, NOON)
    following = stream(talk=found.id)
    await told(following, "talk")
    assert await told(following, "typing") == ""
    waiting = asyncio.create_task(told(following, "typing"))
    await asyncio.to_thread(desk.person.types, found.id, NOON)
    assert await waiting == "The person is typing"
    waiting = asyncio.create_task(told(following, "talk"))
    await asyncio.to_thread(people.says, found, "hello")
    desk.room.fanout.tell(f"conversation:{found.conversation}")
    assert await waiting == ""


async def test_no_words_of_the_person_stand_in_the_stream(stream, desk, people, monkeypatch):
    monkeypatch.setattr(live, "LOOK_S", 0.05)
    found = await asyncio.to_thread(people.ask, told="canary")
    await asyncio.to_thread(desk.claim, staff(ADVISER), found.id, NOON)
    await asyncio.to_thread(people.says, found, "canary")
    following = stream(talk=found.id)
    assert [words for _, words in [await following() for _ in range(3)]] == ["", "", ""]


async def test_whoever_may_not_see_a_talk_hears_nothing_of_it(stream, desk, people, only_fanout):
    found = await asyncio.to_thread(people.ask)
    await asyncio.to_thread(desk.claim, staff(ADVISER), found.id, NOON)
    await asyncio.to_thread(desk.person.types, found.id, NOON)
    following = stream(talk=found.id, who="police:adviser")
    events = {await following(), await following()}
    assert events == {("queue", ""), ("talk", "")}


async def test_it_tells_presence_that_somebody_is_there(stream, duty):
    await stream()()
    assert duty.seen_at == {ADVISER: NOON}


@pytest.mark.parametrize("how", ["signed out", "locked"])
async def test_it_ends_with_the_session(stream, session, how, duty):
    session[0] = None if how == "signed out" else msgspec.structs.replace(session[0], locked=True)
    following = stream()
    assert await following() == ("gone", "")
    with pytest.raises(StopAsyncIteration):
        await following()
    assert duty.seen_at == {}
