"""The words of the papers (data/conversation/papers.en.yml). Other languages come from data/locale, by the English."""

from pathlib import Path

import msgspec

from bot.data_files import DataError, load
from bot.rights.clock import COMPLAINTS
from bot.rights.facts import load_facts


class DeviceWarning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asked before any paper.

    Attributes:
        question: whether it is safe that the paper stays on this device.
        kept: what becomes of copies.
        choices: three equal ones, by id: `screen`, which counts where none is made, `copy` and `download`.
    """

    question: str
    kept: str
    choices: dict[str, str]


class Addressee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body that takes complaints: to whom a letter goes, how it is sent, and its page where it has one."""

    to: str
    send: str
    link: str


class ComplaintPhrases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The complaint letter. `wants` are what a person may ask for, `bodies` by the name in time-limits.yml."""

    title: str
    confirm: str
    date: str
    to: str
    opening: str
    which_right: str
    should: str
    happened_on: str
    last_day: str
    not_got: str
    what_happened: str
    want: str
    reply: str
    reply_how_long: str
    reply_reason: str
    reply_safe: str
    next_step: str
    name: str
    reference: str
    safe_contact: str
    wants: dict[str, str]
    bodies: dict[str, Addressee]
    police_suspect: str
    wrong_place: str


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the statement outline: its heading, and questions that help to write it."""

    id: str
    heading: str
    questions: list[str]


class StatementPhrases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The outline for a Victim Personal Statement."""

    title: str
    what_it_is: str
    who_sees: str
    may_say: str
    leave_out_title: str
    leave_out: list[str]
    after: str
    sections: list[Section]


class SheetPhrases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sheet "My rights now"."""

    title: str
    made_on: str
    stage: str
    enhanced: dict[str, str]
    own: str
    owed: str
    hedged: str
    hedged_note: str
    topics: str
    nothing: str
    ask: str
    ask_lines: list[str]
    contact: str


class PapersPhrases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/papers.en.yml.

    Attributes:
        device: asked before any paper.
        court_warning: said before the statement outline; `{controller}` is who runs the service.
        print: the button that prints.
        blank: a label with room to write by hand.
    """

    version: int
    device: DeviceWarning
    court_warning: str
    print: str
    blank: str
    complaint: ComplaintPhrases
    statement: StatementPhrases
    sheet: SheetPhrases


def load_papers_phrases(data: Path) -> PapersPhrases:
    """Read the words.

    Raises:
        DataError: the file does not fit, or lacks a body that takes complaints under Right 12.
    """
    file = data / "conversation" / "papers.en.yml"
    phrases = load(file, PapersPhrases)
    facts = load_facts(data).facts
    bodies = {name for (_, topic), known in facts.items() if topic == COMPLAINTS for name in known.responsible}
    if missing := bodies - set(phrases.complaint.bodies):
        raise DataError(f"{file}: `complaint: bodies` lacks: {', '.join(sorted(missing))}")
    return phrases
