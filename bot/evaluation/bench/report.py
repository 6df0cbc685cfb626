"""From what was measured to latest.json, the chart, the README's table and the summary."""

import os
import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from bot.evaluation.bench.commit import commit
from bot.evaluation.bench.figures import (
    HEADLINE,
    LONG_TURNS,
    SCRIPT_STYLE_BAR,
    BenchError,
    PageBudget,
    Result,
    Side,
    percentile,
    ratio,
)
from bot.evaluation.bench.texts import PRESSED, SEED, Workload
from bot.evaluation.lookup_timing import LookupTiming

LATEST = ("<!-- latest -->", "<!-- /latest -->")


def conclude(
    ours: Side,
    stock: Side,
    work: Workload,
    before: Sequence[float],
    quick: bool,
    machine: dict[str, Any],
    lookups: LookupTiming | None = None,
    page: PageBudget | None = None,
) -> Result:
    """Both sides to ratios.

    `before`: milliseconds that each text spends in the gate and in telling its language. `lookups`: what the time of a
    case look-up tells. `page`: what the chat page costs; None where there is no Chromium.
    """
    back = ours.back
    return Result(
        throughput_ratio=ratio(ours.level(HEADLINE).per_second, stock.level(HEADLINE).per_second),
        p95_ratio=ratio(ours.level(1).p95_ms, stock.level(1).p95_ms),
        turn100_ratio=ours.long.ratio,
        turn100_ratio_stock=stock.long.ratio,
        rest_mb=ours.rest.pss_mb,
        ready_s=ours.ready_s,
        back_s=max(back.one_killed_answered_s, back.all_killed_answered_s) if back else 0.0,
        gate_p95_ms=round(percentile(before, 0.95), 2),
        lookups=lookups,
        page=page,
        commit=commit(),
        date=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        quick=quick,
        machine=machine,
        workload={
            "typed_texts": len(work.typed()),
            "different_texts": len(set(work.typed())),
            "pressed_share": PRESSED,
            "seed": SEED,
        },
        ours=ours,
        stock=stock,
    )


def machine_facts() -> dict[str, Any]:
    """What figures depend on; nothing that names the machine.

    `load_before`: how busy it was (1-minute average). `compiled`: whether Python's libraries are kept as bytecode;
    where they are not, each start compiles them anew.
    """
    spec = find_spec("rasa")
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(pages / 1e9, 1),
        "python": platform.python_version(),
        "system": platform.system(),
        "compiled": bool(spec and spec.cached and Path(spec.cached).exists()),
        "load_before": round(os.getloadavg()[0], 2),
    }


Row = tuple[str, str, str, str]


def rows(result: Result) -> list[Row]:
    """The table: what, ours, the starter's, ours over the starter's."""
    ours, stock = result.ours, result.stock
    table: list[Row] = [("", "ours", "stock starter", "ours / stock")]

    def add(what: str, mine: float | None, other: float | None, unit: str) -> None:
        cells = ["-" if value is None else f"{value:.4g} {unit}" for value in (mine, other)]
        table.append((what, cells[0], cells[1], f"{ratio(mine, other):.2f}" if mine and other else ""))

    for mine, other in zip(ours.levels, stock.levels, strict=True):
        at = f"{mine.conversations} at once: "
        add(f"{at}messages a second", mine.per_second, other.per_second, "/s")
        add(f"{at}median", mine.p50_ms, other.p50_ms, "ms")
        add(f"{at}p95", mine.p95_ms, other.p95_ms, "ms")
        add(f"{at}p99", mine.p99_ms, other.p99_ms, "ms")
        add(f"{at}processor time a message", mine.server_cpu_ms, other.server_cpu_ms, "ms")
        errors = [f"{level.errors} of {level.errors + level.messages}" for level in (mine, other)]
        table.append((f"{at}errors", errors[0], errors[1], ""))
    add("turns 2-11, median", ours.long.early_ms, stock.long.early_ms, "ms")
    add("turns 91-100, median", ours.long.late_ms, stock.long.late_ms, "ms")
    add("turn 100 over turn 1", ours.long.ratio, stock.long.ratio, "times")
    add("memory at rest (PSS)", ours.rest.pss_mb, stock.rest.pss_mb, "MB")
    add("memory under load (PSS)", ours.load.pss_mb, stock.load.pss_mb, "MB")
    add("memory at rest (RSS)", ours.rest.rss_mb, stock.rest.rss_mb, "MB")
    add("start to ready", ours.ready_s, stock.ready_s, "s")
    add("start to all engines ready", ours.full_s, None, "s")
    if ours.back:
        add("one engine killed: answered again", ours.back.one_killed_answered_s, None, "s")
        add("one engine killed: all ready again", ours.back.one_killed_full_s, None, "s")
        add("all engines killed: answered again", ours.back.all_killed_answered_s, None, "s")
        add("all engines killed: all ready again", ours.back.all_killed_full_s, None, "s")
    add("gate's first layer and language, p95", result.gate_p95_ms, None, "ms")
    if result.lookups:
        add("time of a look-up tells a right number (AUC)", result.lookups.number_auc, None, "")
        add("time of a look-up tells a right case (AUC)", result.lookups.code_auc, None, "")
    if result.page:
        table += page_rows(result.page)
    add("training", ours.train_s, stock.train_s, "s")
    return table


