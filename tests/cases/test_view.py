"""What is shown of a case."""

from datetime import timedelta

import pytest

from bot.cases.view import load_case_words, view_of
from tests.cases.conftest import NOW, record
from tests.conftest import DATA


@pytest.fixture
def shown(stages):
    words = load_case_words(DATA, stages)

    def show(**changes):
        return view_of(record(**changes), stages, words, NOW - timedelta(hours=2), NOW, "West Midlands")

    return show


def test_every_stage_has_plain_words_and_somebody_to_ask(shown, stages):
    for stage in stages.stages:
        view = shown(stage=stage)
        assert view.plain and view.ask and view.title


def test_wherever_custody_is_the_matter_its_line_stands_before_all_dates(shown, stages):
    for stage in stages.stages.values():
        view = shown(stage=stage.id)
        assert (view.custody_line is not None) == stage.custody_line
        if view.custody_line:
            said = "\n\n".join(view.blocks())
            assert said.index(view.custody_line) < said.index(view.changed)


def test_nothing_new_is_an_answer(shown):
    assert "4 November 2026" in shown().unchanged


def test_a_court_date_that_has_passed_is_not_shown(shown):
    assert shown(stage="trial_listed", hearing_on=(NOW - timedelta(days=1)).date()).hearing is None
    assert "25 November 2026" in shown(stage="trial_listed", hearing_on=(NOW + timedelta(days=1)).date()).hearing


def test_a_case_of_a_high_risk_kind_carries_the_line_of_help(shown):
    assert shown().safety_line is None
    assert shown(case_flags=["domestic_abuse"]).safety_line
