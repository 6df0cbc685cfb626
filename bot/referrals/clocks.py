"""Which clocks a referral has, and which it does not.

The Code gives the police two working days to refer a victim to support (Right 4, data/code/time-limits.yml,
`support_referral`). A self-referral here neither starts, stops nor meets that clock: what is known of it stays unknown,
whatever becomes of the referral (issue 5, section 3). No provider has promised a time for its own answer, so none is
given.
"""

from typing import Literal

from bot.referrals.queue import ReferralQueue
from bot.referrals.rows import Status
from bot.staff.roles import Staff

POLICE_DUTY = "support_referral"
"""Id of the duty of the police in data/code/time-limits.yml."""
ASK_AFTER_S = 2 * 86_400.0
"""Seconds without an acknowledgement after which staff ask the provider. Our own rule, not a right of anyone."""


def police_duty(_status: Status) -> Literal["unknown"]:
    """What a self-referral in any state tells about the duty of the police: nothing."""
    return "unknown"


def to_ask_after(queue: ReferralQueue, now: float, staff: Staff | None = None) -> list[str]:
    """References sent two days ago or earlier that the provider has not acknowledged, for staff to ask after.

    Args:
        queue: the referrals as staff see them.
        now: seconds since the epoch.
        staff: who asks; only what they may see. Without it all, for the command line.
    """
    return queue.unacknowledged(now - ASK_AFTER_S, staff)
