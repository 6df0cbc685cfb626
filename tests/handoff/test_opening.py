"""Hours that a supervisor sets, and whom a person may be offered."""

import pytest

from bot.handoff.hours import Hours
from bot.handoff.model import Refused
from tests.handoff.conftest import AMIRA, LEAD, NOON, OFFICER, staff

NIGHT = NOON + 10 * 3600


def there(desk, now=NOON, **what):
    return [one.organisation for one in desk.opening.offers(now, **what) if one.there]


def test_only_who_is_on_duty_is_offered(desk):
    assert there(desk) == ["victim_support", "police"]


def test_out_of_hours_nobody_is(desk):
    assert there(desk, NIGHT) == []


def test_where_it_must_be_hidden_from_the_force_the_force_is_not_even_named(desk):
    assert [one.organisation for one in desk.opening.offers(NOON, restricted=True)] == [
        "victim_support",
        "commissioner",
    ]
    assert there(desk, restricted=True) == ["victim_support"]


def test_a_restricted_one_needs_the_named_supervisor_on_duty(desk, duty):
    duty.there = [staff("Clerk", "commissioner")]
    assert there(desk, restricted=True) == []
    duty.there = [staff("Named", "commissioner", "supervisor", restricted=True)]
    assert there(desk, restricted=True) == ["commissioner"]


def test_an_auditor_on_duty_is_nobody_to_talk_to(desk, duty):
    duty.there = [staff("Auditor", "victim_support", "auditor")]
    assert there(desk) == []


def test_a_supervisor_changes_the_hours_of_their_own_organisation(desk, record):
    assert desk.opening.set_hours(LEAD, Hours(weekly={"wed": ["00:00-24:00"]}), NOON) == []
    assert there(desk, NIGHT) == ["victim_support"]
    assert record.acts[-1][1:] == ("hours.change", "victim_support")


def test_an_adviser_does_not(desk):
    with pytest.raises(Refused):
        desk.opening.set_hours(AMIRA, Hours(weekly={}), NOON)


def test_hours_that_cannot_be_are_not_kept(desk):
    before = desk.opening.hours("victim_support")
    assert desk.opening.set_hours(LEAD, Hours(weekly={"mon": ["9-5"]}), NOON)
    assert desk.opening.hours("victim_support") == before


def test_a_wait_is_told_in_minutes_only_once_enough_was_measured(desk, people):
    assert desk.opening.offers(NOON)[0].wait.minutes is None
    for after in (240, 300, 360):
        desk.claim(AMIRA, people.ask(now=NOON).id, NOON + after)
    offer = desk.opening.offers(NOON + 400)[0]
    assert (offer.wait.place, offer.wait.minutes) == (1, 6)
    assert desk.opening.offers(NOON + 4000)[0].wait.minutes is None


def test_each_organisation_measures_for_itself(desk, people):
    for _ in range(3):
        desk.claim(OFFICER, people.ask(organisation="police").id, NOON + 600)
    assert desk.opening.offers(NOON + 700)[0].wait.minutes is None
