"""Words in Arabic script are found however they are typed: Arabic, Persian, Urdu and Pashto keyboards differ."""

import functools
import re

import pytest
import yaml

from bot.safety.normalise import fold_arabic, without_vowels
from bot.safety.patterns import Language, flat_readings
from tests.conftest import DATA

PATTERNS = DATA / "safety" / "patterns"
TAGS = ["ar", "fa", "ur"]
TYPED = {
    "on an Arabic keyboard": lambda text: text.translate(str.maketrans("یک", "يك")),
    "on a Persian keyboard": lambda text: text.translate(str.maketrans("يىك", "ییک")),
    "on a Pashto keyboard": lambda text: text.translate(str.maketrans("يیكک", "ېېکک")),
    "without hamza and madda": lambda text: text.translate(str.maketrans("أإآٱ", "اااا")),
    "with a hamza on each alef": lambda text: text.replace("ا", "أ"),
    "with its last letter in the Egyptian way": lambda text: re.sub(r"[يی](?=\s|$)", "ى", text),
    "drawn out": lambda text: re.sub("(?<=[بتسلمن])(?=[بتسلمن])", "ـ", text),
    "with marks of vowels": lambda text: re.sub("(?<=[بتسلم])", "\u064e", text),
}


@functools.cache
def language(tag):
    return Language(PATTERNS / f"{tag}.yml")


def found(tag, text):
    """Ids of the rules that find a text."""
    known = language(tag)
    return {
        rule.id
        for words in known.readings(flat_readings(text))
        for rule, matcher in known.rules
        if matcher.found(words, known.live(words))
    }


def examples(tag):
    """Each example of a language's patterns, with the id of its rule."""
    return [(rule.id, example) for rule, _ in language(tag).rules for example in rule.examples]


@pytest.mark.parametrize("tag", TAGS)
def test_each_example_is_found_by_its_own_rule(tag):
    missed = [
        example for rule, _ in language(tag).rules for example in rule.examples if rule.id not in found(tag, example)
    ]
    assert missed == []


@pytest.mark.parametrize("how", TYPED)
@pytest.mark.parametrize("tag", TAGS)
def test_an_example_is_found_by_its_rule_however_it_is_typed(tag, how):
    assert [example for rule, example in examples(tag) if rule not in found(tag, TYPED[how](example))] == []


@pytest.mark.parametrize("how", TYPED)
def test_each_way_of_typing_changes_an_example(how):
    assert any(TYPED[how](example) != example for tag in TAGS for _, example in examples(tag))


@pytest.mark.parametrize(
    ("typed", "plain"),
    [("أإآٱ", "اااا"), ("يىیۍې", "ییییی"), ("كک", "کک"), ("هہھةے", "هہھةے"), ("گئی گی", "گئی گی"), ("پښتو", "پښتو")],
)
def test_letters_that_stand_for_each_other_are_one_and_the_others_stay(typed, plain):
    assert fold_arabic(typed) == plain


def test_one_letter_stays_one_letter():
    assert all(len(fold_arabic(chr(code))) == 1 for code in range(0x600, 0x700))


@pytest.mark.parametrize(("typed", "plain"), [("ســاعدوني", "ساعدوني"), ("سَاعِدُونِي", "ساعدوني"), ("رحمٰن", "رحمن")])
def test_tatweel_and_marks_of_vowels_fall_away(typed, plain):
    assert without_vowels(typed) == plain


@pytest.mark.parametrize(
    "text", ["کس محکمے کے ذمے ہے یہ", "مقدمہ اب کس مرحلے پر ہے", "یہ کس مقصد کے لیے ہے", "کس امید پر"]
)
def test_an_urdu_question_is_no_arabic_insult(text):
    assert found("ar", text) == set()


@pytest.mark.parametrize("text", ["كس امك", "کس امک", "كسمك"])
def test_an_arabic_insult_is_one_on_any_keyboard(text):
    assert found("ar", text) == {"ar.bot.swear"}


@pytest.mark.parametrize("tag", TAGS)
def test_no_pattern_waits_for_a_mark_that_no_reading_has(tag):
    rules = yaml.safe_load((PATTERNS / f"{tag}.yml").read_text(encoding="utf-8"))
    texts = yaml.safe_dump([rules["groups"], rules["patterns"]], allow_unicode=True)
    assert without_vowels(texts) == texts
