"""The audit log: only ever added to, and whole or found out."""

import csv
import io
import json
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from bot.settings import ROOT
from bot.staff.audit import AuditLog, Link, export
from bot.store.staff_tables import audit as table

NOW = 1_790_000_000.0
TWO_YEARS = 730 * 86_400.0
TRIGGERS = ("audit_no_update", "audit_no_delete", "audit_no_replace", "audit_no_truncate")


def drop_triggers(database) -> None:
    """What only the owner of the tables can do."""
    with database.begin() as db:
        on = "" if database.dialect.name == "sqlite" else " ON audit"
        for trigger in TRIGGERS:
            db.execute(sa.text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))


@pytest.fixture
def written(audit) -> AuditLog:
    for number in range(1, 6):
        audit.record("ann", "referral.open", f"referral {number}", "victim_support", at=NOW + number)
    return audit


def test_what_was_recorded_is_read_the_newest_first(audit):
    audit.record("ann", "referral.open", "1234", "victim_support", {"why": "delivery"}, at=NOW)
    audit.record("bob", "case.look", "5678", "police", at=NOW + 1)
    newest, oldest = audit.entries()
    assert (newest.by, newest.act, newest.id) == ("bob", "case.look", 2)
    assert (oldest.subject, oldest.what, oldest.at) == ("1234", {"why": "delivery"}, NOW)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"by": "bob"}, [2]),
        ({"act": "referral"}, [3, 1]),
        ({"act": "referral.open"}, [1]),
        ({"act": "ref"}, []),
        ({"subject": "1234"}, [3, 1]),
        ({"organisation": "police"}, [4, 2]),
        ({"since": NOW + 2, "until": NOW + 3}, [3]),
        ({"below": 3, "limit": 1}, [2]),
    ],
)
def test_entries_are_filtered(audit, asked, found):
    for at, (by, act, subject, organisation) in enumerate(
        [
            ("ann", "referral.open", "1234", "victim_support"),
            ("bob", "case.look", "5678", "police"),
            ("ann", "referral.export", "1234", "victim_support"),
            ("service", "audit.purge", "", ""),
        ],
    ):
        audit.record(by, act, subject, organisation, at=NOW + at)
    assert [entry.id for entry in audit.entries(**asked)] == found


def test_an_act_is_written_in_words_and_dots(audit):
    with pytest.raises(ValueError, match="no act"):
        audit.record("ann", "Opened the letter of …")


def test_a_line_in_a_transaction_that_fails_is_not_written(database, audit):
    with pytest.raises(RuntimeError), database.begin() as db:
        audit.record("ann", "referral.open", connection=db)
        raise RuntimeError
    assert audit.entries() == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET subject = 'another'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete(database, audit, change):
    audit.record("ann", "referral.open")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.begin() as db:
        db.execute(sa.text(change))
    assert audit.verify() == []


def test_the_database_refuses_to_write_over_a_line(sqlite):
    AuditLog(sqlite).record("ann", "referral.open")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), sqlite.begin() as db:
        db.execute(sa.text("INSERT OR REPLACE INTO audit SELECT * FROM audit"))


@pytest.mark.postgres
def test_postgresql_refuses_to_empty_the_table(postgres):
    AuditLog(postgres).record("ann", "referral.open")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), postgres.begin() as db:
        db.execute(sa.text("TRUNCATE audit"))


def test_a_whole_log_has_no_problems(written):
    assert written.verify() == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE audit SET subject = 'another' WHERE id = 3", "Line 3 is not as it was written."),
        ("UPDATE audit SET at = at + 1 WHERE id = 3", "Line 3 is not as it was written."),
        ("DELETE FROM audit WHERE id = 3", "Lines are missing between 2 and 4."),
        ("DELETE FROM audit WHERE id < 3", "Lines before 3 are missing, and no purge took them."),
        ("UPDATE audit SET id = 9 WHERE id = 5", "Lines are missing between 4 and 9."),
        ("UPDATE audit SET previous = '' WHERE id = 4", "Line 4 does not follow on line 3."),
    ],
)
def test_verify_finds_what_the_owner_of_the_database_changed(database, written, change, problem):
    drop_triggers(database)
    with database.begin() as db:
        db.execute(sa.text(change))
    assert problem in written.verify()


