"""The benchmark of Telegram: a short run of it with a stand-in engine that counts, and its bar."""

import asyncio
import os
from collections import Counter
from contextlib import asynccontextmanager

import msgspec
import pytest
import uvicorn

from bot.channels.telegram.assembly import assemble_telegram
from bot.channels.telegram.words import load_telegram_words
from bot.conversation.turns import Words
from bot.data_files import load
from bot.evaluation import telegram_bench
from bot.evaluation.bench import BenchError, Unanswered
from bot.evaluation.telegram_bench import TOKEN, BotApi, TelegramResult, TelegramTalk, bench_telegram, measure, plans
from bot.gateway.app import Gateway
from bot.store.conversations import ConversationStore
from tests.conftest import DATA, KEY, make_conversations
from tests.evaluation.test_bench import side
from tests.gateway.test_api import StandInPool
from tests.stand_ins import StandInGate

CHATS, TURNS = 3, 2
WORDS = load(DATA / "conversation" / "gateway.en.yml", Words)


@asynccontextmanager
async def served(app):
    """An application on a free port of this machine, as its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = server.force_exit = True
    await running


@pytest.fixture
async def measured(sqlite, vault, engine, settings):
    """What a short run found: every text went over our API once and through Telegram once."""
    api = BotApi()
    async with served(api.app()) as bot_api:
        now = msgspec.structs.replace(settings, telegram_token=TOKEN, telegram_base_url=f"{bot_api}/bot")
        conversations = make_conversations(ConversationStore(sqlite, vault), engine, now, StandInGate())
        words = load_telegram_words(DATA)
        parts = {"database": sqlite, "vault": vault, "keys": [KEY], "words": words, "topics": [], "languages": []}
        telegram = assemble_telegram(now, conversations=conversations, **parts)
        running = asyncio.create_task(telegram.run())
        await telegram.ready.wait()
        async with served(Gateway(conversations, StandInPool(), now).app()) as url:
            yield await measure(os.getpid(), url, api, WORDS, plans(DATA, CHATS, TURNS))
        await api.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_engine_is_asked_every_text_once_on_each_way(measured, engine):
    typed = [text for turns in plans(DATA, CHATS, TURNS) for text in turns]
    assert Counter(request.text for request in engine.asked) == Counter(typed * 2)


async def test_every_message_is_counted_and_none_is_without_an_answer(measured):
    assert (measured.own.messages, measured.own.errors) == (CHATS * TURNS, 0)
    assert (measured.telegram.messages, measured.telegram.errors) == (CHATS * TURNS, 0)
    assert measured.p95_ratio == pytest.approx(measured.telegram.p95_ms / measured.own.p95_ms, abs=0.01)


async def test_a_message_that_gets_no_answer_is_told_from_one_that_does(monkeypatch):
    monkeypatch.setattr(telegram_bench, "ANSWER_S", 0.01)
    api = BotApi()
    api.answers[1] = asyncio.Queue()
    with pytest.raises(Unanswered):
        await TelegramTalk(api, 1, WORDS).type("is anybody there")


def test_the_same_texts_are_typed_each_time():
    assert plans(DATA, CHATS, TURNS) == plans(DATA, CHATS, TURNS)
    assert [len(turns) for turns in plans(DATA, CHATS, TURNS)] == [TURNS] * CHATS


@pytest.mark.parametrize(("ratio", "errors", "good"), [(1.9, 0, True), (2.0, 0, False), (1.1, 1, False)])
def test_the_bar_is_under_twice_and_nothing_unanswered(monkeypatch, settings, ratio, errors, good):
    own = side(60, 50, 44).levels[0]
    level = msgspec.structs.replace(own, errors=errors)

    async def run(*_):
        return TelegramResult(own=own, telegram=level, p95_ratio=ratio)

    monkeypatch.setattr(telegram_bench, "_run", run)
    if good:
        assert "p95_ratio 1.90" in bench_telegram(settings)
    else:
        with pytest.raises(BenchError, match="The bar is"):
            bench_telegram(settings)
