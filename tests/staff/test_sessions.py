"""Sessions end, lock and are told by their token only."""

import pytest

from bot.store.staff_tables import staff_sessions
from tests.staff.conftest import NOW

IDLE, LONGEST = 900, 28_800


@pytest.fixture
def ann(desk):
    return desk.member("ann").staff


@pytest.fixture
def token(desk, ann):
    return desk.sessions.start(ann.id, NOW)


def test_a_token_finds_its_session(desk, ann, token):
    found = desk.sessions.find(token, NOW)
    assert (found.staff, found.locked) == (ann, False)


def test_another_token_finds_none(desk, token):
    assert desk.sessions.find("guessed", NOW) is None


def test_the_token_is_not_in_the_database(desk, token, database):
    with database.connect() as db:
        assert token not in repr(db.execute(staff_sessions.select()).fetchall())


def test_each_session_has_a_csrf_token_of_its_own_that_does_not_tell_its_token(desk, ann, token):
    other = desk.sessions.start(ann.id, NOW)
    mine, theirs = desk.sessions.find(token, NOW).csrf, desk.sessions.find(other, NOW).csrf
    assert mine != theirs
    assert token not in mine


def test_a_session_left_alone_is_locked(desk, token):
    assert not desk.sessions.find(token, NOW + IDLE).locked
    assert desk.sessions.find(token, NOW + 2 * IDLE + 1).locked


def test_acts_keep_a_session_open(desk, token):
    for minutes in range(0, 60, 10):
        assert not desk.sessions.find(token, NOW + 60 * minutes).locked


def test_what_a_page_asks_for_by_itself_does_not_keep_it_open(desk, token):
    for minutes in range(0, 20, 5):
        desk.sessions.find(token, NOW + 60 * minutes, acts=False)
    assert desk.sessions.find(token, NOW + 20 * 60).locked


def test_looking_at_a_locked_session_does_not_unlock_it(desk, token):
    desk.sessions.find(token, NOW + IDLE + 1)
    assert desk.sessions.find(token, NOW + IDLE + 2).locked


def test_a_session_is_unlocked(desk, token):
    desk.sessions.unlock(token, NOW + IDLE + 1)
    assert not desk.sessions.find(token, NOW + IDLE + 2).locked


def test_a_session_ends_after_a_working_day_whatever_is_done_in_it(desk, token):
    for hours in range(8):
        desk.sessions.unlock(token, NOW + 3600 * hours)
    assert desk.sessions.find(token, NOW + LONGEST) is None


def test_signing_out_ends_it(desk, token):
    desk.sessions.end(token)
    assert desk.sessions.find(token, NOW) is None


def test_sessions_that_are_over_are_deleted(desk, ann, token, database):
    desk.sessions.start(ann.id, NOW + LONGEST + 1)
    with database.connect() as db:
        assert len(db.execute(staff_sessions.select()).fetchall()) == 1
