"""`python -m bot privacy`: subject access, holds, complaints and retention, for staff."""

import os
import time
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Optional, cast, get_args

import typer

from bot.command_line import fail
from bot.privacy.backups import BackupKeys
from bot.privacy.complaints import Complaint, ComplaintRefused, Complaints
from bot.privacy.export import (
    Exemption,
    ExportRefused,
    Exports,
    IdentityCheck,
    as_csv,
    as_json,
    as_text,
    conversation_records,
    make_export,
    own_contacts,
    referral_record,
)
from bot.privacy.holds import Hold, HoldRefused, Holds, Subject
from bot.privacy.purges import purges
from bot.privacy.retention import periods
from bot.privacy.retention import purge as purge_all
from bot.referrals.cli import Opened, known, opened
from bot.store.conversations import ConversationStore

app = typer.Typer(help="Data protection: subject access, holds, complaints, retention.", no_args_is_help=True)
hold = typer.Typer(help="Holds: what must be kept for now.", no_args_is_help=True)
complaint = typer.Typer(help="Complaints about the use of data.", no_args_is_help=True)
app.add_typer(hold, name="hold")
app.add_typer(complaint, name="complaint")

By = Annotated[str, typer.Option(help="Who you are.")]
Role = Annotated[str, typer.Option(help="Your role; holds need a supervisor.")]
Day = Annotated[Optional[datetime], typer.Option(formats=["%Y-%m-%d"], help="The day; today if left out.")]


