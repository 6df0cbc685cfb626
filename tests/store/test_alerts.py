"""Safety alerts: raised with the outcome of a message, kept when the conversation is erased, purged after two years."""

import msgspec
import pytest

from bot.store.conversations import ConversationStore
from tests.conftest import make_conversations
from tests.conversation.test_core import DANGER, QUESTION, say, start


@pytest.fixture
def store(sqlite, vault):
    return ConversationStore(sqlite, vault)


@pytest.fixture
def with_console(store, engine, settings):
    return make_conversations(store, engine, msgspec.structs.replace(settings, staff_console=True))


async def test_danger_raises_an_alert_without_any_words(with_console, store):
    conversation = await start(with_console)
    await say(with_console, conversation, DANGER)
    (alert,) = store.open_alerts()
    assert (alert.conversation, alert.category) == (conversation.id, "immediate_danger")


async def test_an_ordinary_question_raises_none(with_console, store):
    await say(with_console, await start(with_console), QUESTION)
    assert store.open_alerts() == []


async def test_without_a_console_no_alert_exists(conversations, store):
    await say(conversations, await start(conversations), DANGER)
    assert store.open_alerts() == []


async def test_erasing_does_not_take_back_an_alert(with_console, store):
    conversation = await start(with_console)
    await say(with_console, conversation, DANGER)
    await with_console.erase(conversation)
    assert len(store.open_alerts()) == 1


async def test_alerts_are_purged_after_their_time(with_console, store):
    await say(with_console, await start(with_console), DANGER)
    (alert,) = store.open_alerts()
    assert store.purge_alerts(alert.raised) == 0
    assert store.purge_alerts(alert.raised + 1) == 1
