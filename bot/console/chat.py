"""One talk with a person: what they agreed to show, what was said since, and what staff may do with it.

The desk (`bot.handoff.desk`) says who may see and do what, and notes each opening and act in the audit log. What
changes on an open page is fetched by it when `bot.console.live` says so, from the last line it has.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast, get_args
from urllib.parse import quote

from starlette.responses import Response

from bot.console.refusals import looked_at, number, refusable
from bot.console.section import MenuEntry, Page, Visit
from bot.handoff.desk import HandOffDesk
from bot.handoff.model import HandOff, Interpreter, Refused
from bot.handoff.queue import ADVISERS
from bot.language.languages import english_name
from bot.referrals.queue import InQueue
from bot.rights.search import AnswerSearch
from bot.staff.roles import ORGANISATIONS, Staff

_NO_LINES = 2**31 - 1
MOST_FOUND = 5
"""Answers that the side panel shows."""
LOST_AFTER_S = 45.0
"""How long the person's page may be silent before staff are told; it is heard from every 10 seconds."""


class Referrals(Protocol):
    """Where referrals are (`bot.referrals.queue.ReferralQueue`)."""

    def of_conversation(self, staff: Staff, conversation: str) -> list[InQueue]:
        """Those of a conversation that they may see, without answers."""


