"""The staff console as a Starlette application: every page of every section behind sign-in, role, CSRF and audit."""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.console.section import MenuEntry, Page, Record, Section, SignedIn, Visit, render
from bot.gateway.guard import Guard
from bot.settings import ROOT, Settings

log = structlog.get_logger()

STATIC = ROOT / "bot" / "console" / "static"
SIGN_IN = "/sign-in"
UNLOCK = "/unlock"
SAFE = frozenset({"GET", "HEAD"})


class SignIn(Protocol):
    """What tells who is asking (`bot.console.sign_in`)."""

    async def who(self, request: Request) -> SignedIn | None:
        """The session of a request; None without one, or when it is over."""

    def routes(self) -> list[BaseRoute]:
        """The pages that need no session: sign in, sign out, unlock."""


class Console:
    """The staff's side of the assistant.

    Args:
        settings: mode, host name and limits.
        sign_in: who is asking.
        sections: the parts, in the order of the navigation.
        record: the audit log.
        background: what runs as long as the console does, each until it is cancelled.
    """

    def __init__(
        self,
        settings: Settings,
        sign_in: SignIn,
        sections: Sequence[Section],
        record: Record,
        background: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
    ) -> None:
        self._settings, self._sign_in, self._record, self._background = settings, sign_in, record, background
        self.pages: list[Page] = [page for section in sections for page in section.pages()]
        self._menu = [entry for section in sections for entry in section.menu()]

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/", self._start),
                Route("/health", self._health),
                *self._sign_in.routes(),
                *(Route(page.path, self._guarded(page), methods=list(page.methods)) for page in self.pages),
                Mount("/static", StaticFiles(directory=STATIC)),
            ],
            middleware=[
                Middleware(TrustedHostMiddleware, allowed_hosts=self._settings.console_hosts, www_redirect=False),
                Middleware(Guard, settings=self._settings),
            ],
            exception_handlers={
                HTTPException: self._http_error,
                SQLAlchemyError: self._store_failed,
                Exception: self._broken,
            },
            lifespan=self._life,
        )

    @contextlib.asynccontextmanager
    async def _life(self, _app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(work()) for work in self._background]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _guarded(self, page: Page) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """A page behind sign-in, role and CSRF."""

        async def answer(request: Request) -> Response:
            signed_in = await self._sign_in.who(request)
            if signed_in is None or signed_in.locked:
                return _away(request, SIGN_IN if signed_in is None else UNLOCK)
            visit = Visit(request, signed_in, self._record, self._around(signed_in, request))
            if not signed_in.staff.may(page.roles):
                visit.record("refused", page.path)
                return visit.render(
                    "problem.html", 403, title="Not for your role", text="Your role may not see this page."
                )
            if request.method not in SAFE and not await _is_ours(request, signed_in.csrf):
                return visit.render(
                    "problem.html", 403, title="Please try again", text="The form was too old. Nothing was changed."
                )
            return await page.view(visit)

        return answer

    def _around(self, signed_in: SignedIn, request: Request) -> dict[str, Any]:
        allowed = {page.path for page in self.pages if "GET" in page.methods and signed_in.staff.may(page.roles)}
        menu: list[MenuEntry] = [entry for entry in self._menu if entry.path in allowed]
        return {
            "menu": menu,
            "here": request.url.path,
            "csrf": signed_in.csrf,
            "demo": self._settings.demo,
            "controller": self._settings.controller,
            "done": request.query_params.get("done", "")[:200],
        }

    async def _start(self, request: Request) -> Response:
        signed_in = await self._sign_in.who(request)
        if signed_in is None or signed_in.locked:
            return _away(request, SIGN_IN if signed_in is None else UNLOCK)
        menu = self._around(signed_in, request)["menu"]
        return RedirectResponse(menu[0].path if menu else SIGN_IN, 303)

    async def _health(self, _request: Request) -> Response:
        return Response(status_code=204)

    # --- when something is wrong

    async def _http_error(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _plain(error.status_code, "Nothing found", "There is nothing here that you may see.")

    async def _store_failed(self, _request: Request, error: Exception) -> Response:
        log.error("console.store_failed", error=type(error).__name__)
        return _plain(503, "Not possible right now", "The database does not answer. Nothing was changed. Try again.")

    async def _broken(self, _request: Request, error: Exception) -> Response:
        log.error("console.failed", error=type(error).__name__)
        return _plain(500, "That went wrong", "Something is broken here. Nothing was changed. Tell your administrator.")


async def _is_ours(request: Request, csrf: str) -> bool:
    sent = request.headers.get("x-csrf-token") or (await request.form()).get("csrf")
    return isinstance(sent, str) and hmac.compare_digest(sent.encode(), csrf.encode())


def _away(request: Request, path: str) -> Response:
    """To another page; a fragment takes the whole page there."""
    if request.headers.get("hx-request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def _plain(status: int, title: str, text: str) -> Response:
    return HTMLResponse(render("plain_problem.html", {"title": title, "text": text}), status)
