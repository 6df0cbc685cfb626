"""From the outbox to the provider: at least once, with an idempotency key, by signed webhook or by e-mail.

A worker claims a delivery for a while, sends it and notes the outcome. If it dies at any point another sends it again
with the same key, so a receiver that checks keys takes it once. What is given up is listed for staff.
"""

import asyncio
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import Protocol
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from tenacity import RetryCallState, Retrying, wait_exponential

from bot.outgoing import MailServer, NotSent
from bot.referrals.draft import Form
from bot.referrals.payload import as_json, as_text
from bot.referrals.rows import Delivery
from bot.referrals.signing import IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP, sign, verify
from bot.referrals.store import ReferralStore

log = structlog.get_logger()
LEASE_S = 120.0
LOOK_EVERY_S = 5.0
MOST_ATTEMPTS = 12
"""With the waits below, about 16 hours."""
BACK_OFF = wait_exponential(multiplier=30, max=4 * 3600)
_TRY_LATER = (408, 409, 425, 429)


class Sender(Protocol):
    """What brings a delivery to the provider."""

    async def send(self, delivery: Delivery, now: float) -> None:
        """Send it.

        Raises:
            NotSent: the receiver did not take it, or may not have.
        """


class Webhook:
    """Delivery by POST, signed, with the idempotency key as a header. Redirects are not followed.

    Args:
        url: where to; https, or http to this machine.
        secret: shared with the receiver.
        form: the questions, for their names.
        timeout_s: seconds the receiver may take.

    Raises:
        ValueError: the address is not safe, or the secret is too short.
    """

    def __init__(self, url: str, secret: str, form: Form, timeout_s: float = 15.0) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1")):
            raise ValueError("The address of the referral webhook must begin with https://.")
        if len(secret) < 32:
            raise ValueError("The secret of the referral webhook needs at least 32 characters.")
        self._url, self._secret, self._form, self._timeout = url, secret, form, timeout_s

    async def send(self, delivery: Delivery, now: float) -> None:
        """See `Sender.send`."""
        content = as_json(delivery, self._form)
        headers = {
            "Content-Type": "application/json",
            IDEMPOTENCY_KEY: delivery.idempotency_key,
            TIMESTAMP: str(int(now)),
            SIGNATURE: sign(self._secret, int(now), content),
        }
        try:
            async with httpx.AsyncClient(timeout=self._timeout, trust_env=False) as client:
                answer = await client.post(self._url, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise NotSent(type(error).__name__) from error
        if not answer.is_success:
            code = answer.status_code
            raise NotSent(f"status {code}", for_good=code < 500 and code not in _TRY_LATER)


class Mail:
    """Delivery by e-mail to the provider's own mailbox, with nothing but the reference in the subject.

    Args:
        server: the mail server.
        to: the mailbox.
        form: the questions, for their names.
    """

    def __init__(self, server: MailServer, to: str, form: Form) -> None:
        self._server, self._to, self._form = server, to, form

    async def send(self, delivery: Delivery, now: float) -> None:
        """See `Sender.send`."""
        headers = {
            "Date": formatdate(now),
            # The same each time it is sent, so that a mailbox or a person can tell a repeat.
            "Message-ID": f"<{delivery.idempotency_key}@{self._server.domain}>",
            IDEMPOTENCY_KEY: delivery.idempotency_key,
        }
        subject = f"{delivery.kind.capitalize()} {delivery.referral.reference}"
        await self._server.send(self._to, subject, as_text(delivery, self._form), headers)


class Demonstration:
    """Stands for a provider in demonstration mode: takes everything, acknowledges it at once, and nothing leaves.

    Args:
        store: the referrals, for the acknowledgement.
    """

    def __init__(self, store: ReferralStore) -> None:
        self._store = store

    async def send(self, delivery: Delivery, now: float) -> None:
        """See `Sender.send`."""
        if delivery.kind == "referral":
            await asyncio.to_thread(self._store.received, delivery.referral.reference, now)


class Outbox:
    """Works the outbox; any number of workers may run at once.

    Args:
        store: the referrals.
        sender: how the provider gets them.
        owner: this worker's own name, at most 36 characters.
        clock: seconds since the epoch.
        most_attempts: after how many a delivery is given up.
    """

    def __init__(
        self,
        store: ReferralStore,
        sender: Sender,
        owner: str,
        clock: Callable[[], float],
        most_attempts: int = MOST_ATTEMPTS,
    ) -> None:
        self._store, self._sender, self._owner, self._clock, self._most = store, sender, owner, clock, most_attempts

    async def run(self) -> None:
        """Deliver what is due, now and always, until cancelled. A store that fails is tried again."""
        while True:
            try:
                await self.work()
            except SQLAlchemyError as error:
                log.error("store.failed", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def work(self) -> int:
        """Deliver all that is due. Returns how many deliveries were tried."""
        tried = 0
        while await self.work_one():
            tried += 1
        return tried

    async def work_one(self) -> bool:
        """Try one delivery; False when none is due."""
        now = self._clock()
        delivery = await asyncio.to_thread(self._store.claim, self._owner, now, now + LEASE_S)
        if delivery is None:
            return False
        try:
            await self._sender.send(delivery, now)
        except NotSent as error:
            give_up = error.for_good or delivery.attempt >= self._most
            again = None if give_up else self._clock() + back_off(delivery.attempt)
            await asyncio.to_thread(self._store.not_delivered, delivery, error.problem[:40], again)
            log.warning("referral.not_delivered", kind=delivery.kind, problem=error.problem, given_up=give_up)
        else:
            await asyncio.to_thread(self._store.delivered, delivery, self._clock())
            log.info("referral.delivered", kind=delivery.kind, attempt=delivery.attempt)
        return True


def back_off(attempt: int) -> float:
    """Seconds to wait after an attempt, counted from 1: 30, 60, 120 … up to four hours."""
    state = RetryCallState(retry_object=Retrying(), fn=None, args=(), kwargs={})
    state.attempt_number = attempt
    return float(BACK_OFF(state))


class _Acknowledgement(msgspec.Struct, frozen=True):
    reference: str


def acknowledge(
    store: ReferralStore, secrets: Sequence[str], *, timestamp: str, signature: str, body: bytes, now: float
) -> bool:
    """Take the receiver's signed word that it has a referral: a JSON object with its `reference`.

    Args:
        store: the referrals.
        secrets: secrets shared with the receiver that hold.
        timestamp, signature: the headers `X-Timestamp` and `X-Signature`.
        body: the body as it came.
        now: seconds since the epoch.

    Returns:
        Whether there is such a referral. The same acknowledgement again changes nothing.

    Raises:
        BadSignature: it is not from the receiver, or too old.
        msgspec.ValidationError, msgspec.DecodeError: it is, but is not an acknowledgement.
    """
    verify(secrets, timestamp, signature, body, now)
    return store.received(msgspec.json.decode(body, type=_Acknowledgement).reference, now)
