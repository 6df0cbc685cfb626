"""Saying what has happened and when, without a case: the answer first, then the clock."""

import re
from datetime import date

import pytest

from actions.rights_clock import words
from bot.conversation.messages import Reply
from tests.action_engine import ActionEngine
from tests.talking import Talk, text_of, titles

B = words().buttons
ARRESTED = "he was arrested on 10 November and nobody told me"
ARRESTED_NO_DAY = "they have arrested my ex"
SENTENCED = "sentenced on 3 November, too lenient, how long have I got"
CHARGED = "he was charged on Monday 2 November"
HELD = "Not having been told does not mean they are still held"


@pytest.fixture
def action_engine() -> ActionEngine:
    arrest, charge = "right_06__suspect_arrested", "right_06__charge_decision"
    lenient, travel = "right_09__unduly_lenient", "right_10__expenses"
    return ActionEngine(
        {
            ARRESTED: arrest,
            ARRESTED_NO_DAY: arrest,
            SENTENCED: lenient,
            CHARGED: charge,
            "was he arrested on Monday?": arrest,
            "can i get my travel to court paid": travel,
            "how long do they have to do that": "how_long_followup",
            "he was arrested last tuesday": arrest,
            "he was arrested on 31 February": arrest,
            "he was arrested next friday": arrest,
            "he was arrested in October": arrest,
            "he was arrested last week": arrest,
            "he was arrested in March 1940": arrest,
            "he was sentenced on 3 March 2026": lenient,
            "i reported it to the police and heard nothing": "right_06__investigation_updates",
            "yes": "affirm",
            "no": "deny",
            "thanks": "thanks",
        }
    )  # fmt: skip


# --- the answer first, then the offer


async def test_the_answer_comes_first_and_the_day_is_said_back(talk: Talk) -> None:
    replies = await talk.say(ARRESTED)
    assert [reply.topic for reply in replies[:2]] == ["right_06/suspect_arrested"] * 2
    assert replies[-1].text == words().offer_confirm.format(
        happened="someone was arrested", day="Tuesday 10 November 2026"
    )
    assert titles(replies[-1:]) == [B.right, B.other_day, "Stop"]


async def test_who_says_not_told_is_not_asked_again_and_gets_the_complaint(talk: Talk) -> None:
    await talk.say(ARRESTED)
    (result,) = await talk.press(B.right)
    assert "Someone was arrested, on Tuesday 10 November 2026:" in result.text
    assert "You should have been told by now." in result.text
    assert HELD in result.text
    assert titles([result])[0] == B.complain
    payload = result.buttons[0].payload
    assert payload == '/complain{"owed": "suspect_arrested@2026-11-10"}'


async def test_a_row_about_arrest_names_no_day_of_its_own(talk: Talk) -> None:
    await talk.say(ARRESTED)
    (result,) = await talk.press(B.right)
    assert "17 November" not in result.text
    assert "on time" not in result.text


async def test_an_own_time_limit_shows_days_left(talk: Talk) -> None:
    await talk.say(SENTENCED)
    await talk.press(B.right)
    (result,) = await talk.press(B.happened)
    assert "by Tuesday 1 December 2026. You have 6 days left. If you can, do it now." in result.text


async def test_a_time_limit_that_has_passed_says_who_still_takes_it(talk: Talk) -> None:
    await talk.say("he was sentenced on 3 March 2026")
    await talk.press(B.right)
    (result,) = await talk.press(B.unsure)
    assert "too late" not in result.text.lower()
    assert "-" not in re.sub(r"^- ", "", result.text, flags=re.MULTILINE).replace("-working", "")
    assert "ask" in result.text.lower()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (B.happened, "You said that this was done."),
        (B.not_happened, "Ring the officer in your case, or 101."),
        (B.unsure, "It may have been done."),
    ],
)
async def test_a_duty_whose_day_has_passed_is_asked_about(talk: Talk, answer: str, said: str) -> None:
    await talk.say(CHARGED)
    (asked,) = await talk.press(B.right)
    assert asked.text.endswith("Did that happen?")
    assert said in text_of(await talk.press(answer))


