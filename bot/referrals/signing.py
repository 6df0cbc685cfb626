"""Signatures between us and the receiver: HMAC-SHA256 over the time and the body, in both directions."""

import hashlib
import hmac
from collections.abc import Sequence

TIMESTAMP, SIGNATURE, IDEMPOTENCY_KEY = "X-Timestamp", "X-Signature", "Idempotency-Key"
TOLERANCE_S = 300.0


class BadSignature(Exception):
    """Not signed with a secret we share, or too old. Says nothing about which."""


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The signature of a body sent at a time (whole seconds since the epoch), as hexadecimal digits."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def verify(secrets: Sequence[str], timestamp: str, signature: str, body: bytes, now: float) -> None:
    """Make sure that a body was signed by somebody who shares a secret, within the last five minutes.

    Args:
        secrets: secrets that hold, so that one can be changed without a gap.
        timestamp: the header `X-Timestamp`.
        signature: the header `X-Signature`.
        body: the body as it came.
        now: seconds since the epoch.

    Raises:
        BadSignature: it was not.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12 and signature.isascii()):
        raise BadSignature
    good = [hmac.compare_digest(sign(secret, int(timestamp), body), signature) for secret in secrets if secret]
    if not any(good) or abs(now - int(timestamp)) > TOLERANCE_S:
        raise BadSignature
