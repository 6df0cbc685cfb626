"""Supervisors set the hours of their own organisation; what cannot be read says so and stays typed."""

from datetime import date, datetime

import pytest

from bot.console.hours import OpeningHours, read, written
from bot.handoff.hours import DAYS, Hours
from bot.rights.working_days import LONDON
from bot.staff.roles import ROLES
from tests.console.conftest import as_staff

NOON = datetime(2026, 11, 25, 12, tzinfo=LONDON).timestamp()
EMPTY = {**dict.fromkeys(DAYS, ""), "closed": "", "bank_holidays": ""}
SUPERVISOR = as_staff("supervisor")


@pytest.fixture
def client(console, desk):
    return console([OpeningHours(desk, lambda: NOON)])


@pytest.mark.parametrize("role", ROLES)
def test_only_supervisors_see_and_set_hours(client, role):
    statuses = [
        client.get("/hours", headers=as_staff(role)).status_code,
        client.post("/hours/set", data=EMPTY, headers=as_staff(role)).status_code,
    ]
    assert statuses == ([200, 303] if role == "supervisor" else [403, 403])


def test_the_page_shows_the_week_and_who_is_on_duty(client, duty):
    assert "Nobody" in client.get("/hours", headers=SUPERVISOR).text
    duty.add("police:adviser", "Adviser Ann")
    page = client.get("/hours", headers=SUPERVISOR).text
    for told in ("Hours of Police", "Monday to Friday 9am to 5pm", "Open", "Adviser Ann", 'value="09:00-17:00"'):
        assert told in page


def test_hours_of_one_organisation_are_not_those_of_another(client, desk):
    client.post("/hours/set", data={**EMPTY, "sun": "10:00-12:00"}, headers=SUPERVISOR)
    assert desk.opening.hours("police").weekly == {"sun": ["10:00-12:00"]}
    assert "mon" in desk.opening.hours("victim_support").weekly


def test_a_change_stands_in_the_audit_log(client, recorded):
    client.post("/hours/set", data={**EMPTY, "mon": "9-17"}, headers=SUPERVISOR)
    assert recorded.named("hours.change") == ["police"]


def test_what_cannot_be_read_is_said_beside_the_day_and_stays_typed(client, desk):
    answer = client.post("/hours/set", data={**EMPTY, "tue": "whenever"}, headers=SUPERVISOR)
    assert answer.status_code == 422
    assert '<a href="#tue">Tuesday: write times as 09:00-17:00.</a>' in answer.text
    assert 'value="whenever"' in answer.text
    assert desk.opening.hours("police").weekly["tue"] == ["09:00-17:00"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9-17", ["09:00-17:00"]),
        ("9:30 to 17", ["09:30-17:00"]),
        ("08:00-12:00, 13:00-20:00", ["08:00-12:00", "13:00-20:00"]),
        ("8-12 and 13-24", ["08:00-12:00", "13:00-24:00"]),
        (" ", []),
    ],
)
def test_times_may_be_typed_as_people_write_them(typed, kept):
    hours, errors = read({**EMPTY, "mon": typed})
    assert (hours.weekly.get("mon", []), errors) == (kept, {})


@pytest.mark.parametrize("typed", ["17-9", "9-13, 12-17", "25-26", "9"])
def test_times_that_make_no_sense_are_refused(typed):
    assert list(read({**EMPTY, "mon": typed})[1]) == ["mon"]


@pytest.mark.parametrize("typed", ["25 December 2026", "25/12/2026", "2026-12-25", "25 Dec 2026"])
def test_single_days_may_be_typed_as_people_write_them(typed):
    assert read({**EMPTY, "closed": f"{typed}\n\n"})[0].closed == [date(2026, 12, 25)]


def test_a_day_that_is_none_is_refused(client):
    answer = client.post("/hours/set", data={**EMPTY, "closed": "Christmas"}, headers=SUPERVISOR)
    assert "Write each day like 25 December 2026" in answer.text


def test_what_the_form_shows_is_read_as_the_same_hours():
    hours = Hours(weekly={"mon": ["09:00-12:00", "13:00-24:00"]}, closed=[date(2026, 12, 24)], bank_holidays=True)
    assert read(written(hours)) == (hours, {})


def test_a_form_without_the_token_of_the_session_changes_nothing(client, desk):
    headers = {**SUPERVISOR, "X-CSRF-Token": "another"}
    assert client.post("/hours/set", data=EMPTY, headers=headers).status_code == 403
    assert desk.opening.hours("police").weekly
