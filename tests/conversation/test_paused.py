"""A card that interrupts puts the open form's next question away, until the person goes on; no answer is lost."""

import msgspec
import pytest

from bot.conversation.flows import open_form
from bot.conversation.messages import Button, Reply, Response
from bot.conversation.paused import is_paused
from bot.conversation.turns import ANSWER, GO_ON
from tests.conversation.referral_parts import Parts
from tests.stand_ins import StandInEngine

DANGER = "he is outside with a knife and he is trying to break in"
WATCHED = "hes sat right here"
STATE = {"event": "slot", "name": "referral", "value": {"name": "Demo Person"}}
LOOP = {"event": "active_loop", "name": "referral_form"}
ASKED = {"event": "slot", "name": "requested_slot", "value": "referral_step"}
NEXT = '/form{"form_step": "clear", "form_answer": "yes"}'
BACK = "Go on with the form"


class FormEngine(StandInEngine):
    """Carries an open form on as it gets it; "refer me" opens it, and "work out my dates" another."""

    async def answer(self, request):
        response = await super().answer(request)
        carry = request.carry
        if request.text == "refer me":
            carry = [STATE, ASKED, LOOP]
        if request.text == "work out my dates":
            carry = [STATE, ASKED, {"event": "active_loop", "name": "clock_form"}]
        form = open_form(carry)
        question = Reply(text=f"asks in {form}", display="form", buttons=[Button(title="Yes", payload=NEXT)])
        replies = [question] if form else response.replies
        return Response(events=[], carry=carry, replies=replies)


@pytest.fixture
def engine():
    return FormEngine()


@pytest.fixture
async def talk(database, vault, settings, engine):
    """Somebody in the middle of a form."""
    talk = await Parts(database, vault, settings, engine).talk()
    await talk.say("refer me")
    return talk


async def memory(talk):
    return (await talk.conversations.get(talk.conversation.id)).memory


async def asked(talk):
    """The question that the form put first."""
    replies = await talk.conversations.replies(talk.conversation, 0)
    return [one.reply for one in replies if one.reply.display == "form"][:1]


async def test_the_card_stands_alone_and_the_form_is_put_away(talk):
    (card,) = await talk.say(DANGER)
    assert card.private.safety == "immediate_danger"
    kept = await memory(talk)
    assert open_form(kept.carry) is None
    assert STATE in kept.carry


async def test_words_typed_then_are_no_answer_and_the_way_back_stands_below(talk, engine):
    await talk.say(DANGER)
    (reply,) = await talk.say("Demo Person")
    assert (reply.text, engine.asked[-1].carry) == ("echo Demo Person", [STATE])
    assert [(button.title, button.payload) for button in reply.buttons] == [(BACK, GO_ON)]


async def test_going_on_puts_the_forms_question_again_with_all_answers(talk, engine):
    await talk.say(DANGER)
    await talk.say("thank you")
    assert [reply.text for reply in await talk.press(GO_ON)] == ["asks in referral_form"]
    assert (engine.asked[-1].text, engine.asked[-1].carry) == ("", [ASKED, LOOP, STATE])
    assert not is_paused(await memory(talk))


async def test_answer_my_question_hands_the_words_to_the_form(talk, engine):
    await talk.say(DANGER)
    assert [reply.text for reply in await talk.press(ANSWER)] == ["asks in referral_form"]
    assert (engine.asked[-1].text, engine.asked[-1].carry) == (DANGER, [ASKED, LOOP, STATE])


async def test_a_button_of_the_form_goes_on_with_it(talk, engine):
    await talk.say(DANGER)
    (reply,) = await talk.press(NEXT, await asked(talk))
    assert (reply.text, engine.asked[-1].payload) == ("asks in referral_form", NEXT)


async def test_danger_twice_still_leads_back_to_the_form(talk, engine):
    await talk.say(DANGER)
    await talk.say("he has a gun now and he says he will kill me tonight")
    await talk.press(ANSWER)
    assert open_form(engine.asked[-1].carry) == "referral_form"


async def test_another_form_that_is_opened_takes_its_place(talk):
    await talk.say(DANGER)
    (reply,) = await talk.say("work out my dates")
    assert (reply.text, [button.title for button in reply.buttons]) == ("asks in clock_form", ["Yes"])
    assert not is_paused(await memory(talk))


async def test_after_30_idle_minutes_there_is_nothing_to_go_back_to(talk):
    await talk.say(DANGER)
    drafts = talk.conversations._turns._drafts
    known = await memory(talk)
    begun = msgspec.structs.replace(known, services={**known.services, "drafts": {"referral": 1}})
    _, left = drafts.without(begun)
    assert (is_paused(left), left.carry) == (False, [])


async def test_behind_the_quiet_card_the_form_does_not_come_back_by_itself(talk):
    await talk.say(DANGER)
    await talk.say(WATCHED)
    await talk.press(GO_ON)
    assert not is_paused(await memory(talk))
    (reply,) = await talk.say("when do i get my phone back")
    assert reply.buttons == []


async def test_without_a_form_a_card_puts_nothing_away(database, vault, settings, engine):
    talk = await Parts(database, vault, settings, engine).talk()
    await talk.say(DANGER)
    assert not is_paused(await memory(talk))
    (reply,) = await talk.say("thank you")
    assert reply.buttons == []
