"""What holds for every page of the console, whatever its section."""

from starlette.responses import Response
from starlette.testclient import TestClient

from bot.console.app import Console
from bot.console.section import MenuEntry, Page, Visit
from tests.console.conftest import SignInByHeader, as_staff


class Letters:
    """A section of one page that reads and one that changes something."""

    def __init__(self) -> None:
        self.written = 0

    def pages(self) -> list[Page]:
        return [
            Page(path="/letters", view=self.read, roles=frozenset({"adviser"})),
            Page(path="/letters/new", view=self.write, roles=frozenset({"adviser"}), methods=("POST",)),
        ]

    def menu(self) -> list[MenuEntry]:
        return [MenuEntry(title="Letters", path="/letters")]

    async def read(self, visit: Visit) -> Response:
        visit.record("letters.read", "all")
        return visit.render("problem.html", title="Letters", text="None")

    async def write(self, visit: Visit) -> Response:
        self.written += 1
        return visit.redirect("/letters", "Written")


def test_whoever_has_not_signed_in_is_taken_to_the_sign_in(console):
    answer = console([Letters()]).get("/letters")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_a_fragment_takes_the_whole_page_to_the_sign_in(console):
    answer = console([Letters()]).get("/letters", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/sign-in"


def test_an_idle_session_must_be_unlocked_first(settings, recorded):
    locked = Console(settings, SignInByHeader(locked=True), [Letters()], recorded).app()
    answer = TestClient(locked, base_url="http://127.0.0.1", follow_redirects=False).get(
        "/letters", headers=as_staff("adviser")
    )
    assert answer.headers["location"] == "/unlock"


def test_a_page_is_not_for_other_roles_and_the_try_is_noted(console, recorded):
    answer = console([Letters()]).get("/letters", headers=as_staff("auditor"))
    assert answer.status_code == 403
    assert recorded.named("refused") == ["/letters"]


def test_a_form_without_the_token_of_the_session_changes_nothing(console):
    letters = Letters()
    headers = {**as_staff("adviser"), "X-CSRF-Token": "of another session"}
    assert console([letters]).post("/letters/new", headers=headers).status_code == 403
    assert letters.written == 0


def test_a_form_with_the_token_says_afterwards_what_was_done(console):
    answer = console([Letters()]).post("/letters/new", headers=as_staff("adviser"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/letters?done=Written")


def test_the_navigation_shows_only_what_they_may_open(console):
    client = console([Letters()])
    assert 'href="/letters"' in client.get("/letters", headers=as_staff("adviser")).text
    assert 'href="/letters"' not in client.get("/letters", headers=as_staff("auditor")).text


def test_every_read_that_a_page_notes_stands_in_the_audit_log(console, recorded):
    console([Letters()]).get("/letters", headers=as_staff("adviser"))
    assert recorded.named("letters.read") == ["all"]


def test_another_host_name_is_refused(settings, recorded):
    application = Console(settings, SignInByHeader(), [Letters()], recorded).app()
    answer = TestClient(application, base_url="http://elsewhere.example").get("/letters")
    assert answer.status_code == 400


def test_what_is_not_there_says_so_in_a_page(console):
    answer = console([Letters()]).get("/nothing")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_no_page_may_be_framed_or_load_anything_from_elsewhere(console):
    answer = console([Letters()]).get("/letters", headers=as_staff("adviser"))
    assert answer.headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "http" not in answer.text.replace("http://127.0.0.1", "")
