"""Dates and events in words, found in messages; a date said in a language."""

import re
import subprocess
import sys
import time
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.data_files import DataError
from bot.rights.clock_words import ToldEvent, load_clock_phrases
from bot.rights.dates import Found, load_date_reader, said
from bot.rights.events_told import EventReader, load_event_reader
from bot.rights.situation import load_situation
from bot.settings import ROOT
from tests.rights.conftest import DATA, change_file

READER = load_date_reader(DATA)
EVENTS = load_event_reader(DATA)
PHRASES = load_clock_phrases(DATA)
TODAY = date(2026, 11, 25)  # a Wednesday


def found(text: str, language: str = "en", *, today: date = TODAY, happened: bool = True) -> list[Found]:
    return READER.dates_in(text, language, today, happened=happened)


@pytest.mark.parametrize(
    ("language", "text", "words", "on"),
    [
        ("en", "he was charged on Monday and nobody told me", "on Monday", "2026-11-23"),
        ("en", "sentenced on 3 March, too lenient, how long have I got", "3 March", "2026-03-03"),
        ("en", "they rang yesterday", "yesterday", "2026-11-24"),
        ("en", "it was last night", "last night", "2026-11-24"),
        ("en", "3/3/26", "3/3/26", "2026-03-03"),
        ("en", "on 4/3/2026 in court", "4/3/2026", "2026-03-04"),
        ("en", "2026-03-04", "2026-03-04", "2026-03-04"),
        ("en", "the 3rd of March 2024", "the 3rd of March 2024", "2024-03-03"),
        ("en", "Sept 4th", "Sept 4th", "2026-09-04"),
        ("en", "12 May 26", "12 May 26", "2026-05-12"),
        ("en", "3 march 10 am", "3 march", "2026-03-03"),
        ("en", "first of may", "first of may", "2026-05-01"),
        ("en", "5 days ago", "5 days ago", "2026-11-20"),
        ("en", "two days ago", "two days ago", "2026-11-23"),
        ("en", "Friday last week", "Friday last week", "2026-11-20"),
        ("en", "Monday last week", "Monday last week", "2026-11-16"),
        ("en", "this Monday", "this Monday", "2026-11-23"),
        ("en", "26 November", "26 November", "2025-11-26"),
        ("en", "25 November", "25 November", "2026-11-25"),
        ("en", "29 February", "29 February", "2024-02-29"),
        ("cy", "ddoe", "ddoe", "2026-11-24"),
        ("cy", "ar 3 Mawrth 2026", "3 Mawrth 2026", "2026-03-03"),
        ("cy", "3ydd o Fawrth", "3ydd o Fawrth", "2026-03-03"),
        ("cy", "dydd Llun", "dydd Llun", "2026-11-23"),
        ("pl", "zatrzymali go wczoraj", "wczoraj", "2026-11-24"),
        ("pl", "3 marca 2026", "3 marca 2026", "2026-03-03"),
        ("pl", "we wtorek", "we wtorek", "2026-11-24"),
        ("pl", "w ubiegły piątek", "w ubiegły piątek", "2026-11-20"),
        ("pl", "3.03.2026", "3.03.2026", "2026-03-03"),
        ("pa", "ਕੱਲ੍ਹ", "ਕੱਲ੍ਹ", "2026-11-24"),
        ("pa", "੩ ਮਾਰਚ ੨੦੨੬ ਨੂੰ", "੩ ਮਾਰਚ ੨੦੨੬", "2026-03-03"),
        ("pa", "ਸੋਮਵਾਰ ਨੂੰ", "ਸੋਮਵਾਰ", "2026-11-23"),
        ("ur", "آج", "آج", "2026-11-25"),
        ("ur", "۳ مارچ ۲۰۲۶", "۳ مارچ ۲۰۲۶", "2026-03-03"),
        ("ur", "پیر کو", "پیر کو", "2026-11-23"),
        ("pa-Latn", "oh yesterday arrest hoya", "yesterday", "2026-11-24"),
    ],
)
def test_a_date_is_found_with_its_words(language: str, text: str, words: str, on: str) -> None:
    (one,) = found(text, language)
    assert (one.words, one.on, one.problems) == (words, date.fromisoformat(on), [])
    assert text[one.start : one.end] == words


@pytest.mark.parametrize(
    "text",
    [
        "I may go",
        "we march on",
        "he sat in the sun",
        "may I ask",
        "20/106024/22 is my crime number",
        "20BW/123456X/15",
        "within 5 working days",
        "I have 28 days",
        "ring me on 0808 16 89 111",
        "24/7",
        "version 1.2.3.4",
        "call at 3.30",
        "my 12th birthday",
        "the second officer",
        "I was 15",
        "there were 3 of them",
        "",
    ],
)
def test_what_only_looks_like_a_date_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_two_dates_come_in_their_order() -> None:
    assert [one.words for one in found("arrested on Monday, charged on 20 November 2026")] == [
        "on Monday",
        "20 November 2026",
    ]


