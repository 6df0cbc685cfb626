"""`python -m bot cases`: bringing cases in, and what case officers decide about them. Every decision is kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple, cast, get_args

import click
import typer
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.admin import SECOND_PERSON_WITHIN, Act, CaseAdmin, NotAllowed
from bot.cases.csv_import import ImportRefused, read_cases, store_cases
from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.mapping import load_mapping
from bot.cases.model import Channel, Owner, SafeContact
from bot.cases.provider import CaseProvider, CasesUnavailable
from bot.cases.references import Recognise, load_references
from bot.cases.rules import may_send_code
from bot.cases.sources import load_provider
from bot.cases.sql import SqlCases
from bot.cases.stages import Stages, load_stages
from bot.command_line import fail, open_store
from bot.data_files import DataError
from bot.directory import LONDON
from bot.rights.facts import load_facts
from bot.settings import Settings
from bot.store.encryption import Vault

app = typer.Typer(
    help="Cases: bring them in; decide which are shown online and where a code may go. In high-risk cases two "
    "different people must do the same; whatever makes a case less visible takes one, at once.",
    no_args_is_help=True,
)
contact = typer.Typer(help="The safe contact: where a code may go.", no_args_is_help=True)
app.add_typer(contact, name="contact")

Reference = Annotated[str, typer.Argument(help="Crime number, URN or court number, in any usual form.")]
By = Annotated[str, typer.Option(help="Who you are. In high-risk cases the second person gives another name.")]
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
_MOMENT = "2026-11-24, or with the time: 2026-11-24T15:30. A day alone counts from its beginning."


class Opened(NamedTuple):
    """The cases as a command uses them."""

    settings: Settings
    provider: CaseProvider
    recognise: Recognise
    stages: Stages
    admin: CaseAdmin


def opened() -> Opened:
    """Open the cases of the settings in force.

    Raises:
        typer.Exit: they cannot be opened, which is said.
    """
    settings, engine, keys = open_store()
    vault, hashed = Vault(keys), LookupHash(lookup_keys(keys))
    provider = load_provider(settings, engine, vault, hashed)
    try:
        recognise, stages = load_references(settings.data_path), load_stages(settings.data_path)
    except DataError as error:
        raise fail(error) from error
    return Opened(settings, provider, recognise, stages, CaseAdmin(engine, vault, hashed, provider, recognise))


@app.command("import")
def import_cases(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, with a heading.")],
    mapping: Annotated[
        Path, typer.Option(help="What columns and codes mean; see data/cases/mapping.example.yml.", show_default=False)
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; store nothing.")] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="The file holds all cases: delete those it does not hold.")
    ] = False,
) -> None:
    """Import a force's CSV file of cases: all of it, or nothing where a row is wrong or a code has no meaning."""
    store = opened()
    if not isinstance(store.provider, SqlCases):
        raise fail(
            "Cases come from the force's own system (BOT_CASE_SOURCE is http), so a file would never be looked at. "
            "To import files, set BOT_CASE_SOURCE to sql."
        )
    try:
        events = frozenset(limit.event for limit in load_facts(store.settings.data_path).limits.values())
        meanings = load_mapping(mapping, store.stages, events | store.stages.risk_events)
        found = read_cases(file, meanings, store.recognise)
        if found.without_column:
            typer.echo(f"No case of this file can be shown: no column for {', '.join(found.without_column)}.")
        if dry_run:
            _dry_run([*found.problems, *map(str, found.unmapped)], len(found.records))
            return
        count = store_cases(found, store.provider, datetime.now(LONDON), complete=complete)
    except DataError as error:
        raise fail(error, "Nothing was imported. Put the mapping right and try again.") from error
    except ImportRefused as error:
        raise fail(
            *error.args, "Nothing was imported. Put the file or the mapping right; --dry-run lists what is wrong."
        ) from error
    except SQLAlchemyError as error:
        # Its text holds what was to be written.
        raise fail(f"The database did not take the cases ({type(error).__name__}). Nothing was imported.") from None
    typer.echo(f"Imported {count} cases.")


