"""Whole conversations in Telegram with the trained model: what the web page can do, buttons and words can do here."""

import pytest

from bot.channels.telegram.channel import CHANNEL
from bot.referrals.rows import spoken
from tests.conversation.conftest import models, real_engine  # noqa: F401
from tests.conversation.referral_parts import CANARY, Parts, Talk, contents

pytestmark = pytest.mark.model


class ChatTalk(Talk):
    """The same person in Telegram: words are typed into the chat, and buttons are pressed by their title."""

    def __init__(self, person, conversations, conversation) -> None:
        super().__init__(conversations, "", conversation)
        self.person = person

    async def _send(self, message):
        before = self.conversation_replies()
        if message.text is not None:
            await self.person.says(message.text)
        else:
            titles = {button.id: button.title for reply in self.last for button in reply.buttons}
            await self._press_title(titles[message.button])
        self.last = [reply for number, reply in self.conversation_replies().items() if number not in before]
        return self.last

    async def _press_title(self, title):
        while title not in [button["text"] for button in self.person.sees[-1]["buttons"]]:
            # A long list has its pages.
            await self.person.presses("More")
        await self.person.presses(title)

    def conversation_replies(self):
        found = self.conversations._store.replies_after(self.conversation, 0)
        return {one.number: one.reply for one in found}


@pytest.fixture
def parts(sqlite, vault, settings, real_engine):  # noqa: F811
    return Parts(sqlite, vault, settings, real_engine)


@pytest.fixture
async def talk(open_world, parts):
    world = await open_world(conversations=parts.conversations)
    person = world.person()
    await person.says("please pass my details to Victim Support")
    conversation = parts.store.get(world.telegram._chats.find(person.address).conversation)
    assert conversation.channel == CHANNEL
    talk = ChatTalk(person, parts.conversations, conversation)
    talk.last = list(talk.conversation_replies().values())
    return talk


async def test_a_referral_is_told_agreed_to_and_sent(talk, parts):
    await talk.fill(name=CANARY)
    assert any(CANARY in text and "This is all that will be sent" in text for text in talk.person.texts)
    await talk.choose("send")
    referral = parts.referrals.open(parts.referrals.of_conversation(talk.conversation.id)[0])
    assert referral.answers["name"] == CANARY
    assert spoken(referral.reference) in talk.person.texts[-1]


async def test_who_says_no_at_the_end_has_sent_and_left_nothing(talk, parts, sqlite, vault):
    await talk.fill(name=CANARY)
    await talk.choose("do_not_send")
    assert parts.referrals.of_conversation(talk.conversation.id) == []
    assert CANARY not in contents(sqlite, vault)


async def test_erasing_says_that_a_referral_that_was_sent_stays_sent(talk):
    await talk.fill()
    await talk.choose("send")
    said = await talk.person.says("/erase")
    assert "referral" in said[-1].lower()
    assert [one["text"] for one in talk.person.sees] == said
