"""Translations of the fixed English texts: data/locale/<tag>.po, one file a language, in gettext's format.

The English text itself is the key. So a translation of words that have since changed is simply no longer found, and the
person gets the English instead of a stale sentence.
"""

import hashlib
from collections.abc import Collection
from pathlib import Path

import msgspec
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from bot.data_files import DataError

FOLDER = "locale"


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """One language's file.

    Attributes:
        tag: the language, such as `pl` or `pa-Latn`.
        texts: translated text by English text; those marked `fuzzy` in the file are left out.
        digest: SHA-256 of the file; an approval holds for these words only.
    """

    tag: str
    texts: dict[str, str]
    digest: str


class Translations:
    """All languages that have a file.

    Args:
        found: the languages, by tag.
        served: the tags whose words may be shown; others are as if they had no file.
    """

    def __init__(self, found: dict[str, Translation], served: Collection[str]) -> None:
        self._found = {tag: one for tag, one in found.items() if tag in served}

    @property
    def tags(self) -> list[str]:
        """Languages whose words may be shown."""
        return sorted(self._found)

    def find(self, english: str, tag: str) -> str | None:
        """The words in a language, or None where they are missing.

        Args:
            english: the text as it stands in the data files, before anything is filled in.
            tag: the language.
        """
        one = self._found.get(tag)
        return one.texts.get(_key(english)) if one else None

    def say(self, english: str, tag: str) -> str:
        """The words in a language, or the English ones where they are missing."""
        return self.find(english, tag) or english


def load_translations(data: Path) -> dict[str, Translation]:
    """All translations under `data`, approved or not.

    Args:
        data: the data folder.

    Raises:
        DataError: a file is not in gettext's format.
    """
    found = {path.stem: _read(path) for path in sorted((data / FOLDER).glob("*.po"))}
    return {tag: one for tag, one in found.items() if one.texts}


def _read(path: Path) -> Translation:
    content = path.read_bytes()
    with path.open("rb") as file:
        try:
            catalog: Catalog = read_po(file, abort_invalid=True)
        except (PoFileError, UnicodeDecodeError, ValueError) as error:
            raise DataError(f"{path}: not a gettext file: {error}") from error
    texts = {_key(str(one.id)): str(one.string) for one in catalog if one.id and one.string and not one.fuzzy}
    return Translation(tag=path.stem, texts=texts, digest=hashlib.sha256(content).hexdigest())


def _key(english: str) -> str:
    return " ".join(english.split())
