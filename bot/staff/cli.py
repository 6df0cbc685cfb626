"""`python -m bot staff` and `python -m bot audit`: accounts of staff, and the audit log, at the command line."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Optional, cast, get_args

import click
import typer

from bot.command_line import fail, open_store
from bot.directory import LONDON
from bot.staff.account import COMMAND_LINE, Account
from bot.staff.account_rows import AccountRefused
from bot.staff.accounts import tidy
from bot.staff.assembly import StaffServices, audit_log, load_staff
from bot.staff.audit import MOST, AuditLog, Link
from bot.staff.audit import export as exported
from bot.staff.invitations import Invitation
from bot.staff.roles import ROLES, OrganisationId, Role
from bot.store.encryption import Vault

app = typer.Typer(
    help="Accounts of staff: the first administrator of an organisation is made here, the others in the console.",
    no_args_is_help=True,
)
audit = typer.Typer(help="The audit log: check that it is whole, or take it elsewhere.", no_args_is_help=True)

SignIn = Annotated[str, typer.Argument(help="The name they sign in with.")]
Roles = Annotated[
    list[str], typer.Option("--role", click_type=click.Choice(ROLES), help="A role; give it again for more.")
]
Organisation = Annotated[
    str, typer.Option(click_type=click.Choice(get_args(OrganisationId)), help="Whose queue they see.")
]
Restricted = Annotated[bool, typer.Option("--restricted", help="The supervisor named for restricted matters.")]


def opened() -> StaffServices:
    """The services of the settings in force.

    Raises:
        typer.Exit: they cannot be opened, which is said.
    """
    settings, engine, keys = open_store()
    return load_staff(settings, engine, Vault(keys), keys)


@app.command()
def add(
    sign_in: SignIn,
    name: Annotated[str, typer.Option(help="The name or role that people see in a chat.")],
    role: Roles,
    organisation: Organisation,
    restricted: Restricted = False,
) -> None:
    """Invite somebody. The code of the invitation is printed once; with it they set up password and app themselves."""
    with _refusals():
        whose = cast(OrganisationId, organisation)
        roles = cast(list[Role], role)
        _say(opened().accounts.add(sign_in, name, roles, whose, None, time.time(), restricted))


@app.command("list")
def list_accounts() -> None:
    """List all accounts: name to sign in with, state, organisation, roles."""
    for one in opened().accounts.every():
        roles = ",".join(role for role in ROLES if role in one.staff.roles)
        mark = "  restricted" if one.staff.restricted else ""
        typer.echo(
            f"{one.sign_in}  {one.state}  {one.staff.organisation}  {roles}{mark}  ({one.staff.name}, {one.staff.id})"
        )


@app.command()
def change(sign_in: SignIn, role: Roles, organisation: Organisation, restricted: Restricted = False) -> None:
    """Give other roles, or another organisation. Their sessions end."""
    staff = opened()
    with _refusals():
        found = _known(staff, sign_in)
        whose, roles = cast(OrganisationId, organisation), cast(list[Role], role)
        staff.accounts.change(found.staff.id, roles, None, time.time(), restricted=restricted, organisation=whose)
    typer.echo("Changed.")


@app.command()
def disable(sign_in: SignIn) -> None:
    """End an account. Its sessions end at once."""
    staff = opened()
    with _refusals():
        staff.accounts.disable(_known(staff, sign_in).staff.id, None, time.time())
    typer.echo("Disabled.")


@app.command()
def enable(sign_in: SignIn) -> None:
    """Let an account be used again."""
    staff = opened()
    with _refusals():
        staff.accounts.enable(_known(staff, sign_in).staff.id, None, time.time())
    typer.echo("Enabled.")


@app.command()
def reset(sign_in: SignIn) -> None:
    """Invite somebody again who has lost password or phone. Both stop working at once."""
    staff = opened()
    with _refusals():
        _say(staff.accounts.reset(_known(staff, sign_in).staff.id, None, time.time()))


@audit.command()
def verify(
    known: Annotated[
        Optional[str],
        typer.Option(help="A line that was noted down earlier, as `number:hash`: it must still be there."),
    ] = None,
) -> None:
    """Check that no line was changed or taken out; exit 1 when one was. Prints the last line, to be noted elsewhere."""
    log = _log()
    found = log.verify(_link(known))
    last = log.last()
    if found:
        raise fail(*found, f"{len(found)} problems.")
    typer.echo("The audit log is whole.")
    if last is not None:
        typer.echo(f"Last line: {last.id}:{last.hash}")


@audit.command()
def export(
    out: Annotated[Path, typer.Option(help="New file, .csv or .json.")],
    since: Annotated[Optional[datetime], typer.Option(formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[Optional[datetime], typer.Option(formats=["%Y-%m-%d"], help="First day that is left out.")] = None,
) -> None:
    """Write the log into a file. That is noted in it."""
    form: Literal["csv", "json"] = "json" if out.suffix == ".json" else "csv"
    if out.suffix not in (".csv", ".json"):
        raise fail("Give a file that ends in .csv or .json.")
    log = _log()
    log.record(COMMAND_LINE, "audit.export", form)
    entries = log.entries(since=_begins(since), until=_begins(until), limit=MOST)
    try:
        with out.open("x", encoding="utf-8", newline="") as file:
            file.write(exported(entries, form))
    except OSError as error:
        raise fail(f"{out} cannot be written: {error.strerror}.") from error
    typer.echo(f"Wrote {len(entries)} lines.")
    if len(entries) == MOST:
        typer.echo("There may be more: give --since and --until.")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except AccountRefused as error:
        raise fail(error) from error


def _known(staff: StaffServices, sign_in: str) -> Account:
    """An account by the name to sign in with, or by its id."""
    for one in staff.accounts.every():
        if sign_in == one.staff.id or (one.kind != "demo" and one.sign_in == tidy(sign_in)):
            return one
    raise AccountRefused("There is no such account.")


def _say(invitation: Invitation) -> None:
    typer.echo(f"Invitation for {invitation.account.sign_in}, for two days, once: {invitation.code}")
    typer.echo('They open the console, choose "I have an invitation", and set up password and app themselves.')


def _log() -> AuditLog:
    _, engine, keys = open_store()
    return audit_log(engine, keys)


def _link(told: str | None) -> Link | None:
    if told is None:
        return None
    number, _, found = told.partition(":")
    if not number.isdecimal() or not found:
        raise fail("Give the line as number:hash.")
    return Link(int(number), found)


def _begins(day: datetime | None) -> float | None:
    return None if day is None else day.replace(tzinfo=LONDON).timestamp()