async def test_what_was_done_is_no_reason_to_complain(talk: Talk) -> None:
    await talk.say(CHARGED)
    await talk.press(B.right)
    assert B.complain not in titles(await talk.press(B.happened))


async def test_yes_and_no_may_be_typed(talk: Talk) -> None:
    await talk.say(CHARGED)
    (asked,) = await talk.say("yes")
    assert asked.text.endswith("Did that happen?")
    assert B.complain in titles(await talk.say("no"))


# --- days


async def test_a_missing_day_is_asked_for_and_said_back(talk: Talk) -> None:
    replies = await talk.say(ARRESTED_NO_DAY)
    assert replies[-1].text.startswith(words().offer_ask.format(happened="someone was arrested"))
    assert replies[-1].field is not None and replies[-1].field.kind == "date"
    (asked,) = await talk.say("it was on 10 november")
    assert asked.text == words().confirm.format(happened="someone was arrested", day="Tuesday 10 November 2026")


async def test_a_date_from_a_date_field_is_read(talk: Talk) -> None:
    await talk.say(ARRESTED_NO_DAY)
    (asked,) = await talk.say("2026-11-10")
    assert "Tuesday 10 November 2026" in asked.text


async def test_another_day_can_be_given_instead(talk: Talk) -> None:
    await talk.say(ARRESTED)
    (asked,) = await talk.press(B.other_day)
    assert asked.text == words().ask_day
    (asked,) = await talk.say("9 November")
    assert "Monday 9 November 2026" in asked.text


async def test_last_tuesday_may_be_either_of_two(talk: Talk) -> None:
    replies = await talk.say("he was arrested last tuesday")
    assert titles(replies[-1:])[:3] == ["Tuesday 17 November 2026", "Tuesday 24 November 2026", B.other_day]
    (asked,) = await talk.press("Tuesday 17 November 2026")
    assert asked.text.endswith("Did that happen?")


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("he was arrested on 31 February", words().no_such_day),
        ("he was arrested next friday", "Friday 27 November 2026 is still to come."),
    ],
)
async def test_days_that_cannot_be_are_questioned(talk: Talk, said: str, asked: str) -> None:
    replies = await talk.say(said)
    assert replies[-1].text.startswith(asked)
    assert words().how_to_say_a_day in replies[-1].text
    assert replies[-1].field is not None


async def test_a_month_is_said_back_as_its_days(talk: Talk) -> None:
    replies = await talk.say("he was arrested in October")
    assert "between Thursday 1 October 2026 and Saturday 31 October 2026" in replies[-1].text
    await talk.press(B.right)
    (result,) = await talk.press(B.not_happened)
    assert result.text.startswith("Someone was arrested, between Thursday 1 October 2026 and Saturday 31 October 2026:")


async def test_a_day_that_is_only_about_right_says_so(talk: Talk) -> None:
    replies = await talk.say("he was arrested last week")
    assert replies[-1].text == words().confirm_about.format(day="Wednesday 18 November 2026")


async def test_a_day_long_ago_is_questioned(talk: Talk) -> None:
    await talk.say(ARRESTED_NO_DAY)
    (asked,) = await talk.say("3 March 1940")
    assert asked.text == words().confirm_old.format(day="Sunday 3 March 1940")


async def test_words_without_a_day_get_an_example(talk: Talk) -> None:
    await talk.say(ARRESTED)
    await talk.press(B.other_day)
    (asked,) = await talk.say("not certain really")
    assert words().how_to_say_a_day in asked.text


async def test_who_does_not_know_the_day_hears_whom_to_ask(talk: Talk) -> None:
    await talk.say(ARRESTED_NO_DAY)
    (reply,) = await talk.press(B.unsure_day)
    assert reply.text == words().no_day


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("to było w ostatni wtorek, nie pamiętam dokładnie", "Tuesday 24 November 2026 (wtorek, 24 listopada 2026)"),
        ("ਪਿਛਲੇ ਮੰਗਲਵਾਰ", "Tuesday 24 November 2026 (ਮੰਗਲਵਾਰ, 24 ਨਵੰਬਰ 2026)"),
        ("پچھلے منگل کو", "Tuesday 24 November 2026 (منگل، 24 نومبر، 2026)"),
        ("cafodd ei arestio ddydd Mawrth diwethaf", "Tuesday 24 November 2026 (Dydd Mawrth, 24 Tachwedd 2026)"),
    ],
)
async def test_a_day_in_another_language_is_said_back_in_both(talk: Talk, typed: str, day: str) -> None:
    await talk.say(ARRESTED_NO_DAY)
    assert day in titles(await talk.say(typed))


