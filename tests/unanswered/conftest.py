"""Questions in a store on a real database."""

import uuid
from collections.abc import Callable

import pytest

from bot.conversation.messages import Reply
from bot.unanswered.model import Question
from bot.unanswered.store import Unanswered

NOW = 1_800_000_000.0
DAY = 86_400.0
TOPIC = "right_07/court_dates"
TOPICS = {TOPIC, "right_06/how_long", "oos/housing"}
WORDS = "my ex got done by the police and nobody rang me when is he up"


@pytest.fixture
def unanswered(database, vault) -> Unanswered:
    return Unanswered(database, vault)


@pytest.fixture
def conversation(store) -> str:
    """Id of a conversation."""
    return started(store)


def started(store) -> str:
    return store.start(uuid.uuid4().hex, "web", [Reply(text="hello")], NOW, NOW + DAY)


@pytest.fixture
def asked(database, unanswered, conversation) -> Callable[..., Question]:
    """Keeps a question; as staff find it."""

    def ask(text: str = WORDS, at: float = NOW, topic: str = TOPIC, of: str = conversation) -> Question:
        with database.begin() as db:
            unanswered.keep(db, of, "unclear", topic, text, at)
        return unanswered.of_topic(topic)[-1]

    return ask
