"""Referrals in the console: whose they are, opening one, and what is noted."""

import json

import pytest

from bot.console.referrals import Referrals
from bot.referrals.payload import as_text
from bot.referrals.queue import ReferralQueue
from bot.referrals.rows import spoken
from bot.referrals.sealing import RotatingVault
from bot.referrals.store import ReferralStore
from tests.conftest import KEY
from tests.console.conftest import as_staff
from tests.referrals.conftest import NOW, real_form, submitted

ADVISER = as_staff("adviser", organisation="victim_support")
SUPERVISOR = as_staff("supervisor", organisation="victim_support")
OFFICER = as_staff("adviser", "supervisor", organisation="police")
NAMED_OFFICER = as_staff("supervisor", organisation="police", restricted=True)
DAY = 86_400.0


@pytest.fixture
def form():
    return real_form()


@pytest.fixture
def referrals(database, form):
    return ReferralStore(database, RotatingVault([KEY]), form)


@pytest.fixture
def queue(database, referrals):
    return ReferralQueue(database, referrals)


@pytest.fixture
def client(console, queue, form):
    return console([Referrals(queue, form, clock=lambda: NOW + DAY)])


@pytest.fixture
def sent(referrals, form):
    """Makes a referral; its reference."""
    made = iter(range(100))
    return lambda **answers: submitted(referrals, form, f"message-{next(made)}", **answers)


def gave_up(referrals, problem="status 401"):
    referrals.not_delivered(referrals.claim("worker", NOW, NOW + 60), problem, None)


def page(client, path="/referrals", who=ADVISER):
    return client.get(path, headers=who)


# --- the list


def test_the_list_shows_reference_and_state_and_no_answer(client, sent):
    reference = sent()
    shown = page(client).text
    assert spoken(reference) in shown
    assert "Not got through" in shown
    assert "15 January 2027, 08:00" in shown
    assert "Demo Person" not in shown


def test_no_organisation_sees_the_referrals_of_another(client, sent):
    reference = sent()
    assert spoken(reference) not in page(client, who=OFFICER).text
    assert "There are no referrals like that" in page(client, who=OFFICER).text


def test_a_state_can_be_asked_for(client, sent, referrals):
    waiting, received = sent(), sent()
    referrals.received(received, NOW)
    shown = page(client, "/referrals?state=received").text
    assert spoken(received) in shown
    assert spoken(waiting) not in shown


def test_what_was_withdrawn_is_in_no_other_state(client, sent, referrals):
    reference = sent()
    referrals.received(reference, NOW)
    referrals.withdraw(reference, NOW)
    assert spoken(reference) not in page(client, "/referrals?state=received").text
    assert spoken(reference) in page(client, "/referrals?state=withdrawn").text


@pytest.mark.parametrize(
    ("days", "there"),
    [("from=2027-01-15&to=2027-01-15", True), ("from=2027-01-16", False), ("to=2027-01-14", False)],
)
def test_days_can_be_asked_for_and_both_count(client, sent, days, there):
    reference = sent()
    assert (spoken(reference) in page(client, f"/referrals?{days}").text) is there


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("from=yesterday", "Write the day as 25 November 2026"),
        ("from=2027-01-15&to=2027-01-14", "must not be before the first"),
        ("state=lost", "Choose a state from the list"),
        ("to=0000-00-00", "Write the day as 25 November 2026"),
    ],
)
def test_a_filter_that_makes_no_sense_says_so(client, sent, query, problem):
    sent()
    answer = page(client, f"/referrals?{query}")
    assert answer.status_code == 400
    assert "There is a problem" in answer.text
    assert problem in answer.text


def test_the_last_day_of_all_can_be_asked_for(client, sent):
    reference = sent()
    assert spoken(reference) in page(client, "/referrals?to=9999-12-31").text


def test_a_long_list_has_pages(client, sent):
    references = [sent() for _ in range(51)]
    assert spoken(references[0]) not in page(client).text
    assert spoken(references[0]) in page(client, "/referrals?page=2").text
    assert "Page 2 of 2" in page(client, "/referrals?page=99").text


