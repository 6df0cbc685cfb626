"""Signing in and out of the console, unlocking it, and beginning with an invitation. The pages that need no session."""

import asyncio
import hmac
import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.console.section import SignedIn, render
from bot.console.sessions import Cookies
from bot.settings import Settings
from bot.staff.account_rows import AccountRefused
from bot.staff.assembly import RETURN_PATH, StaffServices
from bot.staff.oidc import NotSignedIn, ProviderUnavailable
from bot.staff.passwords import WeakPassword
from bot.staff.sessions import Session
from bot.staff.sign_in import NOBODY

log = structlog.get_logger()

AT_ONCE = 2
"""Passwords checked at the same time: each takes 64 MB and a core."""
LIVE = "/live"

WRONG = (
    "Name, password or code is not right, or you have to wait a little. Each code works once: wait for the next one."
)
OLD_FORM = "This page was open for too long. Try again."
TOO_MANY = "There were too many tries from here. Wait a minute."
NOT_THERE = "The place where you sign in does not answer. Try again in a few minutes."
NO_ACCESS = "You have signed in there, but have no access here. Ask your administrator for a role in this console."
WRONG_CODE = "The code is not right, or you have to wait a little. Each code works once: wait for the next one."


class SignInPages:
    """Who is asking, and the pages by which somebody becomes that.

    Args:
        settings: mode, address and limits.
        staff: accounts, sessions and provider.
        cookies: what browsers hold.
        clock: seconds since the epoch.
    """

    def __init__(
        self, settings: Settings, staff: StaffServices, cookies: Cookies, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings, self._staff, self._cookies, self._clock = settings, staff, cookies, clock
        self._local = settings.staff_local_accounts or settings.demo
        self._checking = asyncio.Semaphore(AT_ONCE)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._tries = RateLimitItemPerMinute(settings.staff_tries_per_minute)

    async def who(self, request: Request) -> SignedIn | None:
        """The session of a request; None without one, or when it is over."""
        found = await self._session(request, acts=not _by_itself(request))
        return None if found is None else SignedIn(staff=found.staff, csrf=found.csrf, locked=found.locked)

    def routes(self) -> list[BaseRoute]:
        """The pages that need no session."""
        return [
            Route("/sign-in", self._sign_in, methods=["GET", "POST"]),
            Route("/sign-out", self._sign_out, methods=["POST"]),
            Route("/unlock", self._unlock, methods=["GET", "POST"]),
            Route("/invitation", self._invitation, methods=["GET", "POST"]),
            Route("/sign-in/provider", self._provider),
            Route(RETURN_PATH, self._provider_answer),
        ]

    # --- local accounts

    async def _sign_in(self, request: Request) -> Response:
        if request.method != "POST" or not self._local:
            return await self._sign_in_page(request)
        form = await request.form()
        if not self._cookies.is_our_form(request, _text(form, "csrf")):
            return await self._sign_in_page(request, OLD_FORM, 403)
        if not self._may_try(request):
            return await self._sign_in_page(request, TOO_MANY, 429)
        given = (_text(form, "name"), _text(form, "password"), _text(form, "code"))
        async with self._checking:
            who = await asyncio.to_thread(self._staff.local.sign_in, *given, self._clock())
        if who is None:
            return await self._sign_in_page(request, WRONG, 401, name=given[0][:60])
        return await self._enter(request, who.id, RedirectResponse("/", 303))

    async def _sign_in_page(self, request: Request, problem: str = "", status: int = 200, name: str = "") -> Response:
        demo = await asyncio.to_thread(self._staff.demo_staff, self._clock()) if self._settings.demo else []
        told = {"local": self._local, "provider": self._staff.provider is not None, "demo_staff": demo, "name": name}
        return self._form_page(request, "sign_in/sign_in.html", status, problem=problem, **told)

    async def _enter(self, request: Request, staff_id: str, response: Response) -> Response:
        if old := self._cookies.token(request):
            await asyncio.to_thread(self._staff.sessions.end, old)
        token = await asyncio.to_thread(self._staff.sessions.start, staff_id, self._clock())
        return self._cookies.signed_in(response, token)

    # --- leaving, and coming back after a while

    async def _sign_out(self, request: Request) -> Response:
        session, form = await self._session(request, acts=False), await request.form()
        if session is not None and hmac.compare_digest(_text(form, "csrf").encode(), session.csrf.encode()):
            await asyncio.to_thread(self._left, self._cookies.token(request), session)
        elif session is not None:
            return self._page("plain_problem.html", 403, title="Please try again", text="You are still signed in.")
        return self._cookies.signed_out(RedirectResponse("/sign-in", 303))

    def _left(self, token: str, session: Session) -> None:
        who = session.staff
        self._staff.sessions.end(token)
        self._staff.presence.gone(who.id, self._clock())
        self._staff.audit.record(who.id, "sign_out", who.id, who.organisation)

    async def _unlock(self, request: Request) -> Response:
        session = await self._session(request, acts=False)
        if session is None or not session.locked:
            return RedirectResponse("/sign-in" if session is None else "/", 303)
        told: dict[str, Any] = {"name": session.staff.name, "csrf": session.csrf, "provider": session.kind == "oidc"}
        if request.method != "POST" or session.kind == "oidc":
            return self._page("sign_in/unlock.html", problem="", **told)
        form = await request.form()
        if not hmac.compare_digest(_text(form, "csrf").encode(), session.csrf.encode()):
            return self._page("sign_in/unlock.html", 403, problem=OLD_FORM, **told)
        given = (session.staff.id, _text(form, "code"), self._clock())
        if not await asyncio.to_thread(self._staff.local.code_again, *given):
            return self._page("sign_in/unlock.html", 401, problem=WRONG_CODE, **told)
        await asyncio.to_thread(self._staff.sessions.unlock, self._cookies.token(request), self._clock())
        return RedirectResponse("/", 303)

    # --- beginning

    async def _invitation(self, request: Request) -> Response:
        if request.method != "POST" or not self._local:
            return self._invited(request)
        form = await request.form()
        code, password = _text(form, "invitation"), _text(form, "password")
        if not self._cookies.is_our_form(request, _text(form, "csrf")):
            return self._invited(request, OLD_FORM, 403)
        if not self._may_try(request):
            return self._invited(request, TOO_MANY, 429)
        enrolment = await asyncio.to_thread(self._staff.invitations.enrolment, code, self._clock())
        if enrolment is None:
            return self._invited(request, "This invitation does not work, or no longer.", 401)
        told: dict[str, Any] = {"enrolment": enrolment, "invitation": code}
        if "password" not in form:
            return self._invited(request, **told)
        if password != _text(form, "again"):
            return self._invited(request, "The two passwords are not the same.", 400, **told)
        try:
            async with self._checking:
                account = await asyncio.to_thread(
                    self._staff.invitations.accept, code, password, _text(form, "code"), self._clock()
                )
        except (AccountRefused, WeakPassword) as error:
            return self._invited(request, str(error), 400, **told)
        return await self._enter(request, account.staff.id, RedirectResponse("/", 303))

    def _invited(self, request: Request, problem: str = "", status: int = 200, **told: Any) -> Response:
        told = {"enrolment": None, "invitation": "", **told}
        return self._form_page(request, "sign_in/invitation.html", status, problem=problem, **told)

    # --- the provider

    async def _provider(self, request: Request) -> Response:
        if self._staff.provider is None:
            return RedirectResponse("/sign-in", 303)
        session = await self._session(request, acts=False)
        try:
            # Whoever left the console alone shows anew who they are.
            address, pending = await self._staff.provider.begin(anew=session is not None)
        except ProviderUnavailable as error:
            log.error("sign_in.provider", problem=str(error))
            return await self._sign_in_page(request, NOT_THERE, 503)
        return self._cookies.begun(RedirectResponse(address, 303), pending)

    async def _provider_answer(self, request: Request) -> Response:
        pending = self._cookies.begun_with(request)
        if self._staff.provider is None or pending is None:
            return await self._sign_in_page(request, OLD_FORM, 403)
        try:
            person = await self._staff.provider.finish(pending, dict(request.query_params))
            account = await asyncio.to_thread(
                self._staff.accounts.from_provider, **msgspec.structs.asdict(person), now=self._clock()
            )
        except ProviderUnavailable as error:
            log.error("sign_in.provider", problem=str(error))
            return self._cookies.answered(await self._sign_in_page(request, NOT_THERE, 503))
        except (NotSignedIn, AccountRefused) as error:
            why = {"why": str(error)}
            await asyncio.to_thread(self._staff.audit.record, NOBODY, "sign_in.refused", "provider", "", why)
            return self._cookies.answered(await self._sign_in_page(request, NO_ACCESS, 403))
        who = account.staff
        await asyncio.to_thread(self._staff.audit.record, who.id, "sign_in", who.id, who.organisation)
        # A page and not a redirect: coming from another site, a browser would leave the new cookie out.
        page = self._page("sign_in/entered.html", name=who.name)
        return self._cookies.answered(await self._enter(request, who.id, page))

    # --- what they share

    async def _session(self, request: Request, acts: bool) -> Session | None:
        token = self._cookies.token(request)
        if not token:
            return None
        return await asyncio.to_thread(self._staff.sessions.find, token, self._clock(), acts)

    def _may_try(self, request: Request) -> bool:
        if self._settings.trusted_proxy:
            address = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
        else:
            address = request.client.host if request.client else ""
        return self._limiter.hit(self._tries, address)

    def _form_page(self, request: Request, template: str, status: int, **told: Any) -> Response:
        token = self._cookies.form_token(request)
        return self._cookies.with_form_token(self._page(template, status, csrf=token, **told), token)

    @staticmethod
    def _page(template: str, status: int = 200, **told: Any) -> Response:
        return HTMLResponse(render(template, told), status)


def _by_itself(request: Request) -> bool:
    """Whether a page asks by itself: event streams, and what is loaded after an event."""
    path = request.url.path
    return path == LIVE or path.startswith(f"{LIVE}/") or request.headers.get("x-live") == "1"


def _text(form: Any, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
