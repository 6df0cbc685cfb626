"""`make bench`: this assistant against a stock Rasa starter, on this machine, in one run.

The starter is the project of `rasa init`, trained here and served by `rasa run` with its REST channel; ours is served
by `python -m bot run --demo` with an empty database. One load generator sends both the same typed texts over HTTP.
docs/benchmarks/README.md says what each figure means. Linux only: memory is read from /proc.
"""

from bot.evaluation.bench.commit import commit
from bot.evaluation.bench.figures import (
    FULL,
    QUICK,
    Back,
    BenchError,
    Level,
    Long,
    Memory,
    Result,
    Side,
    percentile,
    ratio,
    windows,
)
from bot.evaluation.bench.processes import Child, family, free_port, memory, parse_rollup, parse_stat
from bot.evaluation.bench.report import conclude, plain_table, rows, summary, write
from bot.evaluation.bench.run import bench, bench_page
from bot.evaluation.bench.speed import measure_level
from bot.evaluation.bench.talks import ANSWER_S, Heard, OurTalk, Unanswered, converse
from bot.evaluation.bench.texts import (
    LENGTHS,
    SEED,
    Plan,
    Writer,
    long_lengths,
    plan,
    spread,
    typed_examples,
    workload,
)

__all__ = [
    "ANSWER_S",
    "FULL",
    "LENGTHS",
    "QUICK",
    "SEED",
    "Back",
    "BenchError",
    "Child",
    "Heard",
    "Level",
    "Long",
    "Memory",
    "OurTalk",
    "Plan",
    "Result",
    "Side",
    "Unanswered",
    "Writer",
    "bench",
    "bench_page",
    "commit",
    "conclude",
    "converse",
    "family",
    "free_port",
    "long_lengths",
    "measure_level",
    "memory",
    "parse_rollup",
    "parse_stat",
    "percentile",
    "plain_table",
    "plan",
    "ratio",
    "rows",
    "spread",
    "summary",
    "typed_examples",
    "windows",
    "workload",
    "write",
]
