"""A rewriting may not be the person's own words, nor hold what leads to them."""

import pytest

from bot.unanswered.likeness import tells, too_close

ORIGINAL = "my ex got done by the police and nobody rang me when is he up in court"


@pytest.mark.parametrize(
    "rewriting",
    [
        ORIGINAL,
        ORIGINAL.upper() + "!!!",
        "My ex got done by police, and nobody rang me. When is he up in court?",
        "in court when is he up, nobody rang me and my ex got done by the police",
        "Hello, nobody rang me when is he up please tell",
        "my\u200b ex got do\u200bne by the police and nobody rang me when is he up in court",
        "my ex got dun by teh police and noboby rang me wen is he up in cort",
    ],
    ids=["same", "capitals", "commas", "other order", "a long piece", "hidden marks", "misspelled"],
)
def test_words_that_are_still_the_persons_are_too_close(rewriting):
    assert too_close(rewriting, ORIGINAL)


@pytest.mark.parametrize(
    "rewriting",
    ["who tells me the date of the hearing", "is there a way to find out when they go to court", "hearing date?"],
)
def test_other_words_for_the_same_question_are_not(rewriting):
    assert not too_close(rewriting, ORIGINAL)


def test_one_word_cannot_be_given_back_as_it_is():
    assert too_close("Compensation?", "compensation")
    assert not too_close("can I get money for what happened", "compensation")


@pytest.mark.parametrize(
    "text",
    [
        "ring me on 07700 900123",
        "it was on 3/4/26",
        "write to anna@example.org",
        "see www.example.org/me",
        "I live in B13 9AB",
        "at house 1234",
    ],
)
def test_what_may_lead_to_somebody_is_told(text):
    assert tells(text)


@pytest.mark.parametrize("text", ["within 5 days", "all 12 rights", "when is the hearing", "am I under 18"])
def test_plain_questions_tell_nothing(text):
    assert not tells(text)
