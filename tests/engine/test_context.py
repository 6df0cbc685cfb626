"""What lies around a message: topics near the last one, and a case that is being shown."""

import numpy as np
import pytest

from bot.engine.context import CASE_STATUS, NEWS, SAME_TOPIC, SHOWN_CASE, Neighbours
from bot.settings import ROOT

LABELS = [CASE_STATUS, "right_06__how_long", "greet"]


@pytest.fixture(scope="module")
def neighbours():
    return Neighbours(LABELS, ROOT / "data")


def test_without_anything_around_it_nothing_is_added(neighbours):
    assert neighbours.nudge("any news?", None) is None


def test_while_a_case_may_be_shown_a_few_words_lean_towards_it(neighbours):
    assert np.array_equal(neighbours.nudge("any news?", None, "proven"), [SHOWN_CASE, 0, 0])


@pytest.mark.parametrize("case", ["none", "asked", "off", None])
def test_a_case_that_may_not_be_shown_adds_nothing(neighbours, case):
    assert neighbours.nudge("any news?", None, case) is None


def test_a_whole_sentence_is_read_as_it_stands(neighbours):
    assert neighbours.nudge("what does the code say about my travel costs", None, "proven") is None


def test_the_last_topic_and_the_case_add_up(neighbours):
    assert np.array_equal(neighbours.nudge("anything?", "right_06/how_long", "proven"), [SHOWN_CASE, SAME_TOPIC, 0])


def test_a_model_without_the_intent_is_left_alone():
    assert Neighbours(["greet"], ROOT / "data").nudge("any news?", None, "proven") is None


def test_a_few_words_about_being_told_of_progress_mean_the_case_that_is_shown():
    neighbours = Neighbours([CASE_STATUS, NEWS, "greet"], ROOT / "data")
    chances = np.array([0.1, 0.7, 0.2])
    assert np.allclose(neighbours.with_case(chances, "update?", "proven"), [0.8, 0.0, 0.2])
    assert neighbours.with_case(chances, "update?", "none") is chances
    assert neighbours.with_case(chances, "how often must they update me", "proven") is chances
