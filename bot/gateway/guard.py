"""What holds for every request: a size limit, security headers, a request id, and a log line without personal data."""

import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.gateway.words import too_large
from bot.settings import Settings

log = structlog.get_logger()

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors "
)
HEADERS = {
    "Content-Security-Policy": f"{_POLICY}'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Strict-Transport-Security": "max-age=31536000",
}


def page_policy(frame_ancestors: str) -> str:
    """The Content-Security-Policy of the chat page: who may frame it, and that it never makes HTML of text.

    Args:
        frame_ancestors: origins, separated by blanks, or `'none'`.
    """
    return f"{_POLICY}{frame_ancestors}; require-trusted-types-for 'script'; trusted-types 'none'"


class BodyTooLarge(Exception):
    """More came in than is accepted."""


class Guard:
    """ASGI middleware; see the module's docstring.

    Args:
        app: the application behind it.
        settings: for the size limit.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._largest = app, settings.body_max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        began, status, started, size = time.perf_counter(), 500, False, 0

        async def guarded_send(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                headers = MutableHeaders(scope=message)
                if "Content-Security-Policy" not in headers:
                    # The chat page says itself who may frame it.
                    headers["X-Frame-Options"] = "DENY"
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["X-Request-ID"] = request_id
            await send(message)

        async def guarded_receive() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._largest:
                raise BodyTooLarge
            return message

        try:
            length = Headers(scope=scope).get("content-length", "0")
            if length.isdigit() and int(length) > self._largest:
                raise BodyTooLarge
            await self._app(scope, guarded_receive, guarded_send)
        except BodyTooLarge:
            if not started:
                await _answer(guarded_send, 413, too_large())
        finally:
            # What stands in a path's variable part, such as the kind of a paper, and in queries is not logged.
            log.info(
                "request",
                id=request_id,
                method=scope["method"],
                path=_route(scope)[:80] if status != 404 else "unknown",
                status=status,
                ms=round(1000 * (time.perf_counter() - began), 1),
            )


def _route(scope: Scope) -> str:
    """The path as its route is written: `/api/v1/papers/{kind}`."""
    path: str = scope["path"]
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(f"/{value}", f"/{{{name}}}")
    return path


async def _answer(send: Send, status: int, body: bytes) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", b"application/json"), (b"connection", b"close")],
        }
    )
    await send({"type": "http.response.body", "body": body})
