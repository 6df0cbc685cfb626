"""All answers as plain pages at /rights: no script, searchable, printable, from the same files as the chat.

The search is a form that posts, so that what was looked for stands in no address, history or log.
"""

import functools
import sqlite3
from collections.abc import Callable
from datetime import date, datetime

import msgspec

from bot.conversation.messages import Link, Reply
from bot.directory import LONDON
from bot.gateway.page import render
from bot.rights.answers import Answers, Situation
from bot.rights.catalogue import load_catalogue
from bot.rights.phrases import load_phrases
from bot.settings import Settings

MOST_FOUND = 10
LONGEST_SEARCH = 200


class Shown(msgspec.Struct, frozen=True):
    """One topic as the pages show it: its paragraphs, what stands behind Tell me more, links and source."""

    id: str
    title: str
    covers: str
    paragraphs: list[str]
    more: list[str]
    links: list[Link]
    source: str

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


class RightsPages:
    """The pages of one language.

    Args:
        settings: the data folder, area and mode.
        today: gives the day, which decides the edition of the Code.

    Raises:
        bot.data_files.DataError: a file does not fit.
    """

    def __init__(self, settings: Settings, today: Callable[[], date] = lambda: datetime.now(LONDON).date()) -> None:
        self._settings, self._today = settings, today
        self._answers = Answers(load_catalogue(settings.data_path), load_phrases(settings.data_path))
        self._groups = functools.lru_cache(maxsize=2)(self._build)
        self._index = functools.lru_cache(maxsize=2)(self._build_index)

    def all(self) -> str:
        """Every right with the titles of its topics, and the search."""
        return self._page("rights.html", groups=self._groups(self._today()))

    def right(self, name: str) -> str | None:
        """One right with all its answers, or None if there is no such right.

        Args:
            name: `right_06` or `code`.
        """
        group = next((group for group in self._groups(self._today()) if group.id == name), None)
        return None if group is None else self._page("right.html", groups=[group], title=f"{group.name}: {group.title}")

    def printable(self) -> str:
        """All answers on one page."""
        return self._page("right.html", groups=self._groups(self._today()), title="All answers")

    def found(self, words: str, card: Reply | None = None) -> str:
        """The topics that fit some words, the best first.

        Args:
            words: what was typed into the search.
            card: the safety card for them, if there is one.
        """
        words = words[:LONGEST_SEARCH]
        topics = {topic.id: topic for group in self._groups(self._today()) for topic in group.topics}
        found = [topics[one] for one in self._search(words)]
        return self._page("found.html", words=words, found=found, card=card)

    def _search(self, words: str) -> list[str]:
        # Each word on its own and quoted: what people type is no query language.
        terms = ["".join(letter for letter in word if letter.isalnum()) for word in words.split()]
        query = " OR ".join(f'"{term}"' for term in terms if term)
        if not query:
            return []
        found = self._index(self._today()).execute(
            "SELECT id FROM topics WHERE topics MATCH ? ORDER BY bm25(topics, 0, 8, 4, 1) LIMIT ?", (query, MOST_FOUND)
        )
        return [row[0] for row in found]

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
        situation = Situation(today=day, area=self._settings.area, demo=self._settings.demo)
        replies = self._answers.answer(topic, situation)
        more = self._answers.follow_up(topic, "more", situation) if len(replies) > 1 else []
        catalogue = self._answers.catalogue
        return Shown(
            id=topic,
            title=catalogue.title(topic, catalogue.edition(day)),
            covers=catalogue.base.topics[topic].covers,
            paragraphs=[part for reply in replies for part in reply.text.split("\n\n")],
            more=[part for reply in more for part in reply.text.split("\n\n")],
            links=[link for reply in replies for link in reply.links],
            source=next((reply.source.text for reply in replies if reply.source), ""),
        )

    def _build_index(self, day: date) -> sqlite3.Connection:
        index = sqlite3.connect(":memory:", check_same_thread=False)
        index.execute("CREATE VIRTUAL TABLE topics USING fts5(id UNINDEXED, title, covers, words, tokenize='porter')")
        index.executemany(
            "INSERT INTO topics VALUES (?, ?, ?, ?)",
            [
                (topic.id, topic.title, topic.covers, "\n".join([*topic.paragraphs, *topic.more]))
                for group in self._groups(day)
                for topic in group.topics
            ],
        )
        return index

    def _page(self, template: str, **values: object) -> str:
        return render(template, self._settings, **values)
