"""Examples of what the Bot API may send, made from python-telegram-bot's own classes: whatever it knows, we get."""

import inspect
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import telegram
from telegram import Chat, Message, TelegramObject, Update, User

PERSON = User(id=700_000_001, is_bot=False, first_name="Nobody")
PRIVATE = Chat(id=700_000_001, type="private")
_PLAIN = {"int": 1, "str": "1", "bool": False, "float": 1.0, "JSONDict": {}}
_NAME = re.compile(r"[A-Za-z_.]+")
# Classes that stand for several: the library reads which one from a field.
_ONE_OF = {
    "MessageOrigin": telegram.MessageOriginHiddenUser,
    "MaybeInaccessibleMessage": telegram.InaccessibleMessage,
    "ChatMember": telegram.ChatMemberMember,
    "ChatBoostSource": telegram.ChatBoostSourcePremium,
    "ReactionType": telegram.ReactionTypeEmoji,
    "PaidMedia": telegram.PaidMediaPreview,
    "BackgroundType": telegram.BackgroundTypeWallpaper,
    "BackgroundFill": telegram.BackgroundFillSolid,
}


def example(kind: type) -> Any:
    """An instance with just the fields that must be there."""
    parameters = inspect.signature(kind).parameters
    given = {
        name: value_of(parameter.annotation)
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    }
    while True:
        try:
            return kind(**given)
        except TypeError as error:
            # Some became required later, and say so only when they are missing.
            named = [name for name in re.findall(r"`(\w+)`", str(error)) if name in parameters and name not in given]
            if not named:
                raise
            given |= {name: value_of(parameters[name].annotation) for name in named}


def value_of(annotation: Any) -> Any:
    """A value that fits an annotation of the library."""
    simple = isinstance(annotation, type) and not hasattr(annotation, "__origin__")
    text = annotation.__name__ if simple else str(annotation)
    names = [name.rpartition(".")[2] for name in _NAME.findall(text)]
    lists = [name for name in names if name in ("Sequence", "list", "tuple")]
    if lists:
        value = value_of(next(name for name in names if name not in lists))
        for _ in lists:
            value = (value,)
        return value
    for name in names:
        if name == "User":
            return PERSON
        if name == "Chat":
            return PRIVATE
        if name in ("datetime", "date"):
            return datetime(2026, 11, 25, tzinfo=timezone.utc)
        if name in ("timedelta", "TimePeriod"):
            return timedelta(seconds=1)
        if name in _PLAIN:
            return _PLAIN[name]
        found = _ONE_OF.get(name) or getattr(telegram, name, None)
        if inspect.isclass(found) and issubclass(found, TelegramObject):
            return example(found)
    raise AssertionError(f"no example of {annotation!r}")


def updates() -> dict[str, dict[str, Any]]:
    """What stands in an update of each type, by the type."""
    found = {}
    for kind in Update.ALL_TYPES:
        annotation = inspect.signature(Update).parameters[kind].annotation
        found[str(kind)] = value_of(annotation).to_dict()
    return found


def messages() -> dict[str, dict[str, Any]]:
    """A private message for each field that a message may have, by the field."""
    found = {}
    for name, parameter in inspect.signature(Message).parameters.items():
        if parameter.default is inspect.Parameter.empty or parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        if name in ("api_kwargs", "chat", "from_user", "text", "caption", "reply_to_message", "pinned_message"):
            continue
        message = Message(message_id=1, date=datetime.now(timezone.utc), chat=PRIVATE, from_user=PERSON)
        found[name] = {**message.to_dict(), name: plain(value_of(parameter.annotation))}
    return found


def plain(value: Any) -> Any:
    """The value as it stands in JSON."""
    if isinstance(value, TelegramObject):
        return value.to_dict()
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return int(value.timestamp())
    return int(value.total_seconds()) if isinstance(value, timedelta) else value
