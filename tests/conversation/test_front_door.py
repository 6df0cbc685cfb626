"""Someone who writes in another language: greeted in it, answered in English, with its words around the answer."""

import re

import pytest

from bot.conversation.front_door import INTERPRETER, LANGUAGE, LANGUAGES, NUMBERS, RIGHTS, SUPPORT
from bot.conversation.messages import Button, Reply, Response, Understanding
from bot.language.translations import Translations, load_translations
from bot.locale import missing, texts
from tests.conftest import DATA, real_front_door, real_translations
from tests.conversation.test_core import press, say, start

POLISH = "kiedy dostanę z powrotem mój telefon od policji"
SERVED = sorted(load_translations(DATA))


async def test_the_first_message_is_greeted_in_its_language_and_offered_an_interpreter_in_english_words(conversations):
    conversation = await start(conversations)
    first = await say(conversations, conversation, POLISH)
    assert [reply.language for reply in first] == ["pl", "en", "pl"]
    assert "I speak Polish" in first[-1].text


async def test_the_greeting_is_said_once(conversations):
    conversation = await start(conversations)
    await say(conversations, conversation, POLISH)
    again = await say(conversations, conversation, "a co z moimi pieniędzmi i dokumentami")
    assert [reply.language for reply in again] == ["en"]


async def test_an_answer_in_english_stands_under_its_title_in_the_language(conversations, engine):
    answer = Reply(text="The police give it back.", topic="right_10/property_returned", buttons=[_more()])
    engine.answer = _answering(answer)
    conversation = await start(conversations)
    title, shown, _ = await say(conversations, conversation, POLISH)
    assert real_translations().say("Getting your property back", "pl") in title.text
    assert shown.text == "The police give it back."
    assert shown.buttons[0].title == real_translations().say("Tell me more", "pl")


async def test_danger_is_answered_with_the_card_in_the_language(conversations):
    conversation = await start(conversations)
    (card,) = await say(conversations, conversation, "pomocy on jest pod drzwiami z nożem")
    assert card.display == "card"
    assert card.language == "pl"
    assert any("I speak Polish" in contact.note for contact in card.contacts)


async def test_a_language_may_be_picked_and_then_wins(conversations):
    conversation = await start(conversations)
    first = await say(conversations, conversation, POLISH)
    choices = await say(conversations, conversation, button=press(first, LANGUAGES))
    chosen = await say(conversations, conversation, button=press(choices, LANGUAGE + "cy"))
    assert chosen[0].language == "cy"
    again = await say(conversations, conversation, "pomocy on jest pod drzwiami z nożem")
    assert again[0].language == "cy"


@pytest.mark.parametrize("payload", [RIGHTS, NUMBERS, INTERPRETER, SUPPORT, LANGUAGES])
def test_each_button_of_the_front_door_opens_something_in_the_language(payload):
    opened = real_front_door().opened(payload, "pl")
    assert opened is not None
    assert opened.language == "pl"
    assert opened.text


def test_asking_for_a_language_by_name_finds_it():
    door = real_front_door()
    assert door.named("can we do this in Polish please") == "pl"
    assert door.named("po polsku proszę, Polski") == "pl"
    assert door.named("speak english") == "en"
    assert door.named("another language") is None


def test_a_reply_is_translated_whole_or_not_at_all():
    reply = Reply(text="OK.\n\nSomething nobody translated.", buttons=[_more()])
    shown = real_front_door().in_language(reply, "pl")
    assert shown.text == reply.text
    assert shown.language == "en"
    assert shown.buttons[0].title != "Tell me more"


def test_right_to_left_languages_say_so():
    assert real_front_door().in_language(Reply(text="OK."), "ur").direction == "rtl"


@pytest.mark.parametrize("tag", SERVED)
def test_every_language_has_every_text(tag):
    assert missing(DATA, tag) == []


@pytest.mark.parametrize("tag", SERVED)
def test_placeholders_and_emergency_numbers_survive_translation(tag):
    translations = real_translations()
    for english in texts(DATA):
        said = translations.say(english, tag)
        for part in re.findall(r"\{[^}]*\}|\b(?:999|101|55|111)\b", english):
            assert part in said, (tag, english, said)
        assert "!" not in said


@pytest.mark.parametrize("tag", SERVED)
def test_the_quiet_card_holds_no_word_about_harm(tag):
    said = real_translations().say("OK. You can leave this page now and come back any time.", tag).lower()
    for word in ("999", "101", "police", "polic", "victim support", "abuse", "crime"):
        assert word not in said


def test_words_that_changed_are_not_shown_in_a_stale_translation():
    found = load_translations(DATA)
    translations = Translations(found, found)
    assert translations.find("A sentence that nobody wrote.", "pl") is None


def test_an_unapproved_language_is_not_served():
    assert Translations(load_translations(DATA), ()).tags == []


def _more() -> Button:
    return Button(title="Tell me more", payload="/tell_me_more")


def _answering(reply: Reply):
    async def answer(request):
        return Response(events=[{"event": "user"}], carry=[], replies=[reply], understanding=Understanding())

    return answer


async def test_the_numbers_of_the_quiet_card_bring_no_other_word_with_them(conversations):
    conversation = await start(conversations)
    first = await say(conversations, conversation, "jest tu obok mnie")
    assert [reply.display for reply in first] == ["quiet"]
    (numbers,) = await say(conversations, conversation, button=press(first, "gateway:numbers"))
    assert "999" in numbers.text
    assert "police" not in numbers.text.lower()
