"""The fact base: editions of the Code, topics, facts and time limits (data/code/)."""

from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from bot.data_files import DataError, load

Certainty = Literal["verified", "recalled"]
Status = Literal["in_force", "pilot", "announced", "unconfirmed", "superseded"]
Place = Literal["first", "more", "calculator"]


class Edition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An edition of the Code and the day it takes over."""

    id: str
    title: str
    full_title: str
    starts: date
    updated: str
    checked: str
    url: str
    note: str


class Right(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the 12 rights: its quoted title and a one-line summary."""

    number: int
    title: str
    summary: str
    source: str
    certainty: Certainty


class Editions(msgspec.Struct, frozen=True, kw_only=True):
    """data/code/editions.yml."""

    editions: list[Edition]
    rights: list[Right]


class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A thing people ask about; `covers` says where it begins and ends."""

    id: str
    title: str
    covers: str

    @property
    def right(self) -> int | None:
        """Number of the right it belongs to; None for the Code itself."""
        return right_of(self.id)


class Topics(msgspec.Struct, frozen=True, kw_only=True):
    """data/code/topics.yml."""

    topics: list[Topic]


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One statement with its source. A paragraph that is a whole number names the right only."""

    number: int
    text: str
    paragraph: str | None
    source: str | None
    source_type: str | None
    certainty: Certainty
    status: Status
    earlier_edition: bool = False
    in_answer: Place | None = None

    @property
    def sure(self) -> bool:
        """May be said plainly: verified, in force and from this edition."""
        return self.certainty == "verified" and self.status == "in_force" and not self.earlier_edition


class LimitPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a time limit stands in a topic's answer."""

    id: str
    in_answer: Place


class FactLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An official page; `seen` is false where the address itself was not read."""

    title: str
    url: str
    seen: bool


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A fixed line that goes with every answer of a topic when the condition holds."""

    id: str
    when: str
    text: str
    services: list[str] = []


class TopicFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is known about one topic."""

    id: str
    facts: list[Fact]
    time_limits: list[LimitPlace]
    responsible: list[str]
    eligibility: str
    if_not_met: str
    links: list[FactLink]
    related: list[str]
    attach: list[Attachment] = []


class FactsFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of data/code/facts/."""

    edition: str
    topics: list[TopicFacts]


class TimeLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One time limit. `edition` is the edition of the Code that sets it, None where another rule does."""

    id: str
    edition: str | None
    kind: Literal["service_standard", "victim_deadline", "legal_limit"]
    topic: str
    also_topics: list[str]
    event: str
    action: str
    responsible: list[str]
    applies_to: str
    standard: dict[str, int]
    enhanced: dict[str, int]
    chain: list[dict[str, Any]] | None
    counting_starts: str
    latest_from_event: dict[str, dict[str, int]] | None
    paragraph: str | None
    source: str | None
    source_type: str | None
    certainty: Certainty
    certainty_enhanced: Certainty
    earlier_edition: bool
    status: Status
    area: list[str]
    in_answer: Place
    note: str | None
    past_due: str | None = None
    say_with: str | None = None
    never_on_time: bool = False

    def sure(self, area: str) -> bool:
        """May be said plainly in this area: verified for everyone, in force, of this edition and valid here."""
        nationwide = {"England and Wales", "United Kingdom"}
        return (
            self.certainty == self.certainty_enhanced == "verified"
            and self.status == "in_force"
            and not self.earlier_edition
            and bool(nationwide.union({area}) & set(self.area))
        )


class LimitsFile(msgspec.Struct, frozen=True, kw_only=True):
    """data/code/time-limits.yml."""

    limits: list[TimeLimit]


class FactBase(msgspec.Struct, frozen=True, kw_only=True):
    """Everything under data/code/, by id."""

    editions: list[Edition]
    rights: dict[int, Right]
    topics: dict[str, Topic]
    facts: dict[tuple[str, str], TopicFacts]
    limits: dict[str, TimeLimit]
    attachments: dict[str, Attachment]

    def edition_on(self, day: date) -> Edition:
        """The edition in force on a day.

        Raises:
            DataError: no edition had started by then.
        """
        started = [edition for edition in self.editions if edition.starts <= day]
        if not started:
            raise DataError(f"data/code/editions.yml: no edition of the Code was in force on {day}")
        return max(started, key=lambda edition: edition.starts)


def right_of(topic: str) -> int | None:
    """Number of the right a topic id belongs to: 6 for `right_06/how_long`, None for `code/…`."""
    group = topic.partition("/")[0]
    return int(group.removeprefix("right_")) if group.startswith("right_") else None


def load_facts(data: Path) -> FactBase:
    """Read data/code/.

    Args:
        data: the data folder.

    Raises:
        DataError: a file does not fit, or names something that does not exist.
    """
    code = data / "code"
    editions = load(code / "editions.yml", Editions)
    topics = {topic.id: topic for topic in load(code / "topics.yml", Topics).topics}
    limits = {limit.id: limit for limit in load(code / "time-limits.yml", LimitsFile).limits}
    facts: dict[tuple[str, str], TopicFacts] = {}
    for file in sorted((code / "facts").rglob("*.yml")):
        loaded = load(file, FactsFile)
        for entry in loaded.topics:
            if entry.id not in topics:
                raise DataError(f"{file}: {entry.id} is not a topic of data/code/topics.yml")
            for place in entry.time_limits:
                if place.id not in limits:
                    raise DataError(f"{file}: {entry.id} names the time limit {place.id}, which does not exist")
            facts[loaded.edition, entry.id] = entry
    attachments = {line.id: line for entry in facts.values() for line in entry.attach}
    return FactBase(
        editions=editions.editions,
        rights={right.number: right for right in editions.rights},
        topics=topics,
        facts=facts,
        limits=limits,
        attachments=attachments,
    )
