"""What the benchmark finds, as figures, and the arithmetic behind them."""

import itertools
from collections.abc import Sequence
from typing import Any

import click
import msgspec

from bot.evaluation.lookup_timing import LookupTiming

HEADLINE = 16
LONG_TURNS = 100
WINDOW = 10
SCRIPT_STYLE_BAR = 40_000


class BenchError(click.ClickException):
    """The benchmark cannot go on; the message says why, with the end of the log of what failed."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured. `levels`: conversations at once, and how often. `lookups`: case look-ups of each kind.

    `page`: messages on the chat page.
    """

    levels: tuple[tuple[int, int], ...]
    turns: int
    long: int
    rest_s: float
    lookups: int
    page: int


FULL = Size(levels=((1, 10), (HEADLINE, 2), (64, 1)), turns=10, long=3, rest_s=5.0, lookups=1000, page=200)
QUICK = Size(levels=((1, 2), (HEADLINE, 1)), turns=3, long=1, rest_s=1.0, lookups=50, page=20)


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Memory of a process tree: its own share (PSS; shared pages divided among their users) and RSS, in MB."""

    pss_mb: float
    rss_mb: float
    processes: int


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a number of conversations at once.

    `pressed`: share of messages that were button presses. `gate_alone`: share of typed messages that a safety card
    answered without the engine. `silent`: share of messages with an empty answer (the starter has none for some).
    `server_cpu_ms`: processor time of the whole tree a message; `front_cpu_ms`: of the first process alone, which is
    our gateway and all of the starter. `generator_cpu`: cores the load generator used.
    """

    conversations: int
    rounds: int
    messages: int
    errors: int
    seconds: float
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    pressed: float
    gate_alone: float
    silent: float
    server_cpu_ms: float
    front_cpu_ms: float
    generator_cpu: float


class Long(msgspec.Struct, frozen=True, kw_only=True):
    """Long conversations: median latency of turns 2-11 (`early_ms`) and 91-100 (`late_ms`), and of each turn."""

    conversations: int
    early_ms: float
    late_ms: float
    ratio: float
    by_turn_ms: list[float]


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds after `kill -9` until messages are answered again, and until all engines are ready again."""

    one_killed_answered_s: float
    one_killed_full_s: float
    all_killed_answered_s: float
    all_killed_full_s: float


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """Everything measured of one of the two."""

    train_s: float | None
    train_note: str
    ready_s: float
    full_s: float
    rest: Memory
    load: Memory
    levels: list[Level]
    long: Long
    back: Back | None

    def level(self, conversations: int) -> Level:
        """The level with this many conversations."""
        return next(level for level in self.levels if level.conversations == conversations)


class PageBudget(msgspec.Struct, frozen=True, kw_only=True):
    """What the chat page costs a phone.

    `document_bytes`, `script_style_bytes`: of the first load, as they come over the wire, compressed. `first_words_ms`:
    until the first words can be read on Lighthouse's slow phone. `heap_mb` (megabytes of script memory after a
    collection) and `nodes` (of the document): at the start, after half the messages, after all, and after erasing.
    """

    commit: str
    date: str
    requests: int
    document_bytes: int
    script_style_bytes: int
    first_words_ms: int
    messages: int
    heap_mb: list[float]
    nodes: list[int]

    @property
    def growth(self) -> float:
        """Memory that the second half of the messages took over that of the first half; 1 is no more than they need."""
        start, half, whole, _ = self.heap_mb
        return ratio(whole - half, half - start)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What latest.json holds. Ratios are ours over the starter's; `turn100_ratio` is ours late over ours early."""

    throughput_ratio: float
    p95_ratio: float
    turn100_ratio: float
    turn100_ratio_stock: float
    rest_mb: float
    ready_s: float
    back_s: float
    gate_p95_ms: float
    lookups: LookupTiming | None = None
    page: PageBudget | None = None
    commit: str
    date: str
    quick: bool
    machine: dict[str, Any]
    workload: dict[str, Any]
    ours: Side
    stock: Side


def percentile(values: Sequence[float], share: float) -> float:
    """Percentile with linear interpolation between the two nearest values.

    Args:
        values: at least one, in any order.
        share: from 0 to 1; 0.5 is the median.
    """
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def ratio(ours: float, other: float) -> float:
    """Ours over the other, to two decimals; 0 when there is nothing to divide by."""
    return round(ours / other, 2) if other else 0.0


def windows(by_turn: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Median of turns 2-11 and of turns 91-100 over all long conversations. Turn 1 alone is noisy.

    Args:
        by_turn: for each turn, from the first, the latency in each conversation.
    """
    early = list(itertools.chain.from_iterable(by_turn[1 : 1 + WINDOW]))
    late = list(itertools.chain.from_iterable(by_turn[LONG_TURNS - WINDOW : LONG_TURNS]))
    return percentile(early, 0.5), percentile(late, 0.5)
