"""A provider of OpenID Connect on this machine, for tests: real HTTP, and it can be made to lie.

It signs in whoever comes, without asking, and checks what a provider must: redirect address, client, PKCE.
"""

import base64
import functools
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "console", "a secret / of the client"


@functools.cache
def _key(name: str) -> RSAKey:
    # Made once for all tests: it takes a while.
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


class LocalProvider:
    """The provider's state; tests change what it says before somebody signs in.

    Attributes:
        issuer: its address.
        claims: what it says about the person, over the usual ones; None as a value leaves a claim out.
        header: over the usual header of a token.
        sign_with: another key than the one it publishes.
        refuses: it sends people back without a code.
        asked: the query of each sign-in, newest last.
    """

    def __init__(self) -> None:
        self.issuer = ""
        self.return_to = ""
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.sign_with: Any = None
        self.refuses = False
        self.broken = False
        self.published_issuer = ""
        self.asked: list[dict[str, str]] = []
        self.new_key("first")
        self._codes: dict[str, dict[str, str]] = {}

    def new_key(self, name: str) -> None:
        """Sign with another key from now on, and publish only that."""
        self.key = _key(name)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.published_issuer or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        self.asked.append(query)
        assert query["redirect_uri"] == self.return_to
        assert (query["client_id"], query["response_type"], query["code_challenge_method"]) == (CLIENT, "code", "S256")
        if self.refuses:
            return f"{self.return_to}?{urlencode({'state': query['state'], 'error': 'access_denied'})}"
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        return f"{self.return_to}?{urlencode({'state': query['state'], 'code': code, 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The answer to a code; None where it is refused."""
        query = self._codes.pop(form.get("code", ""), None)
        if query is None or form["redirect_uri"] != self.return_to:
            return None
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        basic = base64.b64encode(b"console:a%20secret%20%2F%20of%20the%20client").decode()
        if challenge.decode() != query["code_challenge"] or authorization != f"Basic {basic}":
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "person-1",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": query["nonce"],
            "name": "Adviser of the provider",
            "roles": ["adviser"],
            "organisation": "victim_support",
            **self.claims,
        }
        key = self.sign_with or self.key
        algorithm = "HS256" if isinstance(key, OctKey) else "RS256"
        header = {"alg": algorithm, "kid": self.key.kid, **self.header}
        told = {name: value for name, value in claims.items() if value is not None}
        return {"id_token": jwt.encode(header, told, key, algorithms=["RS256", "HS256"]), "access_token": "unused"}

    def keys(self) -> dict[str, Any]:
        return KeySet([self.key]).as_dict(private=False)  # type: ignore[return-value]


@contextmanager
def running(return_to: str) -> Iterator[LocalProvider]:
    """A provider that answers until the end of the block."""
    provider = LocalProvider()
    provider.return_to = return_to

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if provider.broken:
                self._send(500, {})
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize({k: v[0] for k, v in parse_qs(parts.query).items()}))
                self.end_headers()
            else:
                found = {"/keys": provider.keys, "/.well-known/openid-configuration": provider.metadata}[parts.path]
                self._send(200, found())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            answer = provider.token(form, self.headers.get("Authorization", ""))
            self._send(200 if answer else 400, answer or {"error": "invalid_grant"})

        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def _send(self, status: int, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
