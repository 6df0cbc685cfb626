"""Supervisors place holds with a reason and a day to look again, on what is their organisation's, and lift them."""

from datetime import date

import pytest

from bot.cases.admin import CaseAdmin
from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.references import load_references
from bot.cases.sql import SqlCases
from bot.console.cases import load_case_page_words
from bot.console.holds import HoldPages
from bot.privacy.holds import Holds
from bot.referrals.queue import ReferralQueue
from bot.referrals.sealing import RotatingVault
from bot.referrals.store import ReferralStore
from bot.staff.roles import ROLES
from tests.cases.conftest import NOW, REFERENCE, record
from tests.conftest import DATA, KEY
from tests.console.conftest import as_staff
from tests.referrals.conftest import real_form, submitted

FORCE, SUPPORT = as_staff("supervisor"), as_staff("supervisor", organisation="victim_support")
TODAY = date(2026, 11, 24)
HOLD = {"kind": "case", "subject": REFERENCE, "reason": "A court has asked for it.", "review_on": "24 December 2026"}


@pytest.fixture
def database(sqlite):
    """Everything of these tests on SQLite; the holds themselves are tested on PostgreSQL, too."""
    return sqlite


@pytest.fixture
def cases(database, vault) -> SqlCases:
    return SqlCases(database, vault, LookupHash(lookup_keys([KEY])))


@pytest.fixture
def referrals(database) -> ReferralStore:
    return ReferralStore(database, RotatingVault([KEY]), real_form())


@pytest.fixture
def holds(database, vault) -> Holds:
    return Holds(database, vault)


@pytest.fixture
def client(console, database, vault, holds, cases, referrals):
    hashed = LookupHash(lookup_keys([KEY]))
    admin = CaseAdmin(database, vault, hashed, cases, load_references(DATA))
    words = load_case_page_words(DATA)
    name_of = {FORCE["X-Staff"]: "Supervisor Sam"}.get
    pages = HoldPages(
        database,
        vault,
        holds,
        admin,
        ReferralQueue(database, referrals),
        words,
        lambda one: name_of(one, ""),
        lambda: NOW.timestamp(),
    )
    return console([pages])


@pytest.fixture
def case(cases):
    def keep(**changes) -> None:
        cases.save([record(**changes)], NOW)

    keep()
    return keep


def place(client, headers=FORCE, **changed):
    return client.post("/holds/place", data={**HOLD, **changed}, headers=headers)


@pytest.mark.parametrize("role", ROLES)
def test_only_supervisors_see_place_and_lift(client, case, role):
    headers = as_staff(role)
    statuses = [
        client.get("/holds", headers=headers).status_code,
        place(client, headers).status_code,
        client.post("/holds/1/lift", headers=headers).status_code,
    ]
    assert statuses == ([200, 303, 303] if role == "supervisor" else [403] * 3)


def test_a_case_is_held_with_reason_and_day_and_the_page_says_who_and_when(client, case, holds):
    place(client)
    assert holds.held("case") == {REFERENCE}
    page = client.get("/holds", headers=FORCE).text
    for told in (f"Case {REFERENCE}", "A court has asked for it.", "24 November 2026, 11:00, by Supervisor Sam"):
        assert told in page
    assert "24 December 2026" in page


def test_a_referral_is_held_by_the_organisation_whose_it_is(client, referrals, holds):
    reference = submitted(referrals, real_form())
    assert place(client, kind="referral", subject=reference).status_code == 422
    assert place(client, SUPPORT, kind="referral", subject=reference).status_code == 303
    assert holds.held("referral") == {reference}
    assert reference in client.get("/holds", headers=SUPPORT).text
    assert reference not in client.get("/holds", headers=FORCE).text


def test_a_talk_is_held_by_its_number_and_keeps_its_conversation(client, people, holds):
    talk = people.ask()
    assert place(client, kind="conversation", subject=str(talk.id)).status_code == 422
    place(client, SUPPORT, kind="conversation", subject=str(talk.id))
    assert holds.held("conversation") == {talk.conversation}
    page = client.get("/holds", headers=SUPPORT).text
    assert f"Talk {talk.id}" in page
    assert talk.conversation not in page


def test_a_restricted_talk_is_held_only_by_who_may_know_of_it(client, people):
    talk = people.ask(organisation="commissioner", restricted=True)
    asked = {"kind": "conversation", "subject": str(talk.id)}
    answers = [
        place(client, as_staff("supervisor", organisation="commissioner", restricted=named), **asked)
        for named in (False, True)
    ]
    assert [answer.status_code for answer in answers] == [422, 303]


def test_nobody_outside_the_force_holds_or_sees_cases(client, case):
    assert place(client, SUPPORT).status_code == 422
    place(client)
    assert REFERENCE not in client.get("/holds", headers=SUPPORT).text


def test_a_case_with_somebody_of_the_force_in_it_is_for_the_named_supervisor(client, case):
    case(case_flags=["insider"])
    named = as_staff("supervisor", restricted=True)
    assert [place(client, headers).status_code for headers in (FORCE, named)] == [422, 303]
    assert REFERENCE not in client.get("/holds", headers=FORCE).text
    assert REFERENCE in client.get("/holds", headers=named).text


def test_what_is_not_theirs_is_told_to_the_auditor(client, recorded):
    place(client, kind="conversation", subject="12")
    assert recorded.named("search.outside") == ["hold on conversation"]


def test_placing_reading_and_lifting_stand_in_the_audit_log_by_number(client, case, recorded):
    place(client)
    client.get("/holds", headers=FORCE)
    client.post("/holds/1/lift", headers=FORCE)
    assert [one[1:3] for one in recorded.acts] == [("hold.place", "1"), ("hold.read", "1"), ("hold.lift", "1")]
    assert REFERENCE not in str(recorded.acts)


def test_a_hold_is_lifted_once(client, case, holds):
    place(client)
    statuses = [client.post("/holds/1/lift", headers=FORCE).status_code for _ in range(2)]
    assert (statuses, holds.active()) == ([303, 404], [])


def test_a_hold_of_another_organisation_cannot_be_lifted(client, case, holds):
    place(client)
    assert client.post("/holds/1/lift", headers=SUPPORT).status_code == 404
    assert len(holds.active()) == 1


def test_a_hold_whose_day_has_come_says_so(client, case, holds):
    when = {"review_on": TODAY, "today": date(2026, 11, 1), "now": 0.0}
    holds.place("case", REFERENCE, reason="Old.", by="sam", role="supervisor", **when)
    assert "Look at it now" in client.get("/holds", headers=FORCE).text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "person"}, "kind"),
        ({"subject": "20/999999/26"}, "subject"),
        ({"subject": ""}, "subject"),
        ({"reason": " "}, "reason"),
        ({"review_on": "24 November 2026"}, "review_on"),
        ({"review_on": "soon"}, "review_on"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_held(client, case, holds, changed, field):
    answer = place(client, **changed)
    assert (answer.status_code, f'<a href="#{field}">' in answer.text) == (422, True)
    assert holds.active() == []


def test_a_form_without_the_token_of_the_session_changes_nothing(client, case, holds):
    assert place(client, {**FORCE, "X-CSRF-Token": "another"}).status_code == 403
    assert holds.active() == []
