"""Who comes first, who may see what, and how long it may take. Pure functions.

Order: safety first, then the clock that runs out first, then who asked first (issue 7). Nothing here is a promise: a
wait in minutes is told only from what was measured lately.
"""

import statistics
from collections.abc import Iterable

from bot.handoff.model import CallBack, HandOff, Wait
from bot.staff.roles import INDEPENDENT, OrganisationId, Role, Staff

ADVISERS: tuple[Role, ...] = ("adviser", "supervisor")
"""Who may talk with people."""
SUPERVISORS: tuple[Role, ...] = ("supervisor",)
FORCE: OrganisationId = "police"
LATELY_S = 3600.0
"""Waits that ended this long ago still tell how long it takes now."""
LEAST_MEASURED = 3
"""Waits that must have been measured for a number to be said."""
_MINUTE_S = 60.0


def order(waiting: Iterable[HandOff]) -> list[HandOff]:
    """Hand-offs that wait, who comes first coming first."""
    return sorted(waiting, key=lambda one: (not one.urgent, one.due, one.id))


def wait(waiting: Iterable[HandOff], hand_off: int, measured: list[float]) -> Wait:
    """The place of a hand-off among those that wait in one queue, and about how long it takes.

    Args:
        waiting: all that wait there.
        hand_off: id of the one that asks; one that is not among them comes last.
        measured: seconds that people waited lately.
    """
    ids = [one.id for one in order(waiting)]
    place = ids.index(hand_off) + 1 if hand_off in ids else len(ids) + 1
    return Wait(place=place, minutes=minutes(measured))


def minutes(measured: list[float]) -> int | None:
    """What people waited lately, in minutes, rather too many than too few; None where too little was measured."""
    if len(measured) < LEAST_MEASURED:
        return None
    usual = max(statistics.median(measured), statistics.quantiles(measured, n=4)[2])
    return max(1, round(usual / _MINUTE_S))


def may_see(staff: Staff, one: HandOff | CallBack) -> bool:
    """Whether something is in their organisation's queue, and not hidden from them.

    What is restricted is for the independent provider or the one supervisor named for it, never for the force
    (shared/protection.md, "Referral and hand-off").
    """
    if one.organisation != staff.organisation:
        return False
    return not one.restricted or may_see_restricted(staff)


def may_see_restricted(staff: Staff) -> bool:
    """Whether matters that involve somebody who works for the police may be shown to them."""
    return staff.sees_restricted and staff.organisation != FORCE


def first_choice(restricted: bool, among: Iterable[OrganisationId]) -> list[OrganisationId]:
    """Organisations as they are offered: the independent provider first, the force never where it must be hidden."""
    offered = [one for one in among if not (restricted and one == FORCE)]
    return sorted(offered, key=lambda one: (one != INDEPENDENT, offered.index(one)))
