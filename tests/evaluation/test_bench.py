"""The benchmark's own arithmetic; the measuring itself is tried with `python -m bot bench --quick`."""

import asyncio
import itertools
import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

import msgspec
import pytest

from bot.evaluation import bench
from bot.evaluation.bench import (
    Back,
    BenchError,
    Heard,
    Level,
    Long,
    Memory,
    Plan,
    Side,
    Unanswered,
    Writer,
    converse,
    family,
    long_lengths,
    memory,
    parse_rollup,
    parse_stat,
    percentile,
    plan,
    ratio,
    spread,
    windows,
    workload,
)
from bot.settings import ROOT

LENGTHS = msgspec.json.decode(bench.LENGTHS.read_bytes(), type=list[int])


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3, 1, 2], 0.5, 2), ([1, 2], 0.5, 1.5), ([7], 0.95, 7), (range(101), 0.95, 95), (range(101), 1, 100)],
)
def test_percentile(values: list[float], share: float, expected: float) -> None:
    assert percentile(list(values), share) == pytest.approx(expected)


def test_ratio_never_divides_by_nothing() -> None:
    assert ratio(3, 2) == 1.5
    assert ratio(3, 0) == 0


def test_windows_leave_out_the_first_turn() -> None:
    by_turn = [[9000.0]] + [[10.0]] * 10 + [[500.0]] * 79 + [[12.0]] * 10
    assert windows(by_turn) == (10.0, 12.0)


def test_lengths_are_spread_like_the_evaluation_sets() -> None:
    drawn = spread(LENGTHS, 448)
    assert len(drawn) == 448
    assert median(drawn) == median(LENGTHS)
    assert sum(drawn) / len(drawn) == pytest.approx(sum(LENGTHS) / len(LENGTHS), rel=0.02)
    assert set(drawn) <= set(LENGTHS)


def test_a_long_conversation_has_the_same_lengths_early_and_late() -> None:
    lengths = long_lengths(LENGTHS, random.Random(1))
    assert len(lengths) == 100
    assert sorted(lengths[1:11]) == sorted(lengths[90:100])


def test_texts_have_the_wanted_length_and_none_comes_twice() -> None:
    writer = Writer([["one two three four", "one two three five", "a b"], ["x y z"]], ["A  b"], random.Random(1))
    written = [writer.write(3) for _ in range(2)] + [writer.write(2)]
    assert [len(text.split()) for text in written] == [3, 3, 2]
    assert len(set(written)) == 3
    assert "a b" not in written


def test_questions_are_joined_when_none_is_long_enough() -> None:
    assert len(Writer([["a b", "c d", "e f"]], [], random.Random(1)).write(5).split()) == 5


def test_too_few_questions_are_an_error() -> None:
    with pytest.raises(BenchError, match="too few"):
        Writer([["a b"]], [], random.Random(1)).write(5)


def test_a_plan_starts_with_words_and_keeps_their_order() -> None:
    texts = [f"text {number}" for number in range(7)]
    turns = plan(texts, 3, random.Random(5))
    assert len(turns) == 10
    assert turns.count(None) == 3
    assert turns[0] == texts[0]
    assert [turn for turn in turns if turn] == texts


def test_the_whole_workload() -> None:
    work = workload(ROOT / "data", bench.FULL)
    typed = work.typed()
    assert len(typed) >= 400
    assert len({text.lower() for text in typed}) == len(typed)
    for conversations, rounds in work.levels.items():
        turns = [turn for plans in rounds for turns in plans for turn in turns]
        assert all(len(plans) == conversations for plans in rounds)
        assert turns.count(None) == pytest.approx(0.3 * len(turns))
    assert [len(turns) for turns in work.long] == [100] * bench.FULL.long
    assert work == workload(ROOT / "data", bench.FULL), "the same texts each time"


def test_stat_of_a_process_with_a_strange_name() -> None:
    fields = "S 41 1 1 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 100 1000 100"
    stat = parse_stat(f"42 (a) b (c) {fields}\n")
    assert (stat.parent, stat.state) == (41, "S")
    assert stat.cpu_s == pytest.approx(300 / os.sysconf("SC_CLK_TCK"))


