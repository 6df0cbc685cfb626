"""The way of a message: stored, gated, answered once, in order."""

import asyncio
import uuid

import pytest
import structlog

from bot.conversation.core import MOST_RUNS
from bot.conversation.messages import Message
from bot.conversation.turns import ANSWER, GO_ON, NUMBERS
from tests.conftest import make_conversations

DANGER = "he is outside with a knife and he is trying to break in"
WATCHED = "hes sat right here"
ATTACHED = "he goes through my phone and reads all my messages"
QUESTION = "when do i get my phone back"


async def start(conversations):
    token, _ = await conversations.start("web")
    return await conversations.find(token)


async def say(conversations, conversation, text=None, button=None, client_id=None):
    """Send one message and return the replies it got."""
    before = conversation_end(await conversations.replies(conversation, 0))
    message = Message(client_id=client_id or uuid.uuid4().hex, text=text, button=button)
    await conversations.accept(conversation, message)
    await conversations.settle()
    return [numbered.reply for numbered in await conversations.replies(conversation, before)]


def conversation_end(replies):
    return replies[-1].number if replies else 0


def press(replies, payload):
    return next(button.id for reply in replies for button in reply.buttons if button.payload == payload)


async def test_first_words_say_who_runs_this_and_what_may_be_asked_for(conversations):
    _, first = await conversations.start("web")
    words = first[0].reply.text
    assert "A computer answers" in words
    assert "could be asked for by the police or a court" in words
    assert "You do not need to say what happened" in words


async def test_a_question_is_answered(conversations):
    conversation = await start(conversations)
    assert [r.text for r in await say(conversations, conversation, QUESTION)] == [f"echo {QUESTION}"]


async def test_a_repeat_with_the_same_client_id_is_not_answered_again(conversations, engine):
    conversation = await start(conversations)
    for _ in range(2):
        await say(conversations, conversation, QUESTION, client_id="same")
    assert len(engine.asked) == 1


async def test_three_messages_sent_at_once_are_answered_in_order(conversations, engine):
    conversation = await start(conversations)
    engine.pause.clear()
    for number in ("one", "two", "three"):
        await conversations.accept(conversation, Message(client_id=number, text=number))
    engine.pause.set()
    await conversations.settle()
    replies = await conversations.replies(conversation, 1)
    assert [r.reply.text for r in replies] == ["echo one", "echo two", "echo three"]


async def test_the_engine_gets_the_last_ten_turns_and_what_is_carried(conversations, engine):
    conversation = await start(conversations)
    for turn in range(12):
        await say(conversations, conversation, f"question {turn}")
    last = engine.asked[-1]
    assert [event["text"] for event in last.events] == [f"question {turn}" for turn in range(1, 11)]
    assert last.carry == [{"event": "slot", "name": "n", "value": 11}]


async def test_danger_gets_the_card_and_the_question_waits_behind_it(conversations, engine):
    conversation = await start(conversations)
    replies = await say(conversations, conversation, DANGER)
    assert "999" in replies[0].text + str(replies[0].contacts)
    assert replies[0].buttons[0].payload == ANSWER
    assert engine.asked == []
    replies = await say(conversations, conversation, button=press(replies, ANSWER))
    assert [r.text for r in replies] == [f"echo {DANGER}"]


async def test_attached_cards_come_after_the_answer(conversations):
    conversation = await start(conversations)
    replies = await say(conversations, conversation, ATTACHED)
    assert replies[0].text == f"echo {ATTACHED}"
    assert replies[-1].private.safety == "device_may_be_monitored"


async def test_someone_beside_her_gets_the_quiet_line_only(conversations, engine):
    conversation = await start(conversations)
    replies = await say(conversations, conversation, WATCHED)
    assert [r.display for r in replies] == ["quiet"]
    assert replies[0].contacts == []
    assert engine.asked == []


async def test_numbers_behind_the_quiet_card_are_bare(conversations):
    conversation = await start(conversations)
    quiet = await say(conversations, conversation, WATCHED)
    numbers = await say(conversations, conversation, button=press(quiet, NUMBERS))
    assert "999" in numbers[0].text


async def test_going_on_after_the_quiet_card_does_not_repeat_the_question(conversations, engine):
    conversation = await start(conversations)
    quiet = await say(conversations, conversation, WATCHED)
    await say(conversations, conversation, button=press(quiet, GO_ON))
    assert engine.asked == []


async def test_after_the_quiet_card_nothing_is_answered_until_go_on_is_pressed(conversations, engine):
    conversation = await start(conversations)
    quiet = await say(conversations, conversation, WATCHED)
    assert [r.display for r in await say(conversations, conversation, "who were you writing to")] == ["quiet"]
    await say(conversations, conversation, button=press(quiet, GO_ON))
    assert (await say(conversations, conversation, QUESTION))[0].text == f"echo {QUESTION}"


async def test_a_cry_for_help_is_answered_although_the_quiet_card_is_up(conversations):
    conversation = await start(conversations)
    await say(conversations, conversation, WATCHED)
    replies = await say(conversations, conversation, DANGER)
    assert "999" in replies[0].text


