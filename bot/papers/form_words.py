"""The words of the form that makes a paper (data/conversation/paper_form.<language>.yml)."""

from pathlib import Path

import msgspec

from bot.data_files import DataError, load
from bot.papers.draft import Kind, Way
from bot.papers.form import LineId
from bot.rights.facts import load_facts


class PaperFormButtons(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Titles of its buttons."""

    keep: str
    change: str
    leave_out: str
    done: str
    other_duty: str
    guided: str
    by_hand: str
    enough: str


class PaperFormWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file; see its comments.

    Attributes:
        start, titles: by kind of paper.
        ask: what is asked for each line of a complaint.
        ready: by the way that was chosen.
        duties: time limits that can be picked where none is known.
        sheet_topics: topics of the sheet where nothing is known.
        sheet_services: services of the directory on the sheet.
    """

    version: int
    start: dict[Kind, str]
    ask: dict[LineId, str]
    stopped: str
    check: str
    no_such_day: str
    still_to_come: str
    no_day: str
    two_days: str
    no_other_duty: str
    picked: str
    how: str
    section: str
    ready: dict[Way, str]
    buttons: PaperFormButtons
    titles: dict[Kind, str]
    duties: list[str]
    sheet_topics: list[str]
    sheet_services: list[str]


def load_paper_form_words(data: Path, language: str = "en") -> PaperFormWords:
    """Read the words of one language.

    Raises:
        DataError: the file does not fit, or names a time limit or topic that does not exist.
    """
    file = data / "conversation" / f"paper_form.{language}.yml"
    words, base = load(file, PaperFormWords), load_facts(data)
    if unknown := (set(words.duties) - set(base.limits)) | (set(words.sheet_topics) - set(base.topics)):
        raise DataError(f"{file}: there is no such duty or topic: {', '.join(sorted(unknown))}")
    return words
