"""What the time of a look-up tells: the measure itself, and a small run of it."""

import pytest

from bot.evaluation.lookup_timing import auc, lookup_timing


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.5),
        ([1.0, 1.1], [2.0, 2.1], 1.0),
        ([2.0, 2.1], [1.0, 1.1], 1.0),
        ([1, 3], [2, 4], 0.75),
    ],
)
def test_the_area_is_the_chance_to_tell_a_pair_apart(one, other, expected):
    assert auc(one, other) == expected


def test_each_kind_is_tried_as_often_as_asked(settings):
    measured = lookup_timing(settings, 3)
    assert measured.tries == 3
    assert 0.5 <= measured.number_auc <= 1.0
