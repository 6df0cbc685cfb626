"""The outbox of the demonstration: nothing leaves; for an hour messages can be read at /demo/outbox."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import msgspec
import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.sealed import seal, unseal
from bot.notify.notifier import Channel
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.notify_tables import demo_outbox

log = structlog.get_logger()

KEPT = timedelta(hours=1)
SWEEP_S = 60.0
MOST_SHOWN = 100


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A message that would have been sent, and when."""

    channel: Channel
    address: str
    text: str
    at: datetime


class DemoOutbox:
    """Keeps messages, sealed, in place of sending them.

    Args:
        engine: an opened database.
        vault: the keys that seal them.
        clock: the time now, aware.
    """

    def __init__(self, engine: Engine, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._engine, self._vault, self._clock = engine, vault, clock

    async def send(self, channel: Channel, address: str, text: str) -> None:
        """See `Notifier.send`."""
        kept = Kept(channel=channel, address=address, text=text, at=self._clock().astimezone(timezone.utc))
        await asyncio.to_thread(self._keep, kept)

    def messages(self) -> list[Kept]:
        """The messages of the last hour, the newest first, at most `MOST_SHOWN`."""
        query = demo_outbox.select().where(demo_outbox.c.at > self._oldest()).order_by(demo_outbox.c.id.desc())
        with reading(self._engine) as db:
            rows = db.execute(query.limit(MOST_SHOWN)).fetchall()
        return [unseal(self._vault, row, Kept) for row in rows]

    def purge(self) -> int:
        """Delete what is older than an hour. Returns how many rows."""
        with self._engine.begin() as db:
            return db.execute(demo_outbox.delete().where(demo_outbox.c.at <= self._oldest())).rowcount

    async def run(self) -> None:
        """Delete what is old, every minute, until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.purge)
            except SQLAlchemyError as error:
                log.error("store.failed", error=type(error).__name__)
            await asyncio.sleep(SWEEP_S)

    def _keep(self, kept: Kept) -> None:
        with self._engine.begin() as db:
            db.execute(demo_outbox.insert().values(at=kept.at.timestamp(), **seal(self._vault, kept)))

    def _oldest(self) -> float:
        return (self._clock() - KEPT).timestamp()
