"""Every command in every language of the front door, and the link of every topic."""

import re

import pytest

from bot.channels.telegram.commands import COMMANDS, OWN, PAYLOADS, deep_links
from bot.channels.telegram.words import load_telegram_words
from bot.rights.answers import intent_of
from bot.rights.catalogue import load_catalogue
from tests.conftest import DATA, real_front_door, real_translations

# Telegram knows languages by two letters.
TAGS = ["en", *sorted(tag for tag in real_translations().tags if len(tag) == 2)]
WORDS = load_telegram_words(DATA)
MARKS = str.maketrans("", "", "\u200e\u200f\u2066\u2067\u2068\u2069")


def plain(texts):
    return "\n".join(texts).translate(MARKS)


@pytest.mark.parametrize("tag", TAGS)
async def test_every_command_answers_in_the_language_of_the_phone(world, engine, tag):
    person, door = world.person(language=tag), real_front_door()
    for command, payload in PAYLOADS.items():
        said = plain(await person.says(f"/{command}"))
        opened = door.opened(payload, tag)
        if opened is None:
            assert engine.asked[-1].payload == payload
            assert engine.asked[-1].context["language"] == tag
        else:
            assert opened.text.translate(MARKS) in said
            assert tag == "en" or opened.text != door.opened(payload, "en").text
    for line in WORDS.notice:
        assert door.say(line, tag).translate(MARKS) in plain(person.texts)
    for command in OWN:
        await person.says(f"/{command}")
        assert [WORDS.left in text for text in person.texts] == [True]


def test_every_command_is_tried():
    assert {*PAYLOADS, *OWN} == set(COMMANDS)


def test_every_topic_has_a_link_that_a_leaflet_can_print():
    catalogue = load_catalogue(DATA)
    topics = sorted({topic for _, topic in catalogue.entries})
    links = deep_links(topics)
    assert len(topics) > 90
    for topic in topics:
        assert links[intent_of(topic)] == "/" + intent_of(topic)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in links)


@pytest.mark.parametrize(("link", "words"), [("rights", "Your 12 rights"), ("support", "Victim Support")])
async def test_a_link_opens_the_rights_and_the_support_without_an_engine(person, engine, link, words):
    assert words in (await person.says(f"/start {link}"))[-1]
    assert engine.asked == []