def page_rows(page: PageBudget) -> list[Row]:
    """What the chat page costs, with its bars."""
    start, half, whole, erased = page.heap_mb
    figures = {
        f"page: script and style of the first load, compressed (at most {SCRIPT_STYLE_BAR / 1000:.0f} kB)": (
            f"{page.script_style_bytes / 1000:.1f} kB"
        ),
        "page: document of the first load, compressed": f"{page.document_bytes / 1000:.1f} kB",
        "page: requests until the first words": str(page.requests),
        "page: first words on a slow phone": f"{page.first_words_ms} ms",
        "page: script memory at the start": f"{start} MB",
        f"page: script memory after {page.messages // 2} messages": f"{half} MB",
        f"page: script memory after {page.messages} messages": f"{whole} MB",
        "page: memory of the second half of the messages over the first (at most 1.25)": f"{page.growth:.2f}",
        "page: script memory after erasing": f"{erased} MB",
        f"page: nodes after {page.messages} messages": str(page.nodes[2]),
        "page: nodes after erasing": str(page.nodes[3]),
    }
    return [(what, figure, "-", "") for what, figure in figures.items()]


def page_table(page: PageBudget) -> str:
    """The page's figures alone, for a terminal."""
    return plain_table([("", "ours", "stock starter", "ours / stock"), *page_rows(page)])


def notes(result: Result) -> list[str]:
    """What one must know to read the table."""
    at = result.ours.level(HEADLINE)
    share = 100 * at.gate_alone
    found = [
        f"Commit {result.commit}, {result.date}, {result.machine['cores']} cores, "
        f"{result.machine['memory_gb']} GB, Python {result.machine['python']}; "
        f"{result.workload['different_texts']} different typed texts.",
        "Turn 1 alone is noisy, so turn 100 over turn 1 is the median of turns 91-100 over that of turns 2-11.",
        f"At {HEADLINE} conversations {share:.0f} % of the typed messages were answered by a safety card without the "
        f"engine; of the {at.server_cpu_ms:.1f} ms processor time a message the gateway took {at.front_cpu_ms:.1f} ms; "
        f"the load generator used {at.generator_cpu:.2f} cores "
        f"(for the starter {result.stock.level(HEADLINE).generator_cpu:.2f}).",
        "The starter does not come back by itself when its process is killed.",
        f"Training ours: {result.ours.train_note}; the starter: {result.stock.train_note}.",
    ]
    if result.machine["load_before"] > 0.5:
        found.append(f"The machine was busy before (load {result.machine['load_before']}): the figures are rough.")
    if not result.machine["compiled"]:
        found.append(
            "The libraries are not kept as bytecode here: each start first compiles them, which takes seconds."
        )
    if result.page:
        found.append(f"The page was measured at commit {result.page.commit}, {result.page.date}, in Chromium.")
    if result.quick:
        found.append("A quick run: it shows that the benchmark works; its figures mean little.")
    return found


def plain_table(table: Sequence[Row]) -> str:
    """For a terminal."""
    widths = [max(len(row[column]) for row in table) for column in range(4)]
    lines = []
    for what, *cells in table:
        aligned = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        lines.append("  ".join([what.ljust(widths[0]), *aligned]).rstrip())
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def markdown_table(table: Sequence[Row]) -> str:
    """For the README."""
    lines = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([lines[0], "| --- | ---: | ---: | ---: |", *lines[1:]])


