"""The purges of this package and of the referrals, for `bot.privacy.retention.purge`; what is held stays."""

from datetime import datetime, timezone

from bot.privacy.backups import BackupKeys
from bot.privacy.complaints import Complaints
from bot.privacy.export import Exports
from bot.privacy.holds import Holds
from bot.privacy.retention import Purge
from bot.referrals.store import ReferralStore


def purges(
    referrals: ReferralStore, holds: Holds, exports: Exports, complaints: Complaints, backups: BackupKeys
) -> dict[str, Purge]:
    """What deletes referrals, records for the audit and keys of backups.

    The owners of the other kinds add theirs: chat, handed_over, failed_lookup, alert.
    """

    def audit(before: float) -> int:
        day = datetime.fromtimestamp(before, timezone.utc).date()
        return holds.purge(before) + exports.purge(before) + complaints.purge(day)

    return {
        "referral": lambda before: referrals.purge(before, holds.held("referral")),
        "referral_unread": lambda before: referrals.purge_unacknowledged(before, holds.held("referral")),
        "audit": audit,
        "backup": backups.purge,
    }
