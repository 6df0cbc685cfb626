"""All answers as plain pages at /rights: no script, searchable, printable, from the same files as the chat.

The search is a form that posts, so that what was looked for stands in no address, history or log.
"""

from collections.abc import Callable
from datetime import date, datetime

from bot.conversation.messages import Reply
from bot.directory import LONDON
from bot.gateway.page import render
from bot.rights.answers import Answers
from bot.rights.catalogue import load_catalogue
from bot.rights.phrases import load_phrases
from bot.rights.search import LONGEST_SEARCH, AnswerSearch
from bot.settings import Settings


class RightsPages:
    """The pages of one language.

    Args:
        settings: the data folder, area and mode.
        today: gives the day, which decides the edition of the Code.

    Raises:
        bot.data_files.DataError: a file does not fit.
    """

    def __init__(self, settings: Settings, today: Callable[[], date] = lambda: datetime.now(LONDON).date()) -> None:
        self._settings = settings
        answers = Answers(load_catalogue(settings.data_path), load_phrases(settings.data_path))
        self._search = AnswerSearch(answers, area=settings.area, demo=settings.demo, today=today)

    def all(self) -> str:
        """Every right with the titles of its topics, and the search."""
        return self._page("rights.html", groups=self._search.groups())

    def right(self, name: str) -> str | None:
        """One right with all its answers, or None if there is no such right.

        Args:
            name: `right_06` or `code`.
        """
        group = next((group for group in self._search.groups() if group.id == name), None)
        return None if group is None else self._page("right.html", groups=[group], title=f"{group.name}: {group.title}")

    def printable(self) -> str:
        """All answers on one page."""
        return self._page("right.html", groups=self._search.groups(), title="All answers")

    def found(self, words: str, card: Reply | None = None) -> str:
        """The topics that fit some words, the best first.

        Args:
            words: what was typed into the search.
            card: the safety card for them, if there is one.
        """
        words = words[:LONGEST_SEARCH]
        return self._page("found.html", words=words, found=self._search.found(words), card=card)

    def _page(self, template: str, **values: object) -> str:
        return render(template, self._settings, **values)
