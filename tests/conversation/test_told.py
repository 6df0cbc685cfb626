"""A card goes by the age and the council area that the person has told before."""

import pytest

from bot.conversation.messages import Reply, Response
from bot.conversation.told import Told, told
from bot.store.conversations import Memory
from tests.conversation.referral_parts import Talk
from tests.stand_ins import StandInEngine

ABUSE = "my husband hits me"
BUYS_DRUGS = "an older man makes me carry drugs for him"


def slots(**values):
    return [{"event": "slot", "name": name, "value": value} for name, value in values.items()]


def answered(**answers):
    return slots(referral={"draft": {"answers": answers}})


@pytest.mark.parametrize(
    ("carry", "known"),
    [
        ([], Told()),
        (slots(age_group="under_13"), Told(under_18=True)),
        (slots(age_group="under_18", about="me"), Told(under_18=True)),
        (slots(age_group="adult"), Told(under_18=False)),
        (slots(age_group="unsure"), Told()),
        (slots(age_group="under_13", about="my_child"), Told(under_18=False)),
        (slots(age_group="under_18", about="someone"), Told()),
        (answered(about="me", age_group="13_to_17"), Told(under_18=True)),
        (answered(about="friend", age_group="18_or_over", area="Walsall"), Told(False, "walsall")),
        (slots(age_group="under_13") + answered(age_group="18_or_over"), Told(under_18=False)),
        (slots(referral=None), Told()),
    ],
)
def test_what_was_told_stands_in_the_slots(carry, known):
    assert told(Memory(carry=carry)) == known


class Carrying(StandInEngine):
    """Carries what it was given."""

    def __init__(self, *carry) -> None:
        super().__init__()
        self.carry = list(carry)

    async def answer(self, request):
        return Response(events=[], carry=self.carry, replies=[Reply(text="answer")])


async def numbers(conversations, engine, carry, text):
    """Names on the card to a message, after something else was said."""
    engine.carry = carry
    token, _ = await conversations.start("web")
    talk = Talk(conversations, token, await conversations.find(token))
    await talk.say("hello there")
    return {contact.name for reply in await talk.say(text) if reply.private.safety for contact in reply.contacts}


@pytest.fixture
def engine():
    return Carrying()


async def test_the_card_has_the_line_of_the_persons_own_council_area(conversations, engine):
    assert "The Haven Wolverhampton" not in await numbers(conversations, engine, [], ABUSE)
    assert "The Haven Wolverhampton" in await numbers(conversations, engine, answered(area="Wolverhampton"), ABUSE)


async def test_a_place_without_a_line_of_its_own_changes_nothing(conversations, engine):
    nowhere = await numbers(conversations, engine, [], ABUSE)
    assert await numbers(conversations, engine, answered(area="B13"), ABUSE) == nowhere


async def test_who_has_told_that_they_are_a_child_gets_childline(conversations, engine):
    assert "Childline" not in await numbers(conversations, engine, slots(age_group="adult"), BUYS_DRUGS)
    assert "Childline" in await numbers(conversations, engine, slots(age_group="under_18"), BUYS_DRUGS)
