"""What a browser of staff holds: the token of its session, a token for forms before that, and a sign-in under way."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from starlette.requests import Request
from starlette.responses import Response

from bot.cases.hashing import lookup_keys
from bot.settings import Settings
from bot.staff.oidc import Pending

PENDING_S = 600


class Cookies:
    """Reads and writes the console's cookies. None of them can be read by a script.

    They need TLS and belong to this host alone (`__Host-`), but for a demonstration without it. All are
    `SameSite=Strict`, but for the one that a provider's answer must fit, since that comes from another site.

    Args:
        settings: mode and address.
        keys: the service's keys, which seal a sign-in under way.
    """

    def __init__(self, settings: Settings, keys: Sequence[str]) -> None:
        self._secure = not settings.demo or settings.staff_address.startswith("https://")
        prefix = "__Host-" if self._secure else ""
        self.session, self.form, self.pending = (f"{prefix}staff{part}" for part in ("", "-form", "-provider"))
        sealing = lookup_keys(keys, "sign-in under way")
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in sealing])

    def token(self, request: Request) -> str:
        """The token of the session, or nothing."""
        return request.cookies.get(self.session, "")

    def signed_in(self, response: Response, token: str) -> Response:
        """The response with a session; it ends with the browser at the latest."""
        self._set(response, self.session, token)
        return response

    def signed_out(self, response: Response) -> Response:
        """The response that takes everything away."""
        for name in (self.session, self.form, self.pending):
            response.delete_cookie(name, path="/", secure=self._secure, httponly=True)
        return response

    def form_token(self, request: Request) -> str:
        """What forms before a session must send along: the browser's own, or a new one."""
        return request.cookies.get(self.form, "") or secrets.token_urlsafe(32)

    def with_form_token(self, response: Response, token: str) -> Response:
        """The response of a page with such a form."""
        self._set(response, self.form, token)
        return response

    def is_our_form(self, request: Request, sent: str) -> bool:
        """Whether what a form sent along is what the browser holds."""
        held = request.cookies.get(self.form, "")
        return bool(held) and hmac.compare_digest(held.encode(), sent.encode())

    def begun(self, response: Response, pending: Pending) -> Response:
        """The response that sends somebody to the provider."""
        sealed = self._fernet.encrypt(msgspec.json.encode(pending)).decode()
        self._set(response, self.pending, sealed, samesite="lax", max_age=PENDING_S)
        return response

    def begun_with(self, request: Request) -> Pending | None:
        """What the provider's answer must fit; None without one, or after ten minutes."""
        try:
            opened = self._fernet.decrypt(request.cookies.get(self.pending, "").encode(), ttl=PENDING_S)
            return msgspec.json.decode(opened, type=Pending)
        except (InvalidToken, msgspec.DecodeError):
            return None

    def answered(self, response: Response) -> Response:
        """The response after the provider's answer, which does not count twice."""
        response.delete_cookie(self.pending, path="/", secure=self._secure, httponly=True, samesite="lax")
        return response

    def _set(self, response: Response, name: str, value: str, **more: Any) -> None:
        response.set_cookie(name, value, path="/", secure=self._secure, httponly=True, **{"samesite": "strict", **more})
