"""Killing a gateway at any step loses nothing and answers nothing twice."""

import asyncio
import signal
import subprocess
import sys

import pytest

from bot.settings import ROOT, load
from bot.store.conversations import ConversationStore
from tests.conftest import KEY, make_conversations
from tests.conversation.dying_gateway import QUESTION
from tests.stand_ins import StandInEngine, StandInGate

STEPS = [
    "before:accept",
    "after:accept",
    "before:lease",
    "after:lease",
    "after:next_waiting",
    "after:recent_events",
    "before:answer",
    "before:finish",
    "after:_hold",
    "after:_insert_replies",
    "after:finish",
    "before:release",
]


def gateway(url: str, token: str, step: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "tests.conversation.dying_gateway", url, token, step], cwd=ROOT, timeout=60
    ).returncode


@pytest.mark.parametrize("step", STEPS)
async def test_a_message_is_answered_once_whatever_step_the_gateway_dies_at(sqlite, vault, step):
    await send_die_and_recover(sqlite, vault, step)


@pytest.mark.postgres
@pytest.mark.parametrize("step", ["after:accept", "before:answer", "after:_insert_replies", "after:finish"])
async def test_the_same_holds_on_postgresql(postgres, vault, step):
    await send_die_and_recover(postgres, vault, step)


async def send_die_and_recover(database, vault, step):
    store = ConversationStore(database, vault)
    settings = load({}, demo=True, keys=KEY, lease_s="0.2")
    conversations = make_conversations(store, StandInEngine(), settings, StandInGate())
    token, _ = await conversations.start("web")
    url = database.url.render_as_string(hide_password=False)

    assert await asyncio.to_thread(gateway, url, token, step) == -signal.SIGKILL
    # The page repeats its message until it is accepted, and another process takes up what was left.
    assert await asyncio.to_thread(gateway, url, token, "never") == 0
    conversation = await conversations.find(token)
    while store.next_waiting(conversation):
        await conversations.recover()
        await conversations.settle()

    replies = [r.reply.text for r in await conversations.replies(conversation, 1)]
    assert replies == [f"echo {QUESTION}"]
