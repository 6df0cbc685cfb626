"""Word that something is new, from the process where it happened to those that wait for it. It carries no words.

What is told may be lost: whoever waits also looks now and then. So it is never the only copy of anything.
"""

import threading
from collections.abc import Callable
from typing import Protocol

Heard = Callable[[str], None]
"""Gets a subject. Called in any thread; it must come back at once and not raise."""


class Fanout(Protocol):
    """Tells of subjects: `conversation:<id>` (something new for either side), `queue:<organisation>`."""

    def tell(self, subject: str) -> None:
        """Something about a subject is new, and committed."""

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Be told from now on. Returns what ends it."""


class InProcess:
    """Fan-out inside one process."""

    def __init__(self) -> None:
        self._listeners: list[Heard] = []
        self._lock = threading.Lock()

    def tell(self, subject: str) -> None:
        """Tell everyone who listens."""
        with self._lock:
            listeners = list(self._listeners)
        for heard in listeners:
            heard(subject)

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Be told from now on. Returns what ends it."""
        with self._lock:
            self._listeners.append(heard)

        def stop() -> None:
            with self._lock:
                self._listeners.remove(heard)

        return stop


def of_conversation(conversation: str) -> str:
    """The subject of one conversation."""
    return f"conversation:{conversation}"


def of_queue(organisation: str) -> str:
    """The subject of an organisation's queue, call-backs and alerts."""
    return f"queue:{organisation}"
