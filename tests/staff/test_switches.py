"""Off-switches: a reason, an audit record, and at most two seconds."""

import pytest

from bot.staff.switches import EVERY, Switches, SwitchRefused
from tests.staff.conftest import NOW

TOPIC = "right_06/how_long"


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def switches(database, audit, clock) -> Switches:
    return Switches(database, audit, clock)


def off(switches, channel="web", topic=EVERY, reason="the answer is out of date", now=NOW):
    switches.switch_off(channel, topic, reason, "ann", "victim_support", now)


def test_nothing_is_off_at_first(switches):
    assert switches.off("web") is None
    assert switches.off("web", TOPIC) is None


def test_a_channel_that_is_off_says_why(switches):
    off(switches)
    assert switches.off("web") == "the answer is out of date"
    assert switches.off("telegram") is None
    assert switches.off("web", TOPIC) is None


def test_a_topic_is_off_in_its_channel_or_in_all(switches):
    off(switches, topic=TOPIC)
    assert switches.off("web", TOPIC)
    assert switches.off("telegram", TOPIC) is None
    off(switches, channel=EVERY, topic=TOPIC)
    assert switches.off("telegram", TOPIC)
    assert switches.off("telegram") is None


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 401])
def test_without_a_reason_of_some_length_nothing_is_switched_off(switches, reason):
    with pytest.raises(SwitchRefused, match="reason"):
        off(switches, reason=reason)
    assert switches.standing() == []


def test_what_is_off_is_not_switched_off_twice(switches):
    off(switches)
    with pytest.raises(SwitchRefused, match="already"):
        off(switches)


def test_what_is_switched_on_again_works_and_is_kept_with_its_reason(switches):
    off(switches, topic=TOPIC)
    switches.switch_on("web", TOPIC, "bob", "victim_support", NOW + 60)
    assert switches.off("web", TOPIC) is None
    (past,) = switches.past()
    assert (past.reason, past.by, past.ended, past.ended_by) == ("the answer is out of date", "ann", NOW + 60, "bob")


def test_what_is_on_is_not_switched_on(switches):
    with pytest.raises(SwitchRefused, match="not off"):
        switches.switch_on("web", EVERY, "bob", "victim_support", NOW)


def test_each_change_is_audited(switches, audit):
    off(switches, topic=TOPIC)
    switches.switch_on("web", TOPIC, "bob", "victim_support", NOW + 60)
    assert [(entry.by, entry.act, entry.subject) for entry in audit.entries()] == [
        ("bob", "switch.on", f"web: {TOPIC}"),
        ("ann", "switch.off", f"web: {TOPIC}"),
    ]


def test_another_process_sees_it_after_two_seconds(switches, database, audit, clock):
    other = Switches(database, audit, clock)
    assert other.off("web") is None
    off(switches)
    clock.now = 2.0
    assert other.off("web") is None
    clock.now = 2.1
    assert other.off("web")


def test_old_switches_go_those_that_stand_stay(switches):
    off(switches, topic=TOPIC)
    off(switches)
    switches.switch_on("web", TOPIC, "bob", "victim_support", NOW + 60)
    assert switches.purge(NOW + 60) == 0
    assert switches.purge(NOW + 61) == 1
    assert len(switches.standing()) == 1