def update_readme(file: Path, result: Result) -> None:
    """Put the latest table between the README's two marks; a folder without README stays without."""
    if not file.exists():
        return
    text = file.read_text(encoding="utf-8")
    before, mark, rest = text.partition(LATEST[0])
    _, end, after = rest.partition(LATEST[1])
    if mark and end:
        said = "\n".join(f"- {line}" for line in notes(result))
        file.write_text(f"{before}{mark}\n{said}\n\n{markdown_table(rows(result))}\n{end}{after}", encoding="utf-8")


def draw(result: Result, file: Path) -> None:
    """The chart, as SVG; the same figures give the same file."""
    import matplotlib
    from matplotlib.figure import Figure

    sides = [("ours", "#1d70b8", result.ours), ("stock starter", "#b1b4b6", result.stock)]
    with matplotlib.rc_context({"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(9, 6.4))
        speed, wait, turns, size = figure.subplots(2, 2).flat
        at = [str(level.conversations) for level in result.ours.levels]
        for place, (name, colour, side) in enumerate(sides):
            left = [index + 0.4 * place - 0.2 for index in range(len(at))]
            speed.bar(left, [level.per_second for level in side.levels], 0.38, color=colour, label=name)
            wait.bar(left, [level.p95_ms for level in side.levels], 0.38, color=colour, label=name)
            turns.plot(range(1, LONG_TURNS + 1), side.long.by_turn_ms, color=colour, label=name)
            both = [side.rest.pss_mb, side.load.pss_mb]
            size.bar([index + 0.4 * place - 0.2 for index in range(2)], both, 0.38, color=colour, label=name)
        speed.set_title("Messages a second")
        wait.set_title("95 % of messages answered within (ms)")
        wait.set_yscale("log")
        for axes in (speed, wait):
            axes.set_xticks(range(len(at)))
            axes.set_xticklabels(at)
            axes.set_xlabel("conversations at once")
        turns.set_title("Latency by turn of a long conversation (ms)")
        turns.set_xlabel("turn")
        turns.set_ylim(0, 1.2 * max(max(side.long.by_turn_ms[1:]) for _, _, side in sides))
        size.set_title("Memory, shared pages counted once (MB)")
        size.set_xticks([0, 1])
        size.set_xticklabels(["at rest", "under load"])
        for axes in (speed, wait, turns, size):
            axes.legend(frameon=False)
            axes.spines["top"].set_visible(False)
            axes.spines["right"].set_visible(False)
        figure.tight_layout()
        figure.savefig(file, format="svg", metadata={"Date": None})


def write(result: Result, out: Path) -> None:
    """Write latest.json, latest.svg and the README's table; a quick run writes quick.json and quick.svg only."""
    out.mkdir(parents=True, exist_ok=True)
    name = "quick" if result.quick else "latest"
    _store(result, out / f"{name}.json")
    draw(result, out / f"{name}.svg")
    if not result.quick:
        update_readme(out / "README.md", result)


def write_page(page: PageBudget, out: Path) -> None:
    """Put the page's figures in place of those in latest.json and in the README's table; the rest stays as it is.

    Raises:
        BenchError: there is no full run yet to put them into.
    """
    file = out / "latest.json"
    if not file.exists():
        raise BenchError(f"{file} is missing, so there is nothing to put the page's figures into. Run: make bench")
    result = msgspec.structs.replace(msgspec.json.decode(file.read_bytes(), type=Result), page=page)
    _store(result, file)
    update_readme(out / "README.md", result)


def _store(result: Result, file: Path) -> None:
    file.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")


def summary(result: Result) -> str:
    """What is printed at the end."""
    back = f"{result.ready_s:.1f} s to ready, {result.back_s:.1f} s back after killed engines"
    return "\n".join(
        [
            plain_table(rows(result)),
            "",
            *notes(result),
            "",
            f"throughput_ratio {result.throughput_ratio:.2f} (ours / stock, {HEADLINE} conversations)   "
            f"p95_ratio {result.p95_ratio:.2f} (1 conversation)   turn100_ratio {result.turn100_ratio:.2f} "
            f"(stock {result.turn100_ratio_stock:.2f})",
            f"{result.rest_mb:.0f} MB at rest, {back}",
        ]
    )
