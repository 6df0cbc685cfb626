"""What case officers decide, and that two people decide on high-risk cases."""

import pytest

from bot.cases.admin import CaseAdmin, NotAllowed
from bot.cases.model import SafeContact
from bot.cases.references import load_references
from bot.store.encryption import Vault
from tests.cases.conftest import ADDRESS, CODE, NOW, REFERENCE, later
from tests.conftest import DATA, KEY


@pytest.fixture
def admin(database, cases, hashed) -> CaseAdmin:
    return CaseAdmin(database, Vault([KEY]), hashed, cases, load_references(DATA))


def shown(desk) -> bool:
    """Whether a code goes out and shows the case, two days later."""
    desk.ask(REFERENCE, "one", later(days=2))
    return desk.prove(REFERENCE, CODE, "one", later(days=2)) is not None


def test_one_officer_can_let_an_ordinary_case_be_shown(admin, desk, store):
    store(online_allowed=False)
    assert admin.allow(REFERENCE, "officer 1", NOW).state == "done"
    assert shown(desk)


def test_a_high_risk_case_takes_two_people(admin, desk, store):
    store(online_allowed=False, case_flags=["hate_near_home"])
    assert admin.allow(REFERENCE, "officer 1", NOW).state == "proposed"
    with pytest.raises(NotAllowed):
        admin.allow(REFERENCE, "Officer  1", later(hours=1))
    assert admin.allow(REFERENCE, "officer 2", later(hours=1)).state == "done"
    assert shown(desk)


def test_taking_a_case_offline_ends_a_proposal_to_show_it(admin, desk, store):
    store(online_allowed=False, case_flags=["hate_crime_at_home"])
    admin.allow(REFERENCE, "officer 1", NOW)
    admin.disallow(REFERENCE, "officer 3", later(minutes=10))
    assert admin.allow(REFERENCE, "officer 2", later(hours=1)).state == "proposed"
    assert not shown(desk)


def test_withdrawing_the_contact_ends_a_proposal_of_one(admin, store):
    store(case_flags=["hate_crime_at_home"])
    contact = SafeContact(channel="email", address=ADDRESS, belongs_to="victim")
    admin.confirm_contact(REFERENCE, contact, "in person", NOW, "officer 1", NOW)
    admin.withdraw_contact(REFERENCE, "officer 3", later(minutes=10))
    again = admin.confirm_contact(REFERENCE, contact, "in person", later(minutes=30), "officer 2", later(hours=1))
    assert again.state == "proposed"


def test_a_contact_that_was_withdrawn_is_confirmed_only_by_asking_anew(admin, desk, store):
    store()
    contact = SafeContact(channel="email", address=ADDRESS, belongs_to="victim")
    admin.withdraw_contact(REFERENCE, "officer 3", later(minutes=10))
    with pytest.raises(NotAllowed, match="withdrawn after that"):
        admin.confirm_contact(REFERENCE, contact, "in person", NOW, "officer 1", later(hours=1))
    admin.confirm_contact(REFERENCE, contact, "in person", later(minutes=30), "officer 1", later(hours=1))
    assert shown(desk)


def test_two_people_decide_on_a_case_whatever_form_its_number_has(admin, store):
    store(reference="000001/26", other_references=[REFERENCE], case_flags=["hate_crime_at_home"], online_allowed=False)
    admin.allow(REFERENCE, "officer 1", NOW)
    assert admin.allow(REFERENCE, "officer 2", later(hours=1)).state == "done"


def test_one_officer_can_take_any_case_offline_at_once(admin, desk, store):
    store()
    assert admin.disallow(REFERENCE, "officer 1", NOW).state == "done"
    assert not shown(desk)


def test_a_withdrawn_contact_gets_no_code(admin, desk, store):
    store()
    admin.withdraw_contact(REFERENCE, "officer 1", NOW)
    assert not shown(desk)


@pytest.mark.parametrize(("how", "by"), [("", "officer 1"), ("in person", "")])
def test_a_contact_is_confirmed_by_somebody_in_some_way(admin, store, how, by):
    store()
    contact = SafeContact(channel="email", address=ADDRESS, belongs_to="victim")
    with pytest.raises(NotAllowed):
        admin.confirm_contact(REFERENCE, contact, how, NOW, by, NOW)


def test_no_such_case_is_said_to_staff(admin, store):
    store()
    with pytest.raises(NotAllowed):
        admin.allow("20/000777/26", "officer 1", NOW)
