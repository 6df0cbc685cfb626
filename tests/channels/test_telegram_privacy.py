"""Who wrote in Telegram stands nowhere it could be read: no log, no table, no event, no file of the database."""

import json
import logging

import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.cases.hashing import LookupHash, lookup_keys
from bot.channels.telegram.chats import PURPOSE, Chats
from bot.store.encryption import Vault
from tests.conftest import KEY

CHAT = 987_654_321_012
CANARY = "canary-zebra-4711"


async def test_the_number_of_a_chat_reaches_no_log_table_or_engine(world, engine, sqlite, caplog):
    caplog.set_level(logging.DEBUG)
    person = world.person(CHAT)
    with capture_logs() as logs:
        await person.says(f"hello {CANARY}")
        await person.says("/rights")
        await person.sends(photo="of a kind the library cannot read")
        world.api.flood.append("sendMessage")
        await person.says("again")
        world.api.blocked.add(CHAT)
        await person.says("gone")
    seen = json.dumps(logs, default=str) + "".join(
        f"{record.name} {record.getMessage()} {record.exc_text}"
        for record in caplog.records
        if not record.name.startswith(("asyncio", "uvicorn"))
    )
    for secret in (str(CHAT), CANARY, world.telegram._settings.telegram_token):
        assert secret not in seen
        assert secret not in "".join(str(request) for request in engine.asked).replace(CANARY, "")
    for file in (sqlite.url.database, f"{sqlite.url.database}-wal"):
        with open(file, "rb") as content:
            whole = content.read()
        assert str(CHAT).encode() not in whole
        assert CHAT.to_bytes(8, "little") not in whole
        assert CANARY.encode() not in whole


async def test_erasing_leaves_no_chat_and_no_message_behind(world, sqlite):
    person = world.person(CHAT)
    await person.says("hello there")
    await person.says("/erase")
    with sqlite.connect() as db:
        assert db.execute(sa.text("SELECT count(*) FROM telegram_chats")).scalar() == 0
        assert db.execute(sa.text("SELECT count(*) FROM telegram_messages")).scalar() == 1


def test_a_chat_is_found_after_the_keys_were_changed(database):
    older, newer = KEY, "bmV3a2V5bmV3a2V5bmV3a2V5bmV3a2V5bmV3a2V5bmU="
    before = Chats(database, Vault([older]), LookupHash(lookup_keys([older], PURPOSE)))
    after = Chats(database, Vault([newer, older]), LookupHash(lookup_keys([newer, older], PURPOSE)))
    before.said(CHAT, 5, 1000.0)
    assert before.name(CHAT) != after.name(CHAT)
    assert after.deletable(CHAT, 1000.0) == [5]


def test_numbers_of_messages_are_forgotten_when_they_can_no_longer_be_deleted(database, vault):
    chats = Chats(database, vault, LookupHash(lookup_keys([KEY], PURPOSE)))
    chats.said(CHAT, 5, 1000.0)
    chats.done(7, 1000.0)
    chats.purge(1000.0 + 47 * 3600)
    assert chats.deletable(CHAT, 1000.0) == [5]
    assert chats.handled(7)
    chats.purge(1000.0 + 48 * 3600)
    assert chats.deletable(CHAT, 1000.0) == []
    assert not chats.handled(7)


async def test_a_chat_that_ended_long_ago_is_purged_with_its_conversation(world, clock, sqlite):
    await world.person(CHAT).says("hello there")
    clock.forward(hours=25)
    await world.conversations.purge()
    with sqlite.connect() as db:
        assert db.execute(sa.text("SELECT count(*) FROM telegram_chats")).scalar() == 0
