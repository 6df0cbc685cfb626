"""Holds, for supervisors: what must be kept though its time is over or erasing was asked for, why, and until when.

A hold belongs to whom its subject belongs to: cases to the force, referrals and talks to the organisation in whose
queue they are. Source: shared/protection.md, "Data protection".
"""

import asyncio
import time
from collections.abc import Callable
from datetime import date, datetime

import msgspec
from sqlalchemy.engine import Engine
from starlette.datastructures import FormData
from starlette.responses import Response

from bot.cases.admin import CaseAdmin, NotAllowed
from bot.cases.provider import CasesUnavailable
from bot.console.cases import FORCE, CaseWords, is_hidden
from bot.console.refusals import OUTSIDE
from bot.console.section import MenuEntry, Page, Visit
from bot.console.times import read_day
from bot.directory import LONDON
from bot.handoff.held import conversation_of, talks_of
from bot.handoff.queue import SUPERVISORS
from bot.privacy.holds import SUPERVISOR, Hold, HoldRefused, Holds, Subject
from bot.referrals.queue import ReferralQueue
from bot.referrals.rows import normal_reference
from bot.staff.roles import Staff
from bot.store.encryption import Vault

PATH = "/holds"
_FIELDS = ("kind", "subject", "reason", "review_on")
_LONGEST = 400
_MOST_DIGITS = 9
_TO_COME = "Give a day that is still to come, such as 25 December 2026."


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A hold as supervisors see it: `called` is what they know its subject by."""

    hold: Hold
    called: str
    to_review: bool


class HoldPages:
    """The holds of a supervisor's own organisation.

    Args:
        engine: an opened database.
        vault: the keys that seal words.
        holds: places and lifts them.
        cases: finds cases; None where they are not shown at all.
        referrals: finds referrals.
        words: what is said.
        name_of: the name of a member of staff, by id; empty where they have no account here.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        holds: Holds,
        cases: CaseAdmin | None,
        referrals: ReferralQueue,
        words: CaseWords,
        name_of: Callable[[str], str] = lambda _: "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine, self._vault, self._holds, self._cases = engine, vault, holds, cases
        self._referrals, self._words, self._name_of, self._clock = referrals, words, name_of, clock

    def pages(self) -> list[Page]:
        """Its page and its two forms."""
        roles = frozenset(SUPERVISORS)
        return [
            Page(path=PATH, view=self._show, roles=roles),
            Page(path=f"{PATH}/place", view=self._place, roles=roles, methods=("POST",)),
            Page(path=f"{PATH}/{{number}}/lift", view=self._lift, roles=roles, methods=("POST",)),
        ]

    def menu(self) -> list[MenuEntry]:
        """Its line in the navigation."""
        return [MenuEntry(title="Holds", path=PATH)]

    # --- looking

    async def _show(self, visit: Visit) -> Response:
        return await self._page(visit, dict.fromkeys(_FIELDS, ""), {})

    async def _page(self, visit: Visit, typed: dict[str, str], errors: dict[str, str]) -> Response:
        listed = await asyncio.to_thread(self._theirs, visit.staff)
        by = {one.hold.placed_by for one in listed}
        names = await asyncio.to_thread(lambda: {one: self._name_of(one) or one for one in by})
        for one in listed:
            visit.record("hold.read", str(one.hold.id))
        return visit.render(
            "holds/holds.html",
            422 if errors else 200,
            listed=listed,
            names=names,
            kinds=self._kinds(visit.staff),
            typed=typed,
            errors=errors,
        )

    def _kinds(self, staff: Staff) -> dict[Subject, str]:
        cases = self._cases is not None and staff.organisation == FORCE
        return {kind: title for kind, title in self._words.holds.items() if kind != "case" or cases}

    def _theirs(self, staff: Staff) -> list[Listed]:
        """Active holds on what is theirs to see, those to be looked at first coming first."""
        active, today = self._holds.active(), self._today()
        talks = talks_of(
            self._engine, self._vault, staff, {one.subject for one in active if one.kind == "conversation"}
        )
        referred = self._referred(staff)
        found = []
        for hold in active:
            called = {
                "case": lambda one: self._case(staff, one) or "",
                "referral": lambda one: one if one in referred else "",
                "conversation": lambda one: str(talks.get(one, "")),
            }[hold.kind](hold.subject)
            if called:
                found.append(Listed(hold=hold, called=called, to_review=hold.review_on <= today))
        return found

    def _case(self, staff: Staff, reference: str) -> str | None:
        """A case's own reference, for whom it may be shown; while its source is silent, none is."""
        if self._cases is None or staff.organisation != FORCE:
            return None
        try:
            record = self._cases.find(reference)
        except (NotAllowed, CasesUnavailable):
            return None
        return None if is_hidden(record, staff) else record.reference

    def _referred(self, staff: Staff) -> set[str]:
        return {one.reference for one in self._referrals.all(staff)}

    # --- placing and lifting

    async def _place(self, visit: Visit) -> Response:
        typed = _typed(await visit.form())
        kind = next((one for one in self._kinds(visit.staff) if one == typed["kind"]), None)
        review_on = read_day(typed["review_on"])
        errors = {
            "kind": "" if kind else "Choose one from the list.",
            "reason": "" if typed["reason"].strip() else "Say why it must be kept.",
            "review_on": "" if review_on and review_on > self._today() else _TO_COME,
        }
        subject = await asyncio.to_thread(self._subject, visit.staff, kind, typed["subject"]) if kind else None
        if kind and subject is None:
            errors["subject"] = "There is none with this number that you may see."
            visit.record(OUTSIDE, f"hold on {kind}")
        errors = {field: said for field, said in errors.items() if said}
        if errors or kind is None or review_on is None or subject is None:
            return await self._page(visit, typed, errors)
        number = await asyncio.to_thread(self._placed, visit.staff, kind, subject, typed["reason"], review_on)
        visit.record("hold.place", str(number), kind=kind)
        return visit.redirect(PATH, "The hold is placed.")

    def _placed(self, staff: Staff, kind: Subject, subject: str, reason: str, review_on: date) -> int:
        return self._holds.place(
            kind,
            subject,
            reason=reason,
            by=staff.id,
            role=SUPERVISOR,
            review_on=review_on,
            today=self._today(),
            now=self._clock(),
        )

    def _subject(self, staff: Staff, kind: str, typed: str) -> str | None:
        """What a hold is on, by what was typed; None where there is no such thing, or it is not theirs."""
        if kind == "case":
            return self._case(staff, typed)
        if kind == "referral":
            reference = normal_reference(typed)
            return reference if reference in self._referred(staff) else None
        number = typed.strip()
        if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
            return None
        return conversation_of(self._engine, self._vault, staff, int(number))

    async def _lift(self, visit: Visit) -> Response:
        number = visit.request.path_params["number"]
        listed = await asyncio.to_thread(self._theirs, visit.staff)
        found = next((one.hold for one in listed if str(one.hold.id) == number), None)
        if found is None:
            return visit.not_found()
        try:
            await asyncio.to_thread(self._holds.lift, found.id, by=visit.staff.id, role=SUPERVISOR, now=self._clock())
        except HoldRefused:
            return visit.not_found()
        visit.record("hold.lift", number, kind=found.kind)
        return visit.redirect(PATH, "The hold is lifted. What it kept goes when its time is over.")

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock(), LONDON).date()


def _typed(form: FormData) -> dict[str, str]:
    return {field: str(form.get(field, ""))[:_LONGEST] for field in _FIELDS}
