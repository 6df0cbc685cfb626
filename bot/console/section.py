"""What a section of the console is made of: pages that name who may see them, and a visit that knows who is asking.

A section is a module of its own with a class that holds the services it needs. It adds no route by itself: the
application (`app.py`) wraps every page in sign-in, role, CSRF and audit, so that none can be forgotten.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.console.times import FILTERS
from bot.settings import ROOT
from bot.staff.roles import Role, Staff

TEMPLATES = ROOT / "bot" / "console" / "templates"
_templates = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_templates.filters.update(FILTERS)


class MenuEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the navigation; shown to those who may open its page."""

    title: str
    path: str


class Record(Protocol):
    """Writes to the audit log (`bot.staff.audit.AuditLog.record`)."""

    def __call__(
        self, by: str, act: str, subject: str = "", organisation: str = "", what: Mapping[str, str] = ...
    ) -> None:
        """Ids, references and acts only: no personal data, no words."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is good for this request.

    Attributes:
        staff: who.
        csrf: what each form of this session must send along.
        locked: it was idle too long; only the page that unlocks it may be seen.
    """

    staff: Staff
    csrf: str
    locked: bool = False


class Visit:
    """One request of somebody who has signed in and may see the page.

    Args:
        request: the request.
        signed_in: their session.
        record: the audit log.
        around: what every page shows: navigation, mode, name of the controller.
    """

    def __init__(self, request: Request, signed_in: SignedIn, record: Record, around: Mapping[str, Any]) -> None:
        self.request, self.signed_in = request, signed_in
        self._record, self._around = record, around

    @property
    def staff(self) -> Staff:
        """Who is asking."""
        return self.signed_in.staff

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    async def form(self) -> FormData:
        """What was posted; the CSRF token has been checked."""
        return await self.request.form()

    def record(self, act: str, subject: str = "", **what: str) -> None:
        """Note in the audit log that they did or read something; every read of personal data is noted.

        Args:
            act: such as `referral.open`.
            subject: a reference or an id, never a name.
            what: more of the same kind.
        """
        self._record(self.staff.id, act, subject, self.staff.organisation, what)

    def render(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page or a fragment from bot/console/templates; the template gets `visit` and `staff` besides."""
        return HTMLResponse(render(template, {**self._around, "visit": self, "staff": self.staff, **context}), status)

    def redirect(self, path: str, done: str = "") -> Response:
        """On to another page after a form, which says what was done."""
        return RedirectResponse(f"{path}{'?' if '?' not in path else '&'}done={quote(done)}" if done else path, 303)

    def not_found(self) -> Response:
        """There is no such thing, or it is not theirs to see: both look the same."""
        return self.render("problem.html", 404, title="Nothing found", text="There is nothing here that you may see.")


View = Callable[[Visit], Awaitable[Response]]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a section.

    Attributes:
        path: as Starlette writes it: `/referrals/{reference}`.
        view: what answers.
        roles: whoever has one of these may see it.
        methods: GET unless it changes something.
    """

    path: str
    view: View
    roles: frozenset[Role]
    methods: tuple[str, ...] = ("GET",)


class Section(Protocol):
    """A part of the console."""

    def pages(self) -> list[Page]:
        """Its pages."""

    def menu(self) -> list[MenuEntry]:
        """Its lines in the navigation."""


def render(template: str, context: Mapping[str, Any]) -> str:
    """A template of bot/console/templates with everything escaped."""
    return _templates.get_template(template).render(context)
