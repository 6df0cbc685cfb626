"""How long people waited for staff, for supervisors: times only, nothing of who or why."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.handoff.queue import may_see_restricted
from bot.staff.roles import Staff
from bot.store.database import reading
from bot.store.handoff_tables import hand_offs


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds that people waited, from asking for a person.

    Attributes:
        taken: until somebody took them on.
        first_reply: until the first reply.
    """

    taken: list[float]
    first_reply: list[float]


def waits(engine: Engine, staff: Staff, since: float) -> Waits:
    """The waits of who asked from a moment on, in the organisation of staff and of what they may see.

    Args:
        engine: an opened database.
        staff: who asks.
        since: seconds since the epoch.
    """
    mine = [hand_offs.c.organisation == staff.organisation, hand_offs.c.asked >= since]
    if not may_see_restricted(staff):
        mine.append(hand_offs.c.restricted.is_(False))
    query = sa.select(hand_offs.c.asked, hand_offs.c.claimed, hand_offs.c.first_reply).where(*mine)
    with reading(engine) as db:
        rows = db.execute(query).all()
    return Waits(
        taken=[row.claimed - row.asked for row in rows if row.claimed is not None],
        first_reply=[row.first_reply - row.asked for row in rows if row.first_reply is not None],
    )
