"""Cases in a force's own system, asked over HTTP as `bot.cases.contract` says."""

import time
from typing import TypeVar

import httpx
import msgspec
import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from bot.cases.contract import FEED, FIND, Feed, Find, Found
from bot.cases.model import CaseRecord, Moment
from bot.cases.provider import CasesUnavailable
from bot.cases.references import LONGEST, key_of

log = structlog.get_logger()
T = TypeVar("T")

ATTEMPTS = 3
MOST_BYTES = 262_144
"""Largest answer that is read."""


class _TryAgain(Exception):
    """The system did not answer or is out of order for the moment; the message is a kind of problem."""


class HttpCases:
    """A `CaseProvider` on a force's own system. May be used by several threads at once.

    Redirects are not followed and proxies of the environment not used, so that token and references go nowhere else.

    Args:
        url: where the contract is served, without a path of its own; `bot.settings_checks.problems` says which are
            safe.
        token: bearer token.
        timeout_s: seconds to wait for a connection, and for the answer.
        wait_s: seconds before the first repeat; later ones wait longer.
    """

    def __init__(self, url: str, token: str, timeout_s: float, wait_s: float = 0.2) -> None:
        self._timeout_s = timeout_s
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=timeout_s,
            trust_env=False,
        )
        # Not after a time-out: whoever is slow is not helped by being asked again, and somebody waits here.
        self._retrying = Retrying(
            retry=retry_if_exception_type((_TryAgain, httpx.NetworkError, httpx.RemoteProtocolError)),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential_jitter(initial=wait_s, max=2.0, jitter=wait_s),
            reraise=True,
        )

    def find(self, reference: str) -> CaseRecord | None:
        """The case with this reference, or None.

        Raises:
            CasesUnavailable: the system does not answer, or not as the contract says, or with another case.
        """
        key = key_of(reference)
        if not key or len(reference) > LONGEST:
            return None
        case = self._answer("POST", FIND, Found, msgspec.json.encode(Find(reference=reference))).case
        if case is not None and key not in map(key_of, (case.reference, *case.other_references)):
            raise self._unavailable("another case than was asked for")
        return case

    def feed_worked_at(self) -> Moment | None:
        """When the force's cases were last brought up to date.

        Raises:
            CasesUnavailable: the system does not answer, or not as the contract says.
        """
        return self._answer("GET", FEED, Feed).worked_at

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _answer(self, method: str, path: str, kind: type[T], content: bytes | None = None) -> T:
        # What httpx and msgspec raise holds the request or parts of the answer, so nothing of it is passed on.
        try:
            body = self._retrying(self._ask, method, path, content)
        except _TryAgain as error:
            raise self._unavailable(str(error)) from None
        except httpx.HTTPError as error:
            raise self._unavailable(type(error).__name__) from None
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.ValidationError:
            raise self._unavailable("an answer that does not follow the contract") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._unavailable("an answer that is not JSON") from None

    def _ask(self, method: str, path: str, content: bytes | None) -> bytes:
        headers = {"Content-Type": "application/json"} if content else {}
        with self._client.stream(method, path, content=content, headers=headers) as answer:
            if answer.is_server_error:
                raise _TryAgain(f"status {answer.status_code}")
            if answer.status_code != httpx.codes.OK:
                raise self._unavailable(f"status {answer.status_code}")
            body, deadline = b"", time.monotonic() + self._timeout_s
            for part in answer.iter_bytes():
                body += part
                # The client's own time-out begins anew with each part.
                if time.monotonic() > deadline:
                    raise self._unavailable("an answer that takes too long")
                if len(body) > MOST_BYTES:
                    raise self._unavailable("an answer that is too large")
            return body

    @staticmethod
    def _unavailable(problem: str) -> CasesUnavailable:
        log.warning("cases.unavailable", problem=problem)
        return CasesUnavailable(f"The force's system cannot be read: {problem}.")
