"""The case desk: a code to a safe contact, a proof for the right code, and one face for everything else."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.cases.rules import Reason
from bot.store.case_tables import case_attempts, case_notices
from tests.cases.conftest import ADDRESS, CODE, NOW, REFERENCE, later

OUTCOMES = {
    "a code is sent": {},
    "no such case": None,
    "not opted in": {"online_allowed": False},
    "a suspect": {"person_role": "suspect"},
    "high risk": {"case_flags": ["domestic_abuse"]},
    "an old contact": {"safe_contact_confirmed_at": NOW - timedelta(days=200)},
}


def counted(database, work) -> int:
    """How many statements some work sends."""
    seen: list[str] = []
    listener = lambda *args: seen.append(args[2])  # noqa: E731
    sa.event.listen(database, "before_cursor_execute", listener)
    try:
        work()
    finally:
        sa.event.remove(database, "before_cursor_execute", listener)
    return len(seen)


def reasons(desk) -> list[str]:
    return [attempt.outcome for attempt in desk.attempts(NOW - timedelta(days=1))]


def test_a_code_goes_to_the_safe_contact_and_proves_the_case(desk, store):
    store()
    desk.ask("20 / 000001 / 26", "a session", NOW)
    (notice,) = desk.waiting_notices(NOW)
    assert (notice.channel, notice.address) == ("email", ADDRESS)
    assert notice.text == f"Your code is {CODE}. It works for 15 minutes."
    proof = desk.prove(REFERENCE, "123 456", "a session", later(minutes=3))
    assert proof is not None
    view = desk.view(proof, later(minutes=4))
    assert view is not None


def test_a_code_works_from_a_new_conversation(desk, store):
    store()
    desk.ask(REFERENCE, "one", NOW)
    assert desk.prove(REFERENCE, CODE, "another", later(minutes=3)) is not None


def test_a_code_works_once(desk, store):
    store()
    desk.ask(REFERENCE, "one", NOW)
    assert desk.prove(REFERENCE, CODE, "one", later(minutes=1)) is not None
    assert desk.prove(REFERENCE, CODE, "one", later(minutes=2)) is None


def test_a_code_works_for_a_quarter_of_an_hour(desk, store):
    store()
    desk.ask(REFERENCE, "one", NOW)
    assert desk.prove(REFERENCE, CODE, "one", later(minutes=15)) is None
    assert reasons(desk)[-1] == Reason.NO_CODE


def test_after_five_wrong_codes_the_right_one_is_no_use(desk, store):
    store()
    desk.ask(REFERENCE, "one", NOW)
    for _ in range(5):
        assert desk.prove(REFERENCE, "000000", "one", later(minutes=1)) is None
    assert desk.prove(REFERENCE, CODE, "one", later(minutes=2)) is None
    assert reasons(desk)[-1] == Reason.LOCKED


def test_one_code_a_case_in_a_day_from_whoever_has_not_proven_it(desk, store):
    store()
    for session in ("one", "two", "three"):
        desk.ask(REFERENCE, session, later(hours=1))
    assert [notice.channel for notice in desk.waiting_notices(later(hours=1))] == ["email", "none", "none"]


def test_a_contact_changed_after_the_code_went_out_ends_it(desk, store):
    from bot.cases.model import SafeContact

    store()
    desk.ask(REFERENCE, "one", NOW)
    store(safe_contact=SafeContact(channel="email", address="other@example.org", belongs_to="victim"))
    assert desk.prove(REFERENCE, CODE, "one", later(minutes=1)) is None


def test_a_proof_lapses_after_a_pause_and_is_kept_by_use(desk, store):
    store()
    desk.ask(REFERENCE, "one", NOW)
    proof = desk.prove(REFERENCE, CODE, "one", NOW)
    assert desk.view(proof, later(minutes=16)) is None
    kept = desk.renewed(proof, later(minutes=14))
    assert desk.view(kept, later(minutes=16)) is not None


def test_a_case_that_may_no_longer_be_shown_is_not_shown_to_a_proof(desk, store):
    store()
    desk.ask(REFERENCE, "one", NOW)
    proof = desk.prove(REFERENCE, CODE, "one", NOW)
    store(online_allowed=False)
    assert desk.view(proof, later(minutes=1)) is None


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_takes_the_same_queries_and_writes_the_same_rows(database, desk, store, outcome):
    store(reference="20/000009/26")
    if OUTCOMES[outcome] is not None:
        store(**OUTCOMES[outcome])
    desk.ask("20/000777/26", "warm", NOW)
    usual = counted(database, lambda: desk.ask("20/000778/26", "first", NOW))
    with database.connect() as db:
        before = [db.execute(sa.select(sa.func.count()).select_from(t)).scalar() for t in (case_attempts, case_notices)]
    assert counted(database, lambda: desk.ask(REFERENCE, "second", NOW)) == usual
    with database.connect() as db:
        after = [db.execute(sa.select(sa.func.count()).select_from(t)).scalar() for t in (case_attempts, case_notices)]
        sizes = {len(body) for body in db.execute(sa.select(case_notices.c.body)).scalars()}
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]
    assert len(sizes) == 1


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_wrong_code_takes_the_same_queries_whatever_stands_behind_it(database, desk, store, outcome):
    store(reference="20/000009/26")
    if OUTCOMES[outcome] is not None:
        store(**OUTCOMES[outcome])
    desk.prove("20/000777/26", "000000", "warm", NOW)
    usual = counted(database, lambda: desk.prove("20/000778/26", "000000", "first", NOW))
    assert counted(database, lambda: desk.prove(REFERENCE, "000000", "second", NOW)) == usual


@pytest.mark.parametrize("text", ["' OR 1=1 --", "20/000002/26'; DROP TABLE cases; --", "\x00", "🙂" * 500, "", "%"])
def test_hostile_references_find_nothing_and_harm_nothing(desk, store, text):
    store()
    desk.ask(text, "one", NOW)
    assert desk.prove(text, CODE, "one", NOW) is None
    assert [notice.channel for notice in desk.waiting_notices(NOW)] == ["none"]
    desk.ask(REFERENCE, "two", NOW)
    assert "email" in [notice.channel for notice in desk.waiting_notices(NOW)]


def test_five_hundred_codes_in_a_minute_do_not_get_in(desk, store):
    store()
    desk.ask(REFERENCE, "one", NOW)
    assert all(desk.prove(REFERENCE, f"{n:06d}", f"session {n}", NOW) is None for n in range(500))
    assert reasons(desk).count(Reason.TOO_MANY) > 400


def test_nothing_personal_stands_in_the_database_or_the_log(tmp_path, desk, store, database, caplog, capsys):
    store()
    desk.ask(REFERENCE, "one", NOW)
    desk.prove(REFERENCE, CODE, "one", NOW)
    said = caplog.text + "".join(capsys.readouterr())
    files = b"".join(file.read_bytes() for file in Path(tmp_path).rglob("*") if file.is_file())
    for canary in (ADDRESS, REFERENCE, "000001", "under_investigation"):
        assert canary not in said
        assert canary.encode() not in files


def test_failed_look_ups_are_forgotten_after_ninety_days(desk, store):
    store()
    desk.ask("20/000777/26", "one", NOW)
    desk.purge(later(days=89))
    assert len(desk.attempts(NOW)) == 1
    desk.purge(later(days=91))
    assert desk.attempts(NOW) == []
