"""What every form of the conversation says and understands (data/conversation/forms.<language>.yml)."""

import re
from pathlib import Path
from typing import Literal

import msgspec

from bot.data_files import load

Control = Literal["stop", "back", "skip", "over"]
_MARKS = re.compile(r"[^\w\s]")


class ControlWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to steer a form: its button, and whole messages that mean it."""

    title: str
    typed: list[str]


class FormWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/forms.<language>.yml."""

    version: int
    controls: dict[Control, ControlWords]
    asking: list[str]
    stopped: str
    pick_one: str
    closed: str
    goes_on: str

    def control(self, text: str) -> Control | None:
        """The control that a whole typed message means, or None."""
        said = plain(text)
        return next((name for name, words in self.controls.items() if said in words.typed), None)


def load_form_words(data: Path, language: str = "en") -> FormWords:
    """The words of one language.

    Raises:
        bot.data_files.DataError: the file is missing or does not fit.
    """
    return load(data / "conversation" / f"forms.{language}.yml", FormWords)


def plain(text: str) -> str:
    """Words as they are compared: lower case, no marks."""
    return " ".join(_MARKS.sub("", text.lower().replace("’", "").replace("'", "")).split())
