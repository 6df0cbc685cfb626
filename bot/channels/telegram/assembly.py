"""Putting the channel's parts together."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy.engine import Engine

from bot.cases.hashing import LookupHash, lookup_keys
from bot.channels.telegram import chats as chat_store
from bot.channels.telegram import keyboards as keyboard_signs
from bot.channels.telegram.channel import Channel
from bot.channels.telegram.chats import Chats
from bot.channels.telegram.commands import deep_links
from bot.channels.telegram.connection import Telegram, application
from bot.channels.telegram.delivery import Delivery, Papers
from bot.channels.telegram.keyboards import Keyboards
from bot.channels.telegram.words import TelegramWords
from bot.conversation.core import Conversations
from bot.conversation.front_door import FrontDoor
from bot.directory import LONDON
from bot.settings import Settings
from bot.store.encryption import Vault


def assemble_telegram(
    settings: Settings,
    *,
    conversations: Conversations,
    database: Engine,
    vault: Vault,
    keys: Sequence[str],
    words: TelegramWords,
    topics: list[str],
    languages: Iterable[str],
    papers: Papers | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(LONDON),
) -> Telegram:
    """The channel; nothing is started yet.

    Args:
        settings: with a token; whether it may run is told by `switches.why_off`.
        conversations: the conversation core, with the shut flows of `switches.closed`.
        database, vault: where chats are kept, and what seals their ids.
        keys: the service's Fernet keys, newest first.
        words: what the channel itself says.
        topics: ids of all topics in the order of the Code.
        languages: tags that have words of their own, for the commands' descriptions.
        papers: makes documents; without it none are sent.
        clock: the time now, aware; tests give their own.
    """
    app = application(settings)
    chats = Chats(database, vault, LookupHash(lookup_keys(keys, chat_store.PURPOSE)))
    keyboards = Keyboards(LookupHash(lookup_keys(keys, keyboard_signs.PURPOSE)), words.more, words.first)
    delivery = Delivery(
        bot=app.bot,
        conversations=conversations,
        chats=chats,
        keyboards=keyboards,
        words=words,
        settings=settings,
        clock=clock,
        papers=papers,
    )
    channel = Channel(
        bot=app.bot,
        conversations=conversations,
        chats=chats,
        keyboards=keyboards,
        delivery=delivery,
        words=words,
        links=deep_links(topics),
        settings=settings,
        clock=clock,
    )
    return Telegram(app, channel, delivery, chats, descriptions(words, conversations.front_door, languages), settings)


def descriptions(words: TelegramWords, door: FrontDoor, languages: Iterable[str]) -> dict[str, dict[str, str]]:
    """Descriptions of the commands by language. Telegram knows languages by two letters only, not Latin variants."""
    served = ["en", *(tag for tag in languages if len(tag) == 2)]
    return {tag: {name: door.say(text, tag) for name, text in words.commands.items()} for tag in served}
