"""What people say has happened, read from their messages by the patterns of data/conversation/clock.<language>.yml.

As with `bot.rights.situation` only clear statements count, never a bare question; what is told is said back to the
person, who confirms it.
"""

import re
from pathlib import Path

import msgspec

from bot.data_files import DataError
from bot.rights.clock_words import ClockPhrases, load_clock_phrases
from bot.rights.situation import Guards, Readings, SituationReader, load_situation


class EventsTold(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a message says has happened: events that have the same day, and where it stands in the message."""

    events: list[str]
    start: int
    end: int


class EventReader:
    """Reads events of data/code/time-limits.yml from messages.

    Args:
        phrases: the patterns.
        guards: what makes a statement none, from situation.<language>.yml.

    Raises:
        re.error, KeyError: a pattern is no regular expression, or names a group that does not exist.
    """

    def __init__(self, phrases: ClockPhrases, guards: Guards) -> None:
        readings = [one.reading(str(number)) for number, one in enumerate(phrases.told)]
        self._reader = SituationReader(Readings(version=1, guards=guards, groups=phrases.groups, readings=readings))

    def events_told(self, text: str) -> list[str]:
        """Ids of the events a message tells of, in the order in which they stand there.

        Args:
            text: a message.
        """
        return list(dict.fromkeys(event for one in self.told(text) for event in one.events))

    def told(self, text: str) -> list[EventsTold]:
        """The same, one by one, with their places.

        Args:
            text: a message.
        """
        return [EventsTold(events=one.value.split(), start=one.start, end=one.end) for one in self._reader.read(text)]


def load_event_reader(data: Path, language: str = "en") -> EventReader:
    """The reader of one language.

    Raises:
        DataError: a file is missing, does not fit, or holds a pattern that cannot be read.
    """
    phrases = load_clock_phrases(data, language)
    try:
        return EventReader(phrases, load_situation(data, language).readings.guards)
    except (re.error, KeyError) as error:
        raise DataError(f"{data}/conversation/clock.{language}.yml: a pattern cannot be read: {error}") from error
