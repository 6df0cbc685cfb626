"""How long each kind of data is kept, and the run that deletes what is past its time.

The periods are those of shared/protection.md, "Data protection", each of them a setting. Each kind names one purge: a
function that deletes what is older than a moment and says how many. The stores own these functions; this module knows
no table. Documents have no period, since none is ever stored.
"""

from collections.abc import Callable, Mapping

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings

log = structlog.get_logger()
HOUR_S, DAY_S = 3600.0, 86_400.0
Purge = Callable[[float], int]
"""Deletes what is older than a moment (seconds since the epoch) and returns how many."""


class Periods(msgspec.Struct, frozen=True, kw_only=True):
    """The retention periods.

    Attributes:
        chat_hours: a conversation that was not handed over, from its last message.
        handed_over_days: a conversation that was handed over to staff, from its last message.
        referral_days: a referral, from its acknowledgement, or from word that it was withdrawn.
        referral_unread_days: a referral that was sent and never acknowledged, from sending.
        failed_lookup_days: failed case look-ups, which are kept as keyed hashes.
        alert_days: safety alerts, which hold no words.
        feedback_days: whether an answer helped, without words.
        unanswered_days: questions that were not answered and wait for staff, where they are collected.
        count_days: counters for supervisors, which lead to nobody.
        audit_days: audit records, lifted holds, records of exports and closed complaints.
        backup_days: backups; then their key is destroyed.
    """

    chat_hours: int = 24
    handed_over_days: int = 90
    referral_days: int = 30
    referral_unread_days: int = 90
    failed_lookup_days: int = 90
    alert_days: int = 730
    feedback_days: int = 730
    unanswered_days: int = 14
    count_days: int = 730
    audit_days: int = 730
    backup_days: int = 30

    def seconds(self) -> dict[str, float]:
        """Each kind of data with its period in seconds."""
        return {
            "chat": self.chat_hours * HOUR_S,
            "handed_over": self.handed_over_days * DAY_S,
            "referral": self.referral_days * DAY_S,
            "referral_unread": self.referral_unread_days * DAY_S,
            "failed_lookup": self.failed_lookup_days * DAY_S,
            "alert": self.alert_days * DAY_S,
            "feedback": self.feedback_days * DAY_S,
            "unanswered": self.unanswered_days * DAY_S,
            "count": self.count_days * DAY_S,
            "audit": self.audit_days * DAY_S,
            "backup": self.backup_days * DAY_S,
        }


def periods(settings: Settings) -> Periods:
    """The periods of the settings."""
    return Periods(
        chat_hours=settings.retention_hours,
        handed_over_days=settings.handed_over_days,
        referral_days=settings.referral_retention_days,
        referral_unread_days=settings.referral_unread_days,
        failed_lookup_days=settings.failed_lookup_days,
        alert_days=settings.alert_retention_days,
        feedback_days=settings.feedback_retention_days,
        unanswered_days=settings.unanswered_days,
        count_days=settings.count_retention_days,
        audit_days=settings.audit_retention_days,
        backup_days=settings.backup_days,
    )


def without_purge(purges: Mapping[str, Purge]) -> list[str]:
    """Kinds of data that nothing deletes: empty once the service is put together right."""
    return [kind for kind in Periods().seconds() if kind not in purges]


def purge(periods: Periods, purges: Mapping[str, Purge], now: float) -> dict[str, int]:
    """Delete everything past its time.

    Args:
        periods: how long each kind is kept.
        purges: what deletes each kind.
        now: seconds since the epoch.

    Returns:
        How many of each kind were deleted. A kind whose purge failed is missing, is logged, and is tried next time.

    Raises:
        KeyError: a purge for a kind that has no period.
    """
    done = {}
    for kind, delete in purges.items():
        before = now - periods.seconds()[kind]
        try:
            done[kind] = delete(before)
        except (SQLAlchemyError, OSError) as error:
            log.error("retention.failed", kind=kind, error=type(error).__name__)
    log.info("retention.purged", **done)
    return done
