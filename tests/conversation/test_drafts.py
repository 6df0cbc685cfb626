"""What somebody types into a form goes when the form is closed, and after 30 idle minutes."""

import pytest

from bot.conversation.drafts import DRAFT_CLOSED, DRAFT_OPEN
from bot.conversation.messages import Command
from tests.conversation.referral_parts import CANARY, Parts, contents
from tests.stand_ins import OrderingEngine, StandInGate

OPEN = Command(kind=DRAFT_OPEN, body={"flow": "referral"})
CLOSED = Command(kind=DRAFT_CLOSED, body={"flow": "referral"})
CARRIED = [
    {"event": "slot", "name": "referral", "value": {"draft": {"answers": {"name": CANARY}}}},
    {"event": "slot", "name": "last_topic", "value": "right_06/how_long"},
    {"event": "active_loop", "name": "referral_form"},
]


@pytest.fixture
def engine():
    return OrderingEngine(OPEN)


@pytest.fixture
def parts(database, vault, settings, engine):
    return Parts(database, vault, settings, engine, StandInGate())


async def begun(parts):
    """Somebody who has typed a name into a form, after an ordinary question."""
    talk = await parts.talk()
    parts.conversations._turns._engine.orders = []
    await talk.say("when do i get my phone back")
    parts.conversations._turns._engine.orders = [OPEN]
    await talk.say(CANARY)
    return talk


async def test_while_a_form_is_open_its_words_are_kept(parts, database, vault):
    await begun(parts)
    assert CANARY in contents(database, vault)


async def test_closing_a_form_forgets_what_was_said_since_it_began(parts, database, vault, engine):
    talk = await begun(parts)
    engine.orders = [CLOSED]
    await talk.say("stop")
    assert CANARY not in contents(database, vault)
    assert "phone back" in contents(database, vault)


async def test_it_says_that_they_are_deleted_only_where_it_is_so(parts, engine):
    talk = await begun(parts)
    engine.orders = [CLOSED]
    assert "Your answers are deleted here." in (await talk.say("stop"))[0].text


async def test_a_silent_end_forgets_and_says_nothing(parts, database, vault, engine):
    talk = await begun(parts)
    engine.orders = [Command(kind=DRAFT_CLOSED, body={"flow": "referral", "silent": True})]
    assert "deleted" not in (await talk.say("x"))[0].text
    assert CANARY not in contents(database, vault)


async def test_words_that_wait_behind_a_card_go_too(database, vault, settings, engine):
    parts = Parts(database, vault, settings, engine)
    talk = await begun(parts)
    await talk.say(f"he is outside with a knife, {CANARY}")
    engine.orders = [CLOSED]
    await talk.say("cancel")
    assert CANARY not in contents(database, vault)


async def test_a_repeated_message_is_still_known_after_its_words_are_gone(parts, engine):
    talk = await begun(parts)
    engine.orders = [CLOSED]
    await talk.say("stop")
    conversation = await parts.conversations.find(talk.token)
    first = parts.store.message(conversation, 2)
    assert (first.text, parts.store.accept(conversation, first, 0.0)) == (None, (2, False))


async def test_after_29_minutes_a_draft_is_still_there(parts, database, vault):
    await begun(parts)
    parts.clock.forward(minutes=29)
    assert await parts.conversations.forget_lapsed() == 0
    assert CANARY in contents(database, vault)


async def test_after_30_idle_minutes_it_is_gone_and_it_says_so(parts, database, vault):
    talk = await begun(parts)
    parts.clock.forward(minutes=30)
    assert await parts.conversations.forget_lapsed() == 1
    assert CANARY not in contents(database, vault)
    last = (await parts.conversations.replies(talk.conversation, 0))[-1].reply
    assert "quiet for a while" in last.text
    assert await parts.conversations.forget_lapsed() == 0


async def test_an_open_page_that_only_asks_for_replies_does_not_keep_it(parts):
    talk = await begun(parts)
    for _ in range(6):
        parts.clock.forward(minutes=5)
        await parts.conversations.find(talk.token)
    assert await parts.conversations.forget_lapsed() == 1


async def test_each_answer_gives_it_another_30_minutes(parts):
    talk = await begun(parts)
    parts.clock.forward(minutes=20)
    await talk.say("another answer")
    parts.clock.forward(minutes=20)
    assert await parts.conversations.forget_lapsed() == 0


async def test_what_lapsed_is_carried_no_further_but_the_rest_is(parts, engine):
    talk = await begun(parts)
    conversation = await parts.conversations.find(talk.token)
    conversation.memory.carry[:] = CARRIED
    since, memory = parts.conversations._drafts.without(conversation.memory)
    assert since == 2
    assert [event["name"] for event in memory.carry] == ["last_topic"]


async def test_leaving_the_page_forgets_it_at_once(parts, database, vault):
    talk = await begun(parts)
    await parts.conversations.end(talk.conversation)
    assert await parts.conversations.forget_lapsed() == 1
    assert CANARY not in contents(database, vault)


async def test_erasing_leaves_nothing(parts, database, vault):
    talk = await begun(parts)
    await parts.conversations.erase(talk.conversation)
    assert contents(database, vault) == "[]"


async def test_under_a_hold_nothing_goes_and_nothing_else_is_claimed(parts, database, vault, engine, holding):
    talk = await begun(parts)
    holding(parts, "conversation", talk.conversation.id)
    engine.orders = [CLOSED]
    text = (await talk.say("stop"))[0].text
    assert "must be kept" in text
    assert "deleted" not in text
    assert CANARY in contents(database, vault)


async def test_under_a_hold_a_lapsed_draft_stays_without_a_word(parts, database, vault, holding):
    talk = await begun(parts)
    holding(parts, "conversation", talk.conversation.id)
    said = len(await parts.conversations.replies(talk.conversation, 0))
    parts.clock.forward(minutes=30)
    assert await parts.conversations.forget_lapsed() == 0
    assert len(await parts.conversations.replies(talk.conversation, 0)) == said
    assert CANARY in contents(database, vault)


async def test_another_form_that_is_open_lapses_all_the_same(parts, engine):
    talk = await begun(parts)
    engine.orders = [Command(kind=DRAFT_OPEN, body={"flow": "paper"})]
    await talk.say("x")
    engine.orders = [CLOSED]
    await talk.say("stop")
    parts.clock.forward(minutes=30)
    assert await parts.conversations.forget_lapsed() == 1


async def test_a_canary_is_in_no_file_of_the_database(sqlite, vault, settings, engine, tmp_path):
    parts = Parts(sqlite, vault, settings, engine, StandInGate())
    await begun(parts)
    files = [file for file in (tmp_path / "var").rglob("*") if file.is_file()]
    assert any(file.name.endswith("-wal") for file in files)
    assert not any(CANARY.encode() in file.read_bytes() for file in files)
