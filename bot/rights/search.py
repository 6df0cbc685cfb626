"""Finding an approved answer by its words, as the plain pages and staff do. Knows neither HTTP nor the database."""

import functools
import sqlite3
from collections.abc import Callable
from datetime import date

import msgspec

from bot.conversation.messages import Link
from bot.rights.answers import Answers, Situation

MOST_FOUND = 10
LONGEST_SEARCH = 200


class Shown(msgspec.Struct, frozen=True):
    """One topic as it is shown outside a conversation: its paragraphs, what stands behind Tell me more, links, source.

    `served` is False where the words are not written, or not approved outside demonstration mode.
    """

    id: str
    title: str
    covers: str
    paragraphs: list[str]
    more: list[str]
    links: list[Link]
    source: str
    served: bool

    @property
    def anchor(self) -> str:
        """Where it stands on its page."""
        return self.id.partition("/")[2]

    @property
    def address(self) -> str:
        """Its address."""
        return f"/rights/{self.id.partition('/')[0]}#{self.anchor}"


class Group(msgspec.Struct, frozen=True):
    """A right, or the opening part of the Code, with its topics."""

    id: str
    name: str
    title: str
    topics: list[Shown]


class AnswerSearch:
    """All answers of one language, and a search in them.

    Args:
        answers: what composes them.
        area: whose time limits hold.
        demo: whether words that are not approved are shown.
        today: gives the day, which decides the edition of the Code.
    """

    def __init__(self, answers: Answers, *, area: str, demo: bool, today: Callable[[], date]) -> None:
        self._answers, self._area, self._demo, self._today = answers, area, demo, today
        self._groups_of = functools.lru_cache(maxsize=2)(self._build)
        self._index_of = functools.lru_cache(maxsize=2)(self._build_index)

    def groups(self) -> list[Group]:
        """Every right with its topics, in the order of the Code."""
        return self._groups_of(self._today())

    def topic(self, topic: str) -> Shown | None:
        """A topic by its id, or None if there is no such topic."""
        return next((one for group in self.groups() for one in group.topics if one.id == topic), None)

    def found(self, words: str) -> list[Shown]:
        """The topics that fit some words, the best first.

        Args:
            words: what was typed; only the first 200 characters count.
        """
        # Each word on its own and quoted: what people type is no query language.
        terms = ["".join(letter for letter in word if letter.isalnum()) for word in words[:LONGEST_SEARCH].split()]
        query = " OR ".join(f'"{term}"' for term in terms if term)
        if not query:
            return []
        rows = self._index_of(self._today()).execute(
            "SELECT id FROM topics WHERE topics MATCH ? ORDER BY bm25(topics, 0, 8, 4, 1) LIMIT ?", (query, MOST_FOUND)
        )
        topics = {topic.id: topic for group in self.groups() for topic in group.topics}
        return [topics[row[0]] for row in rows]

    def _build(self, day: date) -> list[Group]:
        catalogue = self._answers.catalogue
        groups: dict[str, Group] = {}
        for topic in catalogue.base.topics.values():
            name = topic.id.partition("/")[0]
            right = catalogue.base.rights.get(topic.right) if topic.right else None
            number = f"Right {topic.right}" if right else "The Code"
            title = right.title if right else "What it is and who it is for"
            groups.setdefault(name, Group(name, number, title, [])).topics.append(self._shown(topic.id, day))
        return list(groups.values())

    def _shown(self, topic: str, day: date) -> Shown:
        situation = Situation(today=day, area=self._area, demo=self._demo)
        replies = self._answers.answer(topic, situation)
        served = len(replies) > 1
        more = self._answers.follow_up(topic, "more", situation) if served else []
        catalogue = self._answers.catalogue
        return Shown(
            id=topic,
            title=catalogue.title(topic, catalogue.edition(day)),
            covers=catalogue.base.topics[topic].covers,
            paragraphs=[part for reply in replies for part in reply.text.split("\n\n")],
            more=[part for reply in more for part in reply.text.split("\n\n")],
            links=[link for reply in replies for link in reply.links],
            source=next((reply.source.text for reply in replies if reply.source), ""),
            served=served,
        )

    def _build_index(self, day: date) -> sqlite3.Connection:
        index = sqlite3.connect(":memory:", check_same_thread=False)
        index.execute("CREATE VIRTUAL TABLE topics USING fts5(id UNINDEXED, title, covers, words, tokenize='porter')")
        index.executemany(
            "INSERT INTO topics VALUES (?, ?, ?, ?)",
            [
                (topic.id, topic.title, topic.covers, "\n".join([*topic.paragraphs, *topic.more]))
                for group in self._groups_of(day)
                for topic in group.topics
            ],
        )
        return index
