"""How long people waited, as supervisors are told."""

from bot.handoff.waits import waits
from tests.handoff.conftest import AMIRA, COMMISSIONER, LEAD, NOON, OFFICER, staff

MINUTE_S = 60.0


def taken(desk, people, wait=3, **more):
    found = people.ask(**more)
    by = {"victim_support": AMIRA, "commissioner": COMMISSIONER}[found.organisation]
    return desk.claim(by, found.id, NOON + wait * MINUTE_S)


def test_a_wait_runs_from_asking_to_being_taken_and_to_the_first_reply(database, desk, people):
    found = taken(desk, people)
    desk.send(AMIRA, found.id, "c1", "Hello.", NOON + 4 * MINUTE_S)
    told = waits(database, LEAD, NOON)
    assert (told.taken, told.first_reply) == ([3 * MINUTE_S], [4 * MINUTE_S])


def test_who_still_waits_is_not_measured(database, desk, people):
    people.ask()
    assert waits(database, LEAD, NOON).taken == []


def test_who_asked_before_is_not_measured(database, desk, people):
    taken(desk, people)
    assert waits(database, LEAD, NOON + 1).taken == []


def test_another_organisation_is_told_nothing(database, desk, people):
    taken(desk, people)
    assert waits(database, OFFICER, NOON).taken == []


def test_the_restricted_count_only_for_who_may_know_of_them(database, desk, people):
    taken(desk, people, restricted=True)
    assert len(waits(database, LEAD, NOON).taken) == 1
    named, other = (staff("S", "commissioner", "supervisor", restricted=may) for may in (True, False))
    people.ask(organisation="commissioner", restricted=True)
    hidden = people.ask(organisation="commissioner", restricted=True)
    desk.claim(named, hidden.id, NOON + MINUTE_S)
    assert (len(waits(database, named, NOON).taken), len(waits(database, other, NOON).taken)) == (1, 0)
