"""While a case is shown, a few words that ask for news mean that case; words about a right mean the right.

Played against the trained model.
"""

import pytest

from tests.conversation.case_desk import Desk

pytestmark = pytest.mark.model
SHOWN = "The police are looking into it"


@pytest.fixture
async def proven(sqlite, settings, real_engine):
    """A desk and a conversation that has proven its case."""
    desk = Desk(sqlite, settings, engine=real_engine)
    desk.keep_one()
    conversation, shown = await desk.proven()
    assert any(SHOWN in reply.text for reply in shown)
    return desk, conversation


ASKED = ["any news?", "anything yet", "update?", "what's happening with it", "has anything changed", "still nothing?"]


@pytest.mark.parametrize("asked", ASKED)
async def test_a_few_words_for_news_show_the_case_again(proven, asked):
    desk, conversation = proven
    assert any(SHOWN in reply.text for reply in await desk.say(conversation, asked))


@pytest.mark.parametrize("asked", ["can i get my travel paid", "when do i get my phone back", "thank you", "hello"])
async def test_what_is_about_something_else_is_answered_as_ever(proven, asked):
    desk, conversation = proven
    assert not any(SHOWN in reply.text for reply in await desk.say(conversation, asked))
