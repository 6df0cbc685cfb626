"""The command line: `python -m bot --help`. Each command is a thin wrapper; what it does lives in its own module."""

import asyncio
from collections.abc import Callable
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, NoReturn, Optional

import msgspec
import typer
from cryptography.fernet import Fernet

from bot.cases.cli import app as cases
from bot.logs import log_to_stderr
from bot.privacy.cli import app as privacy
from bot.referrals.cli import app as referrals
from bot.settings import ROOT, Settings, SettingsError, load
from bot.staff.cli import app as staff
from bot.staff.cli import audit

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
content = typer.Typer(help="Approved texts: check and approve them.", no_args_is_help=True)
app.add_typer(content, name="content")
examples = typer.Typer(help="Training examples: check them, and those that staff approved.", no_args_is_help=True)
app.add_typer(examples, name="examples")
app.add_typer(cases, name="cases")
app.add_typer(referrals, name="referrals")
app.add_typer(privacy, name="privacy")
app.add_typer(staff, name="staff")
app.add_typer(audit, name="audit")

Demo = Annotated[Optional[bool], typer.Option("--demo/--no-demo", help="Demonstration mode, whatever BOT_DEMO says.")]


def _fail(*reasons: object) -> NoReturn:
    for reason in reasons:
        typer.secho(str(reason), err=True, fg="red")
    raise typer.Exit(1)


def _settings(**overrides: Any) -> Settings:
    try:
        return load(**overrides)
    except SettingsError as error:
        _fail(error)


@app.command()
def run(
    demo: Demo = None,
    host: Annotated[Optional[str], typer.Option(help="Address to listen on.")] = None,
    port: Annotated[Optional[int], typer.Option(help="Port to listen on.")] = None,
    staff_console: Annotated[
        Optional[bool],
        typer.Option("--console/--no-console", help="The staff console, whatever BOT_STAFF_CONSOLE says."),
    ] = None,
    console_port: Annotated[Optional[int], typer.Option(help="Port of the staff console.")] = None,
) -> None:
    """Run the assistant until Ctrl-C, in demonstration mode with the staff console beside it."""
    from bot.serve import serve

    settings = _settings(demo=demo, host=host, port=port, staff_console=staff_console, console_port=console_port)
    if settings.staff_console is None:
        settings = msgspec.structs.replace(settings, staff_console=settings.demo)
    _serve(serve, settings)