def test_two_days_without_an_acknowledgement_staff_are_told_to_ask(console, queue, form, sent, referrals):
    reference = sent()
    referrals.delivered(referrals.claim("worker", NOW, NOW + 60), NOW)
    late = console([Referrals(queue, form, clock=lambda: NOW + 2 * DAY + 1)])
    assert "Ask the provider" in page(late).text
    referrals.received(reference, NOW)
    assert "Ask the provider" not in page(late).text


# --- opening


def test_answers_are_shown_on_opening_only_and_that_is_noted(client, sent, recorded):
    reference = sent()
    page(client)
    assert recorded.acts == []
    shown = page(client, f"/referrals/{reference}").text
    assert "Demo Person" in shown
    assert "7400 123456" in shown
    assert recorded.named("referral.open") == [reference]


def test_the_duty_of_the_police_stays_unknown(client, sent):
    assert "Unknown. The police have two working days" in page(client, f"/referrals/{sent()}").text


def test_how_to_contact_somebody_who_fears_the_family_comes_first(client, sent):
    reference = sent(family="yes", route="call")
    shown = page(client, f"/referrals/{reference}").text
    assert shown.index("No letter, no landline, no relative") < shown.index("What the person agreed to send")


@pytest.mark.parametrize("who", [OFFICER, NAMED_OFFICER])
def test_another_organisation_finds_nothing_and_the_auditor_is_told(client, sent, recorded, who):
    reference = sent()
    assert page(client, f"/referrals/{reference}", who).status_code == 404
    assert page(client, f"/referrals/find?reference={reference}", who).status_code == 404
    assert recorded.named("search.outside") == [reference, reference]
    assert recorded.named("referral.open") == []


def test_what_is_not_there_looks_the_same_and_alerts_nobody(client, sent, recorded):
    theirs, nothing = page(client, f"/referrals/{sent()}", OFFICER), page(client, "/referrals/000000000000", OFFICER)
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.text.replace(theirs.url.path, "") == nothing.text.replace(nothing.url.path, "")
    assert len(recorded.named("search.outside")) == 1


def test_a_restricted_referral_is_for_the_named_supervisor_of_its_organisation_only(
    console,
    database,
    form,
    recorded,
):
    store = ReferralStore(database, RotatingVault([KEY]), form, organisation="commissioner")
    client = console([Referrals(ReferralQueue(database, store), form)])
    reference = submitted(store, form, insider="yes")
    anyone = as_staff("adviser", "supervisor", organisation="commissioner")
    named = as_staff("supervisor", organisation="commissioner", restricted=True)
    assert spoken(reference) not in page(client, who=anyone).text
    assert page(client, f"/referrals/{reference}", anyone).status_code == 404
    assert recorded.named("search.outside") == [reference]
    assert "Restricted" in page(client, f"/referrals/{reference}", named).text


def test_a_reference_can_be_typed_with_blanks(client, sent):
    reference = sent()
    answer = page(client, f"/referrals/find?reference={spoken(reference)}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/referrals/{reference}")


def test_what_is_no_reference_is_said_to_be_none(client):
    answer = page(client, "/referrals/find?reference=12")
    assert answer.status_code == 400
    assert "A reference is twelve digits" in answer.text


# --- doing


def test_an_acknowledged_referral_is_sent_no_more(client, sent, referrals, recorded):
    reference = sent()
    answer = client.post(f"/referrals/{reference}/acknowledge", headers=ADVISER)
    assert answer.status_code == 303
    assert referrals.status(reference) == "received"
    assert referrals.claim("worker", NOW + DAY, NOW + 2 * DAY) is None
    assert recorded.named("referral.acknowledge") == [reference]


def test_what_was_never_sent_is_deleted_when_withdrawn(client, sent, referrals, recorded):
    reference = sent()
    assert "only when the person has asked" in page(client, f"/referrals/{reference}/withdraw").text
    answer = client.post(f"/referrals/{reference}/withdraw", headers=ADVISER)
    assert "deleted" in answer.headers["location"]
    assert referrals.status(reference) is None
    assert recorded.named("referral.withdraw") == [reference]


