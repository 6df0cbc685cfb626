"""Signing in and out: cookies, forms, the lock, invitations, and what is said when something is wrong."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.console.sign_in import NO_ACCESS, OLD_FORM, WRONG, WRONG_CODE
from bot.staff.passwords import code_now
from tests.console.staff_console import StaffConsole, csrf, outside_demo, post, sign_in_with
from tests.staff.conftest import PASSWORD
from tests.staff.oidc_provider import CLIENT, SECRET, running

IDLE_S = 15 * 60


@pytest.fixture
def console(settings, sqlite) -> StaffConsole:
    return StaffConsole(settings, sqlite)


@pytest.fixture
def strict(settings, sqlite) -> StaffConsole:
    """Outside demonstration mode."""
    return StaffConsole(outside_demo(settings), sqlite)


def test_with_name_password_and_code_somebody_is_in(console):
    browser = console.signed_in("ann")
    assert browser.get("/").headers["location"] == "/home"
    assert "Hello, Adviser ann" in browser.get("/home").text


@pytest.mark.parametrize("field", ["name", "password", "code"])
def test_whatever_is_wrong_the_page_says_the_same(console, field):
    console.member("ann")
    right = {"name": "ann", "password": PASSWORD, "code": console.code()}
    answer = sign_in_with(console.browser(), **{**right, field: "000000"})
    assert answer.status_code == 401
    assert WRONG in answer.text
    assert PASSWORD not in answer.text


def test_a_pause_says_the_same_as_well(console):
    console.member("ann")
    browser = console.browser()
    pages = {sign_in_with(browser, name="ann", password="wrong", code="000000").text.count(WRONG) for _ in range(5)}
    assert pages == {1}
    assert WRONG in sign_in_with(browser, name="ann", password=PASSWORD, code=console.code()).text


def test_one_address_has_so_many_tries_a_minute(settings, sqlite):
    console = StaffConsole(outside_demo(settings, staff_tries_per_minute=2), sqlite)
    browser = console.browser()
    statuses = [sign_in_with(browser, name=f"name {n}", password="x", code="0").status_code for n in range(3)]
    assert statuses == [401, 401, 429]


def test_a_form_that_another_site_made_up_signs_nobody_in(console):
    console.member("ann")
    answer = console.browser().post(
        "/sign-in", data={"csrf": "guessed", "name": "ann", "password": PASSWORD, "code": console.code()}
    )
    assert answer.status_code == 403
    assert OLD_FORM in answer.text


def test_outside_the_demonstration_the_cookie_needs_tls_and_no_script_or_other_site_has_it(strict):
    strict.member("ann")
    answer = sign_in_with(strict.browser(), name="ann", password=PASSWORD, code=strict.code())
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-staff=")]
    for part in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert "Max-Age" not in cookie


def test_signing_in_gives_a_token_that_was_not_there_before(console):
    browser = console.browser()
    browser.cookies.set("staff", "chosen by somebody else", domain="127.0.0.1", path="/")
    console.member("ann")
    sign_in_with(browser, name="ann", password=PASSWORD, code=console.code())
    assert browser.cookies["staff"] != "chosen by somebody else"


def test_signing_out_ends_the_session_for_every_copy_of_the_token(console):
    browser, thief = console.signed_in("ann"), console.browser()
    thief.cookies.update(browser.cookies)
    assert thief.get("/home").status_code == 200
    assert post(browser, "/sign-out").headers["location"] == "/sign-in"
    assert thief.get("/home").headers["location"] == "/sign-in"
    assert len(console.acts("sign_out")) == 1


def test_nobody_else_signs_them_out(console):
    browser = console.signed_in("ann")
    assert browser.post("/sign-out", data={"csrf": "guessed"}).status_code == 403
    assert browser.get("/home").status_code == 200


def test_whoever_signs_out_is_no_longer_on_duty(console):
    browser = console.signed_in("ann")
    (account,) = console.staff.accounts.every()
    console.staff.presence.available(account.staff.id, True, console.clock.now)
    post(browser, "/sign-out")
    assert console.staff.presence.on_duty("victim_support", console.clock.now) == []


def test_a_console_left_alone_asks_for_the_code(console):
    browser = console.signed_in("ann")
    console.clock.now += IDLE_S + 1
    assert browser.get("/home").headers["location"] == "/unlock"
    page = browser.get("/unlock").text
    assert "You are signed in as Adviser ann" in page
    wrong = browser.post("/unlock", data={"csrf": csrf(page), "code": "000000"})
    assert (wrong.status_code, WRONG_CODE in wrong.text) == (401, True)
    assert browser.get("/home").status_code == 303
    right = browser.post("/unlock", data={"csrf": csrf(page), "code": console.code()})
    assert right.headers["location"] == "/"
    assert browser.get("/home").status_code == 200


def test_a_locked_console_is_not_unlocked_from_another_site(console):
    browser = console.signed_in("ann")
    console.clock.now += IDLE_S + 1
    assert browser.post("/unlock", data={"csrf": "guessed", "code": console.code()}).status_code == 403
    assert browser.get("/home").headers["location"] == "/unlock"


@pytest.mark.parametrize(
    ("path", "headers"), [("/live", {}), ("/live/talks/1", {}), ("/home", {"X-Live": "1"})], ids=str
)
def test_what_a_page_asks_for_by_itself_keeps_no_console_open(console, path, headers):
    browser = console.signed_in("ann")
    for _ in range(4):
        console.clock.now += IDLE_S / 3
        browser.get(path, headers=headers)
    assert browser.get("/home").headers["location"] == "/unlock"


def test_a_session_ends_after_eight_hours(console):
    browser = console.signed_in("ann")
    for _ in range(48):
        console.clock.now += 600
        last = browser.get("/home")
    assert last.headers["location"] == "/sign-in"


def test_nobody_needs_unlocking_who_is_not_locked_or_not_in(console):
    assert console.browser().get("/unlock").headers["location"] == "/sign-in"
    assert console.signed_in("ann").get("/unlock").headers["location"] == "/"


# --- invitations


def invited(console: StaffConsole) -> str:
    return console.staff.accounts.add("bob", "Bob", ["adviser"], "victim_support", None, console.clock.now).code


def begin(browser, **fields):
    return browser.post("/invitation", data={"csrf": csrf(browser.get("/invitation").text), **fields})


def test_with_an_invitation_somebody_sets_up_their_account_and_is_in(console):
    browser, code = console.browser(), invited(console)
    page = begin(browser, invitation=code).text
    assert "You sign in with the name <strong>bob</strong>" in page
    secret = re.search(r"<code>(.+)</code>", page)[1].replace(" ", "")
    assert code_now(secret, console.clock.now) == console.code("bob")
    fields = {"invitation": code, "password": PASSWORD, "again": PASSWORD, "code": console.code("bob")}
    assert begin(browser, **fields).headers["location"] == "/"
    assert "Hello, Bob" in browser.get("/home").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"again": "another password"}, "not the same"),
        ({"password": "short", "again": "short"}, "12 to 200 characters"),
        ({"code": "000000"}, "code from your app is not right"),
    ],
)
def test_what_does_not_fit_is_said_and_the_invitation_still_works(console, change, said):
    browser, code = console.browser(), invited(console)
    fields = {"invitation": code, "password": PASSWORD, "again": PASSWORD, "code": console.code("bob")}
    answer = begin(browser, **{**fields, **change})
    assert (answer.status_code, said in answer.text) == (400, True)
    assert begin(browser, **fields).status_code == 303


def test_an_invitation_that_is_none_tells_nothing(console):
    answer = begin(console.browser(), invitation="guessed")
    assert (answer.status_code, "does not work" in answer.text) == (401, True)


def test_an_invitation_is_not_taken_by_a_form_of_another_site(console):
    answer = console.browser().post("/invitation", data={"csrf": "guessed", "invitation": invited(console)})
    assert (answer.status_code, "Set up your account" in answer.text) == (403, False)


# --- the demonstration


def test_the_demonstration_shows_its_staff_who_can_sign_in(console):
    console.staff.seed_demo(console.settings, console.clock.now)
    browser = console.browser()
    assert "Demo police supervisor" in browser.get("/sign-in").text
    for one in console.staff.demo_staff(console.clock.now):
        entered = sign_in_with(browser, name=one.sign_in, password=one.password, code=one.code)
        assert entered.status_code == 303
        assert f"Hello, {one.staff.name}".replace("'", "&#39;") in browser.get("/home").text


def test_outside_the_demonstration_its_staff_are_neither_made_nor_shown_nor_let_in(console, strict):
    strict.staff.seed_demo(strict.settings, strict.clock.now)
    assert strict.staff.demo_staff(strict.clock.now) == []
    # Not even where a database of the demonstration is used later.
    console.staff.seed_demo(console.settings, console.clock.now)
    one = console.staff.demo_staff(strict.clock.now)[0]
    browser = strict.browser()
    assert one.sign_in not in browser.get("/sign-in").text
    assert sign_in_with(browser, name=one.sign_in, password=one.password, code=one.code).status_code == 401
    browser.cookies.set("__Host-staff", console.staff.sessions.start(one.staff.id, strict.clock.now))
    assert browser.get("/home").headers["location"] == "/sign-in"


def test_the_demonstrations_staff_are_made_once(console):
    console.staff.seed_demo(console.settings, console.clock.now)
    before = console.staff.demo_staff(console.clock.now)
    console.staff.seed_demo(console.settings, console.clock.now)
    assert console.staff.demo_staff(console.clock.now) == before


# --- the provider


@pytest.fixture
def provided(settings, sqlite):
    with running("https://127.0.0.1/sign-in/provider/back") as provider:
        given = {"staff_oidc_issuer": provider.issuer, "staff_oidc_client": CLIENT, "staff_oidc_secret": SECRET}
        more = {"staff_address": "https://127.0.0.1", "staff_local_accounts": False}
        yield provider, StaffConsole(outside_demo(settings, **given, **more), sqlite)


def through(provider, browser):
    """Go to the provider and come back."""
    there = browser.get("/sign-in/provider").headers["location"]
    query = dict(parse_qsl(urlsplit(there).query))
    back = provider.authorize(query)
    return browser.get(back.removeprefix("https://127.0.0.1"))


def test_somebody_signs_in_at_the_provider(provided):
    provider, console = provided
    browser = console.browser()
    assert "Sign in with your organisation" in browser.get("/sign-in").text
    entered = through(provider, browser)
    assert (entered.status_code, 'http-equiv="refresh"' in entered.text) == (200, True)
    assert "Hello, Adviser of the provider" in browser.get("/home").text
    ((by, subject),) = console.acts("sign_in")
    assert by == subject


def test_the_cookie_that_the_answer_must_fit_comes_along_from_another_site_the_session_does_not(provided):
    provider, console = provided
    browser = console.browser()
    begun = browser.get("/sign-in/provider").headers["set-cookie"]
    assert begun.startswith("__Host-staff-provider=")
    assert "SameSite=lax" in begun
    entered = through(provider, browser)
    (session,) = [one for one in entered.headers.get_list("set-cookie") if one.startswith("__Host-staff=")]
    assert "SameSite=strict" in session


def test_without_a_role_that_we_know_nobody_comes_in_and_it_is_noted(provided):
    provider, console = provided
    provider.claims = {"roles": ["king"]}
    browser = console.browser()
    entered = through(provider, browser)
    assert (entered.status_code, NO_ACCESS in entered.text) == (403, True)
    assert console.acts("sign_in.refused") == [("nobody", "provider")]
    assert browser.get("/home").headers["location"] == "/sign-in"


def test_an_answer_that_this_browser_did_not_ask_for_signs_nobody_in(provided):
    provider, console = provided
    asked, other = console.browser(), console.browser()
    there = asked.get("/sign-in/provider").headers["location"]
    assert there.startswith(f"{provider.issuer}/authorize?")
    assert other.get("/sign-in/provider/back?code=stolen&state=guessed").status_code == 403


def test_where_staff_sign_in_at_the_provider_only_no_password_is_taken(provided):
    _, console = provided
    console.member("ann")
    page = console.browser().get("/sign-in").text
    assert 'name="password"' not in page
    answer = console.browser().post("/sign-in", data={"name": "ann", "password": PASSWORD, "code": console.code()})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers or "__Host-staff=" not in answer.headers["set-cookie"]


def test_after_the_lock_they_sign_in_at_the_provider_again(provided):
    provider, console = provided
    browser = console.browser()
    through(provider, browser)
    console.clock.now += IDLE_S + 1
    assert browser.get("/home").headers["location"] == "/unlock"
    assert "/sign-in/provider" in browser.get("/unlock").text
    through(provider, browser)
    assert provider.asked[-1]["prompt"] == "login"
    assert browser.get("/home").status_code == 200


def test_a_provider_that_does_not_answer_is_said_to_be_away(provided):
    provider, console = provided
    provider.broken = True
    answer = console.browser().get("/sign-in/provider")
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)
