"""Putting a case away in Telegram: it goes from the conversation and from the chat."""

import pytest

from bot.conversation.case_status import HIDE_CASE, NAME, Remembered
from bot.conversation.messages import Button, Reply, Response
from tests.conversation.case_desk import Desk

CASE = "Your case: the police are looking into it."
PUT_AWAY = "Put my case away"


@pytest.fixture
async def world(open_world, sqlite, settings, engine):
    async def answer(request):
        away = Button(title=PUT_AWAY, payload=HIDE_CASE)
        return Response(events=[], carry=[], replies=[Reply(text=CASE, display="card", buttons=[away])])

    engine.answer = answer
    return await open_world(core={"case_status": Desk(sqlite, settings).status})


async def test_putting_a_case_away_forgets_the_proof_and_deletes_what_the_chat_shows(person, world):
    await person.says("where does my case stand")
    said = await person.presses(PUT_AWAY)
    assert "I have put your case away" in said[0]
    assert [one["text"] for one in person.sees] == said
    chat = world.telegram._chats.find(person.address)
    assert world.store.get(chat.conversation).memory.services[NAME] == {
        name: getattr(Remembered(), name) for name in Remembered.__struct_fields__
    }


async def test_what_a_bot_may_delete_no_more_stays_and_the_words_say_how_to_remove_it(person, clock):
    await person.says("where does my case stand")
    clock.forward(hours=49)
    said = await person.presses(PUT_AWAY)
    assert any(CASE in text for text in person.texts)
    assert "Delete chat" in said[-1]


async def test_a_case_is_put_away_also_after_its_conversation_has_ended(person, clock):
    await person.says("where does my case stand")
    clock.forward(minutes=61)
    said = await person.presses(PUT_AWAY)
    assert not any(CASE in text for text in person.texts)
    assert [one["text"] for one in person.sees] == said


async def test_an_update_that_comes_twice_puts_the_case_away_once(person, world):
    await person.says("where does my case stand")
    number, button = next(
        (number, button["callback_data"])
        for number, one in world.api.messages[person.address].items()
        for button in one["buttons"]
    )
    await person.sends_data(button, number)
    await person.sends_data(button, number)
    assert sum("put your case away" in text for text in person.texts) == 1


@pytest.mark.parametrize("title", ["Exit", "Erase"])
async def test_leaving_works_also_after_the_conversation_has_ended(open_world, engine, clock, title):
    async def answer(request):
        buttons = [Button(title=each, payload=f"gateway:{each.lower()}") for each in ("Exit", "Erase")]
        return Response(events=[], carry=[], replies=[Reply(text=CASE, buttons=buttons)])

    engine.answer = answer
    person = (await open_world()).person()
    await person.says("where does my case stand")
    clock.forward(minutes=61)
    said = await person.presses(title)
    assert [one["text"] for one in person.sees] == said
