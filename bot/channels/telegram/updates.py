"""What an update of the Bot API means for us: words, a command, a button, something that is no words, or nothing.

Only private chats count. A photo, a file or a location is never fetched or read: that one was sent is all we take.
"""

from typing import Any

import msgspec
import structlog
from telegram import Bot, CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update
from telegram.constants import MessageType

log = structlog.get_logger()

_CONTENT = frozenset(
    {
        MessageType.ANIMATION,
        MessageType.AUDIO,
        MessageType.CHECKLIST,
        MessageType.CONTACT,
        MessageType.DICE,
        MessageType.DOCUMENT,
        MessageType.GAME,
        MessageType.LIVE_PHOTO,
        MessageType.LOCATION,
        MessageType.PAID_MEDIA,
        MessageType.PHOTO,
        MessageType.POLL,
        MessageType.STICKER,
        MessageType.STORY,
        MessageType.VENUE,
        MessageType.VIDEO,
        MessageType.VIDEO_NOTE,
        MessageType.VOICE,
    }
)
_PLAIN = ("message_id", "date", "chat", "from", "text", "caption")
_INSIDE = frozenset({ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER, ChatMember.RESTRICTED})


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """Words, also those under a photo (`more`: something came with them that is not read)."""

    address: int
    message: int
    text: str
    language: str | None = None
    more: bool = False


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """A command with what stands after it."""

    address: int
    message: int
    command: str
    argument: str
    text: str
    language: str | None = None


class NotWords(msgspec.Struct, frozen=True, kw_only=True):
    """A photo, a voice message, a sticker, a location ... without words."""

    address: int
    message: int
    language: str | None = None


class Pressed(msgspec.Struct, frozen=True, kw_only=True):
    """A button; `message` is None where Telegram no longer has the message."""

    address: int
    message: int | None
    query: str
    data: str


class Blocked(msgspec.Struct, frozen=True, kw_only=True):
    """The person has blocked the bot, or deleted their account."""

    address: int


class InGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The bot is in a group; `chat` is the group's."""

    chat: int


Meaning = Typed | Called | NotWords | Pressed | Blocked | InGroup


def readable(found: dict[str, Any], bot: Bot) -> Update | None:
    """An update from what the Bot API sent; of one that is newer than the library, what can be read of its message.

    Args:
        found: with an `update_id`.
        bot: the bot.

    Returns:
        The update, or None where nothing of it can be read.
    """
    try:
        return Update.de_json(found, bot)
    except (ValueError, KeyError, TypeError, AttributeError):
        log.warning("telegram.update_not_understood")
    message = found.get("message")
    if not isinstance(message, dict):
        return None
    plain = {name: message[name] for name in _PLAIN if name in message}
    try:
        return Update.de_json({"update_id": found["update_id"], "message": plain}, bot)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def meaning(update: Update) -> Meaning | None:
    """What an update means; None where there is nothing to do.

    Args:
        update: any kind of update. An edited message is a correction, so it means what a new one would.
    """
    if update.callback_query is not None:
        return _button(update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    if update.message is not None:
        return _message(update.message)
    if update.edited_message is not None and (update.edited_message.text or update.edited_message.caption):
        # Without words it is a live location that moves, or another photo.
        return _message(update.edited_message)
    return None


def _message(message: Message) -> Meaning | None:
    if message.chat.type in (Chat.GROUP, Chat.SUPERGROUP):
        return None if message.left_chat_member or message.migrate_to_chat_id else InGroup(chat=message.chat.id)
    sender = message.from_user
    if message.chat.type != Chat.PRIVATE or (sender is not None and sender.is_bot):
        return None
    language = sender.language_code if sender is not None else None
    at = {"address": message.chat.id, "message": message.message_id}
    text = message.text or message.caption
    if text:
        command, _, argument = text.removeprefix("/").partition(" ")
        if message.text and text.startswith("/") and command.partition("@")[0].isidentifier():
            name = command.partition("@")[0].lower()
            return Called(**at, command=name, argument=argument.strip(), text=text, language=language)
        return Typed(**at, text=text, language=language, more=message.text is None)
    kinds = {kind for kind in MessageType if message[kind]}
    # What the library does not know came from a person, too; what it knows and is no content is Telegram's own note.
    return NotWords(**at, language=language) if kinds & _CONTENT or not kinds else None


def _button(query: CallbackQuery) -> Meaning | None:
    message = query.message
    if message is not None and message.chat.type != Chat.PRIVATE:
        return None
    return Pressed(
        address=query.from_user.id,
        message=message.message_id if message is not None else None,
        query=query.id,
        data=query.data or "",
    )


def _membership(change: ChatMemberUpdated) -> Meaning | None:
    inside = change.new_chat_member.status in _INSIDE
    if change.chat.type in (Chat.GROUP, Chat.SUPERGROUP):
        return InGroup(chat=change.chat.id) if inside else None
    if change.chat.type == Chat.PRIVATE and not inside:
        return Blocked(address=change.chat.id)
    return None
