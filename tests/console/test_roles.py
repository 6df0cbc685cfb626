"""Every page of the whole console, for each role: nobody gets a page that is not for them."""

import re

import pytest
from starlette.testclient import TestClient

from bot.console.app import Console
from bot.console.assembly import assemble_console
from bot.handoff.fanout import InProcess
from bot.settings import Settings
from bot.staff.roles import ROLES, Role
from tests.console.conftest import SignInByHeader, as_staff


@pytest.fixture
def whole(settings: Settings) -> Console:
    """The console as it is served, but for who has signed in."""
    made = assemble_console(settings, InProcess())
    made._sign_in = SignInByHeader()
    return made


@pytest.fixture
def client(whole: Console) -> TestClient:
    return TestClient(whole.app(), base_url="http://127.0.0.1", follow_redirects=False)


def filled(path: str) -> str:
    """A path with something that does not exist in place of each parameter."""
    return re.sub(r"\{[^}]*\}", "1", path)


def test_every_page_is_for_somebody(whole):
    assert [page.path for page in whole.pages if not page.roles] == []


def test_no_two_pages_share_path_and_method(whole):
    known = [(page.path, method) for page in whole.pages for method in page.methods]
    assert len(known) == len(set(known))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_no_page_that_is_not_for_it(whole, client, role: Role):
    wrong = [page for page in whole.pages if role not in page.roles]
    answers = {
        f"{method} {page.path}": client.request(method, filled(page.path), headers=as_staff(role)).status_code
        for page in wrong
        for method in page.methods
    }
    assert wrong
    assert {path: status for path, status in answers.items() if status != 403} == {}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_the_pages_of_its_menu(whole, client, role: Role):
    paths = {entry.path for entry in whole._menu}
    mine = [page for page in whole.pages if role in page.roles and page.path in paths and "GET" in page.methods]
    answers = {page.path: client.get(page.path, headers=as_staff(role)).status_code for page in mine}
    assert mine
    assert {path: status for path, status in answers.items() if status != 200} == {}


def test_nobody_gets_a_page_without_having_signed_in(whole, client):
    for page in whole.pages:
        for method in page.methods:
            answer = client.request(method, filled(page.path))
            assert (answer.status_code, answer.headers.get("location")) == (303, "/sign-in"), page.path


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_changed_by_a_form_of_another_session(whole, client, role: Role):
    headers = {**as_staff(role), "X-CSRF-Token": "of another session"}
    mine = [page for page in whole.pages if role in page.roles and "POST" in page.methods]
    assert {client.post(filled(page.path), headers=headers).status_code for page in mine} <= {403}
