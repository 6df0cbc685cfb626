"""What a message says has happened, each with the day it names; nothing of it is certain until the person confirms it.

A message that tells of two things may name a day for each: the nearest one belongs to it.
"""

from collections.abc import Sequence
from datetime import date

import msgspec

from bot.rights.clock import Happened
from bot.rights.dates import DateReader, Found, Problem
from bot.rights.events_told import EventReader, EventsTold


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, as far as a person has told it.

    Attributes:
        events: events of data/code/time-limits.yml that have the same day.
        day: that day, as it was read; None where none was named or there is no such day.
        to: the last day, where only a month is known.
        others: other days the words may mean.
        problems: what is odd about the day (`bot.rights.dates`).
    """

    events: list[str]
    day: date | None = None
    to: date | None = None
    others: list[date] = []
    problems: list[Problem] = []

    @property
    def has_happened(self) -> bool:
        """Whether there is a day to be confirmed: a real one, not still to come."""
        return self.day is not None and "future" not in self.problems

    @property
    def days(self) -> list[date]:
        """The days it may have been, to pick from."""
        return sorted({*self.others, *([self.day] if self.day else [])})

    def on(self, found: Found) -> "Told":
        """The same with a day that was found in a message."""
        return Told(events=self.events, day=found.on, to=found.to, others=found.others, problems=found.problems)

    def exactly(self, day: date) -> "Told":
        """The same on a day that the person picked."""
        return Told(events=self.events, day=day)

    def without_day(self) -> "Told":
        """The same with the day still to be asked for."""
        return Told(events=self.events)

    def happened(self) -> list[Happened]:
        """The events for the clock, once the day is confirmed."""
        return [Happened(event=event, on=self.day, to=self.to) for event in self.events] if self.day else []


def told_in(text: str, language: str, today: date, events: EventReader, dates: DateReader) -> list[Told]:
    """What a message says has happened.

    Args:
        text: the message.
        language: its language; events are read in that of `events`, English dates in every language.
        today: the day it was written.
        events, dates: readers.
    """
    days = dates.dates_in(text, language, today)
    return [_dated(one, days) for one in events.told(text)]


def _dated(one: EventsTold, days: Sequence[Found]) -> Told:
    told = Told(events=one.events)
    nearest = min(days, key=lambda day: max(day.start - one.end, one.start - day.end), default=None)
    return told.on(nearest) if nearest else told
