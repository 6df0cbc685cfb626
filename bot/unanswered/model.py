"""What a question that was not answered is, and what staff see of it."""

from typing import Literal

import msgspec

Kind = Literal["unclear", "out_of_scope"]
State = Literal["open", "rewritten", "done"]
Problem = Literal["not_found", "empty", "too_long", "too_close", "tells", "unknown_topic", "same_person", "changed"]
MOST_CHARACTERS = 200


class Refused(Exception):
    """It is not done; nothing is changed.

    `problem` says why: `not_found`, `empty`, `too_long` (over 200 characters), `too_close` (still the person's own
    words), `tells` (it holds a number, an address or a date), `unknown_topic`, `same_person` (whoever rewrites does
    not approve), `changed` (it was rewritten anew since it was shown).
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The questions that look as if they were about one topic: how many wait for a rewriting, and for an approval."""

    topic: str
    open: int
    rewritten: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question.

    Attributes:
        id: counted from 1.
        kind: nobody knew what it was about, or it is nothing we can help with.
        topic: what it looks as if it were about: a topic, or `oos/` and a class of signposts.
        asked: when, in seconds since the epoch.
        state: `open`; `rewritten`, and waits for a second person; `done`, and kept only because of a hold.
        original: the person's words.
        rewriting, topic_given: the example made of it, and the topic it is for.
        rewritten_by, rewritten: by whom and when.
    """

    id: int
    kind: Kind
    topic: str
    asked: float
    state: State
    original: str
    rewriting: str = ""
    topic_given: str = ""
    rewritten_by: str = ""
    rewritten: float | None = None


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A training example that one person has written and another approved: nobody's own words."""

    topic: str
    text: str
    rewritten_by: str
    approved_by: str
    approved: float
