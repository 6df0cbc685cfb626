"""What of a message is counted for supervisors, and that nothing else is."""

from datetime import date

import pytest

from bot.conversation.counting import counts_of, outcome_of
from bot.conversation.messages import Command, Message, Private, Reply, Understanding, Verdict
from bot.conversation.turn import Turn
from bot.store.conversations import ALERT, Conversation, ConversationStore, Memory
from bot.store.counts import Counts
from tests.conftest import make_conversations

VERDICT = Verdict(category="stalking", mode="attach", pattern="p")
ANSWER = Reply(text="An answer.", topic="right_06/how_long", right=6)
CARD = Reply(text="A card.", display="card", private=Private(safety="stalking"))


def turn(*replies: Reply, intent: str | None = None, **more) -> Turn:
    return Turn(replies=list(replies), memory=Memory(language="pl"), understanding=Understanding(intent=intent), **more)


def conversation(**more) -> Conversation:
    given = {"id": "c", "channel": "web", "state": "open", "key": b"", "memory": Memory(), "last_reply": 1}
    return Conversation(**{**given, "token_expires": 0.0, "hand_off": None, **more})


@pytest.mark.parametrize(
    ("worked", "outcome"),
    [
        (turn(ANSWER), "answer"),
        (turn(ANSWER, CARD, verdict=VERDICT), "answer"),
        (turn(CARD, verdict=VERDICT), "card"),
        (turn(Reply(text="Your name?", display="form")), "form"),
        (turn(Reply(text="Do you mean?"), intent="nlu_fallback"), "unclear"),
        (turn(Reply(text="Ask a solicitor."), intent="oos__divorce"), "out_of_scope"),
        (turn(Reply(text="Sorry.", private=Private(outcome="failed"))), "failed"),
        (turn(Reply(text="Not now.", private=Private(outcome="switched_off"))), "switched_off"),
        (turn(Reply(text="Hello."), intent="greet"), "other"),
    ],
)
def test_each_message_comes_to_one_thing(worked, outcome):
    assert outcome_of(worked, with_staff=False) == outcome


def test_words_for_staff_are_no_question_to_the_assistant():
    assert outcome_of(turn(), with_staff=True) == "staff"


def test_an_answer_counts_for_its_right_and_not_for_its_topic():
    assert counts_of(conversation(), turn(ANSWER)) == [
        ("channel", "web"),
        ("language", "pl"),
        ("outcome", "answer"),
        ("right", "6"),
    ]


def test_an_answer_about_the_code_itself_counts_as_that():
    about = Reply(text="The Code.", topic="code/what_is_it")
    assert ("right", "code") in counts_of(conversation(), turn(about))


def test_a_card_and_its_alert_count_by_kind_of_danger():
    alert = Command(kind=ALERT, body={"category": "stalking"})
    found = counts_of(conversation(), turn(CARD, verdict=VERDICT, commands=[alert]))
    assert found[-2:] == [("card", "stalking"), ("alert", "stalking")]


async def started(conversations) -> Conversation:
    token, _ = await conversations.start("web")
    return await conversations.find(token)


async def test_a_message_is_counted_with_its_outcome(conversations, sqlite):
    found = await started(conversations)
    await conversations.accept(found, Message(client_id="a", text="hello"))
    await conversations.settle()
    assert Counts(sqlite).totals(date(2000, 1, 1))["channel"] == {"web": 1}


async def test_a_message_sent_again_counts_once(conversations, sqlite):
    found = await started(conversations)
    for _ in range(2):
        await conversations.accept(found, Message(client_id="a", text="hello"))
        await conversations.settle()
    assert Counts(sqlite).totals(date(2000, 1, 1))["language"] == {"en": 1}


async def test_a_message_that_two_workers_finish_counts_once(sqlite, vault, engine, settings, conversations):
    found = await started(conversations)
    other = make_conversations(ConversationStore(sqlite, vault), engine, settings)
    await conversations.accept(found, Message(client_id="a", text="hello"))
    await other.recover()
    await conversations.settle()
    await other.settle()
    assert Counts(sqlite).totals(date(2000, 1, 1))["outcome"] == {"other": 1}
