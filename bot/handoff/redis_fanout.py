"""Fan-out between processes by Redis (publish and subscribe). It keeps nothing, and nothing depends on it.

While Redis is away nothing is told: whoever waits looks by itself now and then, so that messages come late, never not.
"""

import threading
from collections.abc import Callable

import redis
import structlog

from bot.handoff.fanout import Fanout, Heard, InProcess

log = structlog.get_logger()

CHANNEL = "victims-rights-assistant"
AGAIN_S = 2.0


class RedisFanout:
    """Fan-out over all processes that use the same Redis.

    Args:
        url: as `redis.Redis.from_url` takes it.
        channel: what this service's processes share.
    """

    def __init__(self, url: str, channel: str = CHANNEL) -> None:
        self._redis, self._channel = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2), channel
        self._local, self._closed = InProcess(), threading.Event()
        self._listening: threading.Thread | None = None
        self._heard_once = threading.Event()

    def tell(self, subject: str) -> None:
        """Tell every process, this one too; where Redis is away, this one only."""
        try:
            self._redis.publish(self._channel, subject)
        except redis.RedisError as error:
            log.warning("fanout.not_told", error=type(error).__name__)
            self._local.tell(subject)

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Be told from now on. Returns what ends it."""
        stop = self._local.listen(heard)
        if self._listening is None:
            self._listening = threading.Thread(target=self._listen, name="fanout", daemon=True)
            self._listening.start()
        return stop

    def wait_listening(self, timeout: float) -> bool:
        """Wait until Redis has taken the subscription; False if it has not by then (seconds)."""
        return self._heard_once.wait(timeout)

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with self._redis.pubsub() as subscription:
                    subscription.subscribe(self._channel)
                    self._pass_on(subscription)
            except redis.RedisError as error:
                log.warning("fanout.deaf", error=type(error).__name__)
                self._closed.wait(AGAIN_S)

    def _pass_on(self, subscription: "redis.client.PubSub") -> None:
        while not self._closed.is_set():
            message = subscription.get_message(timeout=1.0)
            if message is None:
                continue
            if message["type"] == "subscribe":
                self._heard_once.set()
            elif message["type"] == "message":
                self._local.tell(message["data"].decode(errors="replace"))


def load_fanout(url: str) -> Fanout:
    """Fan-out by Redis, or inside this process where no address is set."""
    return RedisFanout(url) if url else InProcess()
