"""What is due, for staff: clocks from the Code and from what a person was told, not from sales (issue 7).

The time to a first reply is our own. The two working days within which the police must refer a victim to support are
theirs (Right 4, data/code/time-limits.yml, `support_referral`): they are shown only where referrals are taken on behalf
of the police, and never as met (`bot.referrals.clocks`).
"""

from datetime import datetime, time, timedelta

import sqlalchemy as sa

from bot.handoff.model import Clock, ClockKind
from bot.handoff.queue import may_see, may_see_restricted
from bot.handoff.room import Room
from bot.rights.working_days import LONDON, working_days_after
from bot.staff.roles import Staff
from bot.store.database import reading
from bot.store.handoff_tables import call_backs
from bot.store.referral_tables import referrals

POLICE_WORKING_DAYS = 2


class Clocks:
    """The clocks of one organisation.

    Args:
        room: what the desk stands on.
    """

    def __init__(self, room: Room) -> None:
        self._room = room

    def due(self, staff: Staff, now: float) -> list[Clock]:
        """All that is due for what they may see, what runs out first coming first."""
        with reading(self._room.engine) as db:
            waiting = [one for one in self._room.store.open(db, staff.organisation) if may_see(staff, one)]
            calls = db.execute(
                call_backs.select().where(
                    call_backs.c.organisation == staff.organisation, call_backs.c.state.in_(("open", "taken"))
                )
            ).all()
            unsent = []
            if self._room.limits.for_police:
                unsent = db.execute(
                    sa.select(referrals.c.reference, referrals.c.created, referrals.c.restricted).where(
                        referrals.c.organisation == staff.organisation,
                        referrals.c.sent.is_(None),
                        referrals.c.withdrawn.is_(None),
                    )
                ).all()
        found = [_clock("first_reply", one.id, one.due, now) for one in waiting if one.first_reply is None]
        found += [
            _clock("call_back", row.id, row.window_end, now)
            for row in calls
            if not row.restricted or may_see_restricted(staff)
        ]
        found += [
            _clock("police_referral", row.reference, police_referral_due(row.created), now)
            for row in unsent
            if not row.restricted or may_see_restricted(staff)
        ]
        return sorted(found, key=lambda one: (one.due, one.kind, one.subject))


def police_referral_due(created: float) -> float:
    """The end of the second working day after a referral was taken on behalf of the police."""
    day = working_days_after(datetime.fromtimestamp(created, LONDON).date(), POLICE_WORKING_DAYS)
    return datetime.combine(day + timedelta(days=1), time(), LONDON).timestamp()


def _clock(kind: ClockKind, subject: object, due: float, now: float) -> Clock:
    return Clock(kind=kind, subject=str(subject), due=due, late=now >= due)