@pytest.mark.parametrize(
    ("text", "guessed"), [("3 March", True), ("on 3/3", True), ("in March", True), ("3 March 2026", False),
                          ("3/3/26", False), ("yesterday", False), ("on Monday", False)],
)  # fmt: skip
def test_a_guessed_year_is_named(text: str, guessed: bool) -> None:
    assert found(text)[0].year_guessed is guessed


@pytest.mark.parametrize("text", ["31 February", "31/2/2026", "32 March", "30 feb 2026", "0/3/2026", "3/25/2026"])
def test_an_impossible_date_is_questioned(text: str) -> None:
    (one,) = found(text)
    assert (one.on, one.problems) == (None, ["impossible"])


@pytest.mark.parametrize("text", ["tomorrow", "next Friday", "3 March 2027", "this Friday"])
def test_a_day_to_come_is_questioned_where_it_has_happened(text: str) -> None:
    assert "future" in found(text)[0].problems
    assert "future" not in found(text, happened=False)[0].problems


def test_a_day_to_come_is_the_next_one_where_it_has_not_happened() -> None:
    assert found("3 March", happened=False)[0].on == date(2027, 3, 3)


@pytest.mark.parametrize("text", ["10/12/1948", "10/12/48", "5 May 1890"])
def test_before_1950_is_questioned(text: str) -> None:
    assert "too_old" in found(text)[0].problems


@pytest.mark.parametrize(
    ("text", "on", "others"),
    [
        ("last Tuesday", "2026-11-24", ["2026-11-17"]),  # yesterday, or a week before
        ("Wednesday", "2026-11-18", ["2026-11-25"]),  # a week ago, or today
        ("Tuesday 4 March 2026", "2026-03-04", ["2026-03-03"]),  # which was a Wednesday
    ],
)
def test_a_day_that_may_be_another_is_questioned(text: str, on: str, others: list[str]) -> None:
    (one,) = found(text)
    assert (one.on, one.others) == (date.fromisoformat(on), [date.fromisoformat(day) for day in others])
    assert one.problems == ["ambiguous"]


def test_last_friday_said_on_a_wednesday_is_one_day() -> None:
    (one,) = found("last Friday")
    assert (one.on, one.problems) == (date(2026, 11, 20), [])


@pytest.mark.parametrize("text", ["two weeks ago", "a fortnight ago", "last month", "3 years ago", "last week"])
def test_about_a_day_is_questioned(text: str) -> None:
    assert found(text)[0].problems == ["ambiguous"]


@pytest.mark.parametrize(
    ("language", "text"), [("en", "in March"), ("cy", "ym mis Mawrth"), ("pl", "w marcu"), ("pa", "ਮਾਰਚ ਵਿੱਚ"),
                           ("ur", "مارچ میں")],
)  # fmt: skip
def test_a_month_is_a_span(language: str, text: str) -> None:
    (one,) = found(text, language)
    assert (one.on, one.to, one.problems) == (date(2026, 3, 1), date(2026, 3, 31), ["ambiguous"])


def test_this_month_ends_today() -> None:
    assert found("in November")[0].to == TODAY


@pytest.mark.parametrize(("language", "text"), [
    ("cy", "pythefnos yn ôl"), ("pl", "dwa tygodnie temu"), ("pa", "ਦੋ ਹਫ਼ਤੇ ਪਹਿਲਾਂ"), ("ur", "دو ہفتے پہلے"),
])  # fmt: skip
def test_two_weeks_ago_in_every_language(language: str, text: str) -> None:
    assert found(text, language)[0].on == TODAY - timedelta(weeks=2)


@pytest.mark.parametrize(("language", "text"), [
    ("cy", "ddydd Mawrth diwethaf"), ("pl", "w zeszły wtorek"), ("pa", "ਪਿਛਲੇ ਮੰਗਲਵਾਰ"), ("ur", "پچھلے منگل کو"),
])  # fmt: skip
def test_last_tuesday_in_every_language(language: str, text: str) -> None:
    assert found(text, language)[0].others == [date(2026, 11, 17)]


@given(st.dates(date(1950, 1, 1), TODAY))
def test_every_date_said_in_english_is_read_back(day: date) -> None:
    (one,) = found(f"it was {said(day, 'en')}.")
    assert (one.on, one.year_guessed, one.problems) == (day, False, [])


