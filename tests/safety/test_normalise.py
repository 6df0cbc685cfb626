"""How messages are made plain before anything looks at them."""

import pytest

from bot.safety.normalise import WINDOW, flatten, forms


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("He's OUTSIDE", "he's outside"),
        ("he\u2019s here", "hes here"),
        ("h e l p  m e", "help  me"),
        ("k1ll", "kill"),
        ("h3lp", "help"),
        ("heeelp", "help"),
        ("killll me", "kill me"),
        ("\uff48\uff45\uff4c\uff50", "help"),
        ("h\u0435lp", "help"),
        ("\u043d\u0435lp".replace("\u043d", "h"), "help"),
        ("he\u200blp", "help"),
        ("\u202ehelp\u202c", "help"),
        ("he\u0336l\u0335p", "help"),
        ("caf\u00e9", "cafe"),
        ("\U0001f52a", " knife "),
    ],
)
def test_a_reading_of_it_is(text: str, reading: str) -> None:
    assert reading in forms(text)


def test_plain_text_has_one_reading() -> None:
    assert forms("can i have a screen in court") == ["can i have a screen in court"]


@pytest.mark.parametrize("text", ["at 10am on the 2nd", "I need help!", "about 500 pounds"])
def test_times_numbers_and_marks_are_not_read_as_letters(text: str) -> None:
    assert forms(text) == [text.lower()]


def test_other_alphabets_stay_whole_in_the_first_reading() -> None:
    assert forms("помогите мне")[0] == "помогите мне"
    assert forms("मुझे मदद चाहिए")[0] == "मुझे मदद चाहिए"


def test_only_the_two_ends_of_a_long_text_are_read() -> None:
    reading = forms("a" * 9_000 + "b" * 9_000)[0]
    assert len(reading) <= 2 * WINDOW + 3 and reading.endswith("b")


@pytest.mark.parametrize(
    "text", ["", "\ud83d", "\udfff" * 50, "\x00", "z" + "\u0301" * 100_000, "\U0001f469\u200d" * 5_000]
)
def test_nothing_makes_it_raise(text: str) -> None:
    assert forms(text)


def test_flat_words_keep_sentence_ends_only() -> None:
    assert flatten("he's here, now. help me!! ok?") == " hes here now . help me . ok ? "