class Chat:
    """The talks of staff.

    Args:
        desk: everything about hand-offs.
        search: the approved answers.
        referrals: for the referrals of the same conversation.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        desk: HandOffDesk,
        search: AnswerSearch,
        referrals: Referrals,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._desk, self._search, self._referrals, self._clock = desk, search, referrals, clock

    def pages(self) -> list[Page]:
        """The page of a talk, its live part, and what can be done on it."""
        roles = frozenset(ADVISERS)
        acts: dict[str, Callable[[Visit], Awaitable[Response]]] = {
            "say": self.say,
            "canned": self.canned,
            "answers": self.answers,
            "answer": self.answer,
            "typing": self.typing,
            "note": self.note,
            "interpreter": self.interpreter,
            "transfer": self.transfer,
            "restrict": self.restrict,
            "end": self.end,
        }
        return [
            Page(path="/talks/{number}", view=looked_at(self.page), roles=roles),
            Page(path="/talks/{number}/lines", view=self.lines, roles=roles),
            *(
                Page(path=f"/talks/{{number}}/{name}", view=refusable(view), roles=roles, methods=("POST",))
                for name, view in acts.items()
            ),
        ]

    def menu(self) -> list[MenuEntry]:
        """None: talks are opened from the queue."""
        return []

    # --- looking

    async def page(self, visit: Visit) -> Response:
        """The whole page."""
        return visit.render("chat/talk.html", **await asyncio.to_thread(self._talk, visit.staff, number(visit)))

    async def lines(self, visit: Visit) -> Response:
        """What is new since the last line that the page has, and how the talk stands now."""
        after = visit.request.query_params.get("after", "")
        last = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
        try:
            found = await asyncio.to_thread(self._news, visit.staff, number(visit), last)
        except Refused:
            # It was theirs when the page was opened: a colleague has it now, or another organisation.
            left = f"/queue?done={quote('This talk is with somebody else now.')}"
            return Response(status_code=204, headers={"HX-Redirect": left})
        changed = visit.request.query_params.get("known") != found["standing"]
        return visit.render("chat/news.html", changed=changed, **found)

    def _talk(self, staff: Staff, talk: int) -> dict[str, Any]:
        now = self._clock()
        opened = self._desk.open(staff, talk, now)
        return {
            **self._around(staff, opened.hand_off, now),
            "lines": opened.lines,
            "last": opened.lines[-1].id if opened.lines else 0,
            "shown": opened.shown,
            "notes": opened.notes,
            "alerts": opened.alerts,
            "canned": self._desk.canned(opened.hand_off.language),
            "colleagues": self._desk.colleagues(staff, talk, now),
            "offices": {one: name for one, name in ORGANISATIONS.items() if one != opened.hand_off.organisation},
            "referrals": self._referrals_of(staff, opened.hand_off),
            "words": "",
            "found": None,
        }

    def _news(self, staff: Staff, talk: int, after: int) -> dict[str, Any]:
        one, lines = self._desk.lines(staff, talk, after)
        return {**self._around(staff, one, self._clock()), "lines": lines, "last": lines[-1].id if lines else after}

    def _around(self, staff: Staff, one: HandOff, now: float) -> dict[str, Any]:
        seen = self._desk.person_seen(staff, one.id)
        mine = one.staff == staff.id
        return {
            "talk": one,
            "now": now,
            "mine": mine,
            # What the page must be drawn anew for: whether and how one may write.
            "standing": f"{one.state}-{mine}-{one.wrap_up}",
            "language": english_name(one.language) or one.language,
            "codes": self._desk.codes,
            "offices_all": ORGANISATIONS,
            "lost": one.state == "talking" and seen is not None and now - seen > LOST_AFTER_S,
            "client_id": str(uuid.uuid4()),
        }

    def _referrals_of(self, staff: Staff, one: HandOff) -> list[InQueue]:
        """Referrals of the same conversation that are theirs to see, with how far they got."""
        return [] if one.conversation is None else self._referrals.of_conversation(staff, one.conversation)

    # --- saying something

    async def say(self, visit: Visit) -> Response:
        """Say what was typed."""
        form = await visit.form()
        return await self._send(visit, str(form.get("text", "")), str(form.get("client_id", "")), "en")

    async def canned(self, visit: Visit) -> Response:
        """Send an approved reply as it is, in the person's language where it is there."""
        form, talk = await visit.form(), number(visit)
        one, _ = await asyncio.to_thread(self._desk.lines, visit.staff, talk, _NO_LINES)
        chosen = next((two for two in self._desk.canned(one.language) if two.id == form.get("canned")), None)
        if chosen is None:
            raise Refused("unknown")
        english = {two.id: two.text for two in self._desk.canned("en")}
        language = "en" if english.get(chosen.id) == chosen.text else one.language
        return await self._send(visit, chosen.text, str(form.get("client_id", "")), language)

    async def answers(self, visit: Visit) -> Response:
        """Search the approved answers; posted, so that the words stand in no address and no log."""
        words = str((await visit.form()).get("words", ""))
        found = [one for one in await asyncio.to_thread(self._search.found, words) if one.served][:MOST_FOUND]
        if visit.is_fragment:
            around = await asyncio.to_thread(self._news, visit.staff, number(visit), _NO_LINES)
            return visit.render("chat/answers.html", **{**around, "words": words, "found": found})
        context = await asyncio.to_thread(self._talk, visit.staff, number(visit))
        return visit.render("chat/talk.html", **{**context, "words": words, "found": found})

    async def answer(self, visit: Visit) -> Response:
        """Send an approved answer with its source."""
        form = await visit.form()
        topic = await asyncio.to_thread(self._search.topic, str(form.get("topic", "")))
        if topic is None or not topic.served:
            raise Refused("unknown")
        text = "\n\n".join(part for part in [topic.title, *topic.paragraphs, topic.source] if part)
        return await self._send(visit, text, str(form.get("client_id", "")), "en")

    async def _send(self, visit: Visit, text: str, client_id: str, language: str) -> Response:
        talk = number(visit)
        await asyncio.to_thread(self._desk.send, visit.staff, talk, client_id, text, self._clock(), language)
        if visit.is_fragment:
            return visit.render("chat/sent.html")
        return visit.redirect(f"/talks/{talk}")

    async def typing(self, visit: Visit) -> Response:
        """Show the person that somebody is typing."""
        await asyncio.to_thread(self._desk.typing, visit.staff, number(visit), self._clock())
        return Response(status_code=204)

    # --- what goes with it

    async def note(self, visit: Visit) -> Response:
        """Keep a note that the person does not see."""
        talk, text = number(visit), str((await visit.form()).get("text", ""))
        await asyncio.to_thread(self._desk.note, visit.staff, talk, text, self._clock())
        return visit.redirect(f"/talks/{talk}", "The note is kept.")

    async def interpreter(self, visit: Visit) -> Response:
        """Note how the request to an interpreter stands."""
        talk, state = number(visit), (await visit.form()).get("state")
        if state not in get_args(Interpreter):
            raise Refused("unknown")
        await asyncio.to_thread(self._desk.interpreter, visit.staff, talk, cast(Interpreter, state), self._clock())
        return visit.redirect(f"/talks/{talk}", "The request to an interpreter is noted.")

    async def transfer(self, visit: Visit) -> Response:
        """To a colleague, back into the queue, or, if the person agrees, to another organisation."""
        talk, now, staff = number(visit), self._clock(), visit.staff
        kind, _, to = str((await visit.form()).get("to", "")).partition(":")
        if kind == "queue":
            await asyncio.to_thread(self._desk.release, staff, talk, now)
            return visit.redirect("/queue", "The person is in the queue again.")
        if kind == "office" and to in ORGANISATIONS:
            await asyncio.to_thread(self._desk.propose, staff, talk, to, now)
            return visit.redirect(f"/talks/{talk}", "The person is asked. If they agree, the talk leaves you.")
        there = await asyncio.to_thread(self._desk.colleagues, staff, talk, now)
        colleague = next((one for one in there if kind == "staff" and one.id == to), None)
        if colleague is None:
            raise Refused("nobody")
        await asyncio.to_thread(self._desk.transfer, staff, talk, colleague, now)
        return visit.redirect("/queue", f"{colleague.name} has this talk now.")

    async def restrict(self, visit: Visit) -> Response:
        """Hide the conversation from the force."""
        talk = number(visit)
        found = await asyncio.to_thread(self._desk.restrict, visit.staff, talk, self._clock())
        if found.staff == visit.staff.id and found.state == "talking":
            return visit.redirect(f"/talks/{talk}", "This talk is restricted now.")
        return visit.redirect("/queue", "This talk is restricted. It is in the queue of Victim Support now.")

    async def end(self, visit: Visit) -> Response:
        """End the talk with a wrap-up code, or give one to a talk that has ended."""
        talk, now = number(visit), self._clock()
        code = str((await visit.form()).get("code", ""))
        one, _ = await asyncio.to_thread(self._desk.lines, visit.staff, talk, _NO_LINES)
        act = self._desk.wrap_up if one.state == "ended" else self._desk.end
        await asyncio.to_thread(act, visit.staff, talk, code, now)
        return visit.redirect("/queue", "The talk is closed.")
