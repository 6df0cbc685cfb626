"""The Telegram channel against the stand-in of the Bot API, with a stand-in engine and a clock that a test can move."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import msgspec
import pytest

from bot.channels.telegram.assembly import assemble_telegram
from bot.channels.telegram.channel import CHANNEL
from bot.channels.telegram.switches import closed
from bot.channels.telegram.words import load_telegram_words
from bot.conversation.flows import Elsewhere
from bot.directory import LONDON, Directory
from bot.settings import Settings
from bot.store.conversations import ConversationStore
from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.person import Person
from tests.conftest import DATA, KEY, make_conversations, real_translations

TOPICS = ["code/list_rights", "right_06/investigation_updates", "right_06/how_long", "right_10/property_return"]


class Clock:
    """The time, which a test moves on."""

    def __init__(self) -> None:
        self.moved = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(LONDON) + self.moved

    def forward(self, **much: float) -> None:
        self.moved += timedelta(**much)


class World:
    """Everything of one test: the API, the channel, the core, and people."""

    def __init__(self, api, telegram, conversations, engine, clock, store) -> None:
        self.api, self.telegram, self.conversations = api, telegram, conversations
        self.engine, self.clock, self.store = engine, clock, store
        self.running: asyncio.Task | None = None

    async def stop(self) -> None:
        """End the process, as it were."""
        await ended(self.running)

    def person(self, address: int = 700_000_001, language: str = "en") -> Person:
        return Person(self.api, self.telegram, self.conversations, address, language)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(clock):
    async with BotApi(clock) as api:
        yield api


@pytest.fixture
async def open_world(api, clock, sqlite, vault, engine, settings):
    """Start a channel with some settings changed; a second call starts another process on the same store."""
    async with AsyncExitStack() as stack:
        yield make_opener(stack, api, clock, sqlite, vault, engine, settings)


def make_opener(stack, api, clock, database, vault, engine, settings) -> Callable:
    async def open_world(connect: bool = True, papers=None, core=None, conversations=None, **changed) -> World:
        own = {"telegram_token": TOKEN, "telegram_base_url": api.base_url, "web_address": "https://rights.example/"}
        now: Settings = msgspec.structs.replace(settings, **{**own, **changed})
        words, store = load_telegram_words(DATA), ConversationStore(database, vault)
        support = Directory(DATA, demo=True).contact("victim_support", clock())
        elsewhere = Elsewhere({CHANNEL: closed(now, words, support)})
        if conversations is None:
            conversations = make_conversations(store, engine, now, elsewhere=elsewhere, clock=clock, **core or {})
        telegram = assemble_telegram(
            now,
            conversations=conversations,
            database=database,
            vault=vault,
            keys=[KEY],
            words=words,
            topics=TOPICS,
            languages=real_translations().tags,
            papers=papers,
        )
        world = World(api, telegram, conversations, engine, clock, store)
        if connect:
            running = asyncio.create_task(telegram.run())
            stack.push_async_callback(ended, running)
            await telegram.ready.wait()
            world.running = running
        return world

    return open_world


async def ended(running: asyncio.Task) -> None:
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def world(open_world) -> World:
    return await open_world()


@pytest.fixture
def person(world) -> Person:
    return world.person()
