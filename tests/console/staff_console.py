"""The console with its real sign-in, as a browser of staff meets it."""

import re
from typing import Any

import msgspec
from sqlalchemy.engine import Engine
from starlette.responses import Response
from starlette.testclient import TestClient

from bot.console.app import Console
from bot.console.audit import Audit
from bot.console.people import People
from bot.console.section import MenuEntry, Page, Visit
from bot.console.sessions import Cookies
from bot.console.sign_in import SignInPages
from bot.settings import Settings
from bot.staff.account import Account
from bot.staff.assembly import StaffServices, load_staff
from bot.staff.passwords import Passwords, code_now
from bot.staff.roles import ROLES
from bot.store.encryption import Vault
from tests.conftest import KEY
from tests.staff.conftest import PASSWORD, QUICK


class Clock:
    """Seconds since the epoch that a test moves."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class Home:
    """A section of one page that everybody may open."""

    def pages(self) -> list[Page]:
        return [Page(path="/home", view=self.view, roles=frozenset(ROLES))]

    def menu(self) -> list[MenuEntry]:
        return [MenuEntry(title="Home", path="/home")]

    async def view(self, visit: Visit) -> Response:
        return visit.render("problem.html", title="Home", text=f"Hello, {visit.staff.name}")


class StaffConsole:
    """A console, and browsers that reach it."""

    def __init__(self, settings: Settings, database: Engine) -> None:
        self.clock, self.settings = Clock(), settings
        self.staff: StaffServices = load_staff(settings, database, Vault([KEY]), [KEY], Passwords(QUICK))
        pages = SignInPages(settings, self.staff, Cookies(settings, [KEY]), self.clock)
        shown = [
            Home(),
            People(self.staff.accounts, self.clock),
            Audit(self.staff.audit, self.staff.accounts, self.clock),
        ]
        self.app = Console(settings, pages, shown, self.staff.audit.record).app()

    def browser(self) -> TestClient:
        base = "http://127.0.0.1" if self.settings.demo else "https://127.0.0.1"
        return TestClient(self.app, base_url=base, follow_redirects=False)

    def member(self, sign_in: str = "ann", *roles: Any, **more: Any) -> Account:
        """Somebody who can sign in; an adviser of Victim Support unless told otherwise."""
        given = {"name": f"Adviser {sign_in}", "organisation": "victim_support", **more}
        before = self.clock.now - 600
        invitation = self.staff.accounts.add(sign_in, roles=roles or ("adviser",), by=None, now=before, **given)
        enrolment = self.staff.invitations.enrolment(invitation.code, before)
        assert enrolment is not None
        return self.staff.invitations.accept(invitation.code, PASSWORD, code_now(enrolment.code_secret, before), before)

    def code(self, sign_in: str = "ann") -> str:
        """Their time-based code of now."""
        with self.staff.engine.begin() as db:
            row = self.staff.rows.known(db, ("local", sign_in))
        return code_now(self.staff.rows.vault.open(row.key, row.sealed)["code_secret"], self.clock.now)

    def signed_in(self, sign_in: str = "ann", *roles: Any, **more: Any) -> TestClient:
        """The browser of somebody who has just signed in."""
        self.member(sign_in, *roles, **more)
        browser = self.browser()
        assert sign_in_with(browser, name=sign_in, password=PASSWORD, code=self.code(sign_in)).status_code == 303
        return browser

    def acts(self, act: str) -> list[tuple[str, str]]:
        """By whom and to what an act was done, the newest first."""
        return [(entry.by, entry.subject) for entry in self.staff.audit.entries(act=act)]


def csrf(page: str) -> str:
    """What the forms of a page send along."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def sign_in_with(browser: TestClient, **fields: str) -> Any:
    """Fill in the page to sign in."""
    return browser.post("/sign-in", data={"csrf": csrf(browser.get("/sign-in").text), **fields})


def post(browser: TestClient, path: str, on: str = "/home", **fields: Any) -> Any:
    """Send a form of a page."""
    return browser.post(path, data={"csrf": csrf(browser.get(on).text), **fields})


def outside_demo(settings: Settings, **more: Any) -> Settings:
    """The same settings outside demonstration mode."""
    return msgspec.structs.replace(settings, demo=False, **more)
