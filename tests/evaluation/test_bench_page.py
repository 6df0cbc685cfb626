"""The figures of the chat page in the benchmark; measuring itself is tried with `python -m bot bench --only page`."""

import msgspec
import pytest

from bot.evaluation.bench import BenchError
from bot.evaluation.bench.figures import PageBudget, Result
from bot.evaluation.bench.page import spread_out
from bot.evaluation.bench.report import page_table, rows, write_page
from bot.settings import ROOT

LATEST = ROOT / "docs" / "benchmarks" / "latest.json"
PAGE = PageBudget(
    commit="abc",
    date="2026-11-25T12:00:00Z",
    requests=6,
    document_bytes=4_000,
    script_style_bytes=14_400,
    first_words_ms=900,
    messages=200,
    heap_mb=[1.5, 2.5, 3.5, 1.6],
    nodes=[100, 2_100, 4_100, 120],
)


def test_memory_that_grows_with_the_messages_alone_is_a_growth_of_one():
    assert PAGE.growth == 1


def test_memory_that_grows_beyond_the_messages_is_seen():
    assert msgspec.structs.replace(PAGE, heap_mb=[1.5, 2.5, 5.0, 1.6]).growth == 2.5


def test_the_page_alone_takes_the_place_of_its_old_figures_and_of_nothing_else(tmp_path):
    (tmp_path / "latest.json").write_bytes(LATEST.read_bytes())
    (tmp_path / "README.md").write_text("Before\n<!-- latest -->\nold\n<!-- /latest -->\nAfter\n")
    write_page(PAGE, tmp_path)
    before = msgspec.json.decode(LATEST.read_bytes(), type=Result)
    after = msgspec.json.decode((tmp_path / "latest.json").read_bytes(), type=Result)
    assert after == msgspec.structs.replace(before, page=PAGE)
    readme = (tmp_path / "README.md").read_text()
    assert "| 14.4 kB |" in readme
    assert "The page was measured at commit abc" in readme


def test_without_a_full_run_there_is_nothing_to_put_it_into(tmp_path):
    with pytest.raises(BenchError, match="make bench"):
        write_page(PAGE, tmp_path)


def test_the_page_stands_in_the_table_with_its_bar():
    result = msgspec.structs.replace(msgspec.json.decode(LATEST.read_bytes(), type=Result), page=PAGE)
    assert any("at most 40 kB" in what and mine == "14.4 kB" for what, mine, _, _ in rows(result))
    assert "at most 40 kB" in page_table(PAGE)


def test_questions_are_taken_from_everywhere_in_order():
    assert spread_out([str(number) for number in range(10)], 5) == ["0", "2", "4", "6", "8"]


def test_the_latest_run_holds_the_pages_budget():
    page = msgspec.json.decode(LATEST.read_bytes(), type=Result).page
    assert page is not None
    assert page.messages == 200
    assert page.script_style_bytes <= 40_000
    assert page.growth <= 1.25
