"""Cases, for case officers of the force: what is shown online, where a code may go, what a person has told the victim.

In high-risk cases two different people must do the same (`bot.cases.admin`). A case that does not exist and one that is
not theirs look the same: where somebody involved works for the force (flag `insider`), only those who are named for
restricted matters see it. Each look is noted under a keyed hash, never under the reference.
Source: shared/protection.md, "Looking up a case" and "Referral and hand-off".
"""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from starlette.datastructures import FormData
from starlette.responses import Response

from bot.cases.admin import SECOND_PERSON_WITHIN, Act, CaseAdmin, NotAllowed
from bot.cases.decisions import case_hash
from bot.cases.hashing import LookupHash
from bot.cases.model import CaseRecord, Channel, Owner, SafeContact
from bot.cases.provider import CasesUnavailable
from bot.cases.references import key_of
from bot.cases.rules import CONTACT_HOLDS, Reason, is_high_risk, may_send_code, needs_telling, stage_of, told
from bot.cases.stages import Stages
from bot.console.case_links import CaseLinks
from bot.console.refusals import OUTSIDE
from bot.console.section import MenuEntry, Page, Visit
from bot.console.times import read_moment
from bot.data_files import load
from bot.directory import LONDON
from bot.privacy.holds import Subject
from bot.staff.roles import OrganisationId, Role, Staff

PATH = "/cases"
CASE_OFFICERS: frozenset[Role] = frozenset({"case_officer"})
FORCE: OrganisationId = "police"
INSIDER = "insider"
_HASH = 16
"""Characters of a keyed hash that the audit log holds."""
_CHOOSE, _WHEN = "Choose one from the list.", "Give day and time, such as 25 November 2026, 14:05."


class CaseWords(msgspec.Struct, frozen=True, kw_only=True):
    """data/staff/cases.yml: what is said of reasons, acts, states, owners of a contact, people, and kinds of holds."""

    version: int
    lookup: dict[str, str]
    acts: dict[str, str]
    states: dict[str, str]
    owners: dict[Owner, str]
    people: dict[str, str]
    holds: dict[Subject, str]


