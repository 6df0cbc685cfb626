"""`make bench`: this assistant against a stock Rasa starter, on this machine, in one run.

The starter is the project of `rasa init`, trained here and served by `rasa run` with its REST channel; ours is served
by `python -m bot run --demo` with an empty database. One load generator sends both the same typed texts over HTTP.
docs/benchmarks/README.md says what each figure means. Linux only: memory is read from /proc.
"""

import asyncio
import contextlib
import itertools
import os
import platform
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Protocol

import click
import httpx
import msgspec
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.conversation.turns import Words
from bot.data_files import load
from bot.evaluation.gate_timing import gate_times
from bot.evaluation.lookup_timing import LookupTiming, lookup_timing
from bot.settings import ROOT, Settings

HERE = Path(__file__).resolve().parent
LENGTHS = HERE / "bench_lengths.json"
QUICK_CONFIG = HERE / "stock" / "quick-config.yml"
SEED = 2
HEADLINE = 16
PRESSED = 0.3
LONG_TURNS = 100
WINDOW = 10
ANSWER_S, START_S, TRAIN_S = 60.0, 180.0, 3600.0
PLAIN_QUESTION = "What is the Victims' Code?"
LATEST = ("<!-- latest -->", "<!-- /latest -->")


class BenchError(click.ClickException):
    """The benchmark cannot go on; the message says why, with the end of the log of what failed."""


class Unanswered(Exception):
    """A message got no answer, or only an apology."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured. `levels`: conversations at once, and how often. `lookups`: case look-ups of each kind."""

    levels: tuple[tuple[int, int], ...]
    turns: int
    long: int
    rest_s: float
    lookups: int


FULL = Size(levels=((1, 10), (HEADLINE, 2), (64, 1)), turns=10, long=3, rest_s=5.0, lookups=1000)
QUICK = Size(levels=((1, 2), (HEADLINE, 1)), turns=3, long=1, rest_s=1.0, lookups=50)

Plan = list[str | None]
"""What one person does: a text to type, or None to press a button."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent. `levels`: for each number of conversations its rounds, each with a plan for each conversation."""

    levels: dict[int, list[list[Plan]]]
    long: list[Plan]

    def typed(self) -> list[str]:
        """All typed texts."""
        plans = [*itertools.chain.from_iterable(itertools.chain.from_iterable(self.levels.values())), *self.long]
        return [text for plan in plans for text in plan if text is not None]


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
    commit: str
    date: str
    quick: bool
    machine: dict[str, Any]
    workload: dict[str, Any]
    ours: Side
    stock: Side


# --- figures


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


# --- what is sent


def spread(lengths: Sequence[int], count: int) -> list[int]:
    """`count` word lengths with the same distribution as `lengths`, by even steps through them in order."""
    ordered = sorted(lengths)
    return [ordered[int((step + 0.5) * len(ordered) / count)] for step in range(count)]


class Writer:
    """Makes texts of a given number of words from real questions, never the same twice.

    Args:
        sources: questions, best first; the later ones are used when the earlier have nothing fitting left.
        never: texts that must not be sent as they are, such as the examples a model was trained on.
        dice: source of chance.
    """

    def __init__(self, sources: Sequence[Sequence[str]], never: Iterable[str], dice: random.Random) -> None:
        # In order of length, those of the same length in any order.
        self._pools = [sorted(dice.sample(list(source), len(source)), key=_words) for source in sources]
        self._seen = {_plain(text) for text in never}

    def write(self, words: int) -> str:
        """A new text of this many words: a question cut to fit, or several joined when none is long enough.

        Raises:
            BenchError: the questions are used up.
        """
        for pool in self._pools:
            for index in range(bisect_left(pool, words, key=_words), len(pool)):
                text = " ".join(pool[index].split()[:words])
                if _words(pool[index]) > 2 * words + 2:
                    break
                if _plain(text) not in self._seen:
                    del pool[index]
                    return self._new(text)
        return self._new(self._join(words))

    def _join(self, words: int) -> str:
        for pool in self._pools:
            text: list[str] = []
            while pool:
                text += pool.pop().split()
                if len(text) < words:
                    continue
                joined, text = " ".join(text[:words]), []
                if _plain(joined) not in self._seen:
                    return joined
        raise BenchError("There are too few questions in data/heldout and data/nlu to make the benchmark's texts from.")

    def _new(self, text: str) -> str:
        self._seen.add(_plain(text))
        return text


