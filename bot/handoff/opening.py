"""The hours in force, and whom a person may be offered at this moment: nobody who is not there (issue 7)."""

import msgspec
import sqlalchemy as sa

from bot.handoff.hours import Hours, spoken
from bot.handoff.model import Refused, Wait, Window
from bot.handoff.queue import SUPERVISORS, first_choice, wait
from bot.handoff.room import Room
from bot.staff.roles import ORGANISATIONS, OrganisationId, Staff
from bot.store.database import reading
from bot.store.handoff_tables import opening_hours


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation as it can be offered now.

    Attributes:
        there: it is open and somebody is on duty who may see it.
        hours: its week in words.
        wait: place a person would get and about how long it takes; None where nobody is there.
        windows: spans for a call-back, beginning with the next shift.
    """

    organisation: OrganisationId
    there: bool
    hours: str
    wait: Wait | None
    windows: list[Window]


class Opening:
    """Hours and offers.

    Args:
        room: what the desk stands on.
    """

    def __init__(self, room: Room) -> None:
        self._room = room

    def hours(self, organisation: OrganisationId) -> Hours:
        """The hours in force: what a supervisor has set, else the default."""
        with reading(self._room.engine) as db:
            body = db.execute(
                sa.select(opening_hours.c.body).where(opening_hours.c.organisation == organisation)
            ).scalar()
        return self._room.default_hours[organisation] if body is None else msgspec.json.decode(body, type=Hours)

    def set_hours(self, staff: Staff, hours: Hours, now: float) -> list[str]:
        """Change the hours of one's own organisation.

        Returns:
            What is wrong with them, for who typed them; empty when they are kept.

        Raises:
            Refused: not_allowed: not a supervisor.
        """
        if not staff.may(SUPERVISORS):
            raise Refused("not_allowed")
        if problems := hours.problems():
            return problems
        with self._room.work() as work:
            table, mine = opening_hours, opening_hours.c.organisation == staff.organisation
            work.db.execute(table.delete().where(mine))
            body = msgspec.json.encode(hours).decode()
            work.db.execute(
                table.insert().values(organisation=staff.organisation, body=body, changed=now, changed_by=staff.id)
            )
            self._room.note(work.db, staff, "hours.change", staff.organisation, now)
        return []

    def is_there(self, organisation: OrganisationId, now: float, *, restricted: bool) -> bool:
        """Whether somebody can be offered: open hours, and staff on duty who may see it."""
        if not self.hours(organisation).is_open(self._room.moment(now)):
            return False
        return bool(self._room.there(organisation, now, restricted=restricted))

    def offers(self, now: float, *, restricted: bool = False) -> list[Offer]:
        """Every organisation that a person may be passed to, the independent one first, as it can be offered now."""
        return [self._offer(one, now, restricted) for one in first_choice(restricted, ORGANISATIONS)]

    def _offer(self, organisation: OrganisationId, now: float, restricted: bool) -> Offer:
        room, hours = self._room, self.hours(organisation)
        moment, limits = room.moment(now), room.limits
        there = self.is_there(organisation, now, restricted=restricted)
        found = None
        if there:
            with reading(room.engine) as db:
                measured = room.store.measured(db, organisation, now)
                found = wait(room.store.waiting(db, organisation), 0, measured)
        return Offer(
            organisation=organisation,
            there=there,
            hours=spoken(hours, room.words.hours),
            wait=found,
            windows=hours.windows(moment, limits.window_hours, limits.windows),
        )
