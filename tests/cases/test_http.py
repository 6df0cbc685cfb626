"""Cases in a force's own system: what it answers, and what becomes of every way in which it may fail."""

import json
import traceback
from collections.abc import Iterator

import jsonschema
import msgspec
import pytest

from bot.cases.http import ATTEMPTS, MOST_BYTES, HttpCases
from bot.cases.model import missing_fields
from bot.cases.provider import CasesUnavailable
from bot.cases.rules import Reason, may_send_code
from bot.cases.sources import load_provider
from bot.cases.sql import SqlCases
from bot.settings import Settings
from bot.store.encryption import Vault
from tests.cases.conftest import ADDRESS, NOW, REFERENCE, record
from tests.cases.force import TOKEN, Force, fits
from tests.conftest import KEY

URN = "20ZZ0000126"


@pytest.fixture
def force() -> Iterator[Force]:
    found = Force([msgspec.to_builtins(record(other_references=[URN]))], NOW.isoformat())
    yield found
    found.close()


@pytest.fixture
def http(force: Force) -> Iterator[HttpCases]:
    made = HttpCases(force.url, TOKEN, timeout_s=5, wait_s=0)
    yield made
    made.close()


@pytest.mark.parametrize("reference", [REFERENCE, URN])
def test_a_case_is_found_by_any_of_its_references(http, reference):
    assert http.find(reference) == record(other_references=[URN])


def test_where_the_force_has_no_case_there_is_none(http):
    assert http.find("20/000777/26") is None


@pytest.mark.parametrize("reference", ["", "!!!", "1" * 41])
def test_what_no_reference_can_be_is_not_asked(http, force, reference):
    assert http.find(reference) is None
    assert force.asked == []


def test_the_force_says_when_its_feed_last_worked(http, force):
    assert http.feed_worked_at() == NOW
    force.worked_at = None
    assert http.feed_worked_at() is None


def test_no_reference_stands_in_an_address(http, force):
    http.find(REFERENCE)
    assert force.asked == ["/api/cases/find"]


def test_a_desk_sends_a_code_for_a_case_of_the_force(http, stages):
    assert may_send_code(http.find(REFERENCE), stages, NOW) is Reason.ALLOWED


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_force_out_of_order_for_a_moment_is_asked_again(http, force, status):
    force.says(status)
    assert http.find(REFERENCE) is not None
    assert len(force.asked) == 2


def test_a_connection_that_breaks_is_made_again(http, force):
    force.hangs_up()
    assert http.find(REFERENCE) is not None


def test_a_force_that_stays_out_of_order_is_asked_a_few_times_only(http, force):
    for _ in range(ATTEMPTS + 1):
        force.says(500, ADDRESS.encode())
    unavailable(http, "status 500")
    assert len(force.asked) == ATTEMPTS


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429])
def test_any_other_answer_is_final(http, force, status):
    force.says(status, ADDRESS.encode(), Location=f"{force.url}/elsewhere")
    unavailable(http, f"status {status}")
    assert len(force.asked) == 1


def test_a_wrong_token_is_told_without_the_token(force):
    unavailable(HttpCases(force.url, "another-token", 5, 0), "status 401")


def test_a_silent_force_is_not_waited_for_and_not_asked_again(force):
    force.is_silent()
    unavailable(HttpCases(force.url, TOKEN, timeout_s=0.2, wait_s=0), "ReadTimeout")
    assert len(force.asked) == 1


def test_an_answer_that_trickles_in_is_not_waited_for(force):
    force.trickles()
    unavailable(HttpCases(force.url, TOKEN, timeout_s=0.5, wait_s=0), "too long")


def test_nobody_at_the_address(force, http):
    force.close()
    unavailable(http, "ConnectError")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not JSON"),
        (b"<html>" + ADDRESS.encode(), "not JSON"),
        (b'{"case": {"reference": "\xff"}}', "not JSON"),
        (b"[]", "does not follow the contract"),
        (b"{}", "does not follow the contract"),
        (b" " * (MOST_BYTES + 1), "too large"),
    ],
)
def test_an_answer_that_cannot_be_read(http, force, body, problem):
    force.says(200, body)
    unavailable(http, problem)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"person_role": ADDRESS},
        {"safe_contact": ADDRESS},
        {"case_flags": "domestic_abuse"},
        {"online_allowed": "yes"},
        {"reference": ""},
    ],
)
def test_a_case_that_does_not_follow_the_contract_is_not_guessed_at(http, force, spoilt):
    answer = {"case": {**msgspec.to_builtins(record()), **spoilt}}
    with pytest.raises(jsonschema.ValidationError):
        fits("Found", answer)
    force.says(200, json.dumps(answer).encode())
    unavailable(http, "does not follow the contract")


def test_a_moment_without_its_zone_is_not_guessed_at(http, force):
    answer = {"case": {**msgspec.to_builtins(record()), "changed_at": "2026-11-04T11:00:00"}}
    force.says(200, json.dumps(answer).encode())
    unavailable(http, "does not follow the contract")


def test_another_case_than_was_asked_for_is_not_taken(http, force):
    other = msgspec.to_builtins(record(reference="20/000002/26"))
    force.says(200, json.dumps({"case": other}).encode())
    unavailable(http, "another case")


@pytest.mark.parametrize("field", ["online_allowed", "case_flags", "linked_case_roles", "safe_contact_confirmed_at"])
def test_a_case_that_lacks_a_field_breaks_the_contract_and_is_not_shown(http, force, stages, field):
    case = msgspec.to_builtins(record())
    del case[field]
    with pytest.raises(jsonschema.ValidationError, match=f"'{field}' is a required property"):
        fits("CaseRecord", case)
    force.says(200, json.dumps({"case": case}).encode())
    found = http.find(REFERENCE)
    assert missing_fields(found) == [field]
    assert may_send_code(found, stages, NOW) is Reason.MISSING_FIELDS


def test_what_a_force_adds_is_not_kept(http, force):
    case = {**msgspec.to_builtins(record()), "suspect_name": "Demo Person"}
    force.says(200, json.dumps({"case": case}).encode())
    assert b"Demo" not in msgspec.json.encode(http.find(REFERENCE))


def test_the_settings_name_the_source(sqlite, hashed, force):
    vault = Vault([KEY])
    assert isinstance(load_provider(Settings(), sqlite, vault, hashed), SqlCases)
    settings = Settings(case_source="http", case_api_url=force.url, case_api_token=TOKEN)
    assert load_provider(settings, sqlite, vault, hashed).find(REFERENCE) is not None


def unavailable(http: HttpCases, problem: str) -> None:
    """Fails unless the look-up ends in CasesUnavailable, of which nothing printed tells reference, contact or token."""
    with pytest.raises(CasesUnavailable, match=problem) as caught:
        http.find(REFERENCE)
    said = "".join(traceback.format_exception_only(caught.type, caught.value))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert not [secret for secret in (REFERENCE, ADDRESS, TOKEN) if secret in said]
