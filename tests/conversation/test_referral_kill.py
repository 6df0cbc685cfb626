"""Killing a gateway at any step of a referral: whoever has seen a reference has it delivered, exactly once."""

import asyncio
import signal
import subprocess
import sys

import pytest

from bot.settings import ROOT
from tests.conversation.referral_parts import Parts
from tests.conversation.test_referral import rows
from tests.referrals.conftest import receiver  # noqa: F401
from tests.stand_ins import OrderingEngine, StandInGate

STEPS = [
    "store:before:accept",
    "store:after:accept",
    "store:after:lease",
    "engine:before:answer",
    "referrals:after:new_reference",
    "store:before:finish",
    "store:after:_hold",
    "referrals:before:submit",
    "referrals:after:submit",
    "store:after:forget",
    "store:after:_insert_replies",
    "store:after:finish",
    "referrals:before:claim",
    "referrals:after:claim",
    "send:before",
    "send:after",
    "referrals:before:delivered",
    "referrals:after:delivered",
]
NOTHING_AGREED = STEPS[: STEPS.index("store:after:finish")]


def gateway(*args: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "tests.conversation.dying_referral", *args], cwd=ROOT, timeout=120
    ).returncode


@pytest.mark.parametrize("step", STEPS)
async def test_a_reference_that_was_seen_is_delivered_once(sqlite, vault, settings, receiver, step):  # noqa: F811
    await send_die_and_recover(sqlite, vault, settings, receiver, step)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "step", ["referrals:after:submit", "store:after:finish", "referrals:after:claim", "send:after"]
)
async def test_the_same_holds_on_postgresql(postgres, vault, settings, receiver, step):  # noqa: F811
    await send_die_and_recover(postgres, vault, settings, receiver, step)


async def send_die_and_recover(database, vault, settings, receiver, step):  # noqa: F811
    parts = Parts(database, vault, settings, OrderingEngine(), StandInGate())
    token, _ = await parts.conversations.start("web")
    to = (database.url.render_as_string(hide_password=False), token, receiver.url)

    assert await asyncio.to_thread(gateway, *to, "0", step) == -signal.SIGKILL
    if step in NOTHING_AGREED:
        assert rows(database) == 0
        assert receiver.taken == []
    # The page repeats its message, and another process takes up what was left once the dead one's claims are over.
    assert await asyncio.to_thread(gateway, *to, "150", "never") == 0

    conversation = await parts.conversations.find(token)
    (reply,) = [one.reply.text for one in await parts.conversations.replies(conversation, 1)]
    (reference,) = parts.referrals.of_conversation(conversation.id)
    assert reference in reply.replace(" ", "")
    assert [taken["reference"] for taken in receiver.taken] == [reference]
