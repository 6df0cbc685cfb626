"""The form that makes a paper: the question about the device first, then line by line, each confirmed by the person."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from bot.papers.complaint import Complaint
from bot.papers.draft import Kind, Way
from bot.rights.clock import Clock, Happened
from bot.rights.facts import Edition, FactBase

LineId = Literal["duty", "body", "day", "what_happened", "wants"]
LINES: tuple[LineId, ...] = ("duty", "body", "day", "what_happened", "wants")
DEVICE, HOW, CHECK, SECTION, READY = "device", "how", "check", "section", "ready"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Where the form stands.

    Attributes:
        kind: which paper.
        way: the answer to the question about the device.
        owed: duties that may be complained about, with the day of what they are about where it is known.
        answers: what was given for the lines of a complaint; `duty` is empty until one is picked.
        bodies: those that take a complaint about the duty.
        confirmed, left_out: lines that are settled.
        picked: wishes picked so far.
        guided: whether a statement is gone through here; None until it is said.
        typed: what was typed for a statement, by section.
        passed: sections that are settled, with or without words.
        problem: why the last answer was not taken: the name of a text of paper_form.<language>.yml.
    """

    kind: Kind
    way: Way | None = None
    owed: dict[str, date | None] = {}
    answers: Complaint = Complaint(duty="")
    bodies: list[str] = []
    confirmed: list[LineId] = []
    left_out: list[LineId] = []
    picked: list[str] = []
    guided: bool | None = None
    typed: dict[str, str] = {}
    passed: list[str] = []
    problem: str = ""

    def step(self, sections: Sequence[str]) -> str:
        """Id of the open question; `ready` where there is none left.

        Args:
            sections: ids of the sections of a statement.
        """
        if self.way is None:
            return DEVICE
        if self.kind == "statement":
            if self.guided is None:
                return HOW
            rest = [one for one in sections if one not in self.passed] if self.guided else []
            return f"{SECTION}:{rest[0]}" if rest else READY
        line = self.line
        if self.kind != "complaint" or line is None:
            return READY
        return f"{CHECK}:{line}" if self.given(line) else line

    @property
    def line(self) -> LineId | None:
        """The line of the complaint that is not settled yet."""
        return next((line for line in LINES if line not in self.confirmed and line not in self.left_out), None)

    def given(self, line: LineId) -> bool:
        """Whether there is something to confirm for a line."""
        answers = self.answers
        filled = {
            "duty": answers.duty,
            "body": answers.body,
            "day": answers.happened_on,
            "what_happened": answers.what_happened,
            "wants": answers.wants or answers.wants_own,
        }
        return bool(filled[line])

    def with_duty(self, duty: str, bodies: list[str]) -> "State":
        """With the duty that was not kept; who answers is asked only where there is a choice."""
        answers = msgspec.structs.replace(self.answers, duty=duty, body=None, happened_on=self.owed.get(duty))
        left_out: list[LineId] = [line for line in self.left_out if line != "body"]
        if len(bodies) == 1:
            left_out.append("body")
        return msgspec.structs.replace(self, answers=answers, bodies=bodies, left_out=left_out, problem="")

    def settle(self, *, keep: bool) -> "State":
        """The open line is right, or is left out of the letter."""
        line = self.line
        if line is None:
            return self
        if keep:
            return msgspec.structs.replace(self, confirmed=[*self.confirmed, line], problem="")
        return msgspec.structs.replace(self.cleared(line), left_out=[*self.left_out, line], problem="")

    def cleared(self, line: LineId) -> "State":
        """With nothing given for a line, so that it is asked again."""
        answers = self.answers
        if line == "duty":
            answers = msgspec.structs.replace(answers, duty="", happened_on=None, body=None)
        elif line == "body":
            answers = msgspec.structs.replace(answers, body=None)
        elif line == "day":
            answers = msgspec.structs.replace(answers, happened_on=None)
        elif line == "what_happened":
            answers = msgspec.structs.replace(answers, what_happened="")
        else:
            answers = msgspec.structs.replace(answers, wants=[], wants_own="")
        return msgspec.structs.replace(self, answers=answers, picked=[], problem="")

    def back(self) -> "State":
        """The question before this one is open again."""
        if self.kind == "statement" and self.passed:
            *passed, last = self.passed
            typed = {section: words for section, words in self.typed.items() if section != last}
            return msgspec.structs.replace(self, passed=passed, typed=typed)
        if self.kind == "statement" and self.guided is not None:
            return msgspec.structs.replace(self, guided=None)
        line = self.line
        if line is not None and self.given(line):
            return self.cleared(line)
        settled = [one for one in LINES if one in self.confirmed or (one in self.left_out and one != "body")]
        if not settled:
            return self
        last_line = settled[-1]
        again = msgspec.structs.replace(
            self,
            confirmed=[one for one in self.confirmed if one != last_line],
            left_out=[one for one in self.left_out if one != last_line],
        )
        return again.cleared(last_line)

    def answer(self, section: str, words: str) -> "State":
        """With what was typed for a section of a statement; nothing where it is skipped."""
        typed = {**self.typed, section: words} if words.strip() else self.typed
        return msgspec.structs.replace(self, typed=typed, passed=[*self.passed, section])


def finished(answers: Complaint, base: FactBase, clock: Clock, edition: Edition, today: date, area: str) -> Complaint:
    """The answers with the last day of the duty, where it may be said and has passed.

    Args:
        answers: what the person confirmed.
        base: the fact base.
        clock: the rights clock.
        edition: the edition of the Code in force.
        today: the day.
        area: the police area.
    """
    if answers.happened_on is None:
        return answers
    event = Happened(event=base.limits[answers.duty].event, on=answers.happened_on)
    rows = clock.owed([event], enhanced="unknown", today=today, area=area, edition=edition)
    last = next((row.latest for row in rows if row.limit == answers.duty), None)
    return msgspec.structs.replace(answers, last_day=last if last is not None and today > last else None)