class _Typed(Exception):
    """What was typed cannot be taken: a problem for each field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


Acting = Callable[[FormData, str, str, datetime], Act]


def load_case_page_words(data: Path) -> CaseWords:
    """The words of the pages.

    Raises:
        bot.data_files.DataError: the file is wrong.
    """
    return load(data / "staff" / "cases.yml", CaseWords)


def is_hidden(record: CaseRecord, staff: Staff) -> bool:
    """Whether a case is kept from somebody, since who is involved may work beside them. Unknown counts as yes."""
    flags = record.case_flags if isinstance(record.case_flags, list) else [INSIDER]
    return INSIDER in flags and not staff.sees_restricted


class Cases:
    """The cases.

    Args:
        admin: finds cases and keeps decisions.
        stages: what stages mean.
        hashed: keyed hashes.
        links: addresses of cases.
        words: what is said.
        name_of: the name of a member of staff, by id; empty where they have no account here.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        admin: CaseAdmin,
        stages: Stages,
        hashed: LookupHash,
        links: CaseLinks,
        words: CaseWords,
        name_of: Callable[[str], str] = lambda _: "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._admin, self._stages, self._hashed, self._links, self._words = admin, stages, hashed, links, words
        self._name_of, self._clock = name_of, clock

    def pages(self) -> list[Page]:
        """Its pages."""
        roles = CASE_OFFICERS

        def act(name: str, acting: Acting) -> Page:
            view = _ours(functools.partial(self._do, name, acting))
            return Page(path=f"{PATH}/{{link}}/{name}", view=view, roles=roles, methods=("POST",))

        return [
            Page(path=PATH, view=_ours(self._search), roles=roles),
            Page(path=f"{PATH}/find", view=_ours(self._find), roles=roles, methods=("POST",)),
            Page(path=f"{PATH}/{{link}}", view=_ours(self._open), roles=roles),
            act("online", self._online),
            act("contact", self._contact),
            act("withdraw", lambda _form, reference, by, now: self._admin.withdraw_contact(reference, by, now)),
            act("told", self._told),
        ]

    def menu(self) -> list[MenuEntry]:
        """Its line in the navigation."""
        return [MenuEntry(title="Cases", path=PATH)]

    # --- finding

    async def _search(self, visit: Visit) -> Response:
        return visit.render("cases/search.html", errors={}, typed="")

    async def _find(self, visit: Visit) -> Response:
        typed = str((await visit.form()).get("reference", ""))[:100]
        if not key_of(typed):
            errors = {"reference": "Give the number of the case."}
            return visit.render("cases/search.html", 422, errors=errors, typed=typed)
        record = await asyncio.to_thread(self._theirs, visit, typed)
        if record is None:
            visit.record(OUTSIDE, f"case {self._hashed.of('case', key_of(typed))[:_HASH]}")
            errors = {"reference": "There is no such case that you may see. Check the number."}
            return visit.render("cases/search.html", 404, errors=errors, typed=typed)
        return visit.redirect(f"{PATH}/{self._links.to(record.reference, visit.staff.id, self._clock())}")

    def _theirs(self, visit: Visit, reference: str) -> CaseRecord | None:
        """A case as decided here, if there is one that they may see."""
        try:
            record = self._admin.find(reference)
        except NotAllowed:
            return None
        return None if is_hidden(record, visit.staff) else self._admin.current(record)

    async def _linked(self, visit: Visit) -> CaseRecord | None:
        reference = self._links.reference(visit.request.path_params["link"], visit.staff.id, self._clock())
        return None if reference is None else await asyncio.to_thread(self._theirs, visit, reference)

    # --- looking

    async def _open(self, visit: Visit) -> Response:
        record = await self._linked(visit)
        if record is None:
            return _again(visit)
        return await self._show(visit, record, {}, {})

    async def _show(
        self, visit: Visit, record: CaseRecord, errors: dict[str, str], typed: dict[str, str], status: int = 200
    ) -> Response:
        now = self._now()
        visit.record("case.open", self._number(record))
        acts = await asyncio.to_thread(self._admin.acts, record.reference)
        proposals = {act.act: act for act in await asyncio.to_thread(self._admin.proposals, record.reference, now)}
        people = {act.by for act in acts} | {*record.online_decided_by} | {str(record.safe_contact_confirmed_by or "")}
        names = await asyncio.to_thread(lambda: {one: self._name_of(one) or one for one in people})
        confirmed = record.safe_contact_confirmed_at
        return visit.render(
            "cases/case.html",
            status,
            link=visit.request.path_params["link"],
            record=record,
            words=self._words,
            number=self._number(record),
            lookup=self._words.lookup[may_send_code(record, self._stages, now).value],
            ready=may_send_code(record, self._stages, now) is Reason.ALLOWED,
            stage=_stage_told(record, self._stages),
            high_risk=is_high_risk(record),
            needs_telling=needs_telling(record, self._stages),
            is_told=told(record, now),
            contact_until=(confirmed + CONTACT_HOLDS).timestamp() if isinstance(confirmed, datetime) else None,
            acts=acts,
            proposals=proposals,
            second_within=SECOND_PERSON_WITHIN.total_seconds(),
            mine={act for act, proposal in proposals.items() if proposal.by == visit.staff.id},
            names=names,
            errors=errors,
            typed=typed,
        )

    # --- deciding

    async def _do(self, name: str, acting: Acting, visit: Visit) -> Response:
        record = await self._linked(visit)
        if record is None:
            return _again(visit)
        form, by, now = await visit.form(), visit.staff.id, self._now()
        try:
            act = await asyncio.to_thread(acting, form, record.reference, by, now)
        except (_Typed, NotAllowed) as error:
            errors = error.errors if isinstance(error, _Typed) else {name: str(error)}
            typed = {field: str(value) for field, value in form.items() if field != "address"}
            return await self._show(visit, record, errors, typed, 422)
        visit.record(f"case.{act.act}", self._number(record), state=act.state)
        return visit.redirect(f"{PATH}/{visit.request.path_params['link']}", self._said(act))

    def _online(self, form: FormData, reference: str, by: str, now: datetime) -> Act:
        decide = self._admin.allow if form.get("state") == "on" else self._admin.disallow
        return decide(reference, by, now)

    def _contact(self, form: FormData, reference: str, by: str, now: datetime) -> Act:
        address, whose = str(form.get("address", "")).strip(), str(form.get("belongs_to", ""))
        at = read_moment(str(form.get("confirmed_at", "")))
        owner = next((one for one in self._words.owners if one == whose), None)
        missing = {
            "address": "" if address else "Give a mobile number or an e-mail address.",
            "belongs_to": "" if owner else _CHOOSE,
            "how": "" if str(form.get("how", "")).strip() else "Say how it was confirmed.",
            "confirmed_at": "" if at else _WHEN,
        }
        if any(missing.values()) or owner is None or at is None:
            raise _Typed({field: said for field, said in missing.items() if said})
        channel: Channel = "email" if "@" in address else "sms"
        contact = SafeContact(channel=channel, address=address[:254], belongs_to=owner)
        return self._admin.confirm_contact(reference, contact, str(form["how"])[:100], at, by, now)

    def _told(self, form: FormData, reference: str, by: str, now: datetime) -> Act:
        at = read_moment(str(form.get("told_at", "")))
        if at is None:
            raise _Typed({"told_at": _WHEN})
        return self._admin.told(reference, at, by, now)

    def _said(self, act: Act) -> str:
        proposed = f"Proposed. A second person has to do the same within {SECOND_PERSON_WITHIN.days} days."
        return proposed if act.state == "proposed" else f"{self._words.acts[act.act]}."

    def _number(self, record: CaseRecord) -> str:
        return case_hash(self._hashed, record)[:_HASH]

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), LONDON)


def _ours(view: Callable[[Visit], Awaitable[Response]]) -> Callable[[Visit], Awaitable[Response]]:
    """A view for the force only, that says so where the source of cases does not answer."""

    async def answer(visit: Visit) -> Response:
        if visit.staff.organisation != FORCE:
            return visit.not_found()
        try:
            return await view(visit)
        except CasesUnavailable:
            told = "The source of cases does not answer. Nothing was changed. Try again in a few minutes."
            return visit.render("problem.html", 503, title="Not possible right now", text=told)

    return answer


def _again(visit: Visit) -> Response:
    """A link that is over, somebody else's, or made up: they look the same."""
    errors = {"reference": "Nothing was changed. Look the case up again: its page was open for too long."}
    return visit.render("cases/search.html", 404, errors=errors, typed="")


def _stage_told(record: CaseRecord, stages: Stages) -> dict[str, Any]:
    """The stage in plain words, with the line of its side state; empty where it has no agreed meaning."""
    found = stage_of(record, stages)
    return {} if found is None else {"plain": found[0].plain, "line": found[1].line if found[1] else ""}
