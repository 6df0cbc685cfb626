"""Rows of which only the key they are found by stands in the clear."""

from typing import Any, TypeVar

import msgspec

from bot.store.encryption import Vault

T = TypeVar("T")
_LENGTH = 4


def seal(vault: Vault, value: Any, size: int = 0) -> dict[str, bytes]:
    """Columns `key` and `body` of a row: a key of its own, and the value sealed with it.

    Args:
        vault: the service's keys.
        value: anything msgspec can encode.
        size: bytes to which the value is filled up before sealing, so that rows tell nothing by their length.

    Raises:
        ValueError: the value is longer than `size`.
    """
    plain = msgspec.msgpack.encode(value)
    if size and len(plain) > size:
        raise ValueError("does not fit into a sealed row")
    key = vault.new_key()
    return {"key": key, "body": vault.seal(key, len(plain).to_bytes(_LENGTH, "big") + plain.ljust(size, b"\0"))}


def unseal(vault: Vault, row: Any, kind: type[T]) -> T:
    """What `seal` put into a row.

    Raises:
        cryptography.fernet.InvalidToken: sealed under other keys, or damaged.
    """
    filled: bytes = vault.open(row.key, row.body, bytes)
    return msgspec.msgpack.decode(filled[_LENGTH : _LENGTH + int.from_bytes(filled[:_LENGTH], "big")], type=kind)
