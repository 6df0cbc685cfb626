"""Keyed hashes: how references, sessions, codes and addresses are recognised without being kept."""

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def lookup_keys(keys: Sequence[str], purpose: str = "case look-ups") -> list[bytes]:
    """Keys for `LookupHash`, derived from the service's Fernet keys (BOT_KEYS), in the same order.

    Args:
        keys: the Fernet keys, newest first.
        purpose: hashes of one purpose never equal those of another.
    """
    return [
        HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(key.encode())
        for key in keys
    ]


class LookupHash:
    """HMAC-SHA256 with a key that stands in no database.

    Args:
        keys: newest first. What is written is hashed with the first; what was written under older ones is still found.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = list(keys)

    def of(self, kind: str, *parts: str) -> str:
        """Hash under the newest key. `kind` keeps, say, a session from ever equalling a reference."""
        return _hash(self._keys[0], kind, parts)

    def all(self, kind: str, *parts: str) -> list[str]:
        """Hashes under every key, to find what was written before keys were changed."""
        return [_hash(key, kind, parts) for key in self._keys]


def _hash(key: bytes, kind: str, parts: tuple[str, ...]) -> str:
    return hmac.new(key, "\x1f".join((kind, *parts)).encode("utf-8", "replace"), hashlib.sha256).hexdigest()
