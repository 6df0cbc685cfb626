"""Signing in at a provider of OpenID Connect: authorization code with PKCE, state and nonce.

What the provider says is believed only in an ID token that it signed for us just now. Roles and organisation come from
claims of that token; somebody without a role or an organisation that we know has no access.
Sources: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3; RFC 7636 (PKCE); RFC 9207 (issuer of the answer).
"""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import quote

import httpx
import msgspec
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from bot.settings_checks import is_private_url
from bot.staff.roles import ORGANISATIONS, ROLES, OrganisationId, Role

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Only those with a key that the provider alone has; never `none`, nor HMAC with the client's secret."""
LEEWAY_S = 60
FRESH_S = 300.0
"""How old what was read about the provider may be."""
TIMEOUT_S = 10.0


class ProviderUnavailable(Exception):
    """The provider does not answer, or not as it should; the message is a kind of problem."""


class NotSignedIn(Exception):
    """The provider's answer lets nobody in; the message is a kind of problem, without anything about the person."""


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that was begun: what the answer must fit. It stays with the browser, sealed."""

    state: str
    nonce: str
    verifier: str
    began: float
    anew: bool = False


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom the provider has signed in."""

    issuer: str
    subject: str
    name: str
    roles: frozenset[Role]
    organisation: OrganisationId


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """Names of the claims that hold role, organisation and name; dots lead into a claim."""

    roles: str = "roles"
    organisation: str = "organisation"
    name: str = "name"


class _Metadata(msgspec.Struct, frozen=True, kw_only=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Token(msgspec.Struct, frozen=True, kw_only=True):
    id_token: str
    access_token: str = ""


class Provider:
    """One provider.

    Args:
        issuer: its address, exactly as its tokens say it.
        client: our client id there.
        secret: our client secret; empty for a public client.
        return_to: our address that it answers to.
        claims: where role, organisation and name stand.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        issuer: str,
        client: str,
        secret: str,
        return_to: str,
        claims: Claims | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer, self._client, self._secret, self._return_to = issuer, client, secret, return_to
        self._claims, self._clock = claims or Claims(), clock
        self._metadata: tuple[float, _Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self, anew: bool = False) -> tuple[str, Pending]:
        """Begin a sign-in.

        Args:
            anew: the provider must ask them again who they are, although they have signed in there.

        Returns:
            The address to send the browser to, and what its answer must fit.

        Raises:
            ProviderUnavailable: it does not say where to send anybody.
        """
        state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._return_to,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if anew else {}),
        }
        address = add_params_to_uri((await self._about()).authorization_endpoint, list(asked.items()))
        return address, Pending(state=state, nonce=nonce, verifier=verifier, began=self._clock(), anew=anew)

    async def finish(self, pending: Pending, answer: Mapping[str, str]) -> Person:
        """Who has signed in.

        Args:
            pending: what `begin` gave.
            answer: the query that the provider sent the browser back with.

        Raises:
            NotSignedIn: the answer does not fit, is not signed by the provider for us, or gives no role that we know.
            ProviderUnavailable: it does not answer.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
            raise NotSignedIn("state")
        if answer.get("iss", self._issuer) != self._issuer:
            raise NotSignedIn("issuer")
        if not answer.get("code"):
            raise NotSignedIn("refused")
        token = await self._token(answer["code"], pending.verifier)
        claims = await self._checked(token, pending)
        if pending.anew and claims["auth_time"] < pending.began - LEEWAY_S:
            raise NotSignedIn("auth_time")
        return self._person(claims)

    async def _token(self, code: str, verifier: str) -> _Token:
        about = await self._about()
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._return_to,
            "code_verifier": verifier,
            "client_id": self._client,
        }
        auth = None
        if self._secret and "client_secret_basic" in about.token_endpoint_auth_methods_supported:
            # RFC 6749, 2.3.1: both are encoded before they are joined.
            auth = httpx.BasicAuth(quote(self._client, safe=""), quote(self._secret, safe=""))
        elif self._secret:
            sent["client_secret"] = self._secret
        answer = await self._ask("POST", about.token_endpoint, data=sent, auth=auth)
        if answer.status_code in (400, 401):
            raise NotSignedIn("code")
        return _read(answer, _Token)

    async def _checked(self, token: _Token, pending: Pending) -> dict[str, Any]:
        """The claims of a token that was signed by the provider, for us, now, and in answer to what we asked."""
        try:
            try:
                read = jwt.decode(token.id_token, await self._key_set(), algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                # Its keys may be newer than what we have read of them.
                read = jwt.decode(token.id_token, await self._key_set(anew=True), algorithms=ALGORITHMS)
            params = {"nonce": pending.nonce, "client_id": self._client, "access_token": token.access_token}
            wanted = {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client},
            }
            claims = CodeIDToken(read.claims, read.header, wanted, {**params, "max_age": pending.anew})
            claims.validate(now=int(self._clock()), leeway=LEEWAY_S)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(type(error).__name__) from None
        return dict(claims)

    def _person(self, claims: Mapping[str, Any]) -> Person:
        told = _found(claims, self._claims.roles)
        known = frozenset(role for role in ROLES if role in (told.split() if isinstance(told, str) else told or []))
        organisation = _found(claims, self._claims.organisation)
        if not known:
            raise NotSignedIn("role")
        if not isinstance(organisation, str) or organisation not in ORGANISATIONS:
            raise NotSignedIn("organisation")
        name = _found(claims, self._claims.name)
        if not isinstance(name, str) or not name.strip():
            raise NotSignedIn("name")
        return Person(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            name=" ".join(name.split()),
            roles=known,
            organisation=organisation,
        )

    async def _about(self) -> _Metadata:
        """What the provider says about itself, read now and then."""
        if self._metadata is None or self._clock() - self._metadata[0] > FRESH_S:
            url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            found = _read(await self._ask("GET", url), _Metadata)
            addresses = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
            if found.issuer != self._issuer or not all(map(is_private_url, addresses)):
                raise ProviderUnavailable("metadata")
            self._metadata = (self._clock(), found)
        return self._metadata[1]

    async def _key_set(self, anew: bool = False) -> KeySet:
        if anew or self._keys is None or self._clock() - self._keys[0] > FRESH_S:
            found = _read(await self._ask("GET", (await self._about()).jwks_uri), dict[str, Any])
            try:
                self._keys = (self._clock(), KeySet.import_key_set(cast(Any, found)))
            except (JoseError, ValueError, KeyError) as error:
                raise ProviderUnavailable("keys") from error
        return self._keys[1]

    @staticmethod
    async def _ask(method: str, url: str, **more: Any) -> httpx.Response:
        try:
            # A provider's own host names are not to be looked up through a proxy of the environment.
            async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
                return await client.request(method, url, headers={"Accept": "application/json"}, **more)
        except httpx.HTTPError as error:
            raise ProviderUnavailable(type(error).__name__) from None


def _read(answer: httpx.Response, kind: Any) -> Any:
    if answer.status_code != 200:
        raise ProviderUnavailable(f"status {answer.status_code}")
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError:
        raise ProviderUnavailable("answer") from None


def _found(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by a way into one such as `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
