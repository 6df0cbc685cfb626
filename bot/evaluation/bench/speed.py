"""How fast messages are answered: several conversations at once, and long ones."""

import asyncio
import contextlib
import itertools
import time
from types import TracebackType

import msgspec

from bot.evaluation.bench.figures import BenchError, Level, Long, Memory, percentile, ratio, windows
from bot.evaluation.bench.processes import Cpu, memory
from bot.evaluation.bench.talks import NewTalk, Sample, Tick, converse
from bot.evaluation.bench.texts import Plan, Workload


def _level(conversations: int, rounds: int, seconds: float, samples: list[Sample], used: Cpu) -> Level:
    good = [sample for sample in samples if sample.heard]
    if not good:
        raise BenchError(f"Not one message was answered with {conversations} conversations at once.")
    typed = [sample for sample in good if not sample.pressed]
    p50, p95, p99 = (round(1000 * percentile([s.seconds for s in good], share), 1) for share in (0.5, 0.95, 0.99))
    return Level(
        conversations=conversations,
        rounds=rounds,
        messages=len(good),
        errors=len(samples) - len(good),
        seconds=round(seconds, 2),
        per_second=round(len(good) / seconds, 1),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        pressed=ratio(sum(s.pressed for s in samples), len(samples)),
        gate_alone=ratio(sum(s.heard.gate_alone for s in typed if s.heard), len(typed)),
        silent=ratio(sum(s.heard.silent for s in good if s.heard), len(good)),
        server_cpu_ms=round(1000 * used.server / len(good), 1),
        front_cpu_ms=round(1000 * used.front / len(good), 1),
        generator_cpu=round(used.own / seconds, 2),
    )


async def measure_level(rounds: list[list[Plan]], root: int, new: NewTalk, tick: Tick) -> Level:
    """Hold conversations at once, round after round. The time to start a conversation counts in messages a second."""
    samples: list[Sample] = []
    seconds, before = 0.0, Cpu.now(root)
    for number, plans in enumerate(rounds):
        began = time.perf_counter()
        talks = [converse(new(1000 * number + place), turns, tick) for place, turns in enumerate(plans)]
        samples += itertools.chain.from_iterable(await asyncio.gather(*talks))
        seconds += time.perf_counter() - began
    return _level(len(rounds[0]), len(rounds), seconds, samples, Cpu.now(root).since(before))


async def measure_long(plans: list[Plan], new: NewTalk, tick: Tick) -> Long:
    """Hold long conversations one after the other."""
    talks = [await converse(new(number), turns, tick) for number, turns in enumerate(plans)]
    by_turn = [[sample.seconds * 1000 for sample in turn if sample.heard] for turn in zip(*talks, strict=True)]
    if not all(by_turn):
        raise BenchError("A turn of the long conversations was not answered.")
    early, late = windows(by_turn)
    return Long(
        conversations=len(plans),
        early_ms=round(early, 1),
        late_ms=round(late, 1),
        ratio=ratio(late, early),
        by_turn_ms=[round(percentile(turn, 0.5), 1) for turn in by_turn],
    )


class Peak:
    """The most memory a process tree used while the `async with` block ran, looked at once a second."""

    def __init__(self, root: int) -> None:
        self._root = root
        self.most = Memory(pss_mb=0.0, rss_mb=0.0, processes=0)

    async def __aenter__(self) -> "Peak":
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._look(memory(self._root))

    async def _watch(self) -> None:
        while True:
            self._look(await asyncio.to_thread(memory, self._root))
            await asyncio.sleep(1)

    def _look(self, now: Memory) -> None:
        self.most = max(self.most, now, key=lambda seen: seen.pss_mb)


class Load(msgspec.Struct, frozen=True):
    """What the load generator found."""

    levels: list[Level]
    load: Memory
    long: Long


async def drive(work: Workload, root: int, new: NewTalk, tick: Tick) -> Load:
    """Send the whole workload. Memory is looked at during the last level only: looking costs time."""
    levels = []
    *first, last = work.levels.values()
    for rounds in first:
        levels.append(await measure_level(rounds, root, new, tick))
    async with Peak(root) as peak:
        levels.append(await measure_level(last, root, new, tick))
    return Load(levels, peak.most, await measure_long(work.long, new, tick))
