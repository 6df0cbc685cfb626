"""The approved answers (data/rights/), by edition, topic and language, with their state of approval."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from bot.data_files import DataError, load
from bot.rights.facts import Edition, FactBase, TopicFacts, load_facts

State = Literal["drafted", "reviewed", "approved"]
CUSTODY_LINE = "custody_line"
LIMITS = "time-limits.yml"
SITUATIONS = "situations.yml"
SITUATION_LINES = "situations"
"""Their name in data/approvals.yml."""


class AnswerLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An official page under an answer."""

    title: str
    url: str


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The approved words for one topic. Time limits are not written here: they come from the fact base.

    `facts` are the numbers of the facts the words rest on, `hedged` those of them that are not certain,
    `durations` the few that stand in the words because no time limit carries them (a sentence's length, say).
    """

    id: str
    title: str
    answer: str
    means: list[str]
    who: str
    if_not_met: str
    who_it_is_for: str
    more: list[str]
    fixed_lines: list[str]
    links: list[AnswerLink]
    related: list[str]
    facts: list[int]
    hedged: list[int] = []
    how_long: str | None = None
    durations: list[str] = []
    state: State = "drafted"

    def digest(self) -> str:
        """SHA-256 of the words; an approval holds for these words only."""
        return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(self, state="drafted"))).hexdigest()


class EntryFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of data/rights/<language>/: one right, one edition."""

    version: int
    edition: str
    topics: list[Entry]


class LimitWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/rights/<language>/time-limits.yml: a sentence for each time limit, with `{time}` where it goes.

    `chains` holds, for limits of two steps, the sentence with the latest date, with `{latest}`.
    """

    version: int
    limits: dict[str, str]
    chains: dict[str, str] = {}


class SituationText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an answer gets for people in one situation: a line, in some topics or rights, and a topic to go on with.

    `when` names what must have been told; `facts` and `hedged` are numbers of facts of the topic `rests_on`.
    """

    id: str
    when: dict[str, list[str]]
    buttons: list[str]
    text: str = ""
    said_in: list[str] = []
    rests_on: str = ""
    facts: list[int] = []
    hedged: list[int] = []

    def helps_in(self, topic: str) -> bool:
        """Whether the line helps in the answer to a topic."""
        named = topic in self.said_in or topic.partition("/")[0] in self.said_in
        return bool(self.text) and named and topic != self.rests_on


class Situations(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/rights/<language>/situations.yml, in order of rank."""

    version: int
    edition: str
    situations: list[SituationText]

    def digest(self) -> str:
        """SHA-256 of the words; an approval holds for these words only."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named role's word for one text: made by `python -m bot content approve`, never by hand."""

    text: str
    state: Literal["reviewed", "approved"]
    role: str
    date: date
    sha256: str


class Approvals(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/approvals.yml."""

    version: int
    approvals: list[Approval]


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """All answers of one language, with the facts behind them."""

    language: str
    base: FactBase
    entries: dict[tuple[str, str], Entry]
    words: LimitWords
    situations: Situations
    custody_line: str
    approvals: dict[str, Approval]

    def edition(self, day: date) -> Edition:
        """The edition in force on a day."""
        return self.base.edition_on(day)

    def entry(self, topic: str, edition: Edition) -> Entry | None:
        """The words for a topic in an edition, or None where they are not written yet."""
        return self.entries.get((edition.id, topic))

    def facts(self, topic: str, edition: Edition) -> TopicFacts | None:
        """The facts of a topic in an edition."""
        return self.base.facts.get((edition.id, topic))

    def state(self, entry: Entry) -> State:
        """How far an entry's words are approved: what the file says counts only with an approval of these words."""
        approval = self.approvals.get(text_id(self.language, entry.id))
        # Setting the file back to `drafted` withdraws a text, whatever was approved before.
        if approval is None or approval.sha256 != entry.digest() or entry.state == "drafted":
            return "drafted"
        return approval.state

    def situations_approved(self) -> bool:
        """Whether the lines for situations are approved as they stand."""
        approval = self.approvals.get(text_id(self.language, SITUATION_LINES))
        return approval is not None and (approval.state, approval.sha256) == ("approved", self.situations.digest())

    def fixed_line(self, line: str) -> str:
        """Words of a fixed line by id."""
        return self.custody_line if line == CUSTODY_LINE else self.base.attachments[line].text

    def title(self, topic: str, edition: Edition) -> str:
        """Short title of a topic, written or not."""
        entry = self.entry(topic, edition)
        return entry.title if entry else self.base.topics[topic].title


def text_id(language: str, topic: str) -> str:
    """Name of a text in data/approvals.yml."""
    return f"{topic}@{language}"


class _Stages(msgspec.Struct, frozen=True):
    custody_line: str


def load_catalogue(data: Path, language: str = "en") -> Catalogue:
    """Read the answers of one language.

    Args:
        data: the data folder.
        language: its code, a folder of data/rights/.

    Raises:
        DataError: a file does not fit, or names a topic, fixed line, fact or edition that does not exist.
    """
    base = load_facts(data)
    folder = data / "rights" / language
    words = load(folder / LIMITS, LimitWords)
    situations = load(folder / SITUATIONS, Situations)
    _check_situations(folder / SITUATIONS, situations, base)
    editions = {edition.id for edition in base.editions}
    entries: dict[tuple[str, str], Entry] = {}
    for file in sorted(folder.rglob("*.yml")):
        if file.name in (LIMITS, SITUATIONS):
            continue
        loaded = load(file, EntryFile)
        if loaded.edition not in editions:
            raise DataError(f"{file}: the edition {loaded.edition} is not in data/code/editions.yml")
        for entry in loaded.topics:
            _check(file, entry, loaded.edition, base)
            entries[loaded.edition, entry.id] = entry
    return Catalogue(
        language=language,
        base=base,
        entries=entries,
        words=words,
        situations=situations,
        custody_line=load(data / "cases" / "stages.yml", _Stages).custody_line,
        approvals={known.text: known for known in load(data / "approvals.yml", Approvals).approvals},
    )


def _check(file: Path, entry: Entry, edition: str, base: FactBase) -> None:
    unknown = [topic for topic in [entry.id, *entry.related] if topic not in base.topics]
    if unknown:
        raise DataError(f"{file}: {entry.id} names topics that do not exist: {', '.join(unknown)}")
    for line in entry.fixed_lines:
        if line != CUSTODY_LINE and line not in base.attachments:
            raise DataError(f"{file}: {entry.id} names the fixed line {line}, which does not exist")
    known = base.facts.get((edition, entry.id))
    numbers = {fact.number for fact in known.facts} if known else set()
    if missing := set(entry.facts) - numbers:
        raise DataError(f"{file}: {entry.id} rests on facts that do not exist: {sorted(missing)}")


def _check_situations(file: Path, known: Situations, base: FactBase) -> None:
    groups = {topic.partition("/")[0] for topic in base.topics}
    for one in known.situations:
        unknown = [topic for topic in [*one.buttons, *filter(None, [one.rests_on])] if topic not in base.topics]
        unknown += [place for place in one.said_in if place not in base.topics and place not in groups]
        if unknown:
            raise DataError(f"{file}: {one.id} names topics that do not exist: {', '.join(unknown)}")
