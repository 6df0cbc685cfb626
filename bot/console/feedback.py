"""The feedback inbox: answers that did not help, by topic, and what staff have made of each.

It holds no words of anybody's and leads to nobody (`bot.store.feedback`), so every organisation sees all of it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

from starlette.responses import Response

from bot.console.lists import shown
from bot.console.section import MenuEntry, Page, Visit
from bot.staff.roles import Role
from bot.store.feedback_inbox import MOST_CHARACTERS, STATES, FeedbackInbox, ReasonMissing, State

PATH = "/feedback"
ROLES: frozenset[Role] = frozenset({"adviser", "supervisor"})


class FeedbackSection:
    """The section.

    Args:
        inbox: the feedback.
        titles: titles of the topics by id.
        clock: seconds since the epoch.
    """

    def __init__(self, inbox: FeedbackInbox, titles: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        self._inbox, self._titles, self._clock = inbox, titles, clock

    def pages(self) -> list[Page]:
        """The list with its totals, and one judgement."""
        return [
            Page(path=PATH, view=self.overview, roles=ROLES),
            Page(path=f"{PATH}/{{id}}", view=self.open, roles=ROLES),
            Page(path=f"{PATH}/{{id}}", view=self.mark, roles=ROLES, methods=("POST",)),
        ]

    def menu(self) -> list[MenuEntry]:
        """One line."""
        return [MenuEntry(title="Feedback", path=PATH)]

    async def overview(self, visit: Visit) -> Response:
        """What did not help, filtered, and the totals of each topic."""
        asked = visit.request.query_params
        topic, state = asked.get("topic", ""), _state(asked.get("state", "new"))
        found = await asyncio.to_thread(self._inbox.unhelpful, topic, state)
        totals = await asyncio.to_thread(self._inbox.totals)
        return visit.render(
            "feedback/list.html",
            found=shown(found, {**asked, "state": asked.get("state", "new")}),
            topic=topic,
            state=state or "",
            totals=totals,
            title=self._title,
        )

    async def open(self, visit: Visit, problems: Mapping[str, str] | None = None, typed: str | None = None) -> Response:
        """One judgement, with the form that says what became of it."""
        one = await asyncio.to_thread(self._inbox.find, visit.request.path_params["id"])
        if one is None:
            return visit.not_found()
        reason = one.reason if typed is None else typed
        status = 400 if problems else 200
        return visit.render(
            "feedback/open.html",
            status,
            one=one,
            problems=problems or {},
            reason=reason,
            most=MOST_CHARACTERS,
            title=self._title(one.topic),
        )

    async def mark(self, visit: Visit) -> Response:
        """Say what became of it."""
        form = await visit.form()
        state, reason = _state(str(form.get("state", ""))), str(form.get("reason", ""))
        if state is None or state == "new":
            return await self.open(visit, {"state": "Choose what became of it"}, reason)
        one = visit.request.path_params["id"]
        try:
            known = await asyncio.to_thread(self._inbox.mark, one, state, reason, by=visit.staff.id, now=self._clock())
        except ReasonMissing:
            return await self.open(visit, {"reason": "Say why, in a few words"}, reason)
        if not known:
            return visit.not_found()
        visit.record("feedback.mark", one, state=state)
        return visit.redirect(PATH, "Kept. Thank you.")

    def _title(self, topic: str) -> str:
        return self._titles.get(topic, topic)


def _state(told: str) -> State | None:
    return next((state for state in STATES if state == told), None)