@given(st.dates(date(2000, 1, 1), TODAY), st.sampled_from(["{d}/{m}/{y}", "{d}.{m}.{y}", "{d}-{m}-{y}"]))
def test_numbers_are_read_day_first(day: date, form: str) -> None:
    (one,) = found(form.format(d=day.day, m=day.month, y=day.year))
    assert one.on == day


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.sampled_from(["Monday", "Tuesday", "Friday", "Sunday"]))
def test_a_weekday_that_has_happened_is_within_the_last_seven_days(today: date, weekday: str) -> None:
    (one,) = found(f"on {weekday}", today=today)
    assert one.on is not None
    assert 1 <= (today - one.on).days <= 7
    assert f"{one.on:%A}" == weekday


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for one in found(text):
        assert text[one.start : one.end] == one.words


@pytest.mark.parametrize("text", ["1 " * 500, "last " * 300, "3/" * 500, "in the month of " * 60, "9" * 1000])
def test_a_long_message_is_read_quickly(text: str) -> None:
    found("yesterday")
    begun = time.perf_counter()
    found(text)
    assert time.perf_counter() - begun < 0.5


def test_the_library_is_loaded_only_when_there_is_a_date() -> None:
    code = (
        "import sys, datetime, pathlib; from bot.rights.dates import load_date_reader;"
        "r = load_date_reader(pathlib.Path('data')); r.dates_in('hello', 'en', datetime.date.today());"
        "assert 'dateparser' not in sys.modules; r.dates_in('yesterday', 'en', datetime.date.today());"
        "assert 'dateparser' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize("change", [
    lambda content: content["languages"]["en"]["patterns"].append("("),
    lambda content: content["languages"]["en"]["patterns"].append("{nobody}"),
    lambda content: content["languages"]["en"].pop("patterns"),
])  # fmt: skip
def test_a_broken_file_is_named(data: Any, change: Any) -> None:
    file = data / "conversation" / "dates.yml"
    change_file(file, change)
    with pytest.raises(DataError, match=re.escape(str(file))):
        load_date_reader(data)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Tuesday 3 March 2026"),
        ("cy", "Dydd Mawrth, 3 Mawrth 2026"),
        ("pl", "wtorek, 3 marca 2026"),
        ("pa", "ਮੰਗਲਵਾਰ, 3 ਮਾਰਚ 2026"),
        ("ur", "منگل، 3 مارچ، 2026"),
        ("ur-Latn", "Tuesday 3 March 2026"),
        ("xx", "Tuesday 3 March 2026"),
    ],
)
def test_a_date_is_said_in_the_language(language: str, words: str) -> None:
    assert said(date(2026, 3, 3), language) == words


# ------------------------------------------------------------------------------------------------ events in words
TOLD = [pytest.param(one, id=one.events[0]) for one in PHRASES.told]


@pytest.mark.parametrize("one", TOLD)
def test_every_example_tells_its_events(one: ToldEvent) -> None:
    assert [text for text in one.examples if not set(one.events) <= set(EVENTS.events_told(text))] == []


@pytest.mark.parametrize("one", TOLD)
def test_what_only_looks_like_it_tells_nothing_of_it(one: ToldEvent) -> None:
    assert [text for text in one.not_examples if set(one.events) & set(EVENTS.events_told(text))] == []


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("he was arrested last Tuesday and nobody told me", ["suspect_arrested"]),
        (
            "sentenced on 3 March, too lenient, how long have I got",
            ["offender_sentenced", "date_of_crown_court_sentence"],
        ),
        ("he got bail", ["suspect_released_on_police_bail_or_under_investigation"]),
        ("he was arrested on Monday and charged on Friday, they charged him", ["suspect_arrested", "suspect_charged"]),
        ("they dropped it", ["police_decide_not_to_prosecute_suspect"]),
        ("it was NFA'd", ["police_decide_not_to_prosecute_suspect"]),
        ("not guilty", ["case_ends"]),
        ("he pleaded not guilty", []),
        ("was he arrested?", []),
        ("what happens after someone is charged", []),
        ("hello", []),
    ],
)  # fmt: skip
def test_messages(text: str, events: list[str]) -> None:
    assert EVENTS.events_told(text) == events


@pytest.mark.parametrize("text", ["he was " * 150, "the the " * 125, "they " * 200, "got a letter saying " * 50])
def test_events_in_a_long_message_are_read_quickly(text: str) -> None:
    begun = time.perf_counter()
    EVENTS.events_told(text)
    assert time.perf_counter() - begun < 0.5


def test_a_broken_pattern_is_named(data: Any) -> None:
    change_file(data / "conversation" / "clock.en.yml", lambda content: content["told"][0]["patterns"].append("("))
    with pytest.raises(DataError, match=r"clock\.en\.yml: a pattern cannot be read"):
        load_event_reader(data)


def test_every_pattern_of_an_event_has_an_example() -> None:
    guards = load_situation(DATA).readings.guards
    for one in PHRASES.told:
        for pattern in one.patterns:
            told = msgspec.structs.replace(one, patterns=[pattern])
            alone = EventReader(msgspec.structs.replace(PHRASES, told=[told]), guards)
            assert any(alone.events_told(text) for text in one.examples), pattern
