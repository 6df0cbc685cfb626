"""Accounts: who gets one, who may change it, and how it ends."""

import pytest

from bot.staff.account_rows import AccountRefused
from bot.staff.passwords import WeakPassword, code_now
from tests.staff.conftest import NOW, PASSWORD

STRONG = "a long enough pass phrase"


@pytest.fixture
def admin(desk):
    return desk.member("admin", "administrator").staff


def invited(desk, by=None, **more):
    given = {"sign_in": "ann", "name": "Adviser", "roles": ["adviser"], "organisation": "victim_support", **more}
    return desk.accounts.add(**given, by=by, now=NOW)


def test_an_account_begins_as_invited_with_its_roles(desk):
    account = invited(desk, roles=["adviser", "supervisor"], restricted=True).account
    assert (account.state, account.sign_in, account.staff.name) == ("invited", "ann", "Adviser")
    assert account.staff.roles == {"adviser", "supervisor"}
    assert account.staff.restricted


def test_with_the_invitation_its_owner_chooses_a_password(desk):
    invitation = invited(desk)
    enrolment = desk.invitations.enrolment(invitation.code, NOW)
    assert enrolment.sign_in == "ann"
    assert "otpauth://totp/" in enrolment.code_uri
    account = desk.invitations.accept(invitation.code, PASSWORD, code_now(enrolment.code_secret, NOW), NOW)
    assert account.state == "active"
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(now=NOW + 30), NOW + 30) == account.staff


def test_an_invitation_works_once(desk):
    invitation = invited(desk)
    code = code_now(desk.invitations.enrolment(invitation.code, NOW).code_secret, NOW)
    desk.invitations.accept(invitation.code, PASSWORD, code, NOW)
    assert desk.invitations.enrolment(invitation.code, NOW) is None
    with pytest.raises(AccountRefused, match="no longer"):
        desk.invitations.accept(invitation.code, PASSWORD, code, NOW)


def test_an_invitation_works_for_two_days(desk):
    code = invited(desk).code
    assert desk.invitations.enrolment(code, NOW + 2 * 86_400 - 1)
    assert desk.invitations.enrolment(code, NOW + 2 * 86_400) is None


def test_a_new_invitation_ends_the_one_before(desk):
    first = invited(desk)
    second = desk.accounts.reset(first.account.staff.id, None, NOW)
    assert desk.invitations.enrolment(first.code, NOW) is None
    assert desk.invitations.enrolment(second.code, NOW)


def test_without_the_time_based_code_no_password_is_taken(desk):
    invitation = invited(desk)
    with pytest.raises(AccountRefused, match="code from your app"):
        desk.invitations.accept(invitation.code, PASSWORD, "000000 ", NOW)
    assert desk.invitations.enrolment(invitation.code, NOW)


@pytest.mark.parametrize("password", ["short", "ann" + "abcdefghijklm", "aaaaaaaaaaaaaaaa", "x" * 201])
def test_a_weak_password_is_not_taken(desk, password):
    invitation = invited(desk)
    code = code_now(desk.invitations.enrolment(invitation.code, NOW).code_secret, NOW)
    with pytest.raises(WeakPassword):
        desk.invitations.accept(invitation.code, password, code, NOW)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"sign_in": " "}, "name to sign in"),
        ({"name": ""}, "name to sign in"),
        ({"name": "x" * 61}, "60 characters"),
        ({"roles": []}, "one role"),
        ({"roles": ["king"]}, "one role"),
        ({"organisation": "elsewhere"}, "no such organisation"),
        ({"sign_in": "TAKEN"}, "with this name"),
    ],
)
def test_an_account_that_lacks_something_is_refused(desk, given, why):
    invited(desk, sign_in="taken")
    with pytest.raises(AccountRefused, match=why):
        invited(desk, **given)


def test_nothing_in_the_row_can_be_read(desk, database):
    invitation = invited(desk, name="A certain name", sign_in="certain")
    with database.connect() as db:
        row = repr(db.exec_driver_sql("SELECT * FROM staff").fetchall())
    assert "certain" not in row.lower()
    assert invitation.code not in row


def test_only_administrators_make_accounts(desk):
    adviser = desk.member("bob").staff
    with pytest.raises(AccountRefused, match="Only administrators"):
        invited(desk, by=adviser)


def test_an_administrator_makes_no_accounts_elsewhere(desk, admin):
    with pytest.raises(AccountRefused, match="your own organisation"):
        invited(desk, by=admin, organisation="police")


def test_an_account_of_another_organisation_looks_like_none(desk, admin):
    officer = desk.member("officer", organisation="police").staff
    for act in (desk.accounts.disable, desk.accounts.reset):
        with pytest.raises(AccountRefused, match="no such account"):
            act(officer.id, admin, NOW)
    assert officer.id not in [one.staff.id for one in desk.accounts.every("victim_support")]


def test_nobody_changes_their_own_account(desk, admin):
    desk.member("second", "administrator")
    with pytest.raises(AccountRefused, match="their own account"):
        desk.accounts.change(admin.id, ["administrator", "auditor"], admin, NOW)
    with pytest.raises(AccountRefused, match="their own account"):
        desk.accounts.disable(admin.id, admin, NOW)


def test_an_administrator_gives_other_roles(desk, admin):
    ann = desk.member().staff
    changed = desk.accounts.change(ann.id, ["supervisor"], admin, NOW, restricted=True)
    assert changed.staff.roles == {"supervisor"}
    assert desk.accounts.get(ann.id).staff.restricted


