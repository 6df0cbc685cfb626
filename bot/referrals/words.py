"""What the referral says: data/conversation/referral.<language>.yml as typed objects."""

import msgspec


class FieldWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one question: what is asked, a line of help, its name in the preview, its choices."""

    question: str
    label: str
    help: str = ""
    choices: dict[str, str] = {}


class PreviewWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words around the lines of the preview."""

    heading: str
    line: str
    not_given: str
    fixed: dict[str, str]
    to: str
    why: str
    kept: str
    withdraw: str


class ConsentWords(msgspec.Struct, frozen=True, kw_only=True):
    """What is agreed to, and the version of the wording."""

    version: str
    wording: str


class ReferralWords(msgspec.Struct, frozen=True, kw_only=True):
    """All words of the referral in one language."""

    version: int
    recipient: str
    intro: str
    first_words: str
    demonstration: str
    buttons: dict[str, str]
    picked: str
    agreed: list[str]
    stopped: str
    asked_between: str
    reference: dict[str, str]
    not_offered: str
    fields: dict[str, FieldWords]
    problems: dict[str, str]
    again: str
    unsafe: str
    preview: PreviewWords
    consent: ConsentWords
    sent: str
    nowhere_safe: str
    status: dict[str, str]
    withdraw: dict[str, str]
    routes: dict[str, str]
    crimes: dict[str, str]
