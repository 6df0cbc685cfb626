"""A message as words: what counts as one, in which script, and how it is made comparable."""

import re
import unicodedata
from typing import NamedTuple

LIMIT = 1_000
"""Characters read of a message."""

_RANGES = {
    "Latn": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
    "Cyrl": "\u0400-\u052f",
    "Arab": "\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff",
    "Deva": "\u0900-\u0963\u0970-\u097f",
    "Beng": "\u0980-\u09e3\u09f0-\u09fe",
    "Guru": "\u0a01-\u0a65\u0a70-\u0a76",
    "Gujr": "\u0a81-\u0ae3\u0af9-\u0aff",
    "Taml": "\u0b82-\u0be5",
    "Telu": "\u0c00-\u0c65",
    "Knda": "\u0c80-\u0ce5",
    "Mlym": "\u0d00-\u0d65",
    "Sinh": "\u0d81-\u0ddf",
    "Thai": "\u0e01-\u0e4e",
    "Geor": "\u10a0-\u10ff",
    "Armn": "\u0531-\u0587",
    "Grek": "\u0370-\u03ff",
    "Hebr": "\u0590-\u05f4",
    "Ethi": "\u1200-\u135f\u1380-\u138f",
    "Kana": "\u3041-\u30ff",
    "Hang": "\uac00-\ud7a3",
    "Hani": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f",
}
SCRIPTS = tuple(_RANGES)
"""Scripts we can tell apart; the order does not matter."""

# An apostrophe inside a word belongs to it ("don't", "mae'r"), in Ukrainian too.
_WORD = re.compile("|".join(f"(?P<{script}>[{span}]+(?:'[{span}]+)*)" for script, span in _RANGES.items()))
_SCRIPT_OF = {script: re.compile(f"[{span}]") for script, span in _RANGES.items()}
_NOT_WORDS = re.compile(
    r"(?:https?://|www\.)\S+"  # links
    r"|[^\s@]{1,64}@\S+"  # e-mail addresses
    r"|(?<!\w)[@#]\w+"  # handles and tags
    r"|(?<!\w)(?:[\w-]{1,63}\.){1,4}(?:com|org|net|uk|pl|ro|gov|info|co)(?:/\S*)?(?!\w)"
    r"|[A-Za-z]*[0-9][A-Za-z0-9]*",  # postcodes, references, amounts, "gr8"
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\u0300-\u036f]"
)
_QUOTES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u2032\u02bc\u02bb`\u00b4", "'"))
_MARK = re.compile("[\u0300-\u036f]")
_NO_BASE = str.maketrans({"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ə": "e"})
_STOPS = frozenset(".!?:\n\u2026")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")


class Word(NamedTuple):
    """One word.

    Attributes:
        text: in lower case, as typed.
        plain: without accents, apostrophes and drawn-out letters ("heeey"), as word lists have it.
        script: ISO 15924 code.
        parts: plain pieces around its apostrophes, empty if it has none.
        capital: it begins with a capital letter.
        name: it may be a name: it has a capital letter and does not begin a sentence.
    """

    text: str
    plain: str
    script: str
    parts: tuple[str, ...]
    capital: bool
    name: bool


def words(text: str, limit: int | None = LIMIT) -> list[Word]:
    """The words of a message; links, addresses, references, numbers and pictures are left out.

    Args:
        text: anything a person can send.
        limit: characters read; None for all.
    """
    text = _NOT_WORDS.sub(" ", text[:limit])
    text = unicodedata.normalize("NFKC", text)[:limit].translate(_QUOTES)
    text = _INVISIBLE.sub("", text)
    found: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        typed, script = match.group(), match.lastgroup or ""
        low = typed.lower()
        capital = typed[0].isupper() and not (typed.isupper() and len(typed) > 1)
        if "İ" in typed:
            low = _MARK.sub("", low)  # its lower case is two characters
        pieces = low.split("'")
        found.append(
            Word(
                text=low,
                plain=fold("".join(pieces)),
                script=script,
                parts=tuple(fold(piece) for piece in pieces) if len(pieces) > 1 else (),
                capital=capital,
                name=capital and not _starts(text[end : match.start()], end),
            )
        )
        end = match.end()
    return found


def _starts(gap: str, end: int) -> bool:
    """Whether a sentence starts after the word that ended at `end` and what is between."""
    return end == 0 or not _STOPS.isdisjoint(gap)


def fold(word: str) -> str:
    """A lower-case word without accents (Latin letters only) and drawn-out letters."""
    if not word.isascii() and min(word) < "\u0250":
        word = _MARK.sub("", unicodedata.normalize("NFD", word)).translate(_NO_BASE)
    return _DRAWN_OUT.sub(r"\1", word)


def script_of(letter: str) -> str:
    """The script of a letter, empty if it is none we know."""
    return next((script for script, pattern in _SCRIPT_OF.items() if pattern.match(letter)), "")
