"""The queue: who waits, one's own talks, safety alerts and call-backs, and whether one takes hand-offs.

The desk (`bot.handoff.desk`) says who may see and do what; each method of it is noted in the audit log.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

from starlette.responses import Response

from bot.console.refusals import looked_at, number, refusable
from bot.console.section import MenuEntry, Page, Visit
from bot.handoff.desk import HandOffDesk
from bot.handoff.model import Refused
from bot.handoff.queue import ADVISERS, SUPERVISORS
from bot.language.languages import english_name
from bot.staff.roles import Staff

QUEUE = "/queue"


class Duty(Protocol):
    """Who takes hand-offs (`bot.staff.presence.Presence`)."""

    def available(self, staff_id: str, available: bool, now: float) -> None:
        """They do from now on, or no more."""

    def is_available(self, staff_id: str) -> bool:
        """Whether they do."""


class Queue:
    """The queue of an organisation.

    Args:
        desk: everything about hand-offs.
        presence: who takes them.
        clock: seconds since the epoch.
    """

    def __init__(self, desk: HandOffDesk, presence: Duty, clock: Callable[[], float] = time.time) -> None:
        self._desk, self._presence, self._clock = desk, presence, clock
        self._noted: set[tuple[str, int]] = set()

    def pages(self) -> list[Page]:
        """The page, its live part, and what can be done on it."""
        roles = frozenset(ADVISERS)

        def act(path: str, view: Callable[..., Any]) -> Page:
            return Page(path=path, view=refusable(view), roles=roles, methods=("POST",))

        return [
            Page(path=QUEUE, view=self.page, roles=roles),
            Page(path="/queue/now", view=self.lists, roles=roles),
            act("/queue/duty", self.duty),
            act("/queue/{number}/claim", self.claim),
            Page(
                path="/queue/{number}/assign",
                view=refusable(self.assign),
                roles=frozenset(SUPERVISORS),
                methods=("POST",),
            ),
            act("/alerts/{number}/take", self.take_alert),
            Page(path="/alerts/{number}/open", view=looked_at(self.open_alert), roles=roles, methods=("POST",)),
            act("/call-backs/{number}/take", self.take_call_back),
            Page(path="/call-backs/{number}", view=looked_at(self.call_back), roles=roles),
            act("/call-backs/{number}/close", self.close_call_back),
        ]

    def menu(self) -> list[MenuEntry]:
        """One line."""
        return [MenuEntry(title="Queue", path=QUEUE)]

    # --- looking

    async def page(self, visit: Visit) -> Response:
        """The whole page."""
        return await self._show(visit, "queue/queue.html")

    async def lists(self, visit: Visit) -> Response:
        """The part that changes."""
        return await self._show(visit, "queue/lists.html")

    async def _show(self, visit: Visit, template: str) -> Response:
        board = await asyncio.to_thread(self._board, visit.staff)
        for hand_off in board["topics"]:
            if (visit.staff.id, hand_off) not in self._noted:
                # The page asks again every few seconds: what it shows is noted once.
                self._noted.add((visit.staff.id, hand_off))
                visit.record("hand_off.topic", str(hand_off))
        changed = visit.request.query_params.get("known") != board["count"]
        return visit.render(template, changed=changed, **board)

    def _board(self, staff: Staff) -> dict[str, Any]:
        desk, now = self._desk, self._clock()
        talks, topics, waiting, alerts = (
            desk.talks(staff),
            desk.topics(staff),
            desk.queue(staff),
            desk.alerts.to_see(staff),
        )
        return {
            "now": now,
            "available": self._presence.is_available(staff.id),
            "open": desk.opening.hours(staff.organisation).is_open(desk.room.moment(now)),
            "waiting": waiting,
            "topics": topics,
            "mine": [one for one in talks if one.staff == staff.id],
            "others": [one for one in talks if one.staff != staff.id] if staff.may(SUPERVISORS) else [],
            "unfinished": desk.without_code(staff),
            "alerts": alerts,
            # What is said aloud anew only when it is another one.
            "count": f"{[(one.id, one.urgent) for one in waiting]}{[one.id for one in alerts if one.state == 'open']}",
            "call_backs": desk.call_backs.to_make(staff),
            "referrals_due": [one for one in desk.clocks.due(staff, now) if one.kind == "police_referral"],
            "colleagues": desk.room.there(staff.organisation, now, restricted=False),
            "language_of": lambda tag: english_name(tag) or tag,
        }

    # --- taking people on

    async def duty(self, visit: Visit) -> Response:
        """Take hand-offs from now on, or no more."""
        available = (await visit.form()).get("available") == "yes"
        await asyncio.to_thread(self._presence.available, visit.staff.id, available, self._clock())
        visit.record("duty.on" if available else "duty.off")
        return visit.redirect(QUEUE, "You are on duty." if available else "You are off duty. Your talks go on.")

    async def claim(self, visit: Visit) -> Response:
        """Take somebody out of the queue."""
        found = await asyncio.to_thread(self._desk.claim, visit.staff, number(visit), self._clock())
        return visit.redirect(f"/talks/{found.id}")

    async def assign(self, visit: Visit) -> Response:
        """Give somebody to a colleague who is on duty."""
        to, now = str((await visit.form()).get("to", "")), self._clock()
        on_duty = await asyncio.to_thread(self._desk.room.there, visit.staff.organisation, now, restricted=False)
        colleague = next((one for one in on_duty if one.id == to), None)
        if colleague is None:
            raise Refused("nobody")
        await asyncio.to_thread(self._desk.assign, visit.staff, number(visit), colleague, now)
        return visit.redirect(QUEUE, f"{colleague.name} has this talk now.")

    # --- safety alerts

    async def take_alert(self, visit: Visit) -> Response:
        """Take an alert up without opening the chat."""
        await asyncio.to_thread(self._desk.alerts.take_up, visit.staff, number(visit), self._clock())
        return visit.redirect(QUEUE, "You have taken the alert up.")

    async def open_alert(self, visit: Visit) -> Response:
        """The words that raised an alert, and what followed."""
        alert, lines = await asyncio.to_thread(self._desk.alerts.open, visit.staff, number(visit), self._clock())
        return visit.render("queue/alert.html", alert=alert, lines=lines)

    # --- call-backs

    async def take_call_back(self, visit: Visit) -> Response:
        """Take a call-back on."""
        found = await asyncio.to_thread(self._desk.call_backs.take, visit.staff, number(visit), self._clock())
        return visit.redirect(f"/call-backs/{found.id}")

    async def call_back(self, visit: Visit) -> Response:
        """A call-back of one's own: the number inside the window only."""
        now = self._clock()
        details = await asyncio.to_thread(self._desk.call_backs.open, visit.staff, number(visit), now)
        return visit.render(
            "queue/call_back.html",
            details=details,
            call_back=details.call_back,
            now=now,
            outcomes=self._desk.call_backs.outcomes,
            language=english_name(details.call_back.language) or details.call_back.language,
        )

    async def close_call_back(self, visit: Visit) -> Response:
        """Say how a call went."""
        outcome = str((await visit.form()).get("outcome", ""))
        await asyncio.to_thread(self._desk.call_backs.close, visit.staff, number(visit), outcome, self._clock())
        return visit.redirect(QUEUE, "The call-back is closed.")
