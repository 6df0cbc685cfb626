"""Word between processes by a real Redis; what is lost while it is away is found by looking."""

import os
import queue
import uuid
from collections.abc import Iterator

import pytest
import redis

from bot.handoff.redis_fanout import RedisFanout, load_fanout
from tests.conftest import missing

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
NOBODY = "redis://127.0.0.1:9/0"


@pytest.fixture
def channel() -> str:
    try:
        redis.Redis.from_url(REDIS).ping()
    except redis.RedisError:
        missing("Redis on localhost")
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def two(channel: str) -> Iterator[tuple[RedisFanout, RedisFanout]]:
    """Two processes' ends."""
    ends = RedisFanout(REDIS, channel), RedisFanout(REDIS, channel)
    yield ends
    for end in ends:
        end.close()


def test_what_one_process_tells_the_other_hears(two):
    here, there = two
    heard: queue.Queue[str] = queue.Queue()
    there.listen(heard.put)
    assert there.wait_listening(5)
    here.tell("queue:police")
    assert heard.get(timeout=5) == "queue:police"


def test_a_process_hears_itself_once(two):
    here, _ = two
    heard: queue.Queue[str] = queue.Queue()
    here.listen(heard.put)
    assert here.wait_listening(5)
    here.tell("conversation:1")
    here.tell("conversation:2")
    assert [heard.get(timeout=5), heard.get(timeout=5)] == ["conversation:1", "conversation:2"]


def test_whoever_has_stopped_listening_hears_no_more(two):
    here, _ = two
    first: queue.Queue[str] = queue.Queue()
    second: queue.Queue[str] = queue.Queue()
    stop = here.listen(first.put)
    here.listen(second.put)
    assert here.wait_listening(5)
    stop()
    here.tell("queue:police")
    assert second.get(timeout=5) == "queue:police"
    assert first.empty()


def test_without_redis_the_own_process_is_told_all_the_same():
    alone = RedisFanout(NOBODY)
    heard: queue.Queue[str] = queue.Queue()
    alone.listen(heard.put)
    alone.tell("queue:police")
    alone.close()
    assert heard.get(timeout=5) == "queue:police"


def test_without_an_address_word_stays_in_the_process():
    heard: queue.Queue[str] = queue.Queue()
    fanout = load_fanout("")
    fanout.listen(heard.put)
    fanout.tell("queue:police")
    assert heard.get_nowait() == "queue:police"
