"""Who is on duty: seen in the console within the last half minute, and marked as available."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Engine

from bot.staff.account import ACTIVE, account_of
from bot.staff.roles import OrganisationId, Staff
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.staff_tables import staff, staff_presence

SEEN_WITHIN_S = 30.0


class Presence:
    """Presence in one database; any number of consoles may write it.

    Args:
        engine: an opened database.
        vault: the keys that seal names.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    def seen(self, staff_id: str, now: float) -> None:
        """They have the console open. Whoever is new here is not available until they say so."""
        self._write(staff_id, now, seen=now)

    def available(self, staff_id: str, available: bool, now: float) -> None:
        """They take hand-offs from now on, or no more."""
        self._write(staff_id, now, seen=now, available=available)

    def gone(self, staff_id: str, now: float) -> None:
        """They have signed out: not available, and not seen."""
        self._write(staff_id, now, seen=0.0, available=False)

    def is_available(self, staff_id: str) -> bool:
        """Whether they have marked themselves as available, seen or not."""
        with reading(self._engine) as db:
            found = db.execute(sa.select(staff_presence.c.available).where(staff_presence.c.staff == staff_id)).scalar()
        return bool(found)

    def on_duty(self, organisation: OrganisationId, now: float) -> list[Staff]:
        """Those of an organisation who are here now and take hand-offs, in no order that says anything."""
        query = (
            staff.select()
            .join(staff_presence, staff_presence.c.staff == staff.c.id)
            .where(
                staff.c.organisation == organisation,
                staff.c.state == ACTIVE,
                staff_presence.c.available.is_(True),
                staff_presence.c.seen >= now - SEEN_WITHIN_S,
            )
            .order_by(staff.c.id)
        )
        with reading(self._engine) as db:
            return [account_of(self._vault, row).staff for row in db.execute(query)]

    def _write(self, staff_id: str, now: float, **values: object) -> None:
        with self._engine.begin() as db:
            mine = staff_presence.c.staff == staff_id
            if db.execute(staff_presence.update().where(mine).values(**values)).rowcount:
                return
            new = {"available": False, **values, "staff": staff_id}
            if db.dialect.name == "sqlite":
                db.execute(staff_presence.insert().values(**new))
            else:
                # Two tabs may open at the same moment.
                db.execute(
                    postgresql.insert(staff_presence)
                    .values(**new)
                    .on_conflict_do_update(index_elements=["staff"], set_=values)
                )
