"""`python -m bot referrals`: what staff do about referrals. Nothing here shows an answer of anybody's."""

import time
from datetime import datetime, timezone
from typing import Annotated, NamedTuple

import typer
from sqlalchemy.engine import Engine

from bot.command_line import fail, open_store
from bot.data_files import DataError
from bot.referrals.clocks import to_ask_after
from bot.referrals.configured import form_for
from bot.referrals.draft import Form
from bot.referrals.queue import ReferralQueue
from bot.referrals.rows import normal_reference, spoken
from bot.referrals.sealing import RotatingVault, rewrap_all
from bot.referrals.store import ReferralStore
from bot.settings import Settings

app = typer.Typer(help="Referrals: what is waiting, stuck or not acknowledged.", no_args_is_help=True)
Reference = Annotated[str, typer.Argument(help="The reference, with or without blanks.")]


class Opened(NamedTuple):
    """The store as a command uses it."""

    settings: Settings
    engine: Engine
    vault: RotatingVault
    form: Form
    referrals: ReferralStore
    queue: ReferralQueue


def opened() -> Opened:
    """Open the store of the settings in force.

    Raises:
        typer.Exit: it cannot be opened, which is said.
    """
    settings, engine, keys = open_store()
    vault = RotatingVault(keys)
    try:
        form = form_for(settings)
    except DataError as error:
        raise fail(error) from error
    store = ReferralStore(engine, vault, form)
    return Opened(settings, engine, vault, form, store, ReferralQueue(engine, store))


def known(reference: str) -> str:
    """A reference as it is stored.

    Raises:
        typer.Exit: it is not one.
    """
    found = normal_reference(reference)
    if found is None:
        raise fail("A reference is twelve digits.")
    return found


@app.command("list")
def list_queue(
    organisation: Annotated[str, typer.Option(help="Whose queue. Each organisation sees its own.")] = "victim_support",
) -> None:
    """List an organisation's referrals: reference, time, state. No answers."""
    for one in opened().queue.of_organisation(organisation):
        marks = f"{' restricted' if one.restricted else ''}{' withdrawn' if one.withdrawn else ''}"
        typer.echo(f"{spoken(one.reference)}  {_time(one.created)}  {one.status}{marks}")


@app.command("dead-letters")
def dead_letters() -> None:
    """List deliveries that were given up; exit 1 when there are any, so that a check can watch it."""
    found = opened().queue.dead_letters()
    for one in found:
        typer.echo(f"{spoken(one.reference)}  {_time(one.created)}  {one.kind}  {one.attempts} attempts  {one.problem}")
    if found:
        raise typer.Exit(1)
    typer.echo("No delivery was given up.")


@app.command("send-again")
def send_again(reference: Reference) -> None:
    """Try a delivery again that was given up."""
    if not opened().queue.send_again(known(reference), time.time()):
        raise fail("No delivery of this referral was given up.")
    typer.echo("It will be tried again.")


@app.command("ask-after")
def ask_after() -> None:
    """List referrals sent two days ago or earlier that the provider has not acknowledged."""
    for reference in to_ask_after(opened().queue, time.time()):
        typer.echo(spoken(reference))


@app.command()
def rewrap() -> None:
    """Wrap every row's key with the newest of BOT_KEYS. After it the older keys are not needed for these tables."""
    store = opened()
    try:
        typer.echo(f"Wrapped {rewrap_all(store.engine, store.vault)} keys anew.")
    except ValueError as error:
        raise fail(error) from error


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M")
