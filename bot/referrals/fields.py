"""The questions of a referral and what counts as an answer to each (data/referrals/fields.yml).

The minimum fields are those of issue 5, section 3. No account of what happened is asked for, and none fits: every
answer in words is short. Only the first half of a postcode is kept. Immigration status is never taken
(shared/victims-code/safety.yml, modern_slavery).
"""

import re
import unicodedata
from typing import Literal

import msgspec
import phonenumbers
from phonenumbers import PhoneNumberType
from uk_postcodes_parsing.postcode_utils import is_valid, is_valid_outcode, sanitize, to_outcode

Kind = Literal["choice", "choices", "text", "phone", "email", "postcode", "times"]
Value = str | list[str]

# One @, no blanks or separators, a dot in the domain. Whether it works shows when the provider writes to it.
_EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\]+@[^@\s.<>\"',;:()\[\]\\]+(?:\.[^@\s.<>\"',;:()\[\]\\]+)+")
_PLACE = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'’-])*")
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_NOT_A_PERSONS = (
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.UAN,
    PhoneNumberType.PAGER,
)


class NotTaken(Exception):
    """An answer that does not fit; `args[0]` is the id of the words under `problems`."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One question. What each attribute means stands at the top of data/referrals/fields.yml."""

    id: str
    kind: Kind
    part: Literal["opening", "form"] = "form"
    choices: list[str] = []
    alone: list[str] = []
    need: Literal["always", "guarded"] | None = None
    when: dict[str, list[str]] = {}
    most: int = 0
    default: str | None = None
    sent: bool = True


class FieldFile(msgspec.Struct, frozen=True, kw_only=True):
    """data/referrals/fields.yml."""

    version: int
    fields: list[Field]
    councils: list[str]
    immigration: str


def read(
    field: Field, given: Value, file: FieldFile, *, choices: dict[str, str], guarded: bool = False, mobile: bool = False
) -> Value:
    """An answer in the form it is kept in.

    Args:
        field: the question.
        given: what was typed or pressed: words, the id of a choice, or several of them.
        file: the patterns for places and for what is never taken.
        choices: the choices that may be given now, by id, with their words.
        guarded: honour, family or community was mentioned: no landline.
        mobile: the number is for text messages.

    Raises:
        NotTaken: it does not fit.
    """
    if field.kind == "choice":
        return _choice(given if isinstance(given, str) else ",".join(given), field, choices)
    if field.kind == "choices":
        return _choices(given, field, choices)
    text = _plain(given if isinstance(given, str) else " ".join(given))
    if not text:
        raise NotTaken("empty")
    if len(text) > field.most:
        raise NotTaken("too_long")
    if field.kind == "phone":
        return _phone(text, guarded=guarded, mobile=mobile)
    if field.kind == "email":
        if not _EMAIL.fullmatch(text):
            raise NotTaken("email")
        return text
    if re.search(file.immigration, text, re.IGNORECASE):
        raise NotTaken("immigration")
    return _area(text, file) if field.kind == "postcode" else text


def _plain(text: str) -> str:
    """One line without control characters."""
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in text).split())


def _choice(given: str, field: Field, choices: dict[str, str]) -> str:
    said = _plain(given).casefold().rstrip(".!")
    found = next((key for key, words in choices.items() if said in (key.casefold(), words.casefold())), None)
    if found is not None:
        return found
    raise NotTaken("closed" if said in field.choices else "choice")


def _choices(given: Value, field: Field, choices: dict[str, str]) -> list[str]:
    if isinstance(given, str):
        # Words typed: one choice as it stands, commas and all; one a line, as pages send them; or commas between.
        whole = given.strip().casefold() in {words.casefold() for words in choices.values()}
        given = [given] if whole else given.split("\n" if "\n" in given else ",")
    found = {_choice(one, field, choices) for one in given if one.strip()}
    if not found:
        raise NotTaken("choice")
    if len(found) > 1 and found & set(field.alone):
        raise NotTaken("alone")
    return [key for key in field.choices if key in found]


def _phone(text: str, *, guarded: bool, mobile: bool) -> str:
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException as error:
        raise NotTaken("phone") from error
    if not phonenumbers.is_valid_number(number):
        raise NotTaken("phone")
    kind = phonenumbers.number_type(number)
    if kind in _NOT_A_PERSONS:
        raise NotTaken("premium")
    if guarded and kind not in _MOBILE:
        raise NotTaken("landline")
    if mobile and kind not in _MOBILE:
        raise NotTaken("mobile")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _area(text: str, file: FieldFile) -> str:
    council = next((known for known in file.councils if known.casefold() == text.casefold()), None)
    if council:
        return council
    # The library's parser would log a text it cannot read; these only look at it.
    compact = sanitize(text)
    if is_valid(compact):
        return str(to_outcode(compact))
    if is_valid_outcode(compact):
        return str(compact)
    if not _PLACE.fullmatch(text):
        raise NotTaken("area")
    return text
