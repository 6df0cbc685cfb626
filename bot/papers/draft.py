"""What a paper is made from, and the making of it: the person's confirmed answers in, a paper in their language out."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

from bot.conversation.messages import Contact
from bot.language.translations import Translations
from bot.papers.complaint import Complaint, complaint_letter
from bot.papers.paper import Paper, Writer
from bot.papers.phrases import PapersPhrases
from bot.papers.rights_sheet import rights_sheet
from bot.papers.statement import statement_outline
from bot.rights.answers import Answers, Situation
from bot.rights.clock import Clock
from bot.rights.clock_form import Confirmed
from bot.rights.clock_words import ClockPhrases

Kind = Literal["complaint", "statement", "sheet"]
Way = Literal["screen", "copy", "download"]
_MOST_TOPICS = 6


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A finished draft: enough to make the paper anew, whenever it is asked for.

    Attributes:
        kind: which paper.
        way: what the person chose after the question about the device.
        language: tag of the language of the conversation.
        made_on: the day.
        complaint: the answers of a complaint.
        typed: the person's own words in a statement, by section.
        situation, confirmed: what a sheet is about.
    """

    kind: Kind
    way: Way = "screen"
    language: str = "en"
    made_on: date
    complaint: Complaint | None = None
    typed: dict[str, str] = {}
    situation: Situation | None = None
    confirmed: Confirmed = Confirmed()


class PaperMaker:
    """Makes papers from drafts.

    Args:
        phrases: the words of the papers.
        clock: the words of duties by language; English must be there.
        answers: the answers by language; English must be there.
        sheet_topics: topics of a sheet where nothing is known about the person.
        contacts: services to ask, on a sheet.
        translations: languages that may be shown; None for English alone.
    """

    def __init__(
        self,
        phrases: PapersPhrases,
        clock: Mapping[str, ClockPhrases],
        answers: Mapping[str, Answers],
        *,
        sheet_topics: Sequence[str] = (),
        contacts: Sequence[Contact] = (),
        translations: Translations | None = None,
    ) -> None:
        self._phrases, self._clock, self._answers = phrases, clock, answers
        self._sheet_topics, self._contacts, self._translations = sheet_topics, contacts, translations

    def make(self, draft: Draft) -> Paper:
        """The paper.

        Raises:
            ValueError: the draft lacks what its kind needs, or names a duty, wish or section that does not exist.
        """
        writer = Writer(draft.language, self._translations)
        catalogue = self._answers["en"].catalogue
        edition = catalogue.edition(draft.made_on)
        if draft.kind == "statement":
            return statement_outline(draft.typed, self._phrases, writer)
        if draft.kind == "complaint":
            if draft.complaint is None:
                raise ValueError("a complaint without answers")
            return complaint_letter(
                draft.complaint, self._phrases, self._clock["en"], catalogue.base, edition, writer
            )  # fmt: skip
        if draft.situation is None:
            raise ValueError("a sheet about nobody")
        clock = Clock(catalogue.base)
        rows = draft.confirmed.rows(clock, draft.situation, edition)
        fitting = self._answers["en"].fitting_topics(draft.situation)
        topics = dict.fromkeys([*(row.topic for row in rows), *fitting, *self._sheet_topics])
        return rights_sheet(
            draft.situation,
            rows,
            list(topics)[:_MOST_TOPICS],
            self._phrases,
            self._clock,
            self._answers,
            writer,
            hedged=draft.confirmed.hedged(clock, draft.situation, edition),
            contacts=self._contacts,
        )
