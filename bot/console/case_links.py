"""Addresses of cases that hold no reference: what stands in a browser's history tells nothing.

Whoever has looked a case up gets a link that is sealed, works for them alone, and is over after a while.
"""

import base64
from collections.abc import Sequence

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.cases.hashing import lookup_keys

PURPOSE = "links to cases in the console"
HOLDS_S = 1800.0


class _Link(msgspec.Struct, frozen=True, array_like=True):
    staff: str
    reference: str
    until: float


class CaseLinks:
    """Makes and reads links.

    Args:
        keys: the service's Fernet keys, newest first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        derived = lookup_keys(keys, PURPOSE)
        self._seal = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])

    def to(self, reference: str, staff: str, now: float) -> str:
        """The link of a member of staff to a case, as part of a path."""
        link = _Link(staff, reference, now + HOLDS_S)
        return self._seal.encrypt(msgspec.msgpack.encode(link)).decode()

    def reference(self, link: str, staff: str, now: float) -> str | None:
        """The reference behind a link; None where it is over, somebody else's, or made up."""
        try:
            found = msgspec.msgpack.decode(self._seal.decrypt(link.encode()), type=_Link)
        except InvalidToken:
            return None
        return found.reference if found.staff == staff and now < found.until else None
