"""Case officers of the force decide what is shown of cases; in high-risk cases two different people do."""

from datetime import datetime, timedelta

import pytest

from bot.cases.admin import CaseAdmin
from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.provider import CasesUnavailable
from bot.cases.references import key_of, load_references
from bot.cases.rules import Reason
from bot.cases.sql import SqlCases
from bot.cases.stages import load_stages
from bot.console.case_links import HOLDS_S, CaseLinks
from bot.console.cases import Cases, load_case_page_words
from bot.directory import LONDON
from bot.staff.roles import ROLES
from tests.cases.conftest import ADDRESS, NOW, REFERENCE, record
from tests.conftest import DATA, KEY
from tests.console.conftest import as_staff

OFFICER = as_staff("case_officer")
SECOND = as_staff("case_officer", "adviser")
NAMED = as_staff("case_officer", restricted=True)
CONTACT = {
    "address": "demo.other@example.org",
    "belongs_to": "victim",
    "how": "in person",
    "confirmed_at": "24 November 2026, 10:00",
}


class Clock:
    def __init__(self) -> None:
        self.now = NOW.timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hashed() -> LookupHash:
    return LookupHash(lookup_keys([KEY]))


@pytest.fixture
def cases(sqlite, vault, hashed) -> SqlCases:
    return SqlCases(sqlite, vault, hashed)


@pytest.fixture
def admin(sqlite, vault, hashed, cases) -> CaseAdmin:
    return CaseAdmin(sqlite, vault, hashed, cases, load_references(DATA))


@pytest.fixture
def client(console, admin, hashed, clock):
    words, stages = load_case_page_words(DATA), load_stages(DATA)
    names = {OFFICER["X-Staff"]: "Officer One", SECOND["X-Staff"]: "Officer Two"}
    return console([Cases(admin, stages, hashed, CaseLinks([KEY]), words, lambda one: names.get(one, ""), clock)])


@pytest.fixture
def number(hashed) -> str:
    """What the audit log calls the case."""
    return hashed.of("case", key_of(REFERENCE))[:16]


@pytest.fixture
def store(cases):
    def keep(**changes) -> None:
        cases.save([record(**changes)], NOW)

    return keep


def found(client, headers=OFFICER, reference=REFERENCE) -> str:
    """The page of a case that somebody has looked up."""
    answer = client.post("/cases/find", data={"reference": reference}, headers=headers)
    assert answer.status_code == 303
    return answer.headers["location"]


def opened(client, headers=OFFICER) -> str:
    return client.get(found(client, headers), headers=headers).text


def act(client, name, headers=OFFICER, **form):
    return client.post(f"{found(client, headers)}/{name}", data=form, headers=headers)


# --- who may see what


@pytest.mark.parametrize("role", ROLES)
def test_only_case_officers_may_look(client, store, role):
    store()
    headers = as_staff(role)
    statuses = [
        client.get("/cases", headers=headers).status_code,
        client.post("/cases/find", data={"reference": REFERENCE}, headers=headers).status_code,
    ]
    assert statuses == ([200, 303] if role == "case_officer" else [403, 403])


