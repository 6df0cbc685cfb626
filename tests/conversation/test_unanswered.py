"""Which questions that were not answered are kept for staff, through the core; most never are."""

import msgspec
import pytest

from bot.conversation.core import Conversations
from bot.conversation.messages import Message, Reply, Response, Understanding
from bot.conversation.unanswered import Collecting
from bot.engine.pool import EngineFailed
from bot.store.conversations import ConversationStore
from bot.unanswered.store import Unanswered
from tests.conftest import make_conversations, real_cards
from tests.stand_ins import StandInEngine

TOPICS = {"right_07__court_dates": "right_07/court_dates"}
UNCLEAR = Understanding(intent="nlu_fallback", ranking=[("nlu_fallback", 0.4), ("greet", 0.3), (*TOPICS, 0.2)])
HOUSING = Understanding(intent="oos__housing", confidence=0.9)
WORDS = "where do they put the thing"
NO_INTENT = Understanding()


class Puzzled(StandInEngine):
    """Understands nothing, unless told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.understanding, self.replies, self.carry = UNCLEAR, [Reply(text="Sorry?")], []

    async def answer(self, request) -> Response:
        return Response(
            events=[{"event": "user"}], carry=self.carry, replies=self.replies, understanding=self.understanding
        )


@pytest.fixture
def engine() -> Puzzled:
    return Puzzled()


@pytest.fixture
def unanswered(sqlite, vault) -> Unanswered:
    return Unanswered(sqlite, vault)


@pytest.fixture
def core(sqlite, vault, engine, settings, unanswered) -> Conversations:
    collecting = Collecting(unanswered, real_cards().says_child, TOPICS.get)
    return make_conversations(ConversationStore(sqlite, vault), engine, settings, collecting=collecting)


@pytest.fixture
async def say(core):
    """Says something in one conversation."""
    token, _ = await core.start("web")
    conversation = await core.find(token)
    said = iter(range(100))

    async def say(text: str = WORDS, **sent) -> None:
        await core.accept(conversation, Message(client_id=str(next(said)), **(sent or {"text": text})))
        await core.settle()

    return say


def kept(unanswered: Unanswered) -> list[tuple[str, str, str]]:
    return [
        (one.kind, one.topic, one.original) for group in unanswered.groups() for one in unanswered.of_topic(group.topic)
    ]


async def test_an_unclear_question_is_kept_under_the_topic_that_came_nearest(say, unanswered):
    await say()
    assert kept(unanswered) == [("unclear", "right_07/court_dates", WORDS)]


async def test_a_question_out_of_scope_is_kept_under_its_class(say, engine, unanswered):
    engine.understanding = HOUSING
    await say("the council wants me out of my flat")
    assert kept(unanswered) == [("out_of_scope", "oos/housing", "the council wants me out of my flat")]


async def test_what_comes_near_no_topic_stands_by_itself(say, engine, unanswered):
    engine.understanding = NO_INTENT
    await say()
    assert kept(unanswered) == [("unclear", "unclear", WORDS)]


async def test_what_was_answered_is_not_kept(say, engine, unanswered):
    engine.replies = [Reply(text="An answer.", topic="right_07/court_dates")]
    await say()
    engine.replies, engine.understanding = [Reply(text="Hello!")], Understanding(intent="greet", confidence=0.9)
    await say("hello")
    assert kept(unanswered) == []


async def test_a_button_is_no_question(say, unanswered):
    await say(payload="/menu")
    assert kept(unanswered) == []


async def test_where_it_is_off_nothing_is_kept_and_nothing_is_said_of_it(sqlite, vault, engine, settings, unanswered):
    core = make_conversations(ConversationStore(sqlite, vault), engine, settings)
    token, first = await core.start("web")
    await core.accept(await core.find(token), Message(client_id="a", text=WORDS))
    await core.settle()
    assert kept(unanswered) == []
    assert "staff may read that question" not in first[0].reply.text
    assert not settings.collect_unanswered


async def test_where_it_is_on_the_first_words_say_so(core):
    _, first = await core.start("web")
    assert "If we cannot answer a question, staff may read that question later" in first[0].reply.text


# --- never


@pytest.mark.parametrize(
    "danger",
    ["he is going to kill me tonight", "i want to end my life", "he is watching me type this"],
)
async def test_words_of_danger_are_never_kept_nor_anything_before_or_after_them(say, unanswered, danger):
    await say()
    await say(danger)
    await say("another thing that nobody understands")
    assert kept(unanswered) == []


@pytest.mark.parametrize("words", ["im 12 and i dont get it", "my daughter is 9 what now for her"])
async def test_words_of_a_child_or_about_one_are_never_kept_nor_anything_after_them(say, unanswered, words):
    await say(words)
    await say()
    assert kept(unanswered) == []


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("age_group", "under_18"),
        ("age_group", "under_13"),
        ("about", "my_child"),
        ("referral", {"draft": {"answers": {"age_group": "13_to_17"}}}),
        ("referral", {"draft": {"answers": {"insider": "yes"}}}),
        ("hand_off", {"draft": {"answers": {"insider": "not_sure"}}}),
        ("hand_off", {"draft": {"answers": {"age_group": "unknown"}}}),
    ],
)
async def test_once_somebody_says_child_or_insider_all_of_the_chat_goes_and_nothing_is_kept_later(
    say, engine, unanswered, slot, value
):
    await say()
    assert len(kept(unanswered)) == 1
    engine.carry = [{"event": "slot", "name": slot, "value": value}]
    await say("something else")
    engine.carry = []
    await say("and another thing")
    assert kept(unanswered) == []


async def test_words_typed_into_a_form_are_not_kept(say, engine, unanswered):
    engine.carry = [{"event": "active_loop", "name": "referral_form"}]
    await say()
    engine.carry = []
    await say("this ends the form")
    assert kept(unanswered) == []


async def test_nothing_is_kept_after_a_case_was_asked_for(sqlite, vault, core, unanswered):
    token, _ = await core.start("web")
    conversation = await core.find(token)
    memory = msgspec.structs.replace(conversation.memory, services={"case": {"reference": "sealed elsewhere"}})
    with sqlite.begin() as db:
        db.exec_driver_sql("UPDATE conversations SET memory = ?", (vault.seal(conversation.key, memory),))
    await core.accept(conversation, Message(client_id="a", text=WORDS))
    await core.settle()
    assert kept(unanswered) == []


async def test_words_in_another_language_are_not_kept(say, unanswered):
    await say("gdzie oni to wszystko teraz położyli, bo nic z tego nie rozumiem")
    assert kept(unanswered) == []


async def test_an_answer_that_failed_is_no_question_of_theirs(say, engine, unanswered):
    async def fails(_request):
        raise EngineFailed("ValueError")

    engine.answer = fails
    await say()
    assert kept(unanswered) == []
