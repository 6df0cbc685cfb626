"""Whether answers helped: the topic and a choice, no words, and nothing that leads to a conversation.

What staff make of it: `bot.store.feedback_inbox`.
"""

import hashlib

import msgspec
from sqlalchemy.engine import Engine

from bot.store.database import reading
from bot.store.tables import feedback


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that somebody has judged.

    Attributes:
        id: the same for the same answer of the same conversation; it leads to neither.
        topic, right: what the answer was about.
        language: the language of the answer.
        helped: yes or no.
        why: what was wrong, if the person chose to say.
        given: when, in seconds since the epoch.
        state: `new`, or what staff have made of it.
    """

    id: str
    topic: str
    right: int | None
    language: str
    helped: bool
    why: str | None
    given: float
    state: str = "new"


_FIELDS = Feedback.__struct_fields__


class FeedbackStore:
    """The feedback in one database.

    Args:
        engine: an opened database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def give(self, one: Feedback) -> None:
        """Store a judgement; the last one on an answer counts."""
        values = msgspec.structs.asdict(one)
        with self._engine.begin() as db:
            db.execute(feedback.delete().where(feedback.c.id == one.id))
            db.execute(feedback.insert().values(**values))

    def all(self) -> list[Feedback]:
        """All judgements, the newest first."""
        query = feedback.select().order_by(feedback.c.given.desc())
        with reading(self._engine) as db:
            return [Feedback(**{name: row[name] for name in _FIELDS}) for row in db.execute(query).mappings()]

    def purge(self, before: float) -> int:
        """Delete judgements given before a moment. Returns how many."""
        with self._engine.begin() as db:
            return int(db.execute(feedback.delete().where(feedback.c.given < before)).rowcount)


def feedback_id(conversation: str, reply: int) -> str:
    """The id of the judgement on one reply. The conversation's id is random, so this cannot be turned back."""
    return hashlib.sha256(f"{conversation}:{reply}".encode()).hexdigest()
