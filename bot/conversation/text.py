"""Making what a person typed fit to be read: bounded, without control characters, never a command."""

import unicodedata

import msgspec


class Clean(msgspec.Struct, frozen=True):
    """Text as it may be read on; `cut` when some of it was left unread."""

    text: str
    cut: bool


def storable(text: str) -> str:
    """The same text with lone surrogates replaced: they cannot be encoded, so they cannot be stored."""
    return text.encode("utf-8", "replace").decode()


def clean(text: str, longest: int) -> Clean:
    """Bound and neutralise a message.

    Lone surrogates and control characters become spaces. A leading slash is dropped: in Rasa `/intent{"slot": 1}` and
    `/restart` skip understanding, and only buttons that we issued may do that.

    Args:
        text: what came in, of any size.
        longest: characters to read.
    """
    window = text[: 2 * longest]
    safe = "".join(" " if _unsafe(char) else char for char in unicodedata.normalize("NFC", window))
    words = safe.strip().lstrip("/\\").strip()
    return Clean(words[:longest], cut=len(words) > longest or len(text) > len(window))


def _unsafe(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Cn") and char not in "\n\t"