def test_the_provider_is_told_that_staff_withdrew_it(client, sent, referrals, form):
    reference = sent()
    referrals.delivered(referrals.claim("worker", NOW, NOW + 60), NOW)
    client.post(f"/referrals/{reference}/withdraw", headers=ADVISER)
    told = referrals.claim("worker", NOW + 2 * DAY, NOW + 3 * DAY)
    assert told.kind == "withdrawal"
    assert "withdrawn by staff" in as_text(told, form)


def test_an_acknowledgement_of_what_was_withdrawn_changes_nothing(client, sent, referrals):
    reference = sent()
    referrals.delivered(referrals.claim("worker", NOW, NOW + 60), NOW)
    referrals.withdraw(reference, NOW)
    assert client.post(f"/referrals/{reference}/acknowledge", headers=ADVISER).status_code == 404
    assert referrals.status(reference) == "sent"


@pytest.mark.parametrize("act", ["acknowledge", "withdraw", "send-again"])
def test_nobody_changes_the_referral_of_another_organisation(client, sent, referrals, recorded, act):
    reference = sent()
    gave_up(referrals)
    assert client.post(f"/referrals/{reference}/{act}", headers=OFFICER).status_code == 404
    assert referrals.status(reference) == "not_through"
    assert recorded.named("search.outside") == [reference]


@pytest.mark.parametrize("act", ["acknowledge", "withdraw", "send-again"])
def test_a_form_of_another_session_changes_nothing(client, sent, referrals, act):
    reference = sent()
    headers = {**SUPERVISOR, "X-CSRF-Token": "of another session"}
    assert client.post(f"/referrals/{reference}/{act}", headers=headers).status_code == 403
    assert referrals.status(reference) == "not_through"


def test_supervisors_see_what_did_not_get_through_and_try_again(client, sent, referrals, recorded):
    reference = sent()
    gave_up(referrals)
    shown = page(client, who=SUPERVISOR).text
    assert "Did not get through" in shown
    assert "status 401" in shown
    assert client.post(f"/referrals/{reference}/send-again", headers=SUPERVISOR).status_code == 303
    assert referrals.claim("worker", NOW + DAY, NOW + 2 * DAY).referral.reference == reference
    assert recorded.named("referral.send_again") == [reference]


def test_an_adviser_neither_tries_again_nor_exports(client, sent, referrals):
    reference = sent()
    gave_up(referrals)
    assert "Try again" not in page(client).text
    assert client.post(f"/referrals/{reference}/send-again", headers=ADVISER).status_code == 403
    assert page(client, "/referrals/export.csv").status_code == 403
    assert page(client, f"/referrals/{reference}/export.csv").status_code == 403


# --- files


def test_the_filtered_list_is_kept_without_answers_and_noted(client, sent, referrals, recorded):
    sent()
    received = sent()
    referrals.received(received, NOW)
    answer = page(client, "/referrals/export.json?state=received", SUPERVISOR)
    (row,) = json.loads(answer.text)
    assert row["reference"] == spoken(received)
    assert row["police_two_working_days"] == "unknown"
    assert "attachment" in answer.headers["content-disposition"]
    assert "Demo Person" not in answer.text
    (act,) = recorded.acts
    assert act[1:3] == ("referral.export", "list")
    assert act[4] == {"form": "json", "count": "1", "state": "received"}


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_no_cell_is_a_formula(client, sent, begin):
    reference = sent(name=f"{begin}HYPERLINK(1)")
    for line in page(client, f"/referrals/{reference}/export.csv", SUPERVISOR).text.splitlines():
        assert '","' not in line or not line.split('","')[1].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_one_referral_is_kept_with_its_answers_and_noted(client, sent, recorded):
    reference = sent()
    answer = page(client, f"/referrals/{reference}/export.csv", SUPERVISOR)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "7400 123456" in answer.text
    assert recorded.named("referral.export") == [reference]


def test_an_empty_list_makes_an_empty_file(client):
    assert page(client, "/referrals/export.csv", SUPERVISOR).text.strip() == ""
    assert page(client, "/referrals/export.json", SUPERVISOR).json() == []


@pytest.mark.parametrize("role", ["administrator", "auditor", "case_officer"])
def test_other_roles_see_no_referral(client, sent, role):
    reference = sent()
    who = as_staff(role, organisation="victim_support")
    assert [page(client, path, who).status_code for path in ("/referrals", f"/referrals/{reference}")] == [403, 403]