@pytest.mark.parametrize("organisation", ["victim_support", "commissioner"])
def test_a_case_officer_outside_the_force_finds_nothing(client, store, organisation):
    store()
    headers = as_staff("case_officer", organisation=organisation)
    answers = [
        client.get("/cases", headers=headers),
        client.post("/cases/find", data={"reference": REFERENCE}, headers=headers),
        client.get(found(client), headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * 3


def test_a_case_that_is_not_there_and_one_that_is_not_theirs_look_the_same(client, store):
    store(case_flags=["insider"])
    hidden = client.post("/cases/find", data={"reference": REFERENCE}, headers=OFFICER)
    missing = client.post("/cases/find", data={"reference": "20/999999/26"}, headers=OFFICER)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.text.replace(REFERENCE, "") == missing.text.replace("20/999999/26", "")


def test_where_somebody_works_for_the_force_only_the_named_officer_sees_the_case(client, store):
    store(case_flags=["insider"])
    assert REFERENCE in opened(client, NAMED)


def test_where_nobody_knows_whether_somebody_works_for_the_force_it_counts_as_yes(client, store):
    store(case_flags=None)
    assert client.post("/cases/find", data={"reference": REFERENCE}, headers=OFFICER).status_code == 404


def test_a_mark_that_comes_later_ends_what_was_open(client, store):
    store()
    link = found(client)
    store(case_flags=["insider"])
    assert client.get(link, headers=OFFICER).status_code == 404


def test_a_link_holds_no_reference_and_works_for_one_person_for_a_while(client, store, clock):
    store()
    link = found(client)
    assert key_of(REFERENCE) not in key_of(link)
    assert client.get(link, headers=SECOND).status_code == 404
    assert client.get(f"{link}x", headers=OFFICER).status_code == 404
    clock.now += HOLDS_S
    assert client.get(link, headers=OFFICER).status_code == 404


# --- the audit log


def test_each_look_is_noted_under_a_hash_and_never_under_the_reference(client, store, recorded, number):
    store()
    opened(client)
    assert recorded.named("case.open") == [number]
    assert REFERENCE not in str(recorded.acts)


def test_a_number_that_is_not_found_is_told_to_the_auditor(client, recorded, number):
    client.post("/cases/find", data={"reference": REFERENCE}, headers=OFFICER)
    assert recorded.named("search.outside") == [f"case {number}"]


def test_each_act_is_noted_with_what_it_came_to(client, store, recorded, number):
    store(case_flags=["stalking"])
    act(client, "online", state="on")
    assert [(one[2], one[4]) for one in recorded.acts if one[1] == "case.allow"] == [(number, {"state": "proposed"})]


# --- looking


def test_the_page_says_what_a_look_up_would_come_to(client, store):
    store(online_allowed=False)
    assert "Nothing is shown. The case is not allowed online." in opened(client)
    store()
    assert "A code goes to the safe contact." in opened(client)


def test_every_reason_that_a_case_can_have_is_said_in_words():
    of_the_person = {"no_such_case", "unavailable", "contact_changed", "code_recent", "too_many", "code_sent"}
    of_the_person |= {"no_code", "locked", "wrong_code", "proven"}
    assert set(load_case_page_words(DATA).lookup) == {reason.value for reason in Reason} - of_the_person


def test_the_page_shows_the_contact_who_confirmed_it_and_until_when_it_holds(client, store):
    store()
    page = opened(client)
    for told in (ADDRESS, "The victim", "officer 1", "19 November 2026, 11:00", "17 February 2027, 11:00"):
        assert told in page


def test_a_source_that_does_not_answer_is_said(client, admin, monkeypatch):
    def silent(_reference):
        raise CasesUnavailable

    monkeypatch.setattr(admin, "find", silent)
    answer = client.post("/cases/find", data={"reference": REFERENCE}, headers=OFFICER)
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)


def test_no_number_is_said_beside_the_field(client):
    answer = client.post("/cases/find", data={"reference": " - "}, headers=OFFICER)
    assert (answer.status_code, "Give the number of the case." in answer.text) == (422, True)


# --- shown online


def test_one_officer_lets_an_ordinary_case_be_shown(client, store, admin):
    store(online_allowed=False)
    assert "Allowed%20online." in act(client, "online", state="on").headers["location"]
    assert admin.current(admin.find(REFERENCE)).online_allowed is True
    assert "Allowed by Officer One." in opened(client)


def test_a_high_risk_case_takes_a_second_person(client, store, admin):
    store(online_allowed=False, case_flags=["hate_crime_at_home"])
    act(client, "online", state="on")
    assert admin.current(admin.find(REFERENCE)).online_allowed is False
    mine, theirs = opened(client), opened(client, SECOND)
    assert "That cannot be you." in mine and "Allow online" not in mine
    assert "Officer One proposed this" in theirs and "Allow online" in theirs
    act(client, "online", SECOND, state="on")
    assert "Allowed by Officer One and Officer Two." in opened(client)


def test_the_same_person_twice_is_refused_and_noted(client, store):
    store(online_allowed=False, case_flags=["hate_crime_at_home"])
    act(client, "online", state="on")
    answer = act(client, "online", state="on")
    assert (answer.status_code, "a second, different person" in answer.text) == (422, True)
    assert "Refused, the same person twice" in opened(client)


def test_a_proposal_of_more_than_7_days_ago_stands_no_longer(client, store, clock):
    store(online_allowed=False, case_flags=["hate_crime_at_home"])
    act(client, "online", state="on")
    clock.now += timedelta(days=7, seconds=1).total_seconds()
    assert "proposed this" not in opened(client, SECOND)


def test_one_person_takes_a_case_offline_at_once(client, store, admin):
    store(case_flags=["hate_crime_at_home"], online_decided_by=["a", "b"])
    act(client, "online", state="off")
    assert admin.current(admin.find(REFERENCE)).online_allowed is False


# --- the safe contact


def test_a_contact_is_confirmed_with_who_how_and_when(client, store, admin):
    store()
    assert act(client, "contact", **CONTACT).status_code == 303
    now = admin.current(admin.find(REFERENCE))
    assert now.safe_contact.address == CONTACT["address"]
    assert now.safe_contact_confirmed_by == OFFICER["X-Staff"]
    assert now.safe_contact_confirmed_at == datetime(2026, 11, 24, 10, tzinfo=LONDON)
    page = opened(client)
    assert "Officer One" in page and "how: in person" in page


def test_addresses_stand_nowhere_in_the_history(client, store):
    store()
    act(client, "contact", **CONTACT)
    assert CONTACT["address"] not in opened(client).partition('id="acts-title"')[2]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"address": " "}, "Give a mobile number or an e-mail address."),
        ({"address": "0121 496 0123"}, "The address"),
        ({"belongs_to": "landlord"}, "Choose one from the list."),
        ({"how": ""}, "Say how it was confirmed."),
        ({"confirmed_at": "yesterday"}, "Give day and time, such as"),
        ({"confirmed_at": "1 January 2027, 10:00"}, "It cannot have been confirmed in the future."),
    ],
)
def test_what_is_wrong_with_a_contact_is_said_and_nothing_changes(client, store, admin, changed, said):
    store()
    answer = act(client, "contact", **{**CONTACT, **changed})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert admin.current(admin.find(REFERENCE)).safe_contact.address == ADDRESS


