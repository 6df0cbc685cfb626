"""Numbers that nobody can be told from."""

import pytest

from bot.console.figures import Figures, Heading, NumberWords

WORDS = NumberWords(few="Too few to say", fewer="Fewer than 5", minute="{n} minute", minutes="{n} minutes")
HEADING = Heading(title="Messages", columns=["Channel", "Messages"], rows={"web": "Web page", "telegram": "Telegram"})
WAITS = Heading(title="Waits", columns=["Until", "Half", "Nine of ten", "People"], rows={"taken": "Taken on"})
MINUTE_S = 60.0


@pytest.fixture
def figures() -> Figures:
    return Figures(WORDS)


@pytest.mark.parametrize("n", range(5))
def test_below_five_a_number_is_not_said_not_even_none(figures, n):
    assert figures.shown(n) == "Fewer than 5"


@pytest.mark.parametrize(
    ("n", "said"), [(5, "5"), (7, "5"), (8, "10"), (11, "10"), (12, "10"), (13, "15"), (98, "100")]
)
def test_from_five_on_it_comes_in_steps_of_five(figures, n, said):
    assert figures.shown(n) == said


def test_one_more_message_does_not_show_in_the_middle_of_a_step(figures):
    before, after = (figures.counted("f", HEADING, {"web": n}) for n in (10, 11))
    assert before == after


def test_every_row_is_there_whatever_was_counted(figures):
    made = figures.counted("f", HEADING, {"web": 20})
    assert [(row.title, row.cells) for row in made.rows] == [("Web page", ["20"]), ("Telegram", ["Fewer than 5"])]


def test_the_longest_bar_is_that_of_the_largest_number_and_small_ones_have_none(figures):
    made = figures.counted("f", HEADING, {"web": 20, "telegram": 4})
    assert [row.bar for row in made.rows] == [100, 0]
    made = figures.counted("f", HEADING, {"web": 20, "telegram": 10})
    assert [row.bar for row in made.rows] == [100, 50]


def test_a_second_column_has_numbers_and_no_bar(figures):
    made = figures.counted("f", HEADING, {"web": 10}, {"web": 5, "telegram": 90})
    assert [(row.cells, row.bar) for row in made.rows] == [(["10", "5"], 100), (["Fewer than 5", "90"], 0)]


def test_a_wait_is_said_as_half_and_nine_of_ten_in_whole_minutes(figures):
    made = figures.waited("f", WAITS, {"taken": [n * MINUTE_S for n in range(1, 12)]})
    assert made.rows[0].cells == ["6 minutes", "10 minutes", "10"]


def test_the_shortest_wait_that_is_said_is_a_minute(figures):
    assert figures.waited("f", WAITS, {"taken": [2.0] * 5}).rows[0].cells == ["1 minute", "1 minute", "5"]


def test_four_waits_are_too_few_to_say(figures):
    made = figures.waited("f", WAITS, {"taken": [60.0] * 4})
    assert made.rows[0].cells == ["Too few to say", "Too few to say", "Fewer than 5"]
