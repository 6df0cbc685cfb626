"""The whole benchmark, step by step."""

import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.evaluation.bench.figures import FULL, QUICK, BenchError
from bot.evaluation.bench.page import chromium, measure_page
from bot.evaluation.bench.report import conclude, machine_facts, page_table, summary, write, write_page
from bot.evaluation.bench.sides import Steps, measure_ours, measure_stock
from bot.evaluation.bench.texts import workload
from bot.evaluation.gate_timing import gate_times
from bot.evaluation.lookup_timing import lookup_timing
from bot.settings import ROOT, Settings


@contextlib.contextmanager
def _ended_well() -> Iterator[None]:
    """Turn a request to end into an exception, so that child processes are ended too."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _under_way() -> Iterator[tuple[Path, Steps]]:
    """A folder for the run, and where its progress is shown."""
    # On the disk that the assistant itself writes to: /tmp may be memory.
    (ROOT / "var").mkdir(exist_ok=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=Console(stderr=True), refresh_per_second=2)
    with _ended_well(), tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as folder, progress:
        yield Path(folder), Steps(progress)


def bench(settings: Settings, out: Path, quick: bool, train: bool = True) -> str:
    """Run the whole benchmark.

    Args:
        settings: those of the assistant; its model must be trained.
        out: folder for latest.json, the chart and the README's table.
        quick: a small run in under two minutes, to see that everything works.
        train: measure our training, too, which takes minutes; never in a quick run.

    Returns:
        The table with its ratios.

    Raises:
        BenchError: one of the two did not come up or answered nothing; shown by the command line as it is.
    """
    if not sys.platform.startswith("linux"):
        raise BenchError("The benchmark reads memory from /proc and so runs on Linux only.")
    size = QUICK if quick else FULL
    machine = machine_facts()
    work = workload(settings.data_path, size)
    with _under_way() as (folder, steps):
        theirs, own, paged = (folder / name for name in ("stock", "ours", "page"))
        for one in (theirs, own, paged):
            one.mkdir()
        stock = measure_stock(theirs, work, size, quick, steps)
        ours = measure_ours(own, settings, work, size, train and not quick, steps)
        with steps.step("Ours: gate and language alone"):
            before = gate_times(settings, work.typed())
        with steps.step("Ours: what the time of a look-up tells"):
            lookups = lookup_timing(settings, size.lookups)
        page = measure_page(paged, settings, size.page, steps) if chromium() else None
    result = conclude(ours, stock, work, before, quick, machine, lookups, page)
    write(result, out)
    return summary(result)


def bench_page(settings: Settings, out: Path) -> str:
    """Measure the chat page alone, and put its figures into the last full run's.

    Args:
        settings, out: as for `bench`.

    Returns:
        The page's rows of the table.

    Raises:
        BenchError: Chromium or the last full run is missing, or the page did not answer.
    """
    with _under_way() as (folder, steps):
        page = measure_page(folder, settings, FULL.page, steps)
    write_page(page, out)
    return page_table(page)
