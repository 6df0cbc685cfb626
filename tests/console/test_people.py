"""Administrators manage the accounts of their own organisation, and nobody else does."""

import re

import pytest

from tests.console.staff_console import StaffConsole, post
from tests.staff.conftest import PASSWORD


@pytest.fixture
def console(settings, sqlite) -> StaffConsole:
    return StaffConsole(settings, sqlite)


@pytest.fixture
def admin(console):
    return console.signed_in("admin", "administrator")


def state(console, account):
    return console.staff.accounts.get(account.staff.id).state


def test_they_see_the_accounts_of_their_organisation_only(console, admin):
    console.member("ann")
    console.member("officer", organisation="police")
    page = admin.get("/people").text
    assert "Adviser ann" in page
    assert "Adviser officer" not in page
    assert console.acts("staff.list")[0][1] == "victim_support"


def test_they_invite_somebody_and_see_the_code_once(console, admin):
    page = post(admin, "/people/add", on="/people/new", sign_in="bob", name="Bob", roles=["adviser", "auditor"]).text
    code = re.search(r"<code>(.+?)</code>", page)[1].replace("<wbr>", "")
    assert console.staff.invitations.enrolment(code, console.clock.now).sign_in == "bob"
    (bob,) = [one for one in console.staff.accounts.every() if one.sign_in == "bob"]
    assert bob.staff.roles == {"adviser", "auditor"}
    assert code not in admin.get(f"/people/{bob.staff.id}").text


def test_an_invitation_that_lacks_something_says_so_and_keeps_what_was_typed(admin):
    answer = post(admin, "/people/add", on="/people/new", sign_in="bob", name="Bob")
    assert (answer.status_code, "Give at least one role" in answer.text) == (400, True)
    assert 'value="Bob"' in answer.text


def test_they_change_roles_and_the_mark_for_restricted_matters(console, admin):
    ann = console.member("ann")
    page = f"/people/{ann.staff.id}"
    answer = post(admin, f"{page}/roles", on=page, roles=["supervisor"], restricted="yes")
    assert answer.status_code == 303
    changed = console.staff.accounts.get(ann.staff.id).staff
    assert (changed.roles, changed.restricted) == ({"supervisor"}, True)


def test_they_disable_and_enable(console, admin):
    ann = console.member("ann")
    page = f"/people/{ann.staff.id}"
    post(admin, f"{page}/disable", on=page)
    assert state(console, ann) == "disabled"
    post(admin, f"{page}/enable", on=page)
    assert state(console, ann) == "active"


def test_they_invite_again_who_has_lost_the_phone(console, admin):
    ann = console.member("ann")
    page = f"/people/{ann.staff.id}"
    assert "It is shown only now" in post(admin, f"{page}/reset", on=page).text
    assert console.staff.local.sign_in("ann", PASSWORD, console.code(), console.clock.now) is None


def test_their_own_account_they_cannot_change(console, admin):
    (me,) = console.staff.accounts.every()
    page = f"/people/{me.staff.id}"
    assert "This is your own account" in admin.get(page).text
    answer = post(admin, f"{page}/roles", on="/people/new", roles=["administrator", "auditor"])
    assert (answer.status_code, "Nobody changes their own account" in answer.text) == (400, True)
    assert console.staff.accounts.get(me.staff.id).staff.roles == {"administrator"}


@pytest.mark.parametrize("act", ["", "/roles", "/disable", "/reset", "/enable"])
def test_an_account_of_another_organisation_looks_like_none(console, admin, act):
    officer = console.member("officer", organisation="police")
    for account in (officer.staff.id, "no-such-account"):
        path = f"/people/{account}{act}"
        answer = post(admin, path, on="/people/new", roles=["adviser"]) if act else admin.get(path)
        assert answer.status_code == 404
    assert state(console, officer) == "active"


@pytest.mark.parametrize("role", ["adviser", "supervisor", "auditor", "case_officer"])
def test_other_roles_do_not_get_there(console, role):
    browser = console.signed_in("ann", role)
    assert browser.get("/people").status_code == 403
    assert post(browser, "/people/add", sign_in="bob", name="Bob", roles=["administrator"]).status_code == 403
    assert len(console.staff.accounts.every()) == 1


def test_opening_an_account_is_noted(console, admin):
    ann = console.member("ann")
    admin.get(f"/people/{ann.staff.id}")
    assert console.acts("staff.open")[0][1] == ann.staff.id


def test_a_name_cannot_bring_markup_in(console, admin):
    post(admin, "/people/add", on="/people/new", sign_in="bob", name="<script>x</script>", roles=["adviser"])
    assert "<script>x" not in admin.get("/people").text
