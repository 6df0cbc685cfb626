"""All answers as plain pages at /rights: no script, searchable, printable, from the same files as the chat.

The search is a form that posts, so that what was looked for stands in no address, history or log.
"""

from collections.abc import Callable
from datetime import date, datetime

import msgspec

from bot.conversation.messages import Reply
from bot.directory import LONDON
from bot.gateway.page import render
from bot.rights.answers import Answers
from bot.rights.catalogue import load_catalogue
from bot.rights.phrases import load_phrases
from bot.rights.search import LONGEST_SEARCH, AnswerSearch, Group, Shown
from bot.settings import Settings
from bot.staff.switches import Off

CHANNEL = "web"
"""The channel whose switches these pages go by."""
ALL_ON = Off()


class RightsPages:
    """The pages of one language.

    Args:
        settings: the data folder, area and mode.
        today: gives the day, which decides the edition of the Code.
        instead: what stands in place of an answer that is switched off.

    Raises:
        bot.data_files.DataError: a file does not fit.
    """

    def __init__(
        self,
        settings: Settings,
        today: Callable[[], date] = lambda: datetime.now(LONDON).date(),
        instead: str = "",
    ) -> None:
        self._settings, self._instead = settings, instead
        answers = Answers(load_catalogue(settings.data_path), load_phrases(settings.data_path))
        self._search = AnswerSearch(answers, area=settings.area, demo=settings.demo, today=today)

    def all(self) -> str:
        """Every right with the titles of its topics, and the search."""
        return self._page("rights.html", groups=self._search.groups())

    def right(self, name: str, off: Off = ALL_ON) -> str | None:
        """One right with all its answers, or None if there is no such right.

        Args:
            name: `right_06` or `code`.
            off: what is switched off.
        """
        group = next((group for group in self._search.groups() if group.id == name), None)
        if group is None:
            return None
        return self._page("right.html", groups=[self._shown(group, off)], title=f"{group.name}: {group.title}")

    def printable(self, off: Off = ALL_ON) -> str:
        """All answers on one page, but those that are switched off."""
        groups = [self._shown(group, off) for group in self._search.groups()]
        return self._page("right.html", groups=groups, title="All answers")

    def found(self, words: str, card: Reply | None = None, off: Off = ALL_ON) -> str:
        """The topics that fit some words, the best first.

        Args:
            words: what was typed into the search.
            card: the safety card for them, if there is one.
            off: what is switched off.
        """
        words = words[:LONGEST_SEARCH]
        found = [self._without_answer(topic, off) for topic in self._search.found(words)]
        return self._page("found.html", words=words, found=found, card=card)

    def _shown(self, group: Group, off: Off) -> Group:
        topics = [self._without_answer(topic, off) for topic in group.topics]
        return msgspec.structs.replace(group, topics=topics) if off.reasons else group

    def _without_answer(self, topic: Shown, off: Off) -> Shown:
        """A topic as it is shown: with other words in place of an answer that is switched off."""
        if off.topic(CHANNEL, topic.id) is None:
            return topic
        return msgspec.structs.replace(topic, paragraphs=[self._instead], more=[], source="")

    def _page(self, template: str, **values: object) -> str:
        return render(template, self._settings, **values)
