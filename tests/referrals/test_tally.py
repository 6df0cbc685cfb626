"""How many referrals stand where, as supervisors are told."""

import pytest

from bot.referrals.tally import tally
from tests.referrals.conftest import NOW, submitted


@pytest.fixture
def told(database):
    def told(organisation="victim_support", since=NOW, restricted=True):
        return tally(database, organisation, since, restricted=restricted)

    return told


def test_a_referral_stands_in_one_place_at_a_time(referrals, form, told):
    reference = submitted(referrals, form)
    assert told() == {"waiting": 1}
    referrals.delivered(referrals.claim("me", NOW, NOW + 60), NOW)
    assert told() == {"sent": 1}
    referrals.received(reference, NOW)
    assert told() == {"received": 1}
    referrals.withdraw(reference, NOW)
    assert told() == {"withdrawn": 1}


def test_a_referral_that_was_given_up_did_not_get_through(referrals, form, told):
    submitted(referrals, form)
    referrals.not_delivered(referrals.claim("me", NOW, NOW + 60), "refused", None)
    assert told() == {"not_through": 1}


def test_older_ones_and_those_of_others_do_not_count(referrals, form, told):
    submitted(referrals, form)
    assert told(since=NOW + 1) == told(organisation="police") == {}


def test_restricted_ones_count_only_for_who_may_know_of_them(referrals, form, told):
    submitted(referrals, form, insider="yes")
    assert (told(), told(restricted=False)) == ({"waiting": 1}, {})
