"""On duty: seen lately and marked as available."""

import pytest

from tests.staff.conftest import NOW


@pytest.fixture
def ann(desk):
    return desk.member("ann").staff


def test_whoever_only_has_the_console_open_is_not_on_duty(desk, ann):
    desk.presence.seen(ann.id, NOW)
    assert desk.presence.on_duty("victim_support", NOW) == []
    assert not desk.presence.is_available(ann.id)


def test_whoever_is_available_is_on_duty(desk, ann):
    desk.presence.available(ann.id, True, NOW)
    assert desk.presence.on_duty("victim_support", NOW) == [ann]
    assert desk.presence.is_available(ann.id)


def test_each_organisation_has_its_own(desk, ann):
    desk.presence.available(ann.id, True, NOW)
    assert desk.presence.on_duty("police", NOW) == []


def test_whoever_was_not_seen_for_half_a_minute_is_not_on_duty(desk, ann):
    desk.presence.available(ann.id, True, NOW)
    assert desk.presence.on_duty("victim_support", NOW + 30) == [ann]
    assert desk.presence.on_duty("victim_support", NOW + 31) == []


def test_whoever_comes_back_is_as_available_as_before(desk, ann):
    desk.presence.available(ann.id, True, NOW)
    desk.presence.seen(ann.id, NOW + 100)
    assert desk.presence.on_duty("victim_support", NOW + 100) == [ann]


def test_whoever_has_signed_out_is_gone(desk, ann):
    desk.presence.available(ann.id, True, NOW)
    desk.presence.gone(ann.id, NOW)
    desk.presence.seen(ann.id, NOW)
    assert desk.presence.on_duty("victim_support", NOW) == []
