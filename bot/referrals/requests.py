"""Recognising that somebody asks about a referral they sent: what became of it, or to withdraw it.

The patterns are data (data/conversation/referral_requests.en.yml). Other languages have the buttons.
"""

import re
from pathlib import Path
from typing import Literal

import msgspec

from bot.data_files import load

Request = Literal["referral_status", "referral_withdraw"]


class RequestPatterns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/referral_requests.<language>.yml."""

    version: int
    status: list[str]
    withdraw: list[str]
    not_ours: str
    reference: str


class Requests:
    """Reads messages.

    Args:
        patterns: what to look for.
    """

    def __init__(self, patterns: RequestPatterns) -> None:
        self._status = [re.compile(one) for one in patterns.status]
        self._withdraw = [re.compile(one) for one in patterns.withdraw]
        self._not_ours, self._reference = re.compile(patterns.not_ours), re.compile(patterns.reference)

    def read(self, text: str) -> Request | None:
        """What a message asks about a referral that was sent, if that is what it is about.

        A reference alone asks what became of it: that changes nothing.
        """
        said = text.lower().replace("’", "'")
        if self._not_ours.search(said):
            return None
        if any(one.search(said) for one in self._withdraw):
            return "referral_withdraw"
        if any(one.search(said) for one in self._status) or self._reference.fullmatch(said.strip()):
            return "referral_status"
        return None

    def reference_in(self, text: str) -> str | None:
        """The reference that stands in a message, as it is written there."""
        found = self._reference.search(text)
        return found[0] if found else None


def load_requests(data: Path, language: str = "en") -> Requests:
    """The reader with the patterns of a language.

    Raises:
        bot.data_files.DataError: the file is wrong or missing.
    """
    return Requests(load(data / "conversation" / f"referral_requests.{language}.yml", RequestPatterns))
