"""The clock and the papers through the core and the trained model: what only Rasa itself can show."""

from typing import Any

import pytest
from sqlalchemy.engine import Engine

from actions.clock_context import words
from actions.paper_context import papers as phrases
from actions.paper_context import words as paper_words
from bot.settings import Settings
from bot.store.conversations import ConversationStore
from bot.store.encryption import Vault
from tests.talking import Talk, core_with, talk_with, text_of, titles

pytestmark = pytest.mark.model
B, DEVICE = words().buttons, phrases().device
ARRESTED = "he was arrested last Tuesday and nobody told me"
LENIENT = "sentenced on 3 November, too lenient, how long have I got"
TRAVEL = "can i get my travel to court paid"
OWN_WORDS = "I missed three weeks of work and my garden is all I enjoy"
DANGER = "he is outside with a knife and he is trying to break in"


@pytest.fixture
async def talk(sqlite: Engine, vault: Vault, settings: Settings, real_engine: Any) -> Talk:
    core, papers = core_with(ConversationStore(sqlite, vault), real_engine, settings)
    return await talk_with(core, papers)


def asks(talk: Talk) -> bool:
    """Whether a form asks something now."""
    return any(reply.display == "form" for reply in talk.last)


async def test_arrested_last_tuesday_and_nobody_told_me(talk: Talk) -> None:
    replies = await talk.say(ARRESTED)
    assert replies[0].topic == "right_06/suspect_arrested"
    assert titles(replies[-1:])[:2] == ["Tuesday 17 November 2026", "Tuesday 24 November 2026"]
    (result,) = await talk.press("Tuesday 17 November 2026")
    assert "You should have been told by now." in result.text
    assert result.buttons[0].title == B.complain


async def test_sentenced_on_a_day_too_lenient_how_long_have_i_got(talk: Talk) -> None:
    replies = await talk.say(LENIENT)
    assert replies[0].topic == "right_09/unduly_lenient"
    (asked,) = await talk.say("yes")
    assert asked.text.endswith("Did that happen?")
    (result,) = await talk.say("not sure")
    assert "You have 6 days left." in result.text


async def test_another_question_closes_the_offer(talk: Talk) -> None:
    await talk.say(LENIENT)
    replies = await talk.say(TRAVEL)
    assert replies[0].topic == "right_10/expenses"
    assert not asks(talk)
    await talk.say("thanks")
    assert not asks(talk)


async def test_a_short_follow_up_is_about_the_answer(talk: Talk) -> None:
    await talk.say("they have charged him")
    assert asks(talk)
    replies = await talk.say("who has to do that?")
    assert replies[0].topic == "right_06/charge_decision"
    assert not asks(talk)


async def test_a_question_in_between_is_answered_and_the_clock_goes_on(talk: Talk) -> None:
    await talk.say(LENIENT)
    await talk.press(B.other_day)
    replies = await talk.say(TRAVEL)
    assert replies[0].topic == "right_10/expenses"
    assert words().ask_day in replies[-1].text


async def test_a_button_of_the_offer_that_went_away_says_so(talk: Talk) -> None:
    offered = await talk.say(LENIENT)
    await talk.say(TRAVEL)
    talk.last = offered
    await talk.press(B.right)
    assert not asks(talk)


async def test_from_the_clock_to_a_letter(talk: Talk) -> None:
    await talk.say("he was charged on Monday 2 November and nobody told me")
    await talk.press(B.right)
    await talk.press(B.complain)
    await talk.press(DEVICE.choices["screen"])
    await talk.press(paper_words().buttons.keep)
    await talk.press(paper_words().buttons.keep)
    await talk.press("Skip")
    notes, letter = await talk.press(paper_words().buttons.done)
    assert "The last day for this was Monday 9 November 2026." in letter.text
    assert notes.links == []
    await talk.say(TRAVEL)
    assert not asks(talk)


async def test_own_words_in_a_statement_are_no_question(talk: Talk) -> None:
    await talk.say("what is a victim personal statement")
    await talk.press("Plan my statement")
    await talk.press(DEVICE.choices["screen"])
    await talk.press(paper_words().buttons.guided)
    assert phrases().statement.sections[1].heading in text_of(await talk.say(OWN_WORDS))
    _, outline = await talk.press(paper_words().buttons.enough)
    assert OWN_WORDS in outline.text


async def test_danger_in_a_statement_gets_its_card_and_then_goes_on(talk: Talk) -> None:
    await talk.say("what is a victim personal statement")
    await talk.press("Plan my statement")
    await talk.press(DEVICE.choices["screen"])
    await talk.press(paper_words().buttons.guided)
    (card,) = await talk.say(DANGER)
    assert card.private.safety is not None
    assert phrases().statement.sections[1].heading in text_of(await talk.press("Answer my question"))


async def test_a_paper_left_half_way_is_begun_anew_by_its_button(talk: Talk) -> None:
    offered = await talk.say("how do i complain about the police")
    await talk.press("Write a complaint")
    await talk.say("stop")
    talk.last = offered
    assert DEVICE.question in text_of(await talk.press("Write a complaint"))


async def test_a_paper_opened_while_the_clock_asks_takes_its_place(talk: Talk) -> None:
    await talk.say("hello")
    menu = await talk.press("See all topics")
    await talk.press("Work out my dates")
    talk.last = menu
    assert DEVICE.question in text_of(await talk.press("My rights now, on one page"))
