"""A talk with staff behind the trained model: what is typed opens the form, and a form that was open goes on."""

import pytest

from tests.conversation.hand_off_parts import Parts
from tests.handoff.conftest import AMIRA

pytestmark = pytest.mark.model
REAL_PERSON = "can i speak to a real person"


@pytest.fixture
def parts(sqlite, vault, settings, real_engine):
    return Parts(sqlite, vault, settings, real_engine)


async def test_asking_in_words_leads_through_the_form_to_a_person_and_back(parts):
    talk = await parts.talk()
    await talk.say(REAL_PERSON)
    await talk.fill()
    await talk.choose("send")
    found = talk.standing
    parts.desk.claim(AMIRA, found.id, parts.clock.now)
    await talk.read()
    assert await talk.say("when will i get my phone back from the police") == []
    parts.desk.end(AMIRA, found.id, "answered", parts.clock.now)
    await talk.read()
    await talk.say("when will i get my phone back from the police")
    assert talk.last[-1].topic


async def test_without_a_console_a_form_that_was_open_goes_on(parts):
    parts.conversations._turns._hand_offs = None
    talk = await parts.talk()
    await talk.say("please pass my details to Victim Support")
    await talk.say(REAL_PERSON)
    assert "Nobody from staff can join this chat yet." in talk.text
    assert talk.step == "about"
