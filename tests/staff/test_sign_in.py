"""Signing in: all three must be right, and nothing can be learnt by trying."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.staff.sign_in import FREE_FAILURES, pause_s
from bot.store.staff_tables import sign_in_tries
from tests.staff.conftest import NOW, PASSWORD, QUICK


@pytest.fixture
def ann(desk):
    return desk.member("ann").staff


class CountingHasher:
    """argon2id that says how often it was asked."""

    def __init__(self) -> None:
        self.verified = 0

    def hash(self, password):
        return QUICK.hash(password)

    def verify(self, hash, password):
        self.verified += 1
        return QUICK.verify(hash, password)

    def check_needs_rehash(self, hash):
        return QUICK.check_needs_rehash(hash)


def fail(desk, times: int, name: str = "ann", now: float = NOW) -> None:
    for _ in range(times):
        assert desk.sign_in.sign_in(name, "wrong", "000000", now) is None


def test_with_name_password_and_code_they_are_in(desk, ann):
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(), NOW) == ann


def test_the_case_of_the_name_and_blanks_in_the_code_do_not_count(desk, ann):
    code = desk.code()
    assert desk.sign_in.sign_in(" Ann ", PASSWORD, f"{code[:3]} {code[3:]}", NOW) == ann


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [("bob", PASSWORD, None), ("ann", "wrong", None), ("ann", PASSWORD, "000000"), ("ann", PASSWORD, ""), ("", "", "")],
)
def test_with_one_of_them_wrong_they_are_not(desk, ann, name, password, code):
    assert desk.sign_in.sign_in(name, password, desk.code() if code is None else code, NOW) is None


def test_a_code_works_once(desk, ann):
    code = desk.code()
    assert desk.sign_in.sign_in("ann", PASSWORD, code, NOW)
    assert desk.sign_in.sign_in("ann", PASSWORD, code, NOW) is None


def test_an_older_code_does_not_work_after_a_newer_one(desk, ann):
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(), NOW)
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(now=NOW - 30), NOW) is None


@pytest.mark.parametrize(("away", "works"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_phone_may_be_half_a_minute_wrong(desk, ann, away, works):
    code = desk.code(now=NOW + away)
    assert (desk.sign_in.sign_in("ann", PASSWORD, code, NOW) is not None) is works


def test_pauses_grow_up_to_a_quarter_of_an_hour():
    assert [pause_s(failures) for failures in range(1, 10)] == [0, 0, 30, 60, 120, 240, 480, 900, 900]


def test_after_some_failures_even_the_right_answers_wait(desk, ann):
    fail(desk, FREE_FAILURES)
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(), NOW + 29) is None
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(now=NOW + 60), NOW + 60) == ann


def test_names_that_nobody_has_pause_as_well(desk, ann, database):
    fail(desk, FREE_FAILURES)
    fail(desk, FREE_FAILURES, name="nobody")
    with database.connect() as db:
        pauses = [(row.failures, row.paused_until) for row in db.execute(sign_in_tries.select())]
    assert len(pauses) == 2
    assert pauses[0] == pauses[1]


def test_a_pause_is_forgotten_after_signing_in(desk, ann):
    fail(desk, FREE_FAILURES - 1)
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(), NOW)
    fail(desk, FREE_FAILURES - 1)
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(now=NOW + 30), NOW + 30)


def test_whatever_is_wrong_takes_the_same_work(make_desk):
    hasher = CountingHasher()
    desk = make_desk(hasher=hasher)
    desk.member("ann")
    tries = [
        ("ann", PASSWORD, "000000"),
        ("ann", "wrong", desk.code()),
        ("nobody", PASSWORD, "000000"),
        ("ann", "wrong", "000000"),
        # Paused by now.
        ("ann", PASSWORD, desk.code()),
    ]
    for name, password, code in tries:
        hasher.verified = 0
        assert desk.sign_in.sign_in(name, password, code, NOW) is None
        assert hasher.verified == 1
    assert len(desk.acts("sign_in.refused")) == len(tries)


def test_many_tries_at_once_are_no_way_around_the_pause(desk, ann, database):
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: desk.sign_in.sign_in("ann", "wrong", "000000", NOW), range(12)))
    with database.connect() as db:
        assert db.execute(sign_in_tries.select()).one().failures == FREE_FAILURES


def test_one_code_signs_in_once_however_many_use_it_at_once(desk, ann):
    code = desk.code()
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: desk.sign_in.sign_in("ann", PASSWORD, code, NOW), range(2)))
    assert sorted(one is not None for one in found) == [False, True]


def test_a_password_kept_with_weaker_parameters_is_hashed_anew(desk, make_desk, ann):
    class Stronger(CountingHasher):
        def check_needs_rehash(self, hash):
            return True

    before = desk.rows
    with desk.engine.begin() as db:
        old = before.vault.open(*_sealed(before.known(db, ("local", "ann"))))["password"]
    assert make_desk(hasher=Stronger()).sign_in.sign_in("ann", PASSWORD, desk.code(), NOW) == ann
    with desk.engine.begin() as db:
        assert before.vault.open(*_sealed(before.known(db, ("local", "ann"))))["password"] != old
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(now=NOW + 30), NOW + 30) == ann


def _sealed(row):
    return row.key, row.sealed


def test_old_failures_are_forgotten(desk):
    fail(desk, 1)
    assert desk.sign_in.purge(NOW + 86_399) == 0
    assert desk.sign_in.purge(NOW + 86_401) == 1


def test_whoever_left_the_console_alone_goes_on_with_a_code(desk, ann):
    assert desk.sign_in.code_again(ann.id, desk.code(), NOW)
    assert not desk.sign_in.code_again(ann.id, desk.code(), NOW)
    assert desk.acts("sign_in.unlock") == [ann.id]


def test_codes_to_go_on_pause_as_well(desk, ann):
    for _ in range(FREE_FAILURES):
        assert not desk.sign_in.code_again(ann.id, "000000", NOW)
    assert not desk.sign_in.code_again(ann.id, desk.code(), NOW)


def test_signing_in_stands_in_the_audit_log(desk, ann):
    fail(desk, 1)
    fail(desk, 1, name="nobody")
    desk.sign_in.sign_in("ann", PASSWORD, desk.code(), NOW)
    assert desk.acts("sign_in")[:3] == [ann.id, "unknown", ann.id]
