"""News for pages that stay open: one stream of server-sent events each, which says that something changed and not what.

Fan-out only makes it quick. The stream also looks by itself, so that nothing is missed where word of it was lost or
came from another process. It tells presence that somebody is there, and ends with the session.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from typing import Protocol

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from bot.console.refusals import number, refusable
from bot.console.section import MenuEntry, Page, SignedIn, Visit
from bot.handoff.desk import HandOffDesk
from bot.handoff.fanout import Fanout, of_conversation, of_queue
from bot.handoff.model import Refused
from bot.handoff.queue import ADVISERS
from bot.staff.roles import Staff

LOOK_S = 2.0
SEEN_EVERY_S = 10.0
RECONNECT_MS = 1000
TYPING = "The person is typing"


class Seen(Protocol):
    """Where it is noted that somebody is there (`bot.staff.presence.Presence`)."""

    def seen(self, staff_id: str, now: float) -> None:
        """They have the console open."""

    def is_available(self, staff_id: str) -> bool:
        """Whether they take hand-offs."""


class Live:
    """The streams: `queue` when lists changed, `talk` and `typing` on the page of a talk, `gone` when signed out.

    Args:
        desk: what changes.
        presence: who is there.
        fanout: word of changes.
        who: the session of a request, without counting as something its owner did; None when it is over.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        desk: HandOffDesk,
        presence: Seen,
        fanout: Fanout,
        who: Callable[[Request], Awaitable[SignedIn | None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._desk, self._presence, self._fanout, self._who, self._clock = desk, presence, fanout, who, clock

    def pages(self) -> list[Page]:
        """The stream of the lists, and that of a talk."""
        roles = frozenset(ADVISERS)
        return [
            Page(path="/live", view=self.lists, roles=roles),
            Page(path="/live/{number}", view=refusable(self.talk), roles=roles),
        ]

    def menu(self) -> list[MenuEntry]:
        """None: pages listen by themselves."""
        return []

    async def lists(self, visit: Visit) -> Response:
        """News of the queue."""
        return self._stream(visit, None)

    async def talk(self, visit: Visit) -> Response:
        """News of the queue and of one talk."""
        return self._stream(visit, number(visit))

    def _stream(self, visit: Visit, talk: int | None) -> Response:
        return EventSourceResponse(self.events(visit, talk), ping=15, headers={"X-Accel-Buffering": "no"})

    async def events(self, visit: Visit, talk: int | None) -> AsyncIterator[ServerSentEvent]:
        """What the stream of one page tells, until the page or the session is gone.

        Args:
            visit: the request that asked for the stream.
            talk: id of a hand-off, on its page.
        """
        staff, loop, news = visit.staff, asyncio.get_running_loop(), asyncio.Event()
        subjects = {of_queue(staff.organisation)}
        if talk is not None:
            one = await asyncio.to_thread(self._desk.person.standing, talk)
            subjects |= {of_conversation(one.conversation)} if one and one.conversation else set()

        def heard(subject: str) -> None:
            if subject in subjects:
                loop.call_soon_threadsafe(news.set)

        stop = self._fanout.listen(heard)
        watched = _Talk(self._desk, staff, talk) if talk is not None else None
        known: dict[str, Hashable] = {}
        seen_at = float("-inf")
        try:
            while not await visit.request.is_disconnected():
                now = self._clock()
                if now - seen_at >= SEEN_EVERY_S:
                    session = await self._who(visit.request)
                    if session is None or session.locked:
                        yield ServerSentEvent(event="gone", data="")
                        return
                    seen_at = now
                    await asyncio.to_thread(self._presence.seen, staff.id, now)
                news.clear()
                found = {"queue": (await asyncio.to_thread(self._lists, staff, now), "")}
                if watched is not None:
                    found |= await asyncio.to_thread(watched.look, now)
                for event, (state, words) in found.items():
                    if event not in known or known[event] != state:
                        known[event] = state
                        yield ServerSentEvent(event=event, data=words, retry=RECONNECT_MS)
                try:
                    await asyncio.wait_for(news.wait(), LOOK_S)
                except asyncio.TimeoutError:
                    continue
        finally:
            stop()

    def _lists(self, staff: Staff, now: float) -> Hashable:
        """What the lists of the queue page show, as far as it changes them."""
        desk = self._desk
        hand_offs = [*desk.queue(staff), *desk.talks(staff), *desk.without_code(staff)]
        return (
            *((one.id, one.state, one.staff, one.urgent, one.first_reply is None) for one in hand_offs),
            *((one.id, one.state, one.hand_off, one.erased) for one in desk.alerts.to_see(staff)),
            *((one.id, one.state, one.staff, one.window.holds(now)) for one in desk.call_backs.to_make(staff)),
            self._presence.is_available(staff.id),
        )


class _Talk:
    """One talk as its page follows it.

    Args:
        desk: where it is.
        staff: who looks.
        talk: id of the hand-off.
    """

    def __init__(self, desk: HandOffDesk, staff: Staff, talk: int) -> None:
        self._desk, self._staff, self._talk, self._last = desk, staff, talk, 0

    def look(self, now: float) -> dict[str, tuple[Hashable, str]]:
        """What each event stands for now, and the words that go with it."""
        try:
            one, lines = self._desk.lines(self._staff, self._talk, self._last)
        except Refused as error:
            # The page asks for what is new, and is told that it is no longer theirs.
            return {"talk": (error.problem, "")}
        self._last = lines[-1].id if lines else self._last
        typing = one.person_typing_until > now
        state = (self._last, one.state, one.staff, one.quiet, one.urgent, one.interpreter, one.proposed, one.restricted)
        return {"talk": (state, ""), "typing": (typing, TYPING if typing else "")}
