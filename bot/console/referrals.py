"""Referrals: the list of the own organisation, opening one, acknowledging, withdrawing, and what did not get through.

Answers are opened one referral at a time, and each opening is noted (issue 7). Who may see what: `bot.referrals.queue`.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Literal, get_args

import msgspec
from starlette.responses import Response

from bot.console.lists import Form as Asked
from bot.console.lists import iso, shown, span, table_file
from bot.console.section import MenuEntry, Page, Visit
from bot.referrals.clocks import police_duty, to_ask_after
from bot.referrals.draft import Form
from bot.referrals.queue import InQueue, ReferralQueue, Wanted
from bot.referrals.rows import Referral, normal_reference, spoken
from bot.staff.roles import Role

PATH = "/referrals"
OUTSIDE = "search.outside"
"""Somebody looked for what is not theirs: the auditor is told (shared/protection.md, "Referral and hand-off")."""
LOOKERS: frozenset[Role] = frozenset({"adviser", "supervisor"})
SUPERVISORS: frozenset[Role] = frozenset({"supervisor"})
State = Literal["not_through", "sent", "received", "withdrawn"]


class Referrals:
    """The section.

    Args:
        queue: the referrals as staff see them.
        form: the questions, to say what was answered.
        clock: seconds since the epoch.
    """

    def __init__(self, queue: ReferralQueue, form: Form, clock: Callable[[], float] = time.time) -> None:
        self._queue, self._form, self._clock = queue, form, clock

    def pages(self) -> list[Page]:
        """The list, one referral, and what can be done with it."""
        one = f"{PATH}/{{reference}}"

        def act(what: str, view: Callable[..., Any], roles: frozenset[Role] = LOOKERS) -> Page:
            return Page(path=f"{one}/{what}", view=view, roles=roles, methods=("POST",))

        return [
            Page(path=PATH, view=self.overview, roles=LOOKERS),
            Page(path=f"{PATH}/find", view=self.find, roles=LOOKERS),
            Page(path=f"{PATH}/export.{{form}}", view=self.export, roles=SUPERVISORS),
            Page(path=one, view=self.open, roles=LOOKERS),
            Page(path=f"{one}/export.{{form}}", view=self.export_one, roles=SUPERVISORS),
            Page(path=f"{one}/withdraw", view=self.before_withdrawing, roles=LOOKERS),
            act("acknowledge", self.acknowledge),
            act("withdraw", self.withdraw),
            act("send-again", self.send_again, SUPERVISORS),
        ]

    def menu(self) -> list[MenuEntry]:
        """One line."""
        return [MenuEntry(title="Referrals", path=PATH)]

    # --- the list

    async def overview(self, visit: Visit, problems: dict[str, str] | None = None) -> Response:
        """The list, filtered; what did not get through, for supervisors; a search by reference."""
        asked = visit.request.query_params
        wanted, wrong = _wanted(asked)
        problems = {**wrong, **(problems or {})}
        found = [] if wrong else await asyncio.to_thread(self._queue.all, visit.staff, wanted)
        supervises = visit.staff.may(SUPERVISORS)
        dead = await asyncio.to_thread(self._queue.dead_letters, visit.staff) if supervises else []
        late = await asyncio.to_thread(to_ask_after, self._queue, self._clock(), visit.staff)
        return visit.render(
            "referrals/list.html",
            400 if problems else 200,
            found=shown(found, asked),
            asked=asked,
            problems=problems,
            dead=dead,
            late=set(late),
            supervises=supervises,
            spoken=spoken,
        )

    async def find(self, visit: Visit) -> Response:
        """Look a reference up: on to it, or nothing found."""
        reference = normal_reference(visit.request.query_params.get("reference", ""))
        if reference is None:
            return await self.overview(visit, {"reference": "A reference is twelve digits"})
        if await asyncio.to_thread(self._queue.find, visit.staff, reference) is None:
            return await self._not_theirs(visit, reference)
        return visit.redirect(f"{PATH}/{reference}")

    async def export(self, visit: Visit) -> Response:
        """The filtered list as a file, without answers."""
        form, asked = visit.request.path_params["form"], visit.request.query_params
        wanted, wrong = _wanted(asked)
        if wrong or form not in ("csv", "json"):
            return visit.not_found()
        found = await asyncio.to_thread(self._queue.all, visit.staff, wanted)
        told = {name: asked[name] for name in ("state", "from", "to") if asked.get(name)}
        visit.record("referral.export", "list", form=form, count=str(len(found)), **told)
        return table_file("referrals", form, [_row(one) for one in found])

    # --- one referral

    async def open(self, visit: Visit) -> Response:
        """Its answers; noted before they are shown."""
        reference = _reference(visit)
        found = await asyncio.to_thread(self._queue.find, visit.staff, reference)
        opened = await asyncio.to_thread(self._queue.open, visit.staff, reference) if found else None
        if found is None or opened is None:
            return await self._not_theirs(visit, reference)
        visit.record("referral.open", reference)
        dead = await asyncio.to_thread(self._queue.dead_letters, visit.staff)
        return visit.render(
            "referrals/open.html",
            one=found,
            consent=(opened.consent_version, opened.consent_language, opened.consented),
            marks=opened.marks,
            answers=self._answers(opened),
            duty=police_duty(found.status),
            stuck=[letter for letter in dead if letter.reference == reference],
            supervises=visit.staff.may(SUPERVISORS),
            spoken=spoken,
        )

    async def export_one(self, visit: Visit) -> Response:
        """One referral with its answers as a file; noted."""
        reference, form = _reference(visit), visit.request.path_params["form"]
        if form not in ("csv", "json"):
            return visit.not_found()
        opened = await asyncio.to_thread(self._queue.open, visit.staff, reference)
        if opened is None:
            return await self._not_theirs(visit, reference)
        visit.record("referral.export", reference, form=form)
        rows = [{"question": label, "answer": answer} for label, answer in self._answers(opened)]
        return table_file("referral", form, rows)

    async def acknowledge(self, visit: Visit) -> Response:
        """The organisation has it; it is sent no more."""
        reference = _reference(visit)
        if not await asyncio.to_thread(self._queue.acknowledge, visit.staff, reference, self._clock()):
            return await self._not_theirs(visit, reference)
        visit.record("referral.acknowledge", reference)
        return visit.redirect(f"{PATH}/{reference}", "It is marked as received. The person is told so if they ask.")

    async def before_withdrawing(self, visit: Visit) -> Response:
        """Say what withdrawing comes to, and ask."""
        reference = _reference(visit)
        found = await asyncio.to_thread(self._queue.find, visit.staff, reference)
        if found is None:
            return await self._not_theirs(visit, reference)
        if found.withdrawn is not None:
            return visit.redirect(f"{PATH}/{reference}", "It was withdrawn before.")
        return visit.render("referrals/withdraw.html", one=found, spoken=spoken)

    async def withdraw(self, visit: Visit) -> Response:
        """Stop contact, as the person has asked."""
        reference = _reference(visit)
        outcome = await asyncio.to_thread(self._queue.withdraw, visit.staff, reference, self._clock())
        if outcome is None:
            return await self._not_theirs(visit, reference)
        visit.record("referral.withdraw", reference, outcome=outcome)
        if outcome == "stopped":
            return visit.redirect(PATH, f"{spoken(reference)} was never sent. It is deleted.")
        return visit.redirect(f"{PATH}/{reference}", "It is withdrawn. The provider is told to stop contact.")

    async def send_again(self, visit: Visit) -> Response:
        """Try once more what was given up."""
        reference = _reference(visit)
        if not await asyncio.to_thread(self._queue.send_again, reference, self._clock(), visit.staff):
            return await self._not_theirs(visit, reference)
        visit.record("referral.send_again", reference)
        return visit.redirect(PATH, f"{spoken(reference)} will be tried again.")

    # --- inside

    def _answers(self, opened: Referral) -> list[tuple[str, str]]:
        """What was asked, and what was answered, in words."""
        words = self._form.words
        return [
            (words.fields[field].label.format(recipient=words.recipient), self._form.shown(field, value))
            for field, value in opened.answers.items()
        ]

    async def _not_theirs(self, visit: Visit, reference: str) -> Response:
        """Nothing found, whatever the reason; the auditor is told of a look at what exists and is not theirs."""
        known = normal_reference(reference) == reference and await asyncio.to_thread(self._queue.exists, reference)
        theirs = known and await asyncio.to_thread(self._queue.find, visit.staff, reference) is not None
        if known and not theirs:
            visit.record(OUTSIDE, reference)
        return visit.not_found()


def _reference(visit: Visit) -> str:
    return str(visit.request.path_params["reference"])


def _wanted(asked: Asked) -> tuple[Wanted, dict[str, str]]:
    """What a filter asks for, and what is wrong with it, by field."""
    since, until, problems = span(asked)
    state = asked.get("state") or None
    if state is not None and state not in get_args(State):
        problems["state"] = "Choose a state from the list"
    wanted = Wanted(since=since, until=until)
    if state == "withdrawn":
        wanted = msgspec.structs.replace(wanted, withdrawn=True)
    elif state is not None:
        wanted = msgspec.structs.replace(wanted, withdrawn=False, status=state)
    return wanted, problems


def _row(one: InQueue) -> dict[str, str]:
    return {
        "reference": spoken(one.reference),
        "state": "withdrawn" if one.withdrawn is not None else one.status,
        "restricted": "yes" if one.restricted else "no",
        "came_in": iso(one.created),
        "sent": iso(one.sent),
        "acknowledged": iso(one.received),
        "withdrawn": iso(one.withdrawn),
        "police_two_working_days": police_duty(one.status),
    }
