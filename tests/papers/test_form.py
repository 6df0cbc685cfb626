"""The form that makes a paper: its steps, and the papers made from drafts."""

import shutil
from datetime import date
from statistics import median
from typing import Any

import pytest
import textstat

from bot.data_files import DataError
from bot.papers import Complaint, PapersPhrases, as_text
from bot.papers.draft import Draft, PaperMaker
from bot.papers.form import LINES, READY, LineId, State, finished
from bot.papers.form_words import load_paper_form_words
from bot.rights.answers import Answers, Situation
from bot.rights.clock import Clock
from bot.rights.clock_form import Confirmed
from bot.rights.clock_words import ClockPhrases
from bot.rights.facts import FactBase
from bot.rights.happened import Told
from tests.papers.conftest import DATA, TODAY, translated

SECTIONS = ["body", "feelings"]
GIVEN = Complaint(
    duty="suspect_charged", happened_on=date(2026, 11, 2), what_happened="nobody rang", wants=["apology"], wants_own=""
)


@pytest.fixture
def maker(phrases: PapersPhrases, clock: ClockPhrases, answers: Answers) -> PaperMaker:
    translations = translated("pl", **{phrases.complaint.opening: "Chcę złożyć skargę."})
    return PaperMaker(phrases, {"en": clock}, {"en": answers}, translations=translations)


def complaint(**known: Any) -> State:
    return State(kind="complaint", way="screen", **known)


@pytest.mark.parametrize("kind", ["complaint", "statement", "sheet"])
def test_the_device_comes_first(kind: Any) -> None:
    assert State(kind=kind).step(SECTIONS) == "device"


def test_a_sheet_needs_nothing_more() -> None:
    assert State(kind="sheet", way="copy").step(SECTIONS) == READY


def test_each_line_is_asked_then_shown_then_settled() -> None:
    state = complaint()
    assert state.step(SECTIONS) == "duty"
    state = state.with_duty("suspect_charged", ["police"])
    assert state.step(SECTIONS) == "check:duty"
    assert state.settle(keep=True).step(SECTIONS) == "day"


def test_a_duty_with_a_known_day_brings_it_along() -> None:
    state = complaint(owed={"suspect_charged": date(2026, 11, 2)}).with_duty("suspect_charged", ["police"])
    assert state.settle(keep=True).step(SECTIONS) == "check:day"


def test_who_answers_is_asked_only_where_there_is_a_choice() -> None:
    one = complaint().with_duty("suspect_charged", ["police"]).settle(keep=True)
    two = complaint().with_duty("out_of_court_outcome", ["police", "Crown Prosecution Service"]).settle(keep=True)
    assert (one.step(SECTIONS), two.step(SECTIONS)) == ("day", "body")


@pytest.mark.parametrize("line", LINES)
def test_a_line_left_out_leaves_no_answer_behind(line: LineId) -> None:
    state = complaint(answers=GIVEN, bodies=["police"]).cleared(line)
    assert not state.given(line)


def test_all_lines_settled_is_ready() -> None:
    assert complaint(answers=GIVEN, confirmed=[*LINES]).step(SECTIONS) == READY


def test_going_back_from_the_first_line_stays_there() -> None:
    assert complaint().back() == complaint()


def test_a_statement_by_hand_is_ready_at_once() -> None:
    assert State(kind="statement", way="screen", guided=False).step(SECTIONS) == READY


def test_a_section_left_empty_is_passed() -> None:
    state = State(kind="statement", way="screen", guided=True).answer("body", "  ")
    assert (state.typed, state.step(SECTIONS)) == ({}, "section:feelings")


def test_going_back_from_the_first_section_asks_how_again() -> None:
    assert State(kind="statement", way="screen", guided=True).back().step(SECTIONS) == "how"


# --- the last day of a duty, in a letter


@pytest.mark.parametrize(
    ("duty", "happened_on", "last_day"),
    [
        ("suspect_charged", date(2026, 11, 2), date(2026, 11, 9)),
        # Still to come.
        ("suspect_charged", date(2026, 11, 24), None),
        # News of an arrest never gets a day.
        ("suspect_arrested", date(2026, 11, 2), None),
        ("suspect_charged", None, None),
    ],
)
def test_the_last_day_is_that_of_the_clock(
    base: FactBase, duty: str, happened_on: date | None, last_day: date | None
) -> None:
    answers = Complaint(duty=duty, happened_on=happened_on)
    made = finished(answers, base, Clock(base), base.edition_on(TODAY), TODAY, "West Midlands")
    assert made.last_day == last_day


# --- papers from drafts


def test_a_complaint_is_made_from_its_answers(maker: PaperMaker) -> None:
    text = as_text(maker.make(Draft(kind="complaint", made_on=TODAY, complaint=GIVEN)))
    assert "nobody rang" in text


def test_a_complaint_in_another_language_has_the_english_beside_it(maker: PaperMaker, phrases: PapersPhrases) -> None:
    paper = maker.make(Draft(kind="complaint", language="pl", made_on=TODAY, complaint=GIVEN))
    assert paper.bilingual
    text = as_text(paper)
    assert f"Chcę złożyć skargę.\n{phrases.complaint.opening}" in text


def test_a_sheet_counts_what_was_confirmed(maker: PaperMaker) -> None:
    confirmed = Confirmed(happened=[Told(events=["suspect_charged"], day=date(2026, 11, 2))])
    own = Situation(today=TODAY, area="West Midlands", demo=True)
    text = as_text(maker.make(Draft(kind="sheet", made_on=TODAY, situation=own, confirmed=confirmed)))
    assert "Monday 9 November 2026" in text


@pytest.mark.parametrize("kind", ["complaint", "sheet"])
def test_a_draft_without_what_it_needs_is_refused(maker: PaperMaker, kind: Any) -> None:
    with pytest.raises(ValueError, match="a "):
        maker.make(Draft(kind=kind, made_on=TODAY))


def test_the_words_name_only_duties_and_topics_that_exist(tmp_path: Any) -> None:
    shutil.copytree(DATA / "conversation", tmp_path / "conversation")
    shutil.copytree(DATA / "code", tmp_path / "code")
    file = tmp_path / "conversation" / "paper_form.en.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("no_investigation", "no_such_duty"), encoding="utf-8")
    with pytest.raises(DataError, match="no_such_duty"):
        load_paper_form_words(tmp_path)


def test_the_questions_are_in_plain_english() -> None:
    words = load_paper_form_words(DATA)
    said = [*words.start.values(), *words.ask.values(), *words.ready.values(), words.how, words.no_other_duty]
    grades = [textstat.flesch_kincaid_grade(text) for text in said]
    assert median(grades) <= 6
    assert max(grades) <= 9
