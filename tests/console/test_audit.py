"""Auditors read the log of their organisation, filter it, take it with them, and see searches outside one's work."""

import csv
import io

import pytest

from bot.console.times import moment
from tests.console.staff_console import StaffConsole, post


@pytest.fixture
def console(settings, sqlite) -> StaffConsole:
    return StaffConsole(settings, sqlite)


@pytest.fixture
def auditor(console):
    return console.signed_in("auditor", "auditor", name="The auditor")


def record(console, act="referral.open", subject="1234", organisation="victim_support", by="ann-id", days=0, **what):
    console.staff.audit.record(by, act, subject, organisation, what, at=console.clock.now + 86_400 * days)


def subjects(page: str) -> str:
    return page.partition("<tbody")[2]


def test_they_see_what_their_organisation_did_and_no_other(console, auditor):
    record(console, subject="ours")
    record(console, subject="theirs", organisation="police")
    page = auditor.get("/audit").text
    assert "ours" in subjects(page)
    assert "theirs" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("act=referral", {"one", "two"}),
        ("act=referral.export", {"two"}),
        ("act=referral.", {"one", "two"}),
        ("subject=three", {"three"}),
        ("by=bob-id", {"three"}),
        ("first_day=2026-09-22&act=case", {"three"}),
        ("last_day=2026-09-21&act=referral", {"one"}),
    ],
)
def test_they_filter(console, auditor, query, found):
    record(console, subject="one")
    record(console, "referral.export", subject="two", days=1)
    record(console, "case.look", subject="three", by="bob-id", days=2)
    page = subjects(auditor.get(f"/audit?{query}").text)
    assert {subject for subject in ("one", "two", "three") if subject in page} == found


def test_a_day_that_is_none_is_said(auditor):
    answer = auditor.get("/audit?first_day=yesterday")
    assert (answer.status_code, "Write the day as" in answer.text) == (400, True)


def test_long_lists_go_on_on_another_page(console, auditor):
    for number in range(120):
        record(console, "case.look", subject=f"case {number};")
    first = auditor.get("/audit?act=case").text
    assert "case 119;" in first
    assert "case 0;" not in first
    older = first.partition("Older ones")[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "case 0;" in auditor.get(older).text


@pytest.mark.parametrize("below", ["x", "99999999999999", "-1", "²"])
def test_a_made_up_place_to_go_on_from_changes_nothing(console, auditor, below):
    record(console, subject="ours")
    assert "ours" in auditor.get(f"/audit?below={below}").text


def test_names_of_staff_stand_in_place_of_their_ids(console, auditor):
    assert "The auditor" in subjects(auditor.get("/audit").text)


def test_they_take_it_with_them_as_csv(console, auditor):
    record(console, subject="=cmd")
    answer = auditor.get("/audit/export?form=csv&act=referral")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    head, line = csv.reader(io.StringIO(answer.text))
    assert (head[4], line[4]) == ("subject", "'=cmd")


def test_they_take_it_with_them_as_json(console, auditor):
    record(console, subject="ours")
    (line,) = auditor.get("/audit/export?form=json&act=referral").json()
    assert line["subject"] == "ours"


def test_an_export_holds_nothing_of_another_organisation(console, auditor):
    record(console, subject="theirs", organisation="police")
    assert "theirs" not in auditor.get("/audit/export?form=csv").text


def test_searches_outside_ones_work_stand_on_top_until_they_were_seen(console, auditor):
    record(console, "search.outside", subject="9876")
    page = auditor.get("/audit").text
    assert "Searches outside their own work: 1" in page
    (entry,) = console.staff.audit.outside("victim_support")
    assert post(auditor, "/audit/seen", on="/audit", entry=str(entry.id)).status_code == 303
    assert "Searches outside" not in auditor.get("/audit").text
    assert post(auditor, "/audit/seen", on="/audit", entry=str(entry.id)).status_code == 404


def test_a_search_in_another_organisation_is_not_theirs_to_mark(console, auditor):
    record(console, "search.outside", organisation="police")
    (entry,) = console.staff.audit.outside("police")
    assert post(auditor, "/audit/seen", on="/audit", entry=str(entry.id)).status_code == 404


def test_reading_and_exporting_the_log_stand_in_it_without_what_was_typed(console, auditor):
    auditor.get("/audit?subject=typed")
    auditor.get("/audit/export?form=csv&subject=typed")
    noted = console.staff.audit.entries(act="audit")
    assert [entry.act for entry in noted] == ["audit.export", "audit.read"]
    assert "typed" not in repr(noted)


@pytest.mark.parametrize("role", ["adviser", "supervisor", "administrator", "case_officer"])
@pytest.mark.parametrize("path", ["/audit", "/audit/export"])
def test_other_roles_do_not_get_there(console, role, path):
    assert console.signed_in("ann", role).get(path).status_code == 403


def test_days_are_given_in_words_as_everywhere_in_the_console(console, auditor):
    record(console, "case.look", subject="one")
    day = moment(console.clock()).partition(",")[0]
    assert "case.look" in auditor.get("/audit", params={"first_day": day, "last_day": day}).text
    assert "case.look" not in auditor.get("/audit", params={"first_day": "1 January 2030"}).text
