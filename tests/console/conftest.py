"""The console over real services, with a sign-in that takes a member of staff from a header."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import pytest
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from bot.console.app import Console
from bot.console.section import Section, SignedIn
from bot.handoff.desk import HandOffDesk
from bot.settings import Settings
from bot.staff.roles import ROLES, OrganisationId, Role, Staff
from tests.handoff.conftest import People, make_desk

CSRF = "token-of-this-session"


class SignInByHeader:
    """Everybody is who the header `X-Staff` says: organisation, `+` for restricted, colon, roles."""

    def __init__(self, locked: bool = False) -> None:
        self.locked = locked

    async def who(self, request: Request) -> SignedIn | None:
        told = request.headers.get("x-staff")
        return SignedIn(staff=staff(told), csrf=CSRF, locked=self.locked) if told else None

    def routes(self) -> list[BaseRoute]:
        return []


class Recorded:
    """An audit log in memory."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, str, str, str, dict[str, str]]] = []

    def __call__(
        self, by: str, act: str, subject: str = "", organisation: str = "", what: Mapping[str, str] = {}
    ) -> None:
        self.acts.append((by, act, subject, organisation, dict(what)))

    def named(self, act: str) -> list[str]:
        """Subjects of the acts of one kind."""
        return [subject for _, done, subject, _, _ in self.acts if done == act]


def staff(told: str) -> Staff:
    """`police:adviser,supervisor` or `police+:supervisor` as a member of staff."""
    organisation, _, roles = told.partition(":")
    return Staff(
        id=told,
        name="Demo adviser",
        roles=frozenset(role for role in ROLES if role in roles.split(",")),
        organisation=organisation.rstrip("+"),  # type: ignore[arg-type]
        restricted=organisation.endswith("+"),
    )


def as_staff(*roles: Role, organisation: OrganisationId = "police", restricted: bool = False) -> dict[str, str]:
    """Headers of somebody with these roles; the CSRF token goes with them."""
    return {"X-Staff": f"{organisation}{'+' * restricted}:{','.join(roles)}", "X-CSRF-Token": CSRF}


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture
def console(settings: Settings, recorded: Recorded) -> Callable[[Sequence[Section]], TestClient]:
    """A console of some sections, as a client."""

    def made(sections: Sequence[Section]) -> TestClient:
        application = Console(settings, SignInByHeader(), sections, recorded).app()
        return TestClient(application, base_url="http://127.0.0.1", follow_redirects=False)

    return made


class OnDuty:
    """Who is there and takes hand-offs, in memory."""

    def __init__(self) -> None:
        self.there: dict[str, Staff] = {}
        self.seen_at: dict[str, float] = {}

    def add(self, told: str, name: str = "Demo adviser") -> Staff:
        one = msgspec.structs.replace(staff(told), name=name)
        self.there[one.id] = one
        return one

    def seen(self, staff_id: str, now: float) -> None:
        self.seen_at[staff_id] = now

    def available(self, staff_id: str, available: bool, now: float) -> None:
        if available:
            self.add(staff_id)
        else:
            self.there.pop(staff_id, None)

    def is_available(self, staff_id: str) -> bool:
        return staff_id in self.there

    def on_duty(self, organisation: OrganisationId, now: float) -> list[Staff]:
        return [one for one in self.there.values() if one.organisation == organisation]


@pytest.fixture
def duty() -> OnDuty:
    return OnDuty()


@pytest.fixture
def desk(database, vault, duty, recorded) -> HandOffDesk:
    """The desk on a real database; what it notes stands in `recorded`."""

    def record(by, act, subject="", organisation="", what=None, at=None, connection=None) -> None:
        recorded(by, act, subject, organisation, what or {})

    return make_desk(database, vault, duty, record)


@pytest.fixture
def people(store, desk) -> People:
    """People who chat."""
    return People(store, desk)
