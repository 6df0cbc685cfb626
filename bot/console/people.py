"""The section for administrators: who of their organisation has an account, and with which roles."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from bot.console.section import MenuEntry, Page, View, Visit
from bot.console.times import moment
from bot.staff.account import Account
from bot.staff.account_rows import AccountRefused
from bot.staff.accounts import Accounts
from bot.staff.invitations import Invitation
from bot.staff.roles import ORGANISATIONS, ROLES, Role

ADMINISTRATORS: frozenset[Role] = frozenset({"administrator"})
PATH = "/people"
TITLES: dict[Role, tuple[str, str]] = {
    "adviser": ("Adviser", "Talks with people and handles referrals."),
    "supervisor": ("Supervisor", "Assigns, sets hours and off-switches, sees the dashboard."),
    "administrator": ("Administrator", "Manages accounts of the organisation."),
    "auditor": ("Auditor", "Reads the audit log."),
    "case_officer": ("Case officer", "Decides what is shown of cases, and where codes may go."),
}
STATES = {"invited": "Invited", "active": "Active", "disabled": "Disabled"}


class People:
    """Accounts of an administrator's own organisation.

    Args:
        accounts: all of them, which know the rules.
        clock: seconds since the epoch.
    """

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.time) -> None:
        self._accounts, self._clock = accounts, clock

    def pages(self) -> list[Page]:
        """Its pages."""
        views: dict[str, View] = {
            f"{PATH}/{{account}}/roles": self._change,
            f"{PATH}/{{account}}/reset": self._reset,
            f"{PATH}/{{account}}/disable": self._disable,
            f"{PATH}/{{account}}/enable": self._enable,
        }
        return [
            Page(path=PATH, view=self._list, roles=ADMINISTRATORS),
            Page(path=f"{PATH}/new", view=self._new, roles=ADMINISTRATORS),
            Page(path=f"{PATH}/add", view=self._add, roles=ADMINISTRATORS, methods=("POST",)),
            Page(path=f"{PATH}/{{account}}", view=self._open, roles=ADMINISTRATORS),
            *(Page(path=path, view=view, roles=ADMINISTRATORS, methods=("POST",)) for path, view in views.items()),
        ]

    def menu(self) -> list[MenuEntry]:
        """Its line in the navigation."""
        return [MenuEntry(title="Accounts", path=PATH)]

    # --- looking

    async def _list(self, visit: Visit) -> Response:
        found = await asyncio.to_thread(self._accounts.every, visit.staff.organisation)
        visit.record("staff.list", visit.staff.organisation)
        return visit.render("people/list.html", accounts=found, titles=TITLES, states=STATES)

    async def _new(self, visit: Visit) -> Response:
        return self._new_page(visit, {})

    async def _open(self, visit: Visit) -> Response:
        account = await self._account(visit)
        if account is None:
            return visit.not_found()
        visit.record("staff.open", account.staff.id)
        return self._account_page(visit, account)

    # --- changing

    async def _add(self, visit: Visit) -> Response:
        form = await visit.form()
        given = {name: _text(form, name) for name in ("sign_in", "name")}
        try:
            invitation = await asyncio.to_thread(
                self._accounts.add,
                **given,
                roles=_roles(form),
                organisation=visit.staff.organisation,
                by=visit.staff,
                now=self._clock(),
                restricted=_text(form, "restricted") == "yes",
            )
        except AccountRefused as error:
            return self._new_page(visit, {**given, "roles": _roles(form)}, str(error))
        return self._invited(visit, invitation)

    async def _change(self, visit: Visit) -> Response:
        form = await visit.form()
        restricted = _text(form, "restricted") == "yes"

        def change(account: str, by: Any, now: float) -> None:
            self._accounts.change(account, _roles(form), by, now, restricted=restricted)

        return await self._act(visit, change, "Roles changed. They have to sign in again.")

    async def _disable(self, visit: Visit) -> Response:
        return await self._act(visit, self._accounts.disable, "Account disabled. They are signed out.")

    async def _enable(self, visit: Visit) -> Response:
        return await self._act(visit, self._accounts.enable, "Account enabled.")

    async def _reset(self, visit: Visit) -> Response:
        account = await self._account(visit)
        if account is None:
            return visit.not_found()
        try:
            invitation = await asyncio.to_thread(self._accounts.reset, account.staff.id, visit.staff, self._clock())
        except AccountRefused as error:
            return self._account_page(visit, account, str(error))
        return self._invited(visit, invitation)

    async def _act(self, visit: Visit, act: Callable[[str, Any, float], None], done: str) -> Response:
        account = await self._account(visit)
        if account is None:
            return visit.not_found()
        try:
            await asyncio.to_thread(act, account.staff.id, visit.staff, self._clock())
        except AccountRefused as error:
            return self._account_page(visit, account, str(error))
        return visit.redirect(f"{PATH}/{account.staff.id}", done)

    # --- pages

    async def _account(self, visit: Visit) -> Account | None:
        """The account in the path, if it is of their organisation."""
        found = await asyncio.to_thread(self._accounts.get, visit.request.path_params["account"])
        mine = found is not None and found.staff.organisation == visit.staff.organisation
        return found if mine else None

    def _new_page(self, visit: Visit, given: dict[str, Any], problem: str = "") -> Response:
        given = {"sign_in": "", "name": "", "roles": [], **given}
        status = 400 if problem else 200
        organisation = ORGANISATIONS[visit.staff.organisation]
        return visit.render(
            "people/new.html", status, titles=TITLES, problem=problem, organisation=organisation, **given
        )

    def _account_page(self, visit: Visit, account: Account, problem: str = "") -> Response:
        return visit.render(
            "people/account.html",
            400 if problem else 200,
            account=account,
            mine=account.staff.id == visit.staff.id,
            created=moment(account.created),
            titles=TITLES,
            states=STATES,
            problem=problem,
        )

    @staticmethod
    def _invited(visit: Visit, invitation: Invitation) -> Response:
        return visit.render("people/invited.html", account=invitation.account, code=invitation.code)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _roles(form: FormData) -> list[Role]:
    given = form.getlist("roles")
    return [role for role in ROLES if role in given]
