"""Engines as real processes: they answer, die and come back."""

import asyncio
import os
import signal

import pytest

from bot.conversation.messages import Request
from bot.engine.pool import EngineLost, EnginePool, EngineUnavailable

pytestmark = pytest.mark.model
CONTEXT = {"today": "2026-11-24", "demo": True, "area": "West Midlands", "gate_passed": True}


def request(text="", payload=None, **more):
    return Request(conversation="c", message="1", text=text, payload=payload, context=CONTEXT, **more)


@pytest.fixture
async def pool(models):
    pool = EnginePool(models, engines=1, timeout=30)
    pool.start()
    assert await pool.wait_ready(120)
    yield pool
    await pool.close()


async def test_a_question_gets_the_answer_of_its_topic(pool):
    response = await pool.answer(request("when do i get my phone back from the police"))
    assert response.understanding.intent in ("right_10__phones_and_data", "right_10__property_returned")
    assert response.replies[0].source is not None


async def test_an_engine_keeps_nothing_between_requests(pool):
    await pool.answer(request(payload="/right_06__how_long"))
    response = await pool.answer(request(payload="/who_followup"))
    assert response.replies[0].topic is None


async def test_what_an_engine_returned_leads_on(pool):
    first = await pool.answer(request(payload="/right_06__how_long"))
    second = await pool.answer(request(payload="/who_followup", events=first.events, carry=first.carry))
    assert second.replies[0].topic == "right_06/how_long"


async def test_slots_hold_when_their_events_are_no_longer_sent(pool):
    first = await pool.answer(request(payload="/right_06__how_long"))
    later = await pool.answer(request(payload="/tell_me_more", carry=first.carry))
    assert later.replies[0].topic == "right_06/how_long"


async def test_a_killed_engine_is_replaced(pool):
    before = pool.processes
    os.kill(before[0], signal.SIGKILL)
    with pytest.raises(EngineLost):
        await pool.answer(request("hello"))
    assert await pool.wait_ready(60)
    assert pool.processes != before
    assert (await pool.answer(request("hello"))).understanding.intent == "greet"


async def test_an_engine_that_dies_while_idle_is_noticed(pool):
    before = pool.processes
    os.kill(before[0], signal.SIGKILL)
    while pool.processes == before:
        pool.watch()
        await asyncio.sleep(0.05)
    assert await pool.wait_ready(60)


async def test_without_a_model_the_reason_is_told(tmp_path):
    pool = EnginePool(tmp_path, engines=1, timeout=0.2)
    pool.start()
    while pool.trouble is None:
        await asyncio.sleep(0.05)
    with pytest.raises(EngineUnavailable, match="make train"):
        await pool.answer(request("hello"))
    await pool.close()
