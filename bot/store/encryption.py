"""A key for each conversation, wrapped by the service's own keys. Deleting a conversation's key erases its words."""

import functools
from pathlib import Path
from typing import Any

import msgspec
from cryptography.fernet import Fernet, MultiFernet

KEPT = 128


class Vault:
    """Seals and opens what is stored.

    Args:
        keys: Fernet keys, newest first. New conversations are wrapped with the first; all of them can unwrap.
    """

    def __init__(self, keys: list[str]) -> None:
        self._master = MultiFernet([Fernet(key.encode()) for key in keys])
        # A message seals and opens a dozen times with one key; the last few are kept in memory, never on a disk.
        self._open_key = functools.lru_cache(maxsize=KEPT)(self._unwrapped)

    def new_key(self) -> bytes:
        """A fresh conversation key, wrapped for storing."""
        return self._master.encrypt(Fernet.generate_key())

    def seal(self, wrapped: bytes, value: Any) -> bytes:
        """Encrypt any msgspec-encodable value with a conversation's wrapped key."""
        return self._open_key(wrapped).encrypt(msgspec.msgpack.encode(value))

    def open(self, wrapped: bytes, sealed: bytes, kind: Any = Any) -> Any:
        """Decrypt to `kind`.

        Raises:
            cryptography.fernet.InvalidToken: wrong key or damaged data.
        """
        return msgspec.msgpack.decode(self._open_key(wrapped).decrypt(sealed), type=kind)

    def _unwrapped(self, wrapped: bytes) -> Fernet:
        return Fernet(self._master.decrypt(wrapped))


def local_keys(folder: Path) -> list[str]:
    """The key of an embedded demonstration, made on first use and readable by its owner only.

    Args:
        folder: where `key` is kept, beside the embedded database.
    """
    file = folder / "key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_bytes(Fernet.generate_key())
    return [file.read_text().strip()]