def test_the_second_person_types_the_address_anew(client, store, admin):
    store(case_flags=["stalking"])
    act(client, "contact", **CONTACT)
    page = opened(client, SECOND)
    assert CONTACT["address"] not in page
    assert 'value="in person"' in page
    act(client, "contact", SECOND, **CONTACT)
    assert admin.current(admin.find(REFERENCE)).safe_contact.address == CONTACT["address"]


def test_a_contact_is_withdrawn_at_once(client, store, admin):
    store()
    act(client, "withdraw")
    assert admin.current(admin.find(REFERENCE)).safe_contact is None
    assert "None. No code goes out." in opened(client)


# --- told by a person


def test_that_the_victim_was_told_is_noted(client, store):
    store(case_flags=[], stage="no_further_action")
    assert "Nobody has noted that they were told." in opened(client)
    act(client, "told", told_at="24/11/2026 9:00")
    assert "They were told on 24 November 2026, 09:00." in opened(client)


@pytest.mark.parametrize(
    ("at", "said"), [("", "Give day and time, such as"), ("1 January 2026, 10:00", "The stage has changed since then")]
)
def test_a_time_that_cannot_be_is_said(client, store, at, said):
    store(stage="no_further_action")
    answer = act(client, "told", told_at=at)
    assert (answer.status_code, said in answer.text) == (422, True)


# --- forms


def test_a_form_without_the_token_of_the_session_changes_nothing(client, store, admin):
    store(online_allowed=False)
    link = found(client)
    headers = {**OFFICER, "X-CSRF-Token": "another"}
    assert client.post(f"{link}/online", data={"state": "on"}, headers=headers).status_code == 403
    assert admin.current(admin.find(REFERENCE)).online_allowed is False


def test_every_form_carries_the_token(client, store):
    store()
    page = opened(client)
    assert page.count("<form") == page.count('name="csrf"') > 3