# --- it stays out of the way


@pytest.mark.parametrize("question", ["was he arrested on Monday?", "can i get my travel to court paid"])
async def test_a_question_gets_no_offer(talk: Talk, question: str) -> None:
    assert not any(reply.display == "form" for reply in await talk.say(question))


async def test_what_is_said_by_the_way_needs_a_day(talk: Talk) -> None:
    assert not any(reply.display == "form" for reply in await talk.say("i reported it to the police and heard nothing"))


async def test_another_question_closes_the_offer(talk: Talk) -> None:
    await talk.say(ARRESTED)
    replies = await talk.say("can i get my travel to court paid")
    assert {reply.topic for reply in replies} == {"right_10/expenses"}
    replies = await talk.say("thanks")
    assert not any(reply.display == "form" for reply in replies)


async def test_a_follow_up_on_the_answer_is_answered_beside_the_offer(talk: Talk) -> None:
    await talk.say(ARRESTED)
    replies = await talk.say("how long do they have to do that")
    assert replies[0].topic == "right_06/suspect_arrested"
    assert not any(reply.display == "form" for reply in replies)


async def test_the_same_is_offered_once(talk: Talk) -> None:
    await talk.say(ARRESTED_NO_DAY)
    await talk.say("thanks")
    assert not any(reply.display == "form" for reply in await talk.say(ARRESTED_NO_DAY))


async def test_an_offer_can_be_declined(talk: Talk) -> None:
    await talk.say(ARRESTED_NO_DAY)
    (reply,) = await talk.press(B.no_thanks)
    assert reply.text == words().declined


async def test_stop_ends_it(talk: Talk) -> None:
    await talk.say(ARRESTED)
    await talk.say("stop")
    assert not any(reply.display == "form" for reply in await talk.say("thanks"))


async def test_once_it_is_taken_up_a_question_in_between_is_answered_and_it_goes_on(talk: Talk) -> None:
    await talk.say(ARRESTED)
    await talk.press(B.other_day)
    replies = await talk.say("can i get my travel to court paid")
    assert replies[0].topic == "right_10/expenses"
    assert replies[-1].text.startswith(words().ask_day)


async def test_go_back_asks_for_the_day_again(talk: Talk) -> None:
    await talk.say(ARRESTED)
    (asked,) = await talk.say("go back")
    assert asked.text == words().ask_day


# --- by its button


async def begin_by_button(talk: Talk) -> list[Reply]:
    await talk.say(CHARGED)
    await talk.press(B.right)
    await talk.press(B.happened)
    return await talk.press(B.again)


async def test_the_button_asks_what_has_happened(talk: Talk) -> None:
    (asked,) = await begin_by_button(talk)
    assert asked.text == words().ask_event
    (asked,) = await talk.press("Someone was sentenced")
    assert asked.text == words().ask_day


async def test_what_has_happened_may_be_typed(talk: Talk) -> None:
    await begin_by_button(talk)
    (asked,) = await talk.say("the cps dropped the case on 2 november")
    assert "Monday 2 November 2026" in asked.text


async def test_what_is_not_understood_is_asked_again(talk: Talk) -> None:
    await begin_by_button(talk)
    (asked,) = await talk.say("hmm")
    assert asked.text == words().ask_event_again


async def test_what_was_confirmed_is_kept_for_the_papers(talk: Talk) -> None:
    await begin_by_button(talk)
    kept = next(one for one in (await talk.memory()).carry if one.get("name") == "happened")["value"]
    assert kept["happened"][0]["day"] == date(2026, 11, 2).isoformat()
    assert kept["done"] == {"suspect_charged": True}
