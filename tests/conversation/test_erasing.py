"""Erasing: what goes, and what it says cannot be taken back."""

import pytest

from bot.conversation.core import COMMAND_AFTER_S
from bot.conversation.erasing import ASK, ERASE
from bot.conversation.messages import Command
from tests.conversation.referral_parts import CANARY, Parts, contents
from tests.conversation.test_referral import rows, sent
from tests.stand_ins import OrderingEngine, StandInGate


@pytest.fixture
def engine():
    return OrderingEngine()


@pytest.fixture
def parts(database, vault, settings, engine):
    return Parts(database, vault, settings, engine, StandInGate())


async def ask(talk, engine):
    engine.orders = [Command(kind=ASK)]
    await talk.say("delete my data")
    return talk.text


def deliver(parts):
    now = parts.clock().timestamp()
    parts.referrals.delivered(parts.referrals.claim("me", now, now + 60), now)


async def test_it_says_what_goes_and_asks(parts, engine):
    talk = await parts.talk()
    text = await ask(talk, engine)
    assert "You can erase this chat." in text
    assert "that stays" in text
    assert talk.titles == ["Erase this chat now", "No"]


async def test_it_is_done_when_the_button_is_pressed_and_the_reply_was_read(parts, database, vault, engine):
    talk = await parts.talk()
    await talk.say(CANARY)
    await ask(talk, engine)
    await talk.press(ERASE)
    assert "is being erased" in talk.text
    parts.clock.forward(seconds=COMMAND_AFTER_S)
    await parts.conversations.carry_out()
    assert contents(database, vault) == "[]"


async def test_a_referral_not_sent_yet_is_erased_too(parts, database, engine):
    talk, _ = await sent(parts, engine)
    assert "has not been sent" in await ask(talk, engine)
    said = await parts.conversations.erase(talk.conversation)
    assert "had not been sent. It is deleted." in said
    assert rows(database) == 0


async def test_a_sent_referral_is_not_recalled_and_can_be_stopped_first(parts, engine):
    talk, reference = await sent(parts, engine)
    deliver(parts)
    assert "I cannot pull it back" in await ask(talk, engine)
    assert talk.titles == ["Erase this chat now", "Cancel my referral", "No"]
    assert "I cannot pull it back" in await parts.conversations.erase(talk.conversation)
    assert parts.referrals.status(reference) == "sent"


async def test_a_hold_keeps_the_chat_and_the_person_is_told(parts, database, vault, engine, holding):
    talk = await parts.talk()
    await talk.say(CANARY)
    holding(parts, "conversation", talk.conversation.id)
    text = await ask(talk, engine)
    assert "must be kept" in text and "You can erase" not in text
    said = await parts.conversations.erase(talk.conversation)
    assert "must be kept" in said and "is deleted" not in said
    assert CANARY in contents(database, vault)
    assert await parts.conversations.find(talk.token) is None


async def test_a_hold_keeps_the_chat_when_its_time_is_over(parts, database, vault, holding):
    talk = await parts.talk()
    await talk.say(CANARY)
    number = holding(parts, "conversation", talk.conversation.id)
    parts.clock.forward(days=2)
    assert await parts.conversations.purge() == 0
    parts.holds.lift(number, by="demo", role="supervisor", now=parts.clock().timestamp())
    assert await parts.conversations.purge() == 1
    assert contents(database, vault) == "[]"


async def test_a_referral_goes_30_days_after_its_acknowledgement_by_the_gateways_own_purge(parts, database, engine):
    _, reference = await sent(parts, engine)
    deliver(parts)
    parts.referrals.received(reference, parts.clock().timestamp())
    parts.clock.forward(days=29)
    await parts.conversations.purge()
    assert parts.referrals.status(reference) == "received"
    parts.clock.forward(days=2)
    await parts.conversations.purge()
    assert rows(database) == 0


async def test_one_command_to_erase_is_carried_out_once_although_a_hold_keeps_the_chat(parts, engine, holding):
    talk = await parts.talk()
    await ask(talk, engine)
    holding(parts, "conversation", talk.conversation.id)
    await talk.press(ERASE)
    parts.clock.forward(seconds=COMMAND_AFTER_S)
    assert await parts.conversations.carry_out() == 1
    assert await parts.conversations.carry_out() == 0
