"""A talk with the conversation core, as a test writes it: say words, press a button by its title.

Its fixtures hold everywhere (tests/conftest.py); a test module gives the `action_engine` it needs.
"""

import functools
import uuid
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from bot.assembly import papers as assembled
from bot.conversation.core import Conversations
from bot.conversation.drafts import Drafts
from bot.conversation.form_words import load_form_words
from bot.conversation.messages import Message, Reply
from bot.conversation.papers import PAPER_CLOSED, PAPER_MADE, PAPER_OPEN, Papers
from bot.conversation.turns import Words
from bot.data_files import load
from bot.directory import LONDON, Directory
from bot.papers.draft import Draft
from bot.rights.catalogue import Catalogue, load_catalogue
from bot.settings import Settings
from bot.store.conversations import Conversation, ConversationStore
from bot.store.encryption import Vault
from tests.action_engine import ActionEngine
from tests.conftest import DATA, make_conversations, real_translations

NOW = datetime(2026, 11, 25, 12, tzinfo=LONDON)


class Talk:
    """One conversation.

    Args:
        core, papers: the core, and its service of papers.
        token: the conversation's.
        conversation: as it was started.
    """

    def __init__(self, core: Conversations, papers: Papers, token: str, conversation: Conversation) -> None:
        self.core, self.papers, self.token, self.conversation = core, papers, token, conversation
        self.last: list[Reply] = []
        self._cursor = 1

    async def say(self, text: str) -> list[Reply]:
        """Type something; the replies it got."""
        return await self._send(text=text)

    async def press(self, title: str) -> list[Reply]:
        """Press a button of the last replies; the replies it got."""
        found = [button.id for reply in self.last for button in reply.buttons if button.title == title]
        assert found, f"no button {title}: {[button.title for reply in self.last for button in reply.buttons]}"
        return await self._send(button=found[0])

    async def memory(self) -> Any:
        """What the gateway remembers of it."""
        found = await self.core.find(self.token)
        assert found is not None
        return found.memory

    async def paper(self) -> Draft | None:
        """The draft of the paper that may be fetched."""
        found = self.papers.find(await self.memory())
        return found[0] if found else None

    async def _send(self, **sent: Any) -> list[Reply]:
        await self.core.accept(self.conversation, Message(client_id=uuid.uuid4().hex, **sent))
        await self.core.settle()
        found = await self.core.replies(self.conversation, self._cursor)
        self._cursor = found[-1].number if found else self._cursor
        self.last = [numbered.reply for numbered in found]
        return self.last


def core_with(
    store: ConversationStore, engine: ActionEngine, settings: Settings, clock: Any = lambda: NOW
) -> tuple[Conversations, Papers]:
    """The core with the service of papers, at noon on Wednesday 25 November 2026 unless told otherwise."""
    words = load(DATA / "conversation" / "gateway.en.yml", Words)
    drafts = Drafts(store, words.drafts, settings.controller_contact, 60.0 * settings.draft_minutes)
    directory = Directory(DATA, demo=True)
    papers = assembled(settings, catalogue(), real_translations(), directory, drafts)
    services = dict.fromkeys((PAPER_OPEN, PAPER_CLOSED, PAPER_MADE), papers)
    core = make_conversations(
        store, engine, settings, clock=clock, form_words=load_form_words(DATA), services=services, drafts=drafts
    )
    return core, papers


@functools.cache
def catalogue() -> Catalogue:
    """The answers, read once."""
    return load_catalogue(DATA)


async def talk_with(core: Conversations, papers: Papers) -> Talk:
    """Begin a conversation."""
    token, _ = await core.start("web")
    conversation = await core.find(token)
    assert conversation is not None
    return Talk(core, papers, token, conversation)


def titles(replies: list[Reply]) -> list[str]:
    """Titles of all buttons."""
    return [button.title for reply in replies for button in reply.buttons]


def text_of(replies: list[Reply]) -> str:
    """All that was said."""
    return "\n".join(reply.text for reply in replies)


@pytest.fixture
async def talk(sqlite: Engine, vault: Vault, action_engine: ActionEngine, settings: Settings) -> Talk:
    """A conversation on SQLite with the real actions behind the core."""
    core, papers = core_with(ConversationStore(sqlite, vault), action_engine, settings)
    return await talk_with(core, papers)
