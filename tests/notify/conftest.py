"""Stand-ins of the third parties on localhost: GOV.UK Notify over HTTP, and a real mail server."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import structlog
from sqlalchemy.engine import Engine
from structlog.testing import LogCapture

from bot.cases.notices import CaseNotices
from bot.directory import LONDON
from bot.notify import worker
from bot.store.encryption import Vault
from tests.letters import letters as letters
from tests.notify.notify_api import NotifyApi

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=LONDON)
MOBILE, MAILBOX = "+447400123456", "demo.person@example.org"
TEXT = "Your code is 123456. It works for 15 minutes."


class Clock:
    """A time that moves when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api() -> Iterator[NotifyApi]:
    found = NotifyApi()
    yield found
    found.close()


@pytest.fixture
def notices(database: Engine, vault: Vault) -> CaseNotices:
    return CaseNotices(database, vault)


@pytest.fixture
def queue(database: Engine, notices: CaseNotices) -> Callable[..., None]:
    """Queues a notice that is due now and expires in a quarter of an hour."""

    def put(channel: str = "sms", address: str = MOBILE, text: str = TEXT) -> None:
        if channel == "none":
            address = ""
        with database.begin() as db:
            notices.add(db, channel=channel, address=address, text=text, due=NOW, expires=NOW + timedelta(minutes=15))

    return put


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """What the worker has logged, as text. A logger of its own: other tests may have configured the usual one."""
    capture = LogCapture()
    own = structlog.wrap_logger(None, processors=[capture], wrapper_class=structlog.BoundLogger)
    monkeypatch.setattr(worker, "log", own)
    return lambda: json.dumps(capture.entries)