def _words(text: str) -> int:
    return len(text.split())


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def plan(texts: Sequence[str], presses: int, dice: random.Random) -> Plan:
    """A person's turns: the texts in order, with button presses at random places but never first."""
    turns = len(texts) + presses
    pressed = set(dice.sample(range(1, turns), presses))
    typed = iter(texts)
    return [None if turn in pressed else next(typed) for turn in range(turns)]


def long_lengths(lengths: Sequence[int], dice: random.Random) -> list[int]:
    """Word lengths of 100 turns. Turns 2-11 and 91-100 have the same ones, so that only their place differs."""
    window, middle = spread(lengths, WINDOW), spread(lengths, LONG_TURNS - 2 * WINDOW)
    middle = dice.sample(middle, len(middle))
    return [middle[0], *dice.sample(window, WINDOW), *middle[1:], *dice.sample(window, WINDOW)]


def workload(data: Path, size: Size) -> Workload:
    """Everything that will be sent: held-out questions first, then examples, in the lengths of the evaluation sets."""
    dice = random.Random(SEED)  # noqa: S311  (for repeatable texts)
    lengths = msgspec.json.decode(LENGTHS.read_bytes(), type=list[int])
    heldout = [_text(line) for line in (data / "heldout" / "en.jsonl").read_bytes().splitlines() if line.strip()]
    examples = list(typed_examples(sorted((data / "nlu" / "en").glob("*.yml"))))
    writer = Writer([heldout, examples], examples, dice)
    presses = round(PRESSED * size.turns)
    typed = size.turns - presses
    levels = {}
    for conversations, rounds in size.levels:
        wanted = spread(lengths, conversations * rounds * typed)
        texts = [writer.write(words) for words in dice.sample(wanted, len(wanted))]
        plans = [plan(texts[i : i + typed], presses, dice) for i in range(0, len(texts), typed)]
        levels[conversations] = [plans[i : i + conversations] for i in range(0, len(plans), conversations)]
    long: list[Plan] = [[writer.write(words) for words in long_lengths(lengths, dice)] for _ in range(size.long)]
    return Workload(levels=levels, long=long)


class _Block(msgspec.Struct):
    examples: str


class _Examples(msgspec.Struct):
    nlu: list[_Block]


def _text(line: bytes) -> str:
    return msgspec.json.decode(line)["text"]


def typed_examples(files: Iterable[Path]) -> Iterator[str]:
    """The texts of training examples, file by file."""
    for file in files:
        for block in load(file, _Examples).nlu:
            yield from (line[2:] for line in block.examples.splitlines() if line.startswith("- "))


# --- processes


class Stat(msgspec.Struct, frozen=True):
    """What /proc/PID/stat says of a process."""

    parent: int
    state: str
    cpu_s: float


def parse_stat(text: str) -> Stat:
    """Read /proc/PID/stat. The name may hold spaces and brackets, so what follows its last bracket counts."""
    fields = text[text.rindex(")") + 2 :].split()
    return Stat(int(fields[1]), fields[0], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))


def parse_rollup(text: str) -> tuple[int, int]:
    """PSS and RSS in kB from /proc/PID/smaps_rollup."""
    figures = dict(line.split(":", 1) for line in text.splitlines() if line.startswith(("Pss:", "Rss:")))
    return int(figures["Pss"].split()[0]), int(figures["Rss"].split()[0])


def family(root: int) -> dict[int, Stat]:
    """A process and all that came from it, without those that have ended."""
    known: dict[int, Stat] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                known[int(entry.name)] = parse_stat((entry / "stat").read_text(errors="replace"))
    found = {root: known[root]} if root in known else {}
    new = set(found)
    while new:
        new = {pid for pid, stat in known.items() if stat.parent in new}
        found.update({pid: known[pid] for pid in new})
    return {pid: stat for pid, stat in found.items() if stat.state != "Z"}