async def test_a_card_is_shown_in_full_once(conversations):
    conversation = await start(conversations)
    first = await say(conversations, conversation, DANGER)
    second = await say(conversations, conversation, DANGER + " please")
    assert len(second[0].text) < len(first[0].text)
    assert "999" in second[0].text + str(second[0].contacts)


@pytest.mark.parametrize("text", [DANGER, ATTACHED])
async def test_cards_come_although_no_engine_runs(conversations, engine, text):
    engine.alive = False
    conversation = await start(conversations)
    replies = await say(conversations, conversation, text)
    assert replies[0].private.safety is not None
    assert any(button.payload == ANSWER for button in replies[0].buttons)


async def test_a_lost_engine_is_told_honestly_and_the_answer_comes_later(conversations, engine):
    engine.lose_next = 1
    conversation = await start(conversations)
    replies = await say(conversations, conversation, QUESTION)
    assert "999" in replies[0].text
    assert replies[1].text == f"echo {QUESTION}"


async def test_an_engine_that_keeps_dying_ends_in_an_honest_reply(conversations, engine):
    engine.lose_next = 10
    conversation = await start(conversations)
    replies = await say(conversations, conversation, QUESTION)
    assert replies[-1].private.outcome == "failed"
    assert "999" in replies[-1].text


async def test_a_mistake_of_ours_ends_in_an_honest_reply_and_is_logged(conversations, engine, monkeypatch):
    async def mistaken(request):
        raise ZeroDivisionError

    monkeypatch.setattr(engine, "answer", mistaken)
    with structlog.testing.capture_logs() as logged:
        conversation = await start(conversations)
        await conversations.accept(conversation, Message(client_id="a", text=QUESTION))
        for _ in range(MOST_RUNS + 1):
            await conversations.recover()
            await conversations.settle()
    last = (await conversations.replies(conversation, 0))[-1].reply
    assert "999" in last.text
    assert last.private.outcome == "failed"
    assert {"event": "conversation.failed", "log_level": "error", "error": "ZeroDivisionError"} in logged
    assert await conversations.recover() == 0


async def test_a_message_that_makes_the_engine_fail_does_not_block_the_next(conversations, engine):
    conversation = await start(conversations)
    engine.fail = True
    await say(conversations, conversation, "poison")
    engine.fail = False
    assert (await say(conversations, conversation, QUESTION))[0].text == f"echo {QUESTION}"


@pytest.mark.parametrize("button", ["999.9", "1.0", "/affirm", "x", "", "１.0"])
async def test_a_button_we_did_not_issue_does_nothing(conversations, engine, button):
    conversation = await start(conversations)
    replies = await say(conversations, conversation, button=button)
    assert len(replies) == 1
    assert engine.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "a" * 1_000_000,
        "<script>alert(1)</script>",
        "😀" * 10_000,
        "hola bonjour cześć",
        "/restart",
    ],
    ids=["empty", "blank", "control", "surrogate", "1 MB", "markup", "emoji", "three languages", "command"],
)
async def test_any_input_gets_a_polite_answer(conversations, text):
    conversation = await start(conversations)
    replies = await say(conversations, conversation, text)
    assert replies
    assert all(reply.text for reply in replies)


async def test_a_typed_payload_reaches_the_engine_as_words(conversations, engine):
    conversation = await start(conversations)
    await say(conversations, conversation, '/case_status{"crime_reference":"20/1"}')
    assert engine.asked[0].payload is None
    assert engine.asked[0].text.startswith("case_status")


async def test_another_process_takes_up_what_a_dead_one_left(store, engine, settings):
    first = make_conversations(store, engine, settings)
    conversation = await start(first)
    store.accept(conversation, Message(client_id="a", text=QUESTION), 0.0)
    second = make_conversations(store, engine, settings)
    assert await second.recover() == 1
    await second.settle()
    assert [r.reply.text for r in await second.replies(conversation, 1)] == [f"echo {QUESTION}"]


async def test_two_processes_answer_a_message_once(store, engine, settings):
    first, second = (make_conversations(store, engine, settings) for _ in range(2))
    conversation = await start(first)
    engine.pause.clear()
    await first.accept(conversation, Message(client_id="a", text=QUESTION))
    second.wake(conversation.id)
    await asyncio.sleep(0)
    engine.pause.set()
    await first.settle()
    await second.settle()
    assert len(await first.replies(conversation, 1)) == 1


async def test_waiting_for_replies_ends_when_one_comes(conversations, engine):
    conversation = await start(conversations)
    waiting = asyncio.create_task(conversations.replies(conversation, 1, wait=20))
    await conversations.accept(conversation, Message(client_id="a", text=QUESTION))
    assert len(await waiting) == 1


async def test_erasing_ends_the_conversation(conversations):
    token, _ = await conversations.start("web")
    await conversations.erase(await conversations.find(token))
    assert await conversations.find(token) is None
