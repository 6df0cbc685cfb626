"""Who may look at a case: each rule of `verification_rules` stands in the way by itself."""

from datetime import timedelta

import pytest
import yaml

from bot.cases.model import REQUIRED, SafeContact
from bot.cases.rules import Reason, may_send_code, may_show
from tests.cases.conftest import ADDRESS, NOW, record
from tests.conftest import DATA

LONG_AGO = NOW - timedelta(days=91)
BEFORE = NOW - timedelta(days=30)


def test_a_victim_whose_case_was_opted_in_may_look(stages):
    assert may_send_code(record(), stages, NOW) is Reason.ALLOWED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"person_role": "suspect"}, Reason.RECORDED_AGAINST),
        ({"person_role": "accused"}, Reason.RECORDED_AGAINST),
        ({"person_role": "offender"}, Reason.RECORDED_AGAINST),
        ({"person_role": "other"}, Reason.NOT_ENTITLED),
        ({"linked_case_roles": None}, Reason.LINKED_UNKNOWN),
        ({"linked_case_roles": ["suspect"]}, Reason.LINKED_AGAINST),
        ({"case_flags": ["cross_allegation"]}, Reason.CROSS_ALLEGATION),
        ({"case_flags": None}, Reason.MISSING_FIELDS),
        ({"person_role": "parent_of_child"}, Reason.ACTING_ENDED),
        ({"person_role": "parent_of_child", "acts_until": (NOW - timedelta(days=1)).date()}, Reason.ACTING_ENDED),
        ({"stage": None}, Reason.UNMAPPED_STAGE),
        ({"stage": "a code nobody mapped"}, Reason.UNMAPPED_STAGE),
        ({"side_state": "nobody knows"}, Reason.UNMAPPED_STAGE),
        ({"online_allowed": False}, Reason.NOT_OPTED_IN),
        ({"case_flags": ["domestic_abuse"]}, Reason.HIGH_RISK),
        ({"case_flags": ["domestic_abuse"], "online_decided_by": ["A. One", "a.  one"]}, Reason.HIGH_RISK),
        ({"case_flags": ["domestic_abuse"], "online_decided_by": ["one", "two"]}, Reason.NOT_TOLD),
        ({"stage": "no_further_action"}, Reason.NOT_TOLD),
        ({"stage": "no_further_action", "told_in_person_at": LONG_AGO}, Reason.NOT_TOLD),
        ({"updated_at": None}, Reason.MISSING_FIELDS),
    ],
)
def test_a_case_is_not_shown(stages, changes, reason):
    assert may_show(record(**changes), stages, NOW) is reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"safe_contact": None}, Reason.NO_CONTACT),
        ({"safe_contact": SafeContact(channel="email", address="no address")}, Reason.NO_CONTACT),
        ({"safe_contact_confirmed_by": None}, Reason.CONTACT_UNCONFIRMED),
        ({"safe_contact_confirmed_at": NOW + timedelta(days=1)}, Reason.CONTACT_UNCONFIRMED),
        ({"safe_contact_confirmed_at": LONG_AGO}, Reason.CONTACT_OLD),
        ({"last_risk_event_at": NOW - timedelta(days=1)}, Reason.CONTACT_BEFORE_RISK),
        ({"stage": "released_on_bail", "changed_at": NOW - timedelta(days=1)}, Reason.CONTACT_BEFORE_RISK),
    ],
)
def test_no_code_goes_to_a_contact_that_is_not_safe(stages, changes, reason):
    assert may_send_code(record(**changes), stages, NOW) is reason


@pytest.mark.parametrize(("owner", "reason"), [("parent", Reason.PARENTS_CONTACT), ("victim", Reason.ALLOWED)])
def test_no_code_for_a_childs_case_goes_to_a_parents_contact(stages, owner, reason):
    contact = SafeContact(channel="email", address=ADDRESS, belongs_to=owner)
    child = record(case_flags=["child_victim"], online_decided_by=["one", "two"], safe_contact=contact)
    assert may_send_code(child, stages, NOW) is reason


def test_a_stage_that_a_person_has_told_may_be_shown(stages):
    ended = record(stage="no_further_action", changed_at=BEFORE, told_in_person_at=NOW - timedelta(days=2))
    assert may_show(ended, stages, NOW) is Reason.ALLOWED


def test_the_fields_that_a_source_must_give_are_those_of_the_rules_and_what_a_view_needs():
    rules = yaml.safe_load((DATA / "cases" / "stages.yml").read_text(encoding="utf-8"))
    named = {field["id"] for field in rules["provider_required_fields"]}
    assert set(REQUIRED) == named | {"reference", "stage", "changed_at"}