@app.command()
def console(
    demo: Demo = None,
    host: Annotated[Optional[str], typer.Option(help="Address to listen on.")] = None,
    port: Annotated[Optional[int], typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Run the staff console alone until Ctrl-C, beside a gateway on the same database."""
    from bot.serve import serve_console

    _serve(serve_console, _settings(demo=demo, console_host=host, console_port=port, staff_console=True))


def _serve(start: Callable[[Settings, Callable[[str], None]], None], settings: Settings) -> None:
    from bot.data_files import DataError
    from bot.serve import CannotStart
    from bot.store.database import StoreUnavailable

    try:
        start(settings, typer.echo)
    except CannotStart as error:
        _fail(*error.args)
    except (DataError, StoreUnavailable) as error:
        _fail(error)


@app.command()
def check(demo: Demo = None) -> None:
    """List every reason why the service would not start; exit 0 when it would."""
    from bot.serve import check as reasons

    found = reasons(_settings(demo=demo))
    if found:
        _fail(*found)
    typer.echo("Nothing stands in the way of starting.")


@app.command()
def chat(demo: Demo = True) -> None:
    """Talk to the assistant in the terminal."""
    from bot.chat import talk

    asyncio.run(talk(_settings(demo=demo)))


@app.command()
def train(force: Annotated[bool, typer.Option(help="Train although nothing has changed.")] = False) -> None:
    """Train the model, if anything it depends on has changed."""
    from bot.engine.model import ModelError
    from bot.engine.training import train as train_model
    from bot.engine.training import up_to_date

    settings = _settings()
    if not force and up_to_date(settings.models_path):
        typer.echo("The model is up to date.")
        return
    typer.echo("Training the model. The first time takes a few minutes: it reads every example once.")
    try:
        typer.echo(f"Trained {train_model(settings.models_path).relative_to(ROOT)}.")
    except ModelError as error:
        _fail(error)


@app.command()
def vectors() -> None:
    """Write the sentence vectors of all training texts into data/vectors, to be shipped."""
    from bot.engine.shipped_vectors import ship_vectors

    counts = ship_vectors(_settings().data_path)
    typer.echo(f"Wrote {sum(counts.values())} vectors of {len(counts)} languages.")


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Lines to put through, as JSON Lines; or dialogues with --dialogues.")],
    out: Annotated[Path, typer.Option(help="Where to write one result a line; it appears only when complete.")],
    dialogues: Annotated[bool, typer.Option("--dialogues", help="FILE is a YAML file of dialogues.")] = False,
    report: Annotated[Optional[Path], typer.Option(help="Folder for an HTML report.")] = None,
) -> None:
    """Put questions through the whole conversation core and write what comes back."""
    from bot.evaluation.evaluate import EvaluationError
    from bot.evaluation.evaluate import evaluate as run_evaluation

    try:
        typer.echo(run_evaluation(_settings(demo=True), file, out, dialogues=dialogues, report=report))
    except EvaluationError as error:
        _fail(error)


class Measured(str, Enum):
    """What of the benchmark can be measured alone."""

    page = "page"


@app.command()
def bench(
    out: Annotated[Path, typer.Option(help="Folder for latest.json and the chart.")] = ROOT / "docs" / "benchmarks",
    quick: Annotated[bool, typer.Option(help="A short run to see that it works; its figures mean little.")] = False,
    train: Annotated[bool, typer.Option(help="Measure our training, too, which takes minutes.")] = True,
    only: Annotated[
        Optional[Measured], typer.Option(help="Measure this alone, and put it into the last full run's figures.")
    ] = None,
) -> None:
    """Measure this assistant against a stock Rasa starter, on this machine, in one run."""
    from bot.evaluation.bench import bench as run_bench
    from bot.evaluation.bench import bench_page

    if only is Measured.page:
        typer.echo(bench_page(_settings(demo=True), out))
        return
    typer.echo(run_bench(_settings(demo=True), out, quick=quick, train=train))


@app.command("bench-telegram")
def bench_telegram(
    chats: Annotated[int, typer.Option(min=1, help="How many people write at once.")] = 50,
    turns: Annotated[int, typer.Option(min=1, help="Messages of each.")] = 5,
) -> None:
    """Measure chats in Telegram against conversations over our own API; fails where Telegram takes twice as long."""
    from bot.evaluation.telegram_bench import bench_telegram as run_bench

    typer.echo(run_bench(_settings(demo=True), chats, turns))


@app.command("safety-report")
def safety_report(
    out: Annotated[Path, typer.Option(help="The report, as Markdown.")] = ROOT / "docs" / "safety" / "report.md",
) -> None:
    """Measure how much danger the safety gate finds on messages it has not seen, and write the report."""
    from bot.evaluation.safety import SafetyReportError
    from bot.evaluation.safety import safety_report as report

    try:
        typer.echo(report(_settings(demo=True), out))
    except SafetyReportError as error:
        _fail(error)


@app.command()
def compare(
    folds: Annotated[int, typer.Option(min=2, help="How many parts the examples are cut into.")] = 5,
    limit: Annotated[Optional[int], typer.Option(min=1, help="Most examples of an intent; for a quick look.")] = None,
    diet: Annotated[bool, typer.Option("--diet", help="Rasa's default pipeline, too; takes many minutes.")] = False,
    out: Annotated[Optional[Path], typer.Option(help="The page to write; without it and with --limit, none.")] = None,
) -> None:
    """Compare pipelines by cross-validation; writes docs/benchmarks/pipelines.md."""
    from rich.console import Console

    from bot.data_files import DataError
    from bot.evaluation.compare import CompareError, as_page, as_tables
    from bot.evaluation.compare import compare as run_comparison

    try:
        comparison = run_comparison(_settings(demo=True).data_path, folds=folds, limit=limit, diet=diet)
    except (CompareError, DataError) as error:
        _fail(error)
    Console().print(*as_tables(comparison))
    page = out or (ROOT / "docs" / "benchmarks" / "pipelines.md" if limit is None else None)
    if page:
        page.write_text(as_page(comparison), encoding="utf-8")
        typer.echo(f"Wrote {page}")


@app.command("new-key")
def new_key() -> None:
    """Print a fresh key for BOT_KEYS."""
    typer.echo(Fernet.generate_key().decode())


@app.command()
def documents() -> None:
    """Write the documents that are made from code: docs/settings.md and the OpenAPI documents in docs/api."""
    from bot.documents import write

    for file in write(ROOT / "docs"):
        typer.echo(f"Wrote {file.relative_to(ROOT)}")


@app.command()
def locale(
    new: Annotated[Optional[str], typer.Option(help="Begin a file for this language.")] = None,
) -> None:
    """Bring the files of data/locale up to date with the English texts; say what each language lacks."""
    from bot.data_files import DataError
    from bot.locale import update

    try:
        lacking = update(_settings().data_path, new)
    except DataError as error:
        _fail(error)
    for tag, count in lacking.items():
        typer.echo(f"{tag}: {'complete' if not count else f'{count} texts are missing'}")


@content.command("check")
def content_check() -> None:
    """Check every answer against the facts and the house style."""
    from bot.rights.check import check_content

    found = check_content(_settings().data_path)
    if found:
        _fail(*found, f"{len(found)} problems.")
    typer.echo("The content is clean.")


@content.command("approve")
def content_approve(
    topic: Annotated[str, typer.Argument(help="The topic, for example right_06/how_long.")],
    role: Annotated[str, typer.Option(help="The role that approves, for example 'safeguarding lead'.")],
    state: Annotated[str, typer.Option(help="reviewed or approved.")] = "approved",
    language: Annotated[str, typer.Option(help="Language of the text.")] = "en",
) -> None:
    """Record that a role has approved a text as it stands now."""
    from bot.data_files import DataError
    from bot.rights.approvals import approve

    try:
        approve(_settings().data_path, topic, language, state, role, date.today())
    except DataError as error:
        _fail(error)
    typer.echo(f"{topic} ({language}) is now {state} by {role}.")


@examples.command("check")
def examples_check() -> None:
    """Check that there are enough training examples of each kind, and no copies among them."""
    from bot.data_files import DataError
    from bot.evaluation.examples_check import check_examples

    try:
        found = check_examples(_settings(demo=True).data_path)
    except DataError as error:
        _fail(error)
    if found:
        _fail(*found, f"{len(found)} problems.")
    typer.echo("The training examples are in order.")


@examples.command("approved")
def examples_approved(
    out: Annotated[Optional[Path], typer.Option(help="The file to write; without it, it is printed.")] = None,
) -> None:
    """Write the examples that staff made of unanswered questions, as a file for data/nlu/en."""
    from bot.command_line import open_store
    from bot.store.encryption import Vault
    from bot.unanswered.export import as_nlu
    from bot.unanswered.store import Unanswered

    store = open_store()
    found = Unanswered(store.engine, Vault(store.keys)).approved()
    if out is None:
        typer.echo(as_nlu(found), nl=False)
        return
    out.write_text(as_nlu(found), encoding="utf-8")
    typer.echo(f"Wrote {len(found)} examples to {out}.")


if __name__ == "__main__":
    # Commands that run for long set their own level; the others answer in words, with no log lines between them.
    log_to_stderr("WARNING")
    app()
