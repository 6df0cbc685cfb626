"""Passwords (argon2id) and time-based codes (RFC 6238), each checked in a way that tells nothing by its time."""

import functools
import hmac
import secrets
from typing import Protocol

import argon2
import pyotp
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_CHARACTERS, MOST_CHARACTERS = 12, 200
ISSUER = "Staff console"
_STEPS = (0, -1, 1)
"""A code counts a step (30 s) early or late: clocks of phones differ."""


class WeakPassword(Exception):
    """A password cannot be taken; the message says why, for staff."""


class Hasher(Protocol):
    """`argon2.PasswordHasher`; its default is argon2id with the parameters of RFC 9106 for little memory."""

    def hash(self, password: str) -> str:
        """The hash to be kept."""

    def verify(self, hash: str, password: str) -> bool:
        """True, or raises `VerificationError`."""

    def check_needs_rehash(self, hash: str) -> bool:
        """Whether it was made with other parameters."""


class Passwords:
    """Makes and checks hashes.

    Args:
        hasher: how; tests take a quick one.
    """

    def __init__(self, hasher: Hasher | None = None) -> None:
        self._hasher: Hasher = hasher or argon2.PasswordHasher()

    @functools.cached_property
    def _nobody(self) -> str:
        """What is compared where there is no account or no password: the same work, and never right."""
        return self._hasher.hash(secrets.token_urlsafe(32))

    def hashed(self, password: str, sign_in: str) -> str:
        """The hash of a new password.

        Args:
            password: as typed.
            sign_in: the name it goes with, which it must not hold.

        Raises:
            WeakPassword: it is too short, too long, or holds the name.
        """
        if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
            raise WeakPassword(f"The password needs {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters.")
        if sign_in.casefold() in password.casefold():
            raise WeakPassword("The password must not hold the name you sign in with.")
        if len(set(password)) < LEAST_CHARACTERS // 2:
            raise WeakPassword("The password repeats too few characters.")
        return self._hasher.hash(password)

    def right(self, hashed: str, password: str) -> bool:
        """Whether a password is the one that was hashed; without a hash the same work is done, and it is not."""
        # Made before it is needed, so that the first wrong name takes no longer than the others.
        compared = hashed or self._nobody
        try:
            self._hasher.verify(compared, password[:MOST_CHARACTERS])
        except (VerificationError, InvalidHashError):
            return False
        return bool(hashed)

    def outdated(self, hashed: str) -> bool:
        """Whether a hash should be made anew with the parameters of today."""
        return self._hasher.check_needs_rehash(hashed)


def new_code_secret() -> str:
    """A secret for time-based codes, base32."""
    return pyotp.random_base32()


def code_uri(secret: str, sign_in: str) -> str:
    """The address that authenticator apps read a secret from."""
    return pyotp.TOTP(secret).provisioning_uri(name=sign_in, issuer_name=ISSUER)


def code_now(secret: str, now: float) -> str:
    """The code of this moment; for the demonstration, and for tests."""
    return pyotp.TOTP(secret).at(int(now))


def step_of(secret: str, code: str, now: float) -> int | None:
    """The step (30 s since the epoch) that a code belongs to; None when it is none of this moment.

    Args:
        secret: base32; empty where there is no account, for which no code is right.
        code: as typed; blanks are left out.
        now: seconds since the epoch.
    """
    typed = "".join(code.split()).encode("utf-8", "replace")
    totp = pyotp.TOTP(secret or "A" * 32)
    found = None
    for offset in _STEPS:
        step = int(now) // totp.interval + offset
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed) and found is None:
            found = step
    return found if secret else None