def memory(root: int) -> Memory:
    """Memory of a process and all that came from it."""
    sizes = []
    for pid in family(root):
        with contextlib.suppress(OSError):
            sizes.append(parse_rollup(Path(f"/proc/{pid}/smaps_rollup").read_text()))
    pss, rss = (sum(column) / 1024 for column in zip(*sizes, strict=True)) if sizes else (0.0, 0.0)
    return Memory(pss_mb=round(pss, 1), rss_mb=round(rss, 1), processes=len(sizes))


class Cpu(msgspec.Struct, frozen=True):
    """Processor time used so far, in seconds: by a process and all that came from it, by it alone, and by ourselves."""

    server: float
    front: float
    own: float

    @classmethod
    def now(cls, root: int) -> "Cpu":
        """As it is now."""
        members = family(root)
        front = members[root].cpu_s if root in members else 0.0
        return cls(sum(stat.cpu_s for stat in members.values()), front, time.process_time())

    def since(self, before: "Cpu") -> "Cpu":
        """What was used in between."""
        return Cpu(self.server - before.server, self.front - before.front, self.own - before.own)


def engines(gateway: int) -> list[int]:
    """Process ids of our engines: what the gateway's fork server has forked."""
    members = family(gateway)
    servers = {pid for pid, stat in members.items() if stat.parent == gateway and b"forkserver" in _command(pid)}
    return [pid for pid, stat in members.items() if stat.parent in servers]


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


