"""The form of the rights clock: what a person says has happened, day by day, and what is owed because of it.

Each day is confirmed before it counts. Where a duty's day has passed, it is asked whether it was done.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from bot.rights.answers import Situation
from bot.rights.clock import Clock, Row
from bot.rights.facts import Edition
from bot.rights.happened import Told

Question = Literal["event", "day", "pick", "confirm", "done"]


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """What the person has confirmed, as the conversation keeps it.

    Attributes:
        happened: what happened, each with its day.
        done: by id of a time limit, whether what is owed was done; None: the person is not sure.
    """

    happened: list[Told] = []
    done: dict[str, bool | None] = {}

    def rows(self, clock: Clock, known: Situation, edition: Edition) -> list[Row]:
        """What is owed because of it."""
        events = [event for one in self.happened for event in one.happened()]
        done = {limit: answer for limit, answer in self.done.items() if answer is not None}
        return clock.owed(
            events, enhanced=known.enhanced_rights, today=known.today, area=known.area, edition=edition, done=done
        )

    def hedged(self, clock: Clock, known: Situation, edition: Edition) -> list[Row]:
        """What may also apply: rows without a day."""
        events = [event for one in self.happened for event in one.happened()]
        return clock.hedged(events, today=known.today, area=known.area, edition=edition)

    def with_(self, other: "Confirmed") -> "Confirmed":
        """Both together; a later day for the same event replaces the earlier one."""
        again = {event for one in other.happened for event in one.events}
        kept = [one for one in self.happened if again.isdisjoint(one.events)]
        return Confirmed(happened=[*kept, *other.happened], done={**self.done, **other.done})


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Where the form stands.

    Attributes:
        told: what is still to be confirmed; the first is asked about.
        confirmed: what was confirmed.
        limit: the duty of which it is asked whether it was done.
        not_told: the person has said that they were not told.
        offered: nothing was answered yet; the form goes away when something else is asked.
        unread: the last answer could not be read.
    """

    told: list[Told] = []
    confirmed: Confirmed = Confirmed()
    limit: str = ""
    not_told: bool = False
    offered: bool = False
    unread: bool = False

    @property
    def question(self) -> Question:
        """What is asked next."""
        if not self.told:
            return "done" if self.limit else "event"
        current = self.told[0]
        if not current.has_happened:
            return "day"
        return "pick" if current.others else "confirm"

    @property
    def step(self) -> str:
        """Its id: a button belongs to this very question about this very day."""
        about = [self.told[0].events[0], str(self.told[0].day)] if self.told else [self.limit]
        return ":".join([self.question, *about])

    def with_day(self, told: Told) -> "State":
        """With another day for what is asked about."""
        return msgspec.structs.replace(self, told=[told, *self.told[1:]], offered=False, unread=False)

    def confirm(self) -> "State":
        """The day asked about is right."""
        known = self.confirmed.with_(Confirmed(happened=[self.told[0]]))
        return msgspec.structs.replace(self, told=self.told[1:], confirmed=known, offered=False, unread=False)

    def leave_out(self) -> "State":
        """The day asked about is not known."""
        return msgspec.structs.replace(self, told=self.told[1:], offered=False, unread=False)

    def answer(self, done: bool | None) -> "State":
        """Whether the duty asked about was done."""
        known = msgspec.structs.replace(self.confirmed, done={**self.confirmed.done, self.limit: done})
        return msgspec.structs.replace(self, confirmed=known, limit="")

    def asking_about_duties(self, rows: list[Row]) -> "State":
        """With the next duty of which it matters whether it was done; none is left where `limit` is empty."""
        if self.not_told:
            undone = {row.limit: False for row in rows if matters(row, self.confirmed.done)}
            known = msgspec.structs.replace(self.confirmed, done={**self.confirmed.done, **undone})
            return msgspec.structs.replace(self, confirmed=known, limit="")
        limit = next((row.limit for row in rows if matters(row, self.confirmed.done)), "")
        return msgspec.structs.replace(self, limit=limit)


def matters(row: Row, done: Mapping[str, bool | None]) -> bool:
    """Whether it matters if a duty was done: its day has passed and nobody has said so yet."""
    passed = row.state == "unknown" or row.may_complain
    return row.kind == "service_standard" and passed and row.limit not in done


def owed_of(rows: list[Row]) -> str:
    """Duties that can be complained about, with the day of what they are about, as a button carries them.

    Args:
        rows: rows of the clock.

    Returns:
        `limit@2026-11-17`, several with blanks between them; empty where there are none.
    """
    return " ".join(f"{row.limit}@{row.happened.isoformat()}" for row in rows if row.may_complain)


def owed_in(text: str) -> dict[str, date]:
    """Days by duty, read from `owed_of`.

    Raises:
        ValueError: a part holds no day.
    """
    pairs = (part.partition("@") for part in text.split())
    return {limit: date.fromisoformat(day) for limit, _, day in pairs}