def test_rollup() -> None:
    text = (
        "55d0-7ffc ---p 00000000 00:00 0  [rollup]\nRss:   2048 kB\nPss:  1024 kB\nPss_Anon: 7 kB\nShared_Clean: 9 kB\n"
    )
    assert parse_rollup(text) == (1024, 2048)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_family_and_its_memory() -> None:
    mother = subprocess.Popen([sys.executable, "-c", "import os, time; os.fork(); print(flush=True); time.sleep(60)"])
    try:
        until = time.monotonic() + 10
        while len(family(mother.pid)) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        children = family(mother.pid)
        assert mother.pid in children
        assert len(children) == 2
        used = memory(mother.pid)
        assert used.processes == 2
        assert 1 < used.pss_mb < used.rss_mb
    finally:
        for pid in family(mother.pid):
            os.kill(pid, 9)
        mother.wait()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_child_leaves_nothing_behind_whatever_happens(tmp_path: Path) -> None:
    script = "import signal, os, time; signal.signal(15, signal.SIG_IGN); os.fork(); time.sleep(60)"
    members: set[int] = set()
    with suppress(RuntimeError), bench.Child("It", [sys.executable, "-c", script], tmp_path, {}, end_s=1) as child:
        while len(members) < 2:
            members = set(family(child.pid))
        raise RuntimeError
    time.sleep(0.2)
    assert not any(family(pid) for pid in members)


def test_a_failing_child_shows_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no model here'); raise SystemExit(3)"]
    with bench.Child("It", command, tmp_path, {}) as child, pytest.raises(BenchError, match="code 3") as caught:
        child.finish(20)
    assert "no model here" in caught.value.message


class StandInTalk:
    """Offers a button after its second answer; one text is never answered."""

    def __init__(self) -> None:
        self.said: list[str | None] = []

    @property
    def can_press(self) -> bool:
        return len(self.said) >= 2

    async def open(self) -> None:
        return None

    async def type(self, text: str) -> Heard:
        self.said.append(text)
        if text == "lost":
            raise Unanswered("lost")
        return Heard()

    async def press(self) -> Heard:
        self.said.append(None)
        return Heard()


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (["a", None, "b", "c"], ["a", "b", None, "c"]),
        (["a", "b", None], ["a", "b", None]),
        (["a", None], ["a"]),
    ],
)
def test_a_press_waits_until_a_button_is_offered(turns: Plan, said: Plan) -> None:
    talk = StandInTalk()
    samples = asyncio.run(converse(talk, turns, lambda: None))
    assert talk.said == said
    assert [sample.pressed for sample in samples] == [move is None for move in said]


def test_an_unanswered_message_is_an_error_and_the_rest_goes_on() -> None:
    samples = asyncio.run(converse(StandInTalk(), ["a", "lost", "b"], lambda: None))
    assert [sample.heard is None for sample in samples] == [False, True, False]


def side(speed: float, p95: float, late: float) -> Side:
    levels = [
        Level(
            conversations=at,
            rounds=1,
            messages=10,
            errors=0,
            seconds=1,
            per_second=speed,
            p50_ms=p95 / 2,
            p95_ms=p95,
            p99_ms=p95,
            pressed=0.3,
            gate_alone=0.01,
            silent=0,
            server_cpu_ms=20,
            front_cpu_ms=5,
            generator_cpu=0.2,
        )
        for at in (1, 16, 64)
    ]
    size = Memory(pss_mb=900, rss_mb=1400, processes=4)
    long = Long(conversations=1, early_ms=40, late_ms=late, ratio=late / 40, by_turn_ms=[40.0] * 100)
    back = Back(one_killed_answered_s=1, one_killed_full_s=4, all_killed_answered_s=5, all_killed_full_s=6)
    return Side(
        train_s=60, train_note="so", ready_s=9, full_s=10, rest=size, load=size, levels=levels, long=long, back=back
    )


def test_what_is_written(tmp_path: Path) -> None:
    work = workload(ROOT / "data", bench.QUICK)
    machine = {"cores": 2, "memory_gb": 8.0, "python": "3.10.1", "compiled": True, "load_before": 0.1}
    result = bench.conclude(side(60, 50, 44), side(30, 100, 120), work, [1.0, 2.0], quick=False, machine=machine)
    readme = tmp_path / "README.md"
    readme.write_text("Before\n<!-- latest -->\nold\n<!-- /latest -->\nAfter\n")
    for _ in range(2):
        bench.write(result, tmp_path)
    stored = msgspec.json.decode((tmp_path / "latest.json").read_bytes())
    assert stored["throughput_ratio"] == 2
    assert stored["p95_ratio"] == 0.5
    assert stored["turn100_ratio"] == 1.1
    assert stored["back_s"] == 5
    assert set(stored) >= {"rest_mb", "ready_s", "commit", "date"}
    assert (tmp_path / "latest.svg").read_text().count("<svg") == 1
    text = readme.read_text()
    assert text.startswith("Before\n")
    assert text.endswith("After\n")
    assert "old" not in text
    assert text.count("| 16 at once: messages a second | 60 /s | 30 /s | 2.00 |") == 1
    assert "throughput_ratio 2.00" in bench.summary(result)
    lines = bench.plain_table(bench.rows(result)).splitlines()
    assert all(len(line) <= len(lines[1]) for line in itertools.islice(lines, 2, None))
