"""Where cases come from: one interface, three sources (`sql`, `http`, and CSV files imported into `sql`)."""

from datetime import datetime
from typing import Protocol

from bot.cases.model import CaseRecord


class CasesUnavailable(Exception):
    """The source of cases cannot be read now; the message holds no reference and no personal data."""


class CaseProvider(Protocol):
    """A source of cases."""

    def find(self, reference: str) -> CaseRecord | None:
        """The case with this reference, or None.

        Args:
            reference: as `bot.cases.references` writes it.

        Raises:
            CasesUnavailable: nobody knows whether there is one.
        """

    def feed_worked_at(self) -> datetime | None:
        """When the source was last brought up to date; None where nobody knows.

        Raises:
            CasesUnavailable: the source does not answer.
        """
