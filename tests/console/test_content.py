"""Where each text stands, in the console, over a copy of the data folder in which texts can be approved."""

import shutil
from datetime import date

import pytest

from bot.console.content import Content
from bot.rights.approvals import approve
from bot.rights.catalogue import load_catalogue
from tests.conftest import DATA
from tests.console.conftest import as_staff

SUPERVISOR = as_staff("supervisor")


@pytest.fixture
def data(tmp_path):
    for part in ("rights", "code", "cases", "locale"):
        shutil.copytree(DATA / part, tmp_path / part)
    shutil.copy(DATA / "approvals.yml", tmp_path / "approvals.yml")
    return tmp_path


@pytest.fixture
def client(console, data):
    return console([Content(data)])


@pytest.fixture
def topic(data):
    """The first topic there is."""
    return min(topic for _, topic in load_catalogue(data).entries)


def page(client, query="", who=SUPERVISOR):
    return client.get(f"/content{query}", headers=who)


def test_every_text_is_drafted_until_somebody_gives_their_word(client):
    shown = page(client).text
    assert "Drafted" in shown
    assert "Nobody" in shown
    assert "There is no text like that" in page(client, "?state=approved").text


def test_an_approved_text_names_the_role_and_the_day(client, data, topic):
    approve(data, topic, "en", "approved", "safeguarding lead", date(2026, 11, 25))
    shown = page(client, "?state=approved").text
    assert "1 text" in shown
    assert topic in shown
    assert "safeguarding lead" in shown
    assert "25 November 2026" in shown


def test_a_text_that_was_changed_since_is_drafted_again_and_says_so(client, data, topic):
    title = load_catalogue(data).entries[min(load_catalogue(data).entries)].title
    approve(data, topic, "en", "approved", "safeguarding lead", date(2026, 11, 25))
    for file in (data / "rights" / "en").rglob("*.yml"):
        file.write_text(file.read_text().replace(f"title: {title}", f"title: {title} now", 1))
    assert "There is no text like that" in page(client, "?state=approved").text
    assert "Changed since approval</td>" in page(client, "?changed=yes").text


def test_a_translation_has_a_state_of_its_own(client, data):
    approve(data, "front_door", "pl", "reviewed", "interpreter", date(2026, 11, 25))
    shown = page(client, "?kind=translation&language=pl").text
    assert "1 text" in shown
    assert "Polish" in shown
    assert "interpreter" in shown


@pytest.mark.parametrize("query", ["?kind=poem", "?state=lost", "?language=tlh"])
def test_what_a_filter_does_not_know_finds_nothing(client, query):
    assert "There is no text like that" in page(client, query).text


def test_a_long_list_has_pages(client):
    assert "Page 2 of" in page(client, "?kind=answer&page=2").text


@pytest.mark.parametrize(("role", "status"), [("administrator", 200), ("auditor", 200), ("adviser", 403)])
def test_who_may_look(client, role, status):
    assert page(client, who=as_staff(role)).status_code == status
