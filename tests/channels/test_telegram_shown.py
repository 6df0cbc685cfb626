"""A reply in Telegram's form: whole, escaped, never too long."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.commands import deep_links
from bot.channels.telegram.shown import shown
from bot.conversation.messages import Contact, Reply
from tests.channels.bot_api import Visible

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",), include_characters="\n"), max_size=200)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_whatever_stands_in_a_reply_its_html_parses_and_shows_the_same_words(text, name):
    parts = shown(Reply(text=text, contacts=[Contact(name=name, number="999")]))
    words = "".join("".join(Visible(part).shown for part in parts).split())
    assert words.startswith("".join(text.split()))
    assert "".join(name.split()) in words


@settings(deadline=None)
@given(st.integers(1, 6), st.sampled_from(["word ", "🎈", "<&>", "x" * 5000, "line\n", "&amp; "]))
def test_no_message_is_longer_than_telegram_takes_and_no_word_is_lost(times, piece):
    text = piece * (times * 30)
    parts = shown(Reply(text=text))
    visible = [Visible(part).shown for part in parts]
    assert all(len(one.encode("utf-16-le")) // 2 <= 4096 for one in visible)
    assert "".join("".join(visible).split()) == "".join(text.split())


def test_a_long_paragraph_is_not_broken_into_lines():
    text = "word " * 300
    assert "\n" not in shown(Reply(text=text))[0]


def test_a_reply_without_words_still_makes_a_message():
    assert shown(Reply(text="")) == ["…"]


def test_a_phone_number_is_kept_apart_from_text_of_the_other_direction():
    reply = Reply(text="اردو", contacts=[Contact(name="Line", number="0808 2000 247")], direction="rtl", language="ur")
    words, contact = shown(reply)[0].split("\n")
    assert words.startswith("\u200f") or words == "اردو"
    assert contact == "\u200f<b>Line</b>: \u20660808 2000 247\u2069"


@pytest.mark.parametrize("name", ["right_06", "code", "rights", "support"])
def test_names_of_links_are_such_as_telegram_takes(name):
    links = deep_links(["code/list_rights", "right_06/how_long"])
    assert name in links
    assert all(len(one) <= 64 and one.replace("_", "").isalnum() for one in links)
