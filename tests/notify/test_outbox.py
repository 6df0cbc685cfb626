"""The outbox of the demonstration: sealed, readable for an hour, then gone."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.notify.outbox import KEPT, DemoOutbox
from bot.store.notify_tables import demo_outbox
from tests.notify.conftest import MAILBOX, MOBILE, NOW, TEXT


@pytest.fixture
def outbox(database, vault, clock) -> DemoOutbox:
    return DemoOutbox(database, vault, clock)


def rows(database) -> int:
    with database.connect() as db:
        return db.execute(sa.select(sa.func.count()).select_from(demo_outbox)).scalar()


async def test_a_message_can_be_read_with_its_time(outbox):
    await outbox.send("sms", MOBILE, TEXT)
    (kept,) = outbox.messages()
    assert (kept.channel, kept.address, kept.text, kept.at) == ("sms", MOBILE, TEXT, NOW)


async def test_the_newest_message_comes_first(outbox, clock):
    await outbox.send("sms", MOBILE, "first")
    clock.passes(seconds=1)
    await outbox.send("email", MAILBOX, "second")
    assert [kept.text for kept in outbox.messages()] == ["second", "first"]


async def test_after_an_hour_it_is_not_shown_and_then_deleted(outbox, clock, database):
    await outbox.send("sms", MOBILE, TEXT)
    clock.passes(seconds=KEPT.total_seconds() - 1)
    assert outbox.purge() == 0
    assert len(outbox.messages()) == 1
    clock.passes(seconds=1)
    assert outbox.messages() == []
    assert outbox.purge() == 1
    assert rows(database) == 0


async def test_old_messages_are_deleted_while_it_runs(outbox, clock, database):
    await outbox.send("sms", MOBILE, TEXT)
    clock.passes(hours=2)
    running = asyncio.create_task(outbox.run())
    while rows(database):
        await asyncio.sleep(0)
    running.cancel()


async def test_messages_are_sealed_in_the_database(sqlite, vault, clock, settings):
    outbox = DemoOutbox(sqlite, vault, clock)
    await outbox.send("email", MAILBOX, TEXT)
    files = b"".join(file.read_bytes() for file in Path(settings.var_dir).iterdir())
    assert b"demo_outbox" in files
    for canary in (MAILBOX, TEXT, "123456"):
        assert canary.encode() not in files
