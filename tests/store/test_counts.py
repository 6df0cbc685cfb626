"""Counters for supervisors, on every kind of database we support."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest

from bot.directory import LONDON
from bot.store.counts import Counts

TODAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 12, tzinfo=LONDON).timestamp()
DAY_S = 86_400.0


@pytest.fixture
def counts(database) -> Counts:
    return Counts(database)


def count(database, *things, now=NOON) -> None:
    with database.begin() as db:
        Counts.add(db, things, now)


def test_the_same_thing_on_the_same_day_adds_up(database, counts):
    for _ in range(3):
        count(database, ("language", "pl"), ("channel", "web"))
    assert counts.totals(TODAY) == {"language": {"pl": 3}, "channel": {"web": 3}}


def test_a_thing_named_twice_at_once_counts_twice(database, counts):
    count(database, ("card", "stalking"), ("card", "stalking"))
    assert counts.totals(TODAY) == {"card": {"stalking": 2}}


def test_nothing_to_count_writes_nothing(database, counts):
    count(database)
    assert counts.totals(TODAY) == {}


def test_a_day_begins_at_midnight_in_london(database, counts):
    before_midnight = datetime(2026, 6, 30, 23, 59, tzinfo=LONDON).timestamp()
    count(database, ("channel", "web"), now=before_midnight)
    count(database, ("channel", "web"), now=before_midnight + 60)
    assert counts.by_day("channel", date(2026, 6, 1)) == {date(2026, 6, 30): 1, date(2026, 7, 1): 1}


def test_sums_begin_with_the_day_asked_for(database, counts):
    count(database, ("channel", "web"), now=NOON - DAY_S)
    count(database, ("channel", "web"))
    assert counts.totals(TODAY) == {"channel": {"web": 1}}


def test_what_is_undone_is_not_counted(database, counts):
    with pytest.raises(ZeroDivisionError), database.begin() as db:
        Counts.add(db, [("channel", "web")], NOON)
        raise ZeroDivisionError
    assert counts.totals(TODAY) == {}


def test_many_who_count_at_once_lose_nothing_and_do_not_wait_crosswise(database, counts):
    things = [("language", "pl"), ("channel", "web"), ("outcome", "answer")]
    orders = [things, things[::-1]] * 20
    with ThreadPoolExecutor(8) as several:
        list(several.map(lambda order: count(database, *order), orders))
    assert {kind: sum(keys.values()) for kind, keys in counts.totals(TODAY).items()} == dict.fromkeys(
        ("language", "channel", "outcome"), 40
    )


def test_counters_go_when_their_day_is_past_its_time(database, counts):
    count(database, ("channel", "web"), now=NOON - 2 * DAY_S)
    count(database, ("channel", "web"))
    assert counts.purge(NOON - DAY_S) == 1
    assert counts.totals(date(2026, 1, 1)) == {"channel": {"web": 1}}
