"""The words of the form that asks what has happened and when (data/conversation/rights_clock.<language>.yml)."""

import re
from pathlib import Path

import msgspec

from bot.data_files import DataError, load
from bot.rights.clock_words import load_clock_phrases


class ClockFormButtons(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Titles of its buttons."""

    right: str
    other_day: str
    no_thanks: str
    unsure_day: str
    happened: str
    not_happened: str
    unsure: str
    complain: str
    sheet: str
    again: str


class ClockFormWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file; see its comments.

    Attributes:
        not_told: patterns by which a message says that the person was not told.
        needs_a_day: events that lead to the clock only together with a day.
        to_pick: events that can be picked where nothing was told.
        happened: by the first event of an entry of `told` in clock.<language>.yml, the words for it.
    """

    version: int
    offer_confirm: str
    offer_ask: str
    ask_event: str
    ask_event_again: str
    ask_day: str
    how_to_say_a_day: str
    no_such_day: str
    still_to_come: str
    which_day: str
    confirm: str
    confirm_month: str
    confirm_about: str
    confirm_old: str
    did_it_happen: str
    no_day: str
    given: str
    given_month: str
    nothing: str
    also: str
    declined: str
    day_in_both: str
    buttons: ClockFormButtons
    not_told: list[str]
    needs_a_day: list[str]
    to_pick: list[str]
    happened: dict[str, str]

    def says_not_told(self, text: str) -> bool:
        """Whether a message says that the person was not told."""
        return any(re.search(pattern, text.replace("’", "'"), re.IGNORECASE) for pattern in self.not_told)


def load_clock_form_words(data: Path, language: str = "en") -> ClockFormWords:
    """Read the words of one language.

    Raises:
        DataError: the file does not fit, lacks words for something people say has happened, names an event that does
            not exist, or holds a pattern that cannot be read.
    """
    file = data / "conversation" / f"rights_clock.{language}.yml"
    words = load(file, ClockFormWords)
    told = {one.events[0] for one in load_clock_phrases(data, language).told}
    if wrong := told ^ set(words.happened):
        raise DataError(f"{file}: `happened` and `told` of clock.{language}.yml differ in: {', '.join(sorted(wrong))}")
    if unknown := {*words.needs_a_day, *words.to_pick} - told:
        raise DataError(f"{file}: there is no such event: {', '.join(sorted(unknown))}")
    try:
        words.says_not_told("")
    except re.error as error:
        raise DataError(f"{file}: a pattern cannot be read: {error}") from error
    return words
