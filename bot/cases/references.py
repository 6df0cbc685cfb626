"""The numbers people paste: told apart, tidied, and turned into the key a case is found by.

Rules: `references` of data/cases/stages.yml. Nobody is turned away for the shape of a number: one that is not known is
looked up as it stands.
"""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import msgspec

from bot.data_files import DataError, load

LONGEST = 40
CERTAIN = frozenset({"wmp_crime_number", "urn", "court_case_number"})
"""Kinds of numbers that are what they look like; any other is read back first."""
_READ = 400
_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΗΙΚΜΝΟΡΤΥΧΖ", "ABEKMHOPCTYXIJSABEHIKMNOPTYXZ")
_DASHES = re.compile(r"[‐‑‒–—―−⁄∕_]")
_DIGIT_RUN = re.compile(r"[\dOIL]*\d[\dOIL]*")
_AS_DIGITS = str.maketrans("OIL", "011")
_OUTSIDE = r"(?<![A-Z0-9/.-])(?:{})(?![A-Z0-9]|[/.-][A-Z0-9])"
_CODE = re.compile(r"(?=[A-Z/-]*\d)(?=[\d/-]*[A-Z])[A-Z0-9/-]{6,20}")
_WORDS = re.compile(r"[^A-Z0-9/]+")
_DIGITS = 8


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A number somebody gave.

    Attributes:
        kind: id of `references` in stages.yml, or `date`, `without_year`, `unknown`.
        written: the tidy form, to be read back.
        key: letters and digits only; the same case always has the same.
        finds_case: whether a case may be looked up by it.
        looks_like_date: eight digits that are also a day, such as 20052024: read it back and ask.
    """

    kind: str
    written: str
    key: str
    finds_case: bool
    looks_like_date: bool = False


class _Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    find: str
    written: str
    finds_case: bool


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    force: str
    kinds: list[_Kind]


Recognise = Callable[[str], Reference]


def load_references(data: Path) -> Recognise:
    """The reader of references: a function from what was typed to a `Reference`.

    Args:
        data: the data folder (data/cases/references.yml).

    Raises:
        DataError: the file does not fit, or holds a pattern that cannot be read.
    """
    path = data / "cases" / "references.yml"
    file = load(path, _File)
    try:
        kinds = [(re.compile(_OUTSIDE.format(kind.find)), kind) for kind in file.kinds]
    except re.error as error:
        raise DataError(f"{path}: a pattern cannot be read: {error}") from error

    def recognise(text: str) -> Reference:
        upper = fold(text)
        # As it stands first: in a URN the letters O and I may be meant.
        for reading in dict.fromkeys((upper, _DIGIT_RUN.sub(lambda run: run[0].translate(_AS_DIGITS), upper))):
            for pattern, kind in kinds:
                if match := pattern.search(reading):
                    return _reference(kind, kind.written.format(match[0], *match.groups(), force=file.force))
        code = _CODE.search(upper)
        written = code[0] if code else _WORDS.sub("", upper)[:LONGEST]
        return Reference(
            kind="online_receipt" if code else "unknown", written=written, key=key_of(written), finds_case=True
        )

    return recognise


def fold(text: str) -> str:
    """Capitals in compatible form, any script's digits as 0 to 9, look-alike letters as Latin, plain dashes.

    Args:
        text: anything, of any size; only the first 400 characters are read.
    """
    plain = unicodedata.normalize("NFKC", text[:_READ])[:_READ]
    digits = "".join(
        str(unicodedata.digit(char)) if unicodedata.category(char) == "Nd" else char
        for char in plain
        if unicodedata.category(char) not in ("Cf", "Cs", "Mn")
    )
    return _DASHES.sub("-", digits.upper().translate(_LOOK_ALIKE)).replace("\\", "/")


def key_of(written: str) -> str:
    """Letters and digits of a reference: what its keyed hash is made of."""
    return re.sub(r"[^A-Z0-9]", "", fold(written))[:LONGEST]


def _reference(kind: _Kind, written: str) -> Reference:
    key = key_of(written)
    day, month, year = key[:2], key[2:4], key[4:8]
    dated = len(key) == _DIGITS and "01" <= day <= "31" and "01" <= month <= "12" and year[:2] in ("19", "20")
    return Reference(
        kind=kind.id,
        written=written,
        key=key,
        finds_case=kind.finds_case,
        looks_like_date=kind.id == "wmp_crime_number" and dated,
    )