class Child:
    """A program in a process group of its own; leaving the `with` block ends the whole group.

    Args:
        name: what to call it in errors.
        command: program and arguments.
        folder: where it runs, and where its log goes.
        environment: its variables.
        end_s: seconds it has to end by itself when asked to.
    """

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, environment: dict[str, str], end_s: float = 10.0
    ) -> None:
        self._name, self._log, self._end_s = name, folder / f"{uuid.uuid4().hex}.log", end_s
        self._began = time.perf_counter()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  (fixed commands of ours)
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._process.terminate()
            self._process.wait(self._end_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait(10)

    def finish(self, timeout: float) -> float:
        """Wait until it has ended well. Returns the seconds it took.

        Raises:
            BenchError: it failed or took longer than `timeout` seconds.
        """
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise self._trouble(f"took longer than {timeout:.0f} s") from error
        if code:
            raise self._trouble(f"ended with code {code}")
        return time.perf_counter() - self._began

    def wait_for(self, url: str, enough: Callable[[httpx.Response], bool]) -> float:
        """Wait until an address answers as wanted. Returns the seconds since the start.

        Raises:
            BenchError: it ended, or took too long.
        """
        with httpx.Client(trust_env=False, timeout=5) as http:
            while time.perf_counter() - self._began < START_S:
                with contextlib.suppress(httpx.HTTPError):
                    if enough(http.get(url)):
                        return time.perf_counter() - self._began
                if self._process.poll() is not None:
                    raise self._trouble("ended instead of starting")
                time.sleep(0.05)
        raise self._trouble(f"was not ready after {START_S:.0f} s")

    def _trouble(self, what: str) -> BenchError:
        tail = self._log.read_text(errors="replace").replace("\r", "\n").splitlines()[-20:]
        return BenchError(f"{self._name} {what}. The end of its log:\n" + "\n".join(line[:300] for line in tail))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- talking


class Heard(msgspec.Struct, frozen=True):
    """An answer: given by the safety gate alone, or with nothing in it."""

    gate_alone: bool = False
    silent: bool = False


class Talk(Protocol):
    """One conversation with either of the two."""

    @property
    def can_press(self) -> bool: ...

    async def open(self) -> None: ...

    async def type(self, text: str) -> Heard: ...

    async def press(self) -> Heard: ...


class OurTalk:
    """A conversation over our public API: a message is posted, then replies are waited for.

    Args:
        http: a client with our address.
        words: what the gateway says itself, to tell "starting" and "failed" from answers.
        dice: chooses among the buttons offered last.
    """

    def __init__(self, http: httpx.AsyncClient, words: Words, dice: random.Random) -> None:
        self._http, self._words, self._dice = http, words, dice
        self._headers: dict[str, str] = {}
        self._cursor = 0
        self._buttons: list[str] = []

    @property
    def can_press(self) -> bool:
        """Whether a button has been offered."""
        return bool(self._buttons)

    async def open(self) -> None:
        """Start the conversation."""
        answer = await self._http.post("/api/v1/conversations")
        answer.raise_for_status()
        started = answer.json()
        self._headers = {"Authorization": f"Bearer {started['token']}"}
        self._take(started["replies"])

    async def type(self, text: str) -> Heard:
        """Send words."""
        return await self._send({"text": text})

    async def press(self) -> Heard:
        """Press one of the buttons offered last."""
        return await self._send({"button": self._dice.choice(self._buttons)})

    async def _send(self, message: dict[str, str]) -> Heard:
        message = {"client_id": uuid.uuid4().hex, **message}
        (await self._http.post("/api/v1/messages", json=message, headers=self._headers)).raise_for_status()
        until = time.perf_counter() + ANSWER_S
        while time.perf_counter() < until:
            answer = await self._http.get(
                "/api/v1/replies", params={"after": self._cursor, "wait": 20}, headers=self._headers
            )
            answer.raise_for_status()
            found = answer.json()["replies"]
            self._take(found)
            replies = [reply for reply in found if not reply["text"].startswith(self._words.starting)]
            if any(reply["text"].startswith(self._words.failed) for reply in replies):
                raise Unanswered("failed")
            if replies:
                return Heard(gate_alone=all(_from_gate(reply) for reply in replies))
        raise Unanswered("no answer in time")

    def _take(self, replies: list[dict[str, Any]]) -> None:
        for reply in replies:
            self._cursor = max(self._cursor, reply["number"])
        # The page itself exits, erases and hides; such a button would end the conversation here.
        offered = [button["id"] for reply in replies for button in reply["buttons"] if not button["action"]]
        self._buttons = offered or self._buttons


def _from_gate(reply: dict[str, Any]) -> bool:
    # Answers are cards too, but name their topic.
    return reply["display"] in ("card", "quiet") and reply["topic"] is None


class StockTalk:
    """A conversation over the starter's REST channel, which answers in the same request.

    Args:
        http: a client with the starter's address.
        intents: intents of its domain, sent as `/intent` where ours presses a button.
        dice: chooses among them.
    """

    can_press = True

    def __init__(self, http: httpx.AsyncClient, intents: Sequence[str], dice: random.Random) -> None:
        self._http, self._intents, self._dice = http, intents, dice
        self._sender = uuid.uuid4().hex

    async def open(self) -> None:
        """Nothing: the first message starts it."""

    async def type(self, text: str) -> Heard:
        """Send words."""
        body = {"sender": self._sender, "message": text}
        answer = await self._http.post("/webhooks/rest/webhook", json=body)
        answer.raise_for_status()
        return Heard(silent=not answer.json())

    async def press(self) -> Heard:
        """Send what a button of its own would."""
        return await self.type(f"/{self._dice.choice(self._intents)}")


NewTalk = Callable[[int], Talk]
"""Makes a conversation that is not opened yet, from a seed."""
Tick = Callable[[], object]


class Sample(msgspec.Struct, frozen=True):
    """One message: seconds until it was answered, whether a button was pressed; no answer is an error."""

    seconds: float
    pressed: bool
    heard: Heard | None


async def converse(talk: Talk, turns: Plan, tick: Tick) -> list[Sample]:
    """Go through a plan, each message after the answer to the one before.

    Where a button is due but none was offered yet, the next typed text comes first.
    """
    left, samples = list(turns), []
    await talk.open()
    while left:
        index = 0
        if left[0] is None and not talk.can_press:
            index = next((i for i, move in enumerate(left) if move is not None), -1)
            if index < 0:
                break
        move = left.pop(index)
        began = time.perf_counter()
        heard = None
        with contextlib.suppress(httpx.HTTPError, Unanswered):
            heard = await (talk.press() if move is None else talk.type(move))
        samples.append(Sample(time.perf_counter() - began, move is None, heard))
        tick()
    return samples


# --- measuring


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


async def measure_back(http: httpx.AsyncClient, gateway: int, count: int, new: NewTalk) -> Back:
    """Kill one engine, then all, each time with as many messages at once as there are engines."""

    async def kill(pids: list[int]) -> tuple[float, float]:
        talks = [new(place) for place in range(count)]
        await asyncio.gather(*(talk.open() for talk in talks))
        began = time.perf_counter()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        try:
            await asyncio.gather(*(talk.type(PLAIN_QUESTION) for talk in talks))
        except (httpx.HTTPError, Unanswered) as error:
            raise BenchError(f"After {len(pids)} killed engines a message was not answered.") from error
        answered = time.perf_counter() - began
        while time.perf_counter() - began < START_S:
            health = await http.get("/health")
            living = set(engines(gateway)) - set(pids)
            if health.status_code == 200 and health.json()["engines"] >= count and len(living) >= count:
                return answered, time.perf_counter() - began
            await asyncio.sleep(0.05)
        raise BenchError(f"After {len(pids)} killed engines not all came back in {START_S:.0f} s.")

    one = await kill(engines(gateway)[:1])
    everyone = await kill(engines(gateway))
    return Back(
        one_killed_answered_s=round(one[0], 2),
        one_killed_full_s=round(one[1], 2),
        all_killed_answered_s=round(everyone[0], 2),
        all_killed_full_s=round(everyone[1], 2),
    )


def _client(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=ANSWER_S, trust_env=False)


def _dice(seed: int) -> random.Random:
    return random.Random(1000 * SEED + seed)  # noqa: S311  (for repeatable choices)


class Steps:
    """Shows on stderr what is under way."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @contextlib.contextmanager
    def step(self, what: str, total: int | None = None) -> Iterator[Tick]:
        """A line for one step; what it yields is called for each of `total` messages."""
        task = self._progress.add_task(what, total=total)
        yield lambda: self._progress.advance(task)
        self._progress.update(task, total=total or 1, completed=total or 1)


def measure_stock(folder: Path, work: Workload, size: Size, quick: bool, steps: Steps) -> Side:
    """Make, train, serve and drive the stock starter.

    Args:
        folder: an empty one.
        work: what to send.
        size: how long to wait before looking at memory at rest.
        quick: train it for one epoch only.
        steps: where progress is shown.
    """
    rasa = [sys.executable, "-m", "rasa"]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with steps.step("Starter: train"):
        if quick:
            spec = find_spec("rasa")
            if spec is None or spec.origin is None:
                raise BenchError("Rasa is not installed. Run: make setup")
            shutil.copytree(Path(spec.origin).parent / "cli" / "initial_project", folder, dirs_exist_ok=True)
            shutil.copy(QUICK_CONFIG, folder / "config.yml")
            training = [*rasa, "train"]
        else:
            training = [*rasa, "init", "--no-prompt", "--init-dir", str(folder)]
        with Child("The training of the stock starter", training, folder, environment) as child:
            train_s = child.finish(TRAIN_S)
    intents = yaml.safe_load((folder / "domain.yml").read_text(encoding="utf-8"))["intents"]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    serving = [*rasa, "run", "--enable-api", "--interface", "127.0.0.1", "--port", str(port)]
    with Child("The stock starter", serving, folder, environment) as child:
        with steps.step("Starter: start"):
            ready = child.wait_for(f"{url}/status", lambda answer: answer.status_code == 200)
            time.sleep(size.rest_s)
            rest = memory(child.pid)

        async def run(tick: Tick) -> Load:
            async with _client(url) as http:
                return await drive(work, child.pid, lambda seed: StockTalk(http, intents, _dice(seed)), tick)

        with steps.step("Starter: messages", _count(work)) as tick:
            load = asyncio.run(run(tick))
    return Side(
        train_s=None if quick else round(train_s, 1),
        train_note="one epoch only" if quick else "rasa init, with its start",
        ready_s=round(ready, 2),
        full_s=round(ready, 2),
        rest=rest,
        load=load.load,
        levels=load.levels,
        long=load.long,
        back=None,
    )


def measure_ours(folder: Path, settings: Settings, work: Workload, size: Size, train: bool, steps: Steps) -> Side:
    """Train (if asked to), serve and drive this assistant; see `measure_stock`."""
    bot = [sys.executable, "-m", "bot"]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "BOT_DATA_DIR": str(settings.data_path.resolve()),
        "BOT_MODELS_DIR": str(settings.models_path.resolve()),
        "BOT_VAR_DIR": str(folder / "var"),
        "BOT_DATABASE_URL": "",
        "BOT_ENGINES": str(settings.engines),
        "BOT_HOST": "127.0.0.1",
        "BOT_STARTS_PER_MINUTE": "1000000",
        "BOT_MESSAGES_PER_MINUTE": "1000000",
    }
    train_s, note = None, "not measured in this run"
    if train:
        warm = (ROOT / "var" / "cache" / "sentence-vectors.npz").exists()
        note = f"with {'kept' if warm else 'no'} sentence vectors, with its start"
        training = {**environment, "BOT_MODELS_DIR": str(folder / "models")}
        with (
            steps.step("Ours: train"),
            Child("Our training", [*bot, "train", "--force"], folder, training) as child,
        ):
            train_s = round(child.finish(TRAIN_S), 1)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    words = load(settings.data_path / "conversation" / "gateway.en.yml", Words)
    with Child("Our assistant", [*bot, "run", "--demo"], folder, {**environment, "BOT_PORT": str(port)}) as child:
        with steps.step("Ours: start"):
            ready = child.wait_for(f"{url}/health", lambda answer: answer.status_code == 200)
            full = child.wait_for(f"{url}/health", lambda answer: answer.json()["engines"] >= settings.engines)
            time.sleep(size.rest_s)
            rest = memory(child.pid)

        async def run(tick: Tick) -> Load:
            async with _client(url) as http:
                return await drive(work, child.pid, lambda seed: OurTalk(http, words, _dice(seed)), tick)

        async def kill() -> Back:
            async with _client(url) as http:
                return await measure_back(
                    http, child.pid, settings.engines, lambda seed: OurTalk(http, words, _dice(seed))
                )

        with steps.step("Ours: messages", _count(work)) as tick:
            found = asyncio.run(run(tick))
        with steps.step("Ours: killed engines"):
            back = asyncio.run(kill())
    return Side(
        train_s=train_s,
        train_note=note,
        ready_s=round(ready, 2),
        full_s=round(full, 2),
        rest=rest,
        load=found.load,
        levels=found.levels,
        long=found.long,
        back=back,
    )


def _count(work: Workload) -> int:
    plans = itertools.chain.from_iterable(itertools.chain.from_iterable(work.levels.values()))
    return sum(len(turns) for turns in itertools.chain(plans, work.long))


# --- report


def conclude(
    ours: Side,
    stock: Side,
    work: Workload,
    before: Sequence[float],
    quick: bool,
    machine: dict[str, Any],
    lookups: LookupTiming | None = None,
) -> Result:
    """Both sides to ratios.

    `before`: milliseconds that each text spends in the gate and in telling its language. `lookups`: what the time of a
    case look-up tells.
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


def commit() -> str:
    """The commit that was measured; `+changes` when the tree differs from it, `unknown` without git."""
    git = ["git", "-C", str(ROOT)]
    try:
        name = subprocess.run(  # noqa: S603
            [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True
        )
        changes = subprocess.run(  # noqa: S603
            [*git, "status", "--porcelain", "--", ".", ":!docs/benchmarks"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name.stdout.strip() + ("+changes" if changes.stdout.strip() else "")


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
    add("training", ours.train_s, stock.train_s, "s")
    return table


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
    encoded = msgspec.json.format(msgspec.json.encode(result), indent=2)
    (out / f"{name}.json").write_bytes(encoded + b"\n")
    draw(result, out / f"{name}.svg")
    if not result.quick:
        update_readme(out / "README.md", result)


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
        steps = Steps(progress)
        theirs, own = Path(folder) / "stock", Path(folder) / "ours"
        theirs.mkdir()
        own.mkdir()
        stock = measure_stock(theirs, work, size, quick, steps)
        ours = measure_ours(own, settings, work, size, train and not quick, steps)
        with steps.step("Ours: gate and language alone"):
            before = gate_times(settings, work.typed())
        with steps.step("Ours: what the time of a look-up tells"):
            lookups = lookup_timing(settings, size.lookups)
    result = conclude(ours, stock, work, before, quick, machine, lookups)
    write(result, out)
    return summary(result)


__all__ = ["BenchError", "Result", "bench"]
