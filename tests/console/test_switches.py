"""Supervisors switch a channel or a topic off with a reason, and on again."""

import pytest

from bot.console.switches import OffSwitches
from bot.rights.facts import load_facts
from bot.staff.audit import AuditLog
from bot.staff.roles import ROLES
from bot.staff.switches import Switches
from tests.conftest import DATA
from tests.console.conftest import as_staff

NOW = 1_795_615_500.0
"""25 November 2026, 14:05 in London."""
SUPERVISOR = as_staff("supervisor")
OFF = {"channel": "telegram", "topic": "", "reason": "It repeats itself."}


@pytest.fixture
def audit(database) -> AuditLog:
    return AuditLog(database)


@pytest.fixture
def switches(database, audit) -> Switches:
    return Switches(database, audit)


@pytest.fixture
def topic() -> tuple[str, str]:
    """A topic and its title."""
    one = next(one for one in load_facts(DATA).topics.values() if one.right == 6)
    return one.id, one.title


@pytest.fixture
def client(console, switches):
    return console([OffSwitches(switches, load_facts(DATA), lambda _: "Supervisor Sam", lambda: NOW)])


@pytest.mark.parametrize("role", ROLES)
def test_only_supervisors_see_and_use_them(client, role):
    statuses = [
        client.get("/switches", headers=as_staff(role)).status_code,
        client.post("/switches/off", data=OFF, headers=as_staff(role)).status_code,
        client.post("/switches/on", data=OFF, headers=as_staff(role)).status_code,
    ]
    assert statuses == ([200, 303, 303] if role == "supervisor" else [403] * 3)


def test_a_channel_goes_off_with_a_reason_and_the_page_says_who_and_when(client, switches):
    client.post("/switches/off", data=OFF, headers=SUPERVISOR)
    assert switches.off("telegram") == "It repeats itself."
    page = client.get("/switches", headers=SUPERVISOR).text
    for told in ("Telegram, Everything", "It repeats itself.", "25 November 2026, 14:05, by Supervisor Sam"):
        assert told in page


def test_a_topic_goes_off_in_one_channel_or_in_all(client, switches, topic):
    client.post("/switches/off", data={**OFF, "channel": "", "topic": topic[0]}, headers=SUPERVISOR)
    assert switches.off("web", topic[0]) and not switches.off("web")
    assert f"Every channel, {topic[1]}" in client.get("/switches", headers=SUPERVISOR).text


def test_off_and_on_stand_in_the_audit_log_with_their_organisation(client, audit):
    client.post("/switches/off", data=OFF, headers=SUPERVISOR)
    client.post("/switches/on", data=OFF, headers=SUPERVISOR)
    told = [(one.act, one.subject, one.organisation) for one in audit.entries(act="switch")]
    assert told == [(f"switch.{state}", "telegram: everything", "police") for state in ("on", "off")]


def test_what_was_off_is_listed_when_it_is_on_again(client, switches):
    client.post("/switches/off", data=OFF, headers=SUPERVISOR)
    client.post("/switches/on", data=OFF, headers=SUPERVISOR)
    assert switches.off("telegram") is None
    page = client.get("/switches", headers=SUPERVISOR).text
    assert "Nothing is off." in page
    assert "It repeats itself." in page


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"reason": " "}, "reason", "Say why."),
        ({"reason": "a" * 401}, "reason", "Say why in at most 400 characters."),
        ({"channel": "-"}, "channel", "Choose one from the list."),
        ({"topic": "-"}, "topic", "Choose one from the list."),
        ({"channel": "fax"}, "channel", "Choose one from the list."),
        ({"topic": "right_99/none"}, "topic", "Choose one from the list."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_goes_off(client, switches, changed, field, said):
    answer = client.post("/switches/off", data={**OFF, **changed}, headers=SUPERVISOR)
    assert answer.status_code == 422
    assert f'<a href="#{field}">{said}</a>' in answer.text
    assert switches.standing() == []


def test_what_is_off_already_is_said(client):
    client.post("/switches/off", data=OFF, headers=SUPERVISOR)
    answer = client.post("/switches/off", data=OFF, headers=SUPERVISOR)
    assert (answer.status_code, "That is off already." in answer.text) == (422, True)


def test_a_reason_is_shown_as_it_was_typed_and_never_as_markup(client):
    client.post("/switches/off", data={**OFF, "reason": "<b>bad</b>"}, headers=SUPERVISOR)
    assert "&lt;b&gt;bad&lt;/b&gt;" in client.get("/switches", headers=SUPERVISOR).text


def test_a_form_without_the_token_of_the_session_changes_nothing(client, switches):
    headers = {**SUPERVISOR, "X-CSRF-Token": "another"}
    assert client.post("/switches/off", data=OFF, headers=headers).status_code == 403
    assert switches.standing() == []