def test_an_account_changes_its_organisation_at_the_command_line_only(desk, admin):
    ann = desk.member().staff
    with pytest.raises(AccountRefused, match="command line"):
        desk.accounts.change(ann.id, ["adviser"], admin, NOW, organisation="police")
    assert desk.accounts.change(ann.id, ["adviser"], None, NOW, organisation="police").staff.organisation == "police"


@pytest.mark.parametrize("how", ["disable", "change", "move"])
def test_the_last_administrator_of_an_organisation_stays(desk, admin, how):
    desk.member("other", "administrator", organisation="police")
    invited(desk, sign_in="not yet", roles=["administrator"])
    acts = {
        "disable": lambda: desk.accounts.disable(admin.id, None, NOW),
        "change": lambda: desk.accounts.change(admin.id, ["adviser"], None, NOW),
        "move": lambda: desk.accounts.change(admin.id, ["administrator"], None, NOW, organisation="police"),
    }
    with pytest.raises(AccountRefused, match="last administrator"):
        acts[how]()


def test_an_administrator_may_go_when_there_is_another(desk, admin):
    second = desk.member("second", "administrator").staff
    desk.accounts.disable(admin.id, second, NOW)
    assert desk.accounts.get(admin.id).state == "disabled"


def test_the_command_line_lets_even_the_last_administrator_begin_anew(desk, admin):
    assert desk.accounts.reset(admin.id, None, NOW).account.staff.id == admin.id


def test_a_disabled_account_signs_nobody_in_until_it_is_enabled(desk, admin):
    ann = desk.member().staff
    desk.accounts.disable(ann.id, admin, NOW)
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(), NOW) is None
    desk.accounts.enable(ann.id, admin, NOW)
    assert desk.sign_in.sign_in("ann", PASSWORD, desk.code(now=NOW + 60), NOW + 60) == ann


def test_a_reset_ends_password_and_code(desk, admin):
    ann, old = desk.member().staff, desk.code()
    desk.accounts.reset(ann.id, admin, NOW)
    assert desk.sign_in.sign_in("ann", PASSWORD, old, NOW) is None
    assert desk.code() != old


@pytest.mark.parametrize("act", ["disable", "reset", "change"])
def test_sessions_end_at_once_when_an_account_changes(desk, admin, act):
    ann = desk.member().staff
    token = desk.sessions.start(ann.id, NOW)
    desk.presence.available(ann.id, True, NOW)
    more = {"roles": ["supervisor"]} if act == "change" else {}
    getattr(desk.accounts, act)(ann.id, by=admin, now=NOW, **more)
    assert desk.sessions.find(token, NOW) is None
    assert desk.presence.on_duty("victim_support", NOW) == []


def test_every_change_stands_in_the_audit_log_without_a_name(desk, admin):
    ann = desk.member("ann", by=admin).staff
    desk.accounts.change(ann.id, ["supervisor"], admin, NOW)
    desk.accounts.disable(ann.id, admin, NOW)
    desk.accounts.enable(ann.id, admin, NOW)
    desk.accounts.reset(ann.id, admin, NOW)
    log = [entry for entry in desk.audit.entries() if entry.by == admin.id and entry.subject == ann.id]
    assert [entry.act for entry in log] == [
        "staff.reset",
        "staff.enable",
        "staff.disable",
        "staff.change",
        "staff.add",
    ]
    assert log[3].what == {"organisation": "victim_support", "restricted": "no", "roles": "supervisor"}
    assert "Adviser ann" not in repr(desk.audit.entries())


def test_somebody_of_the_provider_gets_an_account_and_keeps_it(desk):
    first = desk.accounts.from_provider("https://id", "1", "Adviser", ["adviser"], "victim_support", NOW)
    again = desk.accounts.from_provider("https://id", "1", "Renamed", ["adviser"], "victim_support", NOW)
    assert again.staff.id == first.staff.id
    assert again.staff.name == "Renamed"
    other = desk.accounts.from_provider("https://id", "2", "Adviser", ["adviser"], "victim_support", NOW)
    assert other.staff.id != first.staff.id


def test_other_roles_at_the_provider_end_sessions_and_the_mark_for_restricted_matters(desk):
    first = desk.accounts.from_provider("https://id", "1", "A", ["supervisor"], "police", NOW).staff
    desk.accounts.change(first.id, ["supervisor"], None, NOW, restricted=True)
    token = desk.sessions.start(first.id, NOW)
    now = desk.accounts.from_provider("https://id", "1", "A", ["adviser"], "police", NOW).staff
    assert (now.roles, now.restricted) == ({"adviser"}, False)
    assert desk.sessions.find(token, NOW) is None


def test_roles_of_the_provider_are_not_changed_here(desk):
    account = desk.accounts.from_provider("https://id", "1", "A", ["adviser"], "police", NOW).staff
    with pytest.raises(AccountRefused, match="where they sign in"):
        desk.accounts.change(account.id, ["supervisor"], None, NOW)


def test_somebody_disabled_here_does_not_come_back_through_the_provider(desk):
    account = desk.accounts.from_provider("https://id", "1", "A", ["adviser"], "police", NOW).staff
    desk.accounts.disable(account.id, None, NOW)
    with pytest.raises(AccountRefused, match="disabled"):
        desk.accounts.from_provider("https://id", "1", "A", ["adviser"], "police", NOW)
