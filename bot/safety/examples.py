"""Messages the gate learns from: data/safety/examples/*.yml, danger by category and ordinary look-alikes."""

from pathlib import Path

import msgspec

from bot.data_files import DataError, load

ORDINARY = "none"
NOW = ":now"


class Example(msgspec.Struct, frozen=True):
    """One message.

    Attributes:
        text: what somebody might type.
        label: `none`, a category, or a category with `:now` where it interrupts.
        language: its language, such as `en` or `pa-Latn`.
        style: how it is said, such as `oblique`, where the list says so: `- oblique | he gets home at six`.
        question: it is a training example of data/nlu, about a right.
    """

    text: str
    label: str
    language: str
    style: str = ""
    question: bool = False


class _Both(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    now: str = ""
    signs: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    language: str
    danger: dict[str, _Both]
    ordinary: str = ""


def load_examples(folder: Path) -> list[Example]:
    """Every message of the files in a folder.

    Args:
        folder: `data/safety/examples` or `data/safety/heldout`.

    Raises:
        DataError: a file does not fit, or holds a line that is no item of a list.
    """
    found: list[Example] = []
    for path in sorted(folder.glob("*.yml")):
        file = load(path, _File)
        lists = [(file.ordinary, ORDINARY)]
        for category, both in file.danger.items():
            lists += [(both.now, category + NOW), (both.signs, category)]
        for text, label in lists:
            found += [_example(line, label, file.language) for line in _items(path, text)]
    return found


def category_of(label: str) -> str:
    """The category of a label."""
    return label.removesuffix(NOW)


def _example(line: str, label: str, language: str) -> Example:
    style, bar, text = line.partition(" | ")
    return Example(text, label, language, style) if bar else Example(line, label, language)


def _items(path: Path, text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if odd := next((line for line in lines if not line.startswith("- ")), None):
        raise DataError(f"{path}: a line of a list must begin with '- ': {odd[:40]}")
    return [line[2:].strip() for line in lines]
