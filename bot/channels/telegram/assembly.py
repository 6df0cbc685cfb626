"""Putting the channel's parts together."""

from collections.abc import Iterable, Sequence

from sqlalchemy.engine import Engine

from bot.cases.hashing import LookupHash, lookup_keys
from bot.channels.telegram import chats as chat_store
from bot.channels.telegram import keyboards as keyboard_signs
from bot.channels.telegram.channel import Channel
from bot.channels.telegram.chats import Chats
from bot.channels.telegram.commands import deep_links
from bot.channels.telegram.connection import Telegram, application
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.keyboards import Keyboards
from bot.channels.telegram.words import TelegramWords
from bot.conversation.core import Conversations
from bot.conversation.front_door import FrontDoor
from bot.conversation.papers import Papers
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
        papers: the papers that conversations have made; without them no files are sent.
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
    )
    return Telegram(app, channel, delivery, chats, descriptions(words, conversations.front_door, languages), settings)


def descriptions(words: TelegramWords, door: FrontDoor, languages: Iterable[str]) -> dict[str, dict[str, str]]:
    """Descriptions of the commands by language. Telegram knows languages by two letters only, not Latin variants."""
    served = ["en", *(tag for tag in languages if len(tag) == 2)]
    return {tag: {name: door.say(text, tag) for name, text in words.commands.items()} for tag in served}
