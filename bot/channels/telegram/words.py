"""What the channel itself says (data/conversation/telegram.en.yml). All else comes from the conversation."""

from pathlib import Path

import msgspec

from bot.conversation.flows import FlowName
from bot.data_files import load


class TelegramWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/telegram.en.yml."""

    version: int
    commands: dict[str, str]
    notice: list[str]
    notice_page: str
    not_words: str
    left: str
    hint: str
    ask_hint: str
    hint_yes: str
    hint_no: str
    hint_on: str
    hint_off: str
    more: str
    first: str
    too_many: str
    unavailable: str
    group: str
    open_page: str
    elsewhere: dict[FlowName, str]


def load_telegram_words(data: Path) -> TelegramWords:
    """The English words; a language's own are found by them (`bot.language.translations`).

    Raises:
        bot.data_files.DataError: the file does not fit.
    """
    return load(data / "conversation" / "telegram.en.yml", TelegramWords)
