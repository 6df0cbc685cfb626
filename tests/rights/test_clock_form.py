"""The form of the clock: what is asked next, what was confirmed, and what its rows never say."""

import re
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import msgspec
import pytest
import textstat
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data_files import DataError
from bot.rights.answers import Situation
from bot.rights.clock import Clock
from bot.rights.clock_form import Confirmed, State, owed_in, owed_of
from bot.rights.clock_form_words import load_clock_form_words
from bot.rights.clock_words import load_clock_phrases, words
from bot.rights.facts import load_facts
from bot.rights.happened import Told
from tests.rights.conftest import DATA, change_file

BASE = load_facts(DATA)
CLOCK, PHRASES, WORDS = Clock(BASE), load_clock_phrases(DATA), load_clock_form_words(DATA)
EDITION = BASE.editions[0]
CHARGED = Told(events=["suspect_charged"], day=date(2026, 11, 2))
ARRESTED = Told(events=["suspect_arrested"], day=date(2026, 11, 10))


def known(today: date = date(2026, 11, 25)) -> Situation:
    return Situation(today=today, area="West Midlands", demo=True)


def test_nothing_told_asks_what_has_happened() -> None:
    assert State().question == "event"


@pytest.mark.parametrize(
    ("told", "question"),
    [
        (Told(events=["suspect_charged"]), "day"),
        (Told(events=["suspect_charged"], problems=["impossible"]), "day"),
        (Told(events=["suspect_charged"], day=date(2026, 12, 1), problems=["future"]), "day"),
        (Told(events=["suspect_charged"], day=date(2026, 11, 24), others=[date(2026, 11, 17)]), "pick"),
        (CHARGED, "confirm"),
    ],
)
def test_the_day_decides_what_is_asked(told: Told, question: str) -> None:
    assert State(told=[told]).question == question


def test_a_button_of_another_day_is_told_apart() -> None:
    assert State(told=[CHARGED]).step != State(told=[CHARGED.exactly(date(2026, 11, 3))]).step


def test_each_thing_told_is_confirmed_in_turn() -> None:
    state = State(told=[ARRESTED, CHARGED]).confirm()
    assert state.told == [CHARGED]
    assert state.confirmed.happened == [ARRESTED]


def test_a_day_that_is_not_known_is_left_out() -> None:
    assert State(told=[Told(events=["suspect_charged"])]).leave_out() == State()


def test_a_duty_whose_day_has_passed_is_asked_about_once() -> None:
    state = State(told=[CHARGED]).confirm()
    state = state.asking_about_duties(state.confirmed.rows(CLOCK, known(), EDITION))
    assert state.limit == "suspect_charged"
    state = state.answer(None)
    assert state.asking_about_duties(state.confirmed.rows(CLOCK, known(), EDITION)).limit == ""


def test_a_duty_still_due_is_not_asked_about() -> None:
    state = State(told=[CHARGED]).confirm()
    rows = state.confirmed.rows(CLOCK, known(date(2026, 11, 3)), EDITION)
    assert state.asking_about_duties(rows).limit == ""


def test_who_said_that_they_were_not_told_is_not_asked() -> None:
    state = State(told=[CHARGED], not_told=True).confirm()
    state = state.asking_about_duties(state.confirmed.rows(CLOCK, known(), EDITION))
    assert (state.limit, state.confirmed.done) == ("", {"suspect_charged": False})


def test_a_later_day_for_the_same_event_replaces_the_earlier() -> None:
    both = Confirmed(happened=[CHARGED, ARRESTED]).with_(Confirmed(happened=[CHARGED.exactly(date(2026, 11, 3))]))
    assert [one.day for one in both.happened] == [date(2026, 11, 10), date(2026, 11, 3)]


def test_duties_travel_in_a_button_and_back() -> None:
    rows = Confirmed(happened=[CHARGED, ARRESTED]).rows(CLOCK, known(), EDITION)
    assert owed_in(owed_of(rows)) == {"suspect_charged": date(2026, 11, 2), "suspect_arrested": date(2026, 11, 10)}


@pytest.mark.parametrize("text", ["suspect_charged", "suspect_charged@soon"])
def test_a_duty_without_a_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        owed_in(text)


@given(
    told=st.sampled_from([one.events for one in PHRASES.told]),
    day=st.dates(date(1990, 1, 1), date(2030, 12, 31)),
    passed=st.integers(0, 4000),
    month=st.booleans(),
    done=st.sampled_from([True, False, None]),
)
@settings(max_examples=300, deadline=None)
def test_no_row_ever_holds_a_negative_number_or_says_too_late(
    told: list[str], day: date, passed: int, month: bool, done: bool | None
) -> None:
    one = Told(events=told, day=day, to=day + timedelta(days=27) if month else None)
    limits = [limit for event in told for limit in CLOCK.limits_of(event)]
    confirmed = Confirmed(happened=[one], done=dict.fromkeys(limits, done))
    now = known(day + timedelta(days=passed))
    for row in [*confirmed.rows(CLOCK, now, EDITION), *confirmed.hedged(CLOCK, now, EDITION)]:
        said = words(row, PHRASES)
        assert not re.search(r"[-−–]\s*\d", said)
        assert "too late" not in said.lower()
        if CLOCK.limits[row.limit].never_on_time:
            assert not re.search(r"\d{4}|on time", said)


@pytest.mark.parametrize(
    "text",
    [
        "he was arrested last Tuesday and nobody told me",
        "they didnt tell me he was charged",
        "I wasn't told",
        "we’ve not been told",
        "found out from facebook",
        "heard nothing",
    ],
)
def test_somebody_says_that_they_were_not_told(text: str) -> None:
    assert WORDS.says_not_told(text)


@pytest.mark.parametrize("text", ["I was told on Friday", "they told me he was charged", "he was charged yesterday"])
def test_others_do_not_say_so(text: str) -> None:
    assert not WORDS.says_not_told(text)


def test_words_for_something_nobody_tells_are_refused(data: Path) -> None:
    change_file(data / "conversation" / "rights_clock.en.yml", lambda content: content["happened"].update(flood="x"))
    with pytest.raises(DataError, match="flood"):
        load_clock_form_words(data)


def test_a_pattern_that_cannot_be_read_is_refused(data: Path) -> None:
    change_file(data / "conversation" / "rights_clock.en.yml", lambda content: content.update(not_told=["("]))
    with pytest.raises(DataError, match="pattern"):
        load_clock_form_words(data)


def test_the_questions_are_in_plain_english() -> None:
    said = [text for text in msgspec.to_builtins(WORDS).values() if isinstance(text, str) and len(text.split()) > 5]
    grades = [textstat.flesch_kincaid_grade(re.sub(r"\{\w+\}", "Monday", text)) for text in said]
    assert len(grades) > 8
    assert median(grades) <= 6
    assert max(grades) <= 9
