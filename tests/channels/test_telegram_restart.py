"""Killing a process with the channel loses nothing, and two processes say nothing twice."""

import asyncio
import signal
import subprocess
import sys

import pytest

from bot.settings import ROOT
from tests.channels.bot_api import BotApi
from tests.channels.person import Person

QUESTION = "when do i get my phone back"
AT_FIRST = ["after:start", "after:bind"]
LATER = ["before:accept", "after:accept", "before:done", "after:done", "after:finish", "after:sent"]


def process(url: str, api: BotApi, update: int, step: str) -> int:
    arguments = [sys.executable, "-m", "tests.channels.dying_telegram", url, api.base_url, str(update), step]
    return subprocess.run(arguments, cwd=ROOT, timeout=90).returncode


async def killed_and_restarted(database, api: BotApi, step: str) -> list[str]:
    person = Person(api, None, None)
    before = len(person.texts)
    update = await api.push(**person._put({"text": QUESTION}))
    url = database.url.render_as_string(hide_password=False)
    assert await asyncio.to_thread(process, url, api, update, step) == -signal.SIGKILL
    assert await asyncio.to_thread(process, url, api, update, "never") == 0
    return person.texts[before:]


@pytest.fixture
async def known(open_world):
    """A chat that had its first words, from a process that has ended well."""
    world = await open_world()
    await world.person().says("hello there")
    await world.stop()


@pytest.mark.parametrize("step", AT_FIRST)
async def test_the_first_words_and_the_answer_come_once_whatever_step_the_process_dies_at(sqlite, api, step):
    first, answer = await killed_and_restarted(sqlite, api, step)
    assert "A computer answers" in first
    assert answer == f"echo {QUESTION}"


@pytest.mark.parametrize("step", LATER)
async def test_an_answer_comes_once_whatever_step_the_process_dies_at(sqlite, api, known, step):
    assert await killed_and_restarted(sqlite, api, step) == [f"echo {QUESTION}"]


@pytest.mark.postgres
@pytest.mark.parametrize("step", AT_FIRST)
async def test_the_same_holds_on_postgresql(postgres, api, step):
    assert len(await killed_and_restarted(postgres, api, step)) == 2


async def test_dying_between_sending_and_noting_it_repeats_that_one_message_and_loses_none(sqlite, api, known):
    assert await killed_and_restarted(sqlite, api, "before:sent") == [f"echo {QUESTION}"] * 2


async def test_two_processes_send_each_reply_once(open_world):
    first = await open_world()
    second = await open_world(connect=False)
    person = first.person()
    await person.says("/start")
    first.engine.pause.clear()
    await first.api.push(**person._put({"text": QUESTION}))
    await first.api.until(lambda: first.api.sent("sendChatAction"))
    first.engine.pause.set()
    await first.conversations.settle()
    await second.telegram._app.initialize()
    await asyncio.gather(second.telegram._delivery.recover(), person.settle())
    await second.telegram.settle()
    assert person.texts.count(f"echo {QUESTION}") == 1


async def test_telegram_out_of_reach_is_tried_again_and_nothing_is_lost(person, api, world):
    await person.says("hello there")
    api.lose.append("getUpdates")
    assert await person.says(QUESTION) == [f"echo {QUESTION}"]


async def test_a_reply_that_did_not_get_through_is_sent_later(person, api, world, engine):
    await person.says("hello there")
    engine.pause.clear()
    update = await api.push(**person._put({"text": QUESTION}))
    await api.confirmed(update)
    api.down = True
    engine.pause.set()
    await person.settle()
    assert f"echo {QUESTION}" not in person.texts
    api.down = False
    await world.telegram._delivery.recover()
    await person.settle()
    assert person.texts[-1] == f"echo {QUESTION}"
