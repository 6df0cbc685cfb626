"""How many referrals stand where, for supervisors: numbers only."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.store.database import reading
from bot.store.referral_tables import referral_outbox, referrals


def tally(engine: Engine, organisation: str, since: float, *, restricted: bool) -> dict[str, int]:
    """Referrals made from a moment on, by where each stands: waiting, sent, received, not_through or withdrawn.

    Args:
        engine: an opened database.
        organisation: whose queue.
        since: seconds since the epoch.
        restricted: whether those that must be hidden from the force count, too.
    """
    mine = [referrals.c.organisation == organisation, referrals.c.created >= since]
    if not restricted:
        mine.append(referrals.c.restricted.is_(False))
    query = (
        sa.select(referrals.c.sent, referrals.c.received, referrals.c.withdrawn, referral_outbox.c.state)
        .join(referral_outbox, referral_outbox.c.referral == referrals.c.id)
        .where(referral_outbox.c.kind == "referral", *mine)
    )
    with reading(engine) as db:
        return dict(Counter(_standing(row) for row in db.execute(query)))


def _standing(row: sa.engine.Row) -> str:
    if row.withdrawn is not None:
        return "withdrawn"
    if row.received is not None:
        return "received"
    if row.sent is not None:
        return "sent"
    return "not_through" if row.state == "dead" else "waiting"
