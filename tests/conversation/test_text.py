"""Whatever is typed becomes bounded, harmless text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.text import clean


@pytest.mark.parametrize("typed", ["/restart", '/intent{"slot":"x"}', "/session_start", "//x", " /greet", "\\/greet"])
def test_nothing_typed_is_a_command(typed):
    assert not clean(typed, 100).text.startswith("/")


@pytest.mark.parametrize("typed", ["", "   ", "\x00\x01", "\ud800", "///"])
def test_what_holds_no_words_is_empty(typed):
    assert clean(typed, 100).text == ""


def test_a_long_message_is_cut_and_says_so():
    assert clean("a" * 1_000_000, 2000) == type(clean("", 1))("a" * 2000, cut=True)


def test_ordinary_words_stay_as_they_are():
    assert clean("Gdzie są moje rzeczy? جہاں", 100).text == "Gdzie są moje rzeczy? جہاں"


@given(st.text(alphabet=st.characters()))
def test_any_text_can_be_encoded_afterwards(typed):
    clean(typed, 50).text.encode()