@app.command()
def export(
    made_by: Annotated[str, typer.Option(help="Who makes the export.")],
    checked_by: Annotated[str, typer.Option(help="Who checked the person's identity.")],
    how: Annotated[str, typer.Option(help="How the identity was checked.")],
    out: Annotated[Path, typer.Option(help="New folder for export.json and export.txt.")],
    conversation: Annotated[Optional[list[str]], typer.Option(help="Id of a conversation.")] = None,
    reference: Annotated[Optional[list[str]], typer.Option(help="Reference of a referral.")] = None,
    third_party: Annotated[Optional[list[str]], typer.Option(help="Name of somebody else, to be taken out.")] = None,
    exempt: Annotated[Optional[list[str]], typer.Option(help="Left out, as 'number|why|rule'.")] = None,
    spreadsheet: Annotated[bool, typer.Option("--csv", help="Write export.csv, too.")] = False,
) -> None:
    """Write what is held about a person, for that person. Read it before you hand it over."""
    store = opened()
    conversations = ConversationStore(store.engine, store.vault)
    referrals = [found for one in reference or [] if (found := store.referrals.open(known(one)))]
    records = [
        record for one in conversation or [] for record in conversation_records(store.engine, conversations, one)
    ]
    records += [referral_record(referral, store.form) for referral in referrals]
    now = time.time()
    try:
        result = make_export(
            records,
            identity=IdentityCheck(by=checked_by, how=how, on=date.today()),
            made_by=made_by,
            now=now,
            # A reference is twelve digits, which may look like a number.
            own=[*own_contacts(referrals), *(one.reference for one in referrals)],
            third_parties=third_party or [],
            exemptions=[_exemption(one) for one in exempt or []],
        )
        out.mkdir(mode=0o700)
    except (ExportRefused, FileExistsError) as error:
        raise fail(error) from error
    number = Exports(store.engine, store.vault).record(result, now)
    files = {"export.json": as_json(result), "export.txt": as_text(result).encode()}
    if spreadsheet:
        files["export.csv"] = as_csv(result).encode()
    for name, content in files.items():
        with os.fdopen(os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    typer.echo(f"Export {number}: {len(result.records)} records, {result.redactions} details taken out, in {out}.")
    typer.echo("Read it through before you hand it over: names that you did not give are still in it.")


@app.command()
def purge() -> None:
    """Delete referrals, records for the audit and keys of backups that are past their time."""
    store = opened()
    ours = purges(
        store.referrals,
        Holds(store.engine, store.vault),
        Exports(store.engine, store.vault),
        Complaints(store.engine, store.vault),
        BackupKeys(Path(store.settings.var_dir) / "backup-keys"),
    )
    for kind, count in purge_all(periods(store.settings), ours, time.time()).items():
        typer.echo(f"{kind}: {count} deleted")


@hold.command("place")
def hold_place(
    kind: Annotated[str, typer.Argument(help="conversation, referral or case.")],
    subject: Annotated[str, typer.Argument(help="Id of the conversation, or reference.")],
    reason: Annotated[str, typer.Option(help="Why it must be kept.")],
    review_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day to look at it again.")],
    by: By,
    role: Role,
) -> None:
    """Keep something from being erased or purged."""
    store = opened()
    if kind not in get_args(Subject):
        raise fail("A hold is on a conversation, a referral or a case.")
    try:
        number = Holds(store.engine, store.vault).place(
            cast(Subject, kind),
            known(subject) if kind == "referral" else subject,
            reason=reason,
            by=by,
            role=role,
            review_on=review_on.date(),
            today=date.today(),
            now=time.time(),
        )
    except HoldRefused as error:
        raise fail(error) from error
    typer.echo(f"Hold {number} is placed, to be looked at again on {review_on.date().isoformat()}.")


@hold.command("lift")
def hold_lift(number: int, by: By, role: Role) -> None:
    """End a hold."""
    store = opened()
    try:
        Holds(store.engine, store.vault).lift(number, by=by, role=role, now=time.time())
    except HoldRefused as error:
        raise fail(error) from error
    typer.echo(f"Hold {number} is lifted.")


@hold.command("list")
def hold_list(due: Annotated[bool, typer.Option("--due", help="Only those to be looked at now.")] = False) -> None:
    """List holds, those to be looked at first coming first."""
    store = opened()
    holds = Holds(store.engine, store.vault)
    for one in holds.to_review(date.today()) if due else holds.active():
        typer.echo(_hold(one))


@complaint.command("record")
def complaint_record(
    about: Annotated[str, typer.Option(help="What it is about.")],
    contact: Annotated[str, typer.Option(help="How to answer safely.")],
    by: By,
    received_on: Day = None,
) -> None:
    """Put a complaint on the register."""
    try:
        made = _complaints(opened()).record(
            about=about, contact=contact, received_on=_day(received_on), by=by, today=date.today()
        )
    except ComplaintRefused as error:
        raise fail(error) from error
    typer.echo(f"Complaint {made.number}. Acknowledge it by {made.acknowledge_by.isoformat()}.")


@complaint.command("acknowledge")
def complaint_acknowledge(number: int, by: By, on: Day = None) -> None:
    """Record that the person was told that we have it."""
    try:
        _complaints(opened()).acknowledge(number, by=by, on=_day(on))
    except ComplaintRefused as error:
        raise fail(error) from error
    typer.echo(f"Complaint {number} is acknowledged.")


@complaint.command("close")
def complaint_close(
    number: int, outcome: Annotated[str, typer.Option(help="What the person was told.")], by: By, on: Day = None
) -> None:
    """Record the outcome that the person was told."""
    try:
        _complaints(opened()).close(number, outcome=outcome, by=by, on=_day(on))
    except ComplaintRefused as error:
        raise fail(error) from error
    typer.echo(f"Complaint {number} is closed.")


@complaint.command("list")
def complaint_list() -> None:
    """List complaints that are not closed, the most urgent first."""
    for one in _complaints(opened()).open():
        typer.echo(_complaint(one))


def _exemption(text: str) -> Exemption:
    number, _, rest = text.partition("|")
    why, _, rule = rest.partition("|")
    if not number.strip().isdigit():
        raise ExportRefused("An exemption reads: number|why|rule.")
    return Exemption(record=int(number), why=why.strip(), rule=rule.strip())


def _complaints(store: Opened) -> Complaints:
    return Complaints(store.engine, store.vault)


def _day(given: datetime | None) -> date:
    return given.date() if given else date.today()


def _hold(one: Hold) -> str:
    return (
        f"{one.id}  {one.kind} {one.subject}  look again on {one.review_on.isoformat()}  {one.placed_by}: {one.reason}"
    )


def _complaint(one: Complaint) -> str:
    if one.acknowledged_on:
        return f"{one.number}  acknowledged on {one.acknowledged_on.isoformat()}  {one.about}"
    return f"{one.number}  acknowledge by {one.acknowledge_by.isoformat()}  {one.about}"