@app.command()
def online(
    reference: Reference,
    state: Annotated[str, typer.Argument(click_type=click.Choice(["on", "off"]))],
    by: By,
) -> None:
    """Let a case be shown online (on), or take it offline at once (off), which also ends a colleague's proposal."""
    store = opened()
    decide = store.admin.allow if state == "on" else store.admin.disallow
    _decide(store, lambda now: decide(reference, by, now))


@contact.command("confirm")
def contact_confirm(
    reference: Reference,
    how: Annotated[str, typer.Option(help="How it was confirmed with the victim, for example 'in person'.")],
    at: Annotated[datetime, typer.Option(formats=_FORMATS, help=f"When it was confirmed: {_MOMENT}")],
    by: By,
    address: Annotated[
        str,
        typer.Option(
            prompt="Mobile number or e-mail address",
            help="Leave it out to be asked, so that it does not stay in the history of the shell.",
        ),
    ],
    belongs_to: Annotated[
        str,
        typer.Option(
            click_type=click.Choice(get_args(Owner)), help="Whose it is. No code for a child's case goes to a parent."
        ),
    ],
) -> None:
    """Set the contact that somebody confirmed with the victim as safe. It holds for 90 days at most."""
    channel: Channel = "email" if "@" in address else "sms"
    given = SafeContact(channel=channel, address=address, belongs_to=cast(Owner, belongs_to))
    store = opened()
    _decide(store, lambda now: store.admin.confirm_contact(reference, given, how, _london(at), by, now))


@contact.command("withdraw")
def contact_withdraw(reference: Reference, by: By) -> None:
    """Say that the contact is no longer safe, at once: no code goes there until it is confirmed anew."""
    store = opened()
    _decide(store, lambda now: store.admin.withdraw_contact(reference, by, now))


@app.command()
def told(
    reference: Reference,
    at: Annotated[datetime, typer.Option(formats=_FORMATS, help=f"When: {_MOMENT}")],
    by: By,
) -> None:
    """Record that a person has told the victim of the stage as it stands; some stages are shown only after that."""
    store = opened()
    _decide(store, lambda now: store.admin.told(reference, _london(at), by, now))


@app.command()
def show(reference: Reference) -> None:
    """Say what a look-up of a case would come to now, and list the decisions about it."""
    store = opened()
    with _refusals():
        record = store.admin.find(reference)
        _outcome(store, record.reference)
        for act in store.admin.acts(record.reference):
            typer.echo(_line(act))


@app.command()
def decisions() -> None:
    """List all decisions, the oldest first. Addresses are left out: they stand in the victim's own record."""
    for act in opened().admin.acts():
        typer.echo(f"{act.reference}  {_line(act)}")


def _decide(store: Opened, decide: Callable[[datetime], Act]) -> None:
    with _refusals():
        act = decide(datetime.now(LONDON))
        if act.state == "done":
            typer.echo("Done.")
        else:
            typer.echo(
                "Proposed. This case is of a high-risk kind: it takes effect when a second, different person gives "
                f"the same command with their own --by within {SECOND_PERSON_WITHIN.days} days. If you are the second "
                "person, something differs from the first one's: see python -m bot cases show."
            )
        _outcome(store, act.reference)


def _outcome(store: Opened, reference: str) -> None:
    """What a look-up would come to: for staff only (bot.cases.rules.Reason)."""
    record = store.admin.current(store.admin.find(reference))
    reason = may_send_code(record, store.stages, datetime.now(LONDON))
    typer.echo(f"{reference}: a look-up now comes to '{reason.value.replace('_', ' ')}'.")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (NotAllowed, CasesUnavailable) as error:
        raise fail(error) from error


def _dry_run(reasons: list[str], good: int) -> None:
    if reasons:
        raise fail(*reasons, f"{good} cases are in order, but nothing would be imported.")
    typer.echo(f"{good} cases are in order and would be imported.")


def _london(moment: datetime) -> datetime:
    return moment.replace(tzinfo=LONDON)


def _line(act: Act) -> str:
    what = ", ".join(f"{name} {value}" for name, value in act.what.items() if value and name != "address")
    return f"{act.at.astimezone(LONDON):%Y-%m-%d %H:%M}  {act.act}  {act.state}  {act.by}  {what}".rstrip()