def test_verify_finds_a_chain_that_was_made_up_without_the_key(database, written):
    forged = AuditLog(database, keys=[b"another key"])
    drop_triggers(database)
    with database.begin() as db:
        db.execute(table.delete())
    for number in range(1, 6):
        forged.record("ann", "referral.open", f"referral {number}", at=NOW + number)
    assert forged.verify() == []
    assert written.verify()


def test_lines_cut_off_at_the_end_are_found_by_one_that_was_noted_down(database, written):
    known = written.last()
    drop_triggers(database)
    with database.begin() as db:
        db.execute(table.delete().where(table.c.id > 3))
    assert written.verify() == []
    assert written.verify(known) == [f"Line 5 with the hash {known.hash} is not there."]


def test_a_line_that_was_noted_down_is_found_again(written):
    known = written.last()
    written.record("ann", "referral.open")
    assert isinstance(known, Link)
    assert written.verify(known) == []


def test_lines_written_under_an_older_key_still_count(database):
    AuditLog(database, [b"old"]).record("ann", "referral.open")
    both = AuditLog(database, [b"new", b"old"])
    both.record("ann", "referral.open")
    assert both.verify() == []


def test_the_purge_takes_what_is_older_than_two_years_and_says_so(audit):
    now = time.time()
    for age in (TWO_YEARS + 9_000, TWO_YEARS + 8_000, 0):
        audit.record("ann", "referral.open", at=now - age)
    assert audit.purge(now) == 2
    assert [(entry.act, entry.what.get("through")) for entry in audit.entries()] == [
        ("audit.purge", "2"),
        ("referral.open", None),
    ]
    assert audit.verify() == []


def test_the_purge_takes_nothing_younger_than_two_years_whatever_the_setting(audit):
    audit.record("ann", "referral.open")
    assert audit.purge(time.time()) == 0
    assert len(audit.entries()) == 1


def test_a_log_of_which_all_is_old_goes_on_after_the_purge(audit):
    audit.record("ann", "referral.open", at=time.time() - TWO_YEARS - 9_000)
    assert audit.purge(time.time()) == 1
    audit.record("ann", "referral.open")
    assert [entry.id for entry in audit.entries()] == [3, 2]
    assert audit.verify() == []


def test_a_search_outside_ones_work_stands_until_an_auditor_has_seen_it(audit):
    audit.record("ann", "search.outside", "1234", "police", at=NOW)
    assert [entry.subject for entry in audit.outside("police")] == ["1234"]
    assert audit.outside("victim_support") == []
    audit.record("auditor", "search.seen", "1", "police", at=NOW)
    assert audit.outside("police") == []


def test_the_export_holds_nothing_a_spreadsheet_takes_for_a_formula(audit):
    audit.record("=cmd", "referral.open", "+1", "police", at=NOW)
    head, line = csv.reader(io.StringIO(export(audit.entries(), "csv")))
    assert head[:4] == ["id", "at", "by", "act"]
    assert line[1] == "2026-09-21T15:13:20+01:00"
    assert (line[2], line[4]) == ("'=cmd", "'+1")


def test_the_export_as_json_is_the_log(audit):
    audit.record("ann", "referral.open", "1234", "police", {"why": "delivery"}, at=NOW)
    (line,) = json.loads(export(audit.entries(), "json"))
    assert (line["by"], line["at"], line["what"]) == ("ann", NOW, {"why": "delivery"})


WRITER = """
import sys
import sqlalchemy as sa
from bot.staff.audit import AuditLog
log = AuditLog(sa.create_engine(sys.argv[1], future=True))
for number in range(25):
    log.record(sys.argv[2], "referral.open", str(number))
"""


@pytest.mark.postgres
def test_several_processes_write_one_chain(postgres):
    url = postgres.url.render_as_string(hide_password=False)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, f"writer {number}"], cwd=ROOT) for number in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    log = AuditLog(postgres)
    assert log.verify() == []
    assert sorted(entry.id for entry in log.entries(limit=100)) == list(range(1, 76))
    assert all(
        [entry.subject for entry in log.entries(by=f"writer {number}")] == [str(n) for n in range(24, -1, -1)]
        for number in range(3)
    )
