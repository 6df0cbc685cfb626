"""The questions that were not answered, in one database. Each method is one transaction; times are given by the caller.

Each original is sealed under a key of its own. It goes on approval, with its conversation when the person erases that,
and at the latest when its time is over; a hold on the conversation keeps it (shared/protection.md, "Data protection").
"""

from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.handoff_tables import call_backs, hand_offs
from bot.store.privacy_tables import holds
from bot.store.referral_tables import referrals
from bot.store.unanswered_tables import approved_examples, unanswered
from bot.unanswered.likeness import tells, too_close
from bot.unanswered.model import MOST_CHARACTERS, Example, Group, Kind, Question, Refused


class Unanswered:
    """The questions.

    Args:
        engine: an opened database.
        vault: the keys that seal the words.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    # --- by the conversation, in the transaction of its outcome

    def keep(self, db: Connection, conversation: str, kind: Kind, topic: str, text: str, now: float) -> None:
        """Keep a question."""
        key = self._vault.new_key()
        db.execute(
            unanswered.insert().values(
                conversation=conversation,
                kind=kind,
                topic=topic,
                asked=now,
                state="open",
                key=key,
                original=self._vault.seal(key, text),
            )
        )

    @staticmethod
    def forget(db: Connection, conversation: str) -> None:
        """Delete all questions of a conversation: it has turned out to be one that nothing is collected from."""
        db.execute(unanswered.delete().where(unanswered.c.conversation == conversation, _not_held()))

    # --- by staff

    def groups(self) -> list[Group]:
        """The topics that questions look as if they were about, those with most questions coming first."""
        count = sa.func.count().label("n")
        query = sa.select(unanswered.c.topic, unanswered.c.state, count).where(_may_be_read())
        found: dict[str, dict[str, int]] = {}
        with reading(self._engine) as db:
            for row in db.execute(query.group_by(unanswered.c.topic, unanswered.c.state)):
                found.setdefault(row.topic, {})[row.state] = row.n
        groups = [
            Group(topic=topic, open=counts.get("open", 0), rewritten=counts.get("rewritten", 0))
            for topic, counts in found.items()
        ]
        return sorted(groups, key=lambda one: (-one.open - one.rewritten, one.topic))

    def of_topic(self, topic: str) -> list[Question]:
        """The questions that look as if they were about one topic, opened, the oldest first."""
        query = unanswered.select().where(unanswered.c.topic == topic, _may_be_read()).order_by(unanswered.c.id)
        with reading(self._engine) as db:
            return [self._opened(row) for row in db.execute(query)]

    def find(self, question: int) -> Question | None:
        """One question, opened; None where there is none that may be read."""
        with reading(self._engine) as db:
            row = db.execute(unanswered.select().where(unanswered.c.id == question, _may_be_read())).first()
        return None if row is None else self._opened(row)

    def rewrite(self, question: int, text: str, topic: str, topics: Collection[str], *, by: str, now: float) -> None:
        """Write an example in place of a question, for somebody else to approve. A later rewriting replaces it.

        Args:
            question: its id.
            text: the example.
            topic: what it is an example of.
            topics: the topics there are.
            by: who writes it.
            now: seconds since the epoch.

        Raises:
            Refused: as its `problem` says.
        """
        text = " ".join(text.split())
        if not text:
            raise Refused("empty")
        if len(text) > MOST_CHARACTERS:
            raise Refused("too_long")
        if topic not in topics:
            raise Refused("unknown_topic")
        if tells(text):
            raise Refused("tells")
        with self._engine.begin() as db:
            row = self._locked(db, question)
            if too_close(text, self._vault.open(row.key, row.original, str)):
                raise Refused("too_close")
            values = {
                "state": "rewritten",
                "rewriting": self._vault.seal(row.key, text),
                "topic_given": topic,
                "rewritten_by": by,
                "rewritten": now,
            }
            db.execute(unanswered.update().where(unanswered.c.id == question).values(**values))

    def approve(self, question: int, rewritten: float, *, by: str, now: float) -> None:
        """Take a rewriting as a training example and delete the question it was made of.

        Args:
            question: its id.
            rewritten: when the rewriting that was read had been written.
            by: who approves: never who wrote it.
            now: seconds since the epoch.

        Raises:
            Refused: not_found, same_person, changed.
        """
        with self._engine.begin() as db:
            row = self._locked(db, question)
            if row.state != "rewritten" or row.rewritten != rewritten:
                raise Refused("changed")
            if row.rewritten_by == by:
                raise Refused("same_person")
            text = self._vault.open(row.key, row.rewriting, str)
            db.execute(
                approved_examples.insert().values(
                    topic=row.topic_given, text=text, rewritten_by=row.rewritten_by, approved_by=by, approved=now
                )
            )
            self._done(db, question)

    def send_back(self, question: int, *, by: str) -> None:
        """A rewriting is not taken: the question waits for another one.

        Raises:
            Refused: not_found, same_person.
        """
        with self._engine.begin() as db:
            if self._locked(db, question).rewritten_by == by:
                raise Refused("same_person")
            values = {"rewriting": None, "topic_given": None, "rewritten_by": None, "rewritten": None}
            db.execute(unanswered.update().where(unanswered.c.id == question).values(state="open", **values))

    def drop(self, question: int) -> None:
        """Nothing is to be learnt from a question: delete it.

        Raises:
            Refused: not_found.
        """
        with self._engine.begin() as db:
            self._locked(db, question)
            self._done(db, question)

    def approved(self) -> list[Example]:
        """All approved examples, the oldest first."""
        with reading(self._engine) as db:
            rows = db.execute(approved_examples.select().order_by(approved_examples.c.id)).all()
        return [
            Example(
                topic=row.topic,
                text=row.text,
                rewritten_by=row.rewritten_by,
                approved_by=row.approved_by,
                approved=row.approved,
            )
            for row in rows
        ]

    # --- retention

    def purge(self, before: float) -> int:
        """Delete questions asked before a moment, and all of conversations that are restricted. Returns how many."""
        old = sa.or_(unanswered.c.asked < before, unanswered.c.conversation.in_(_restricted()))
        with self._engine.begin() as db:
            return int(db.execute(unanswered.delete().where(old, _not_held())).rowcount)

    # --- inside

    def _locked(self, db: Connection, question: int) -> Row:
        row = db.execute(
            unanswered.select().where(unanswered.c.id == question, _may_be_read()).with_for_update()
        ).first()
        if row is None:
            raise Refused("not_found")
        return row

    @staticmethod
    def _done(db: Connection, question: int) -> None:
        # What a hold is on stays, but nobody sees it here any more.
        db.execute(unanswered.delete().where(unanswered.c.id == question, _not_held()))
        db.execute(unanswered.update().where(unanswered.c.id == question).values(state="done", rewriting=None))

    def _opened(self, row: Row) -> Question:
        return Question(
            id=row.id,
            kind=row.kind,
            topic=row.topic,
            asked=row.asked,
            state=row.state,
            original=self._vault.open(row.key, row.original, str),
            rewriting=self._vault.open(row.key, row.rewriting, str) if row.rewriting is not None else "",
            topic_given=row.topic_given or "",
            rewritten_by=row.rewritten_by or "",
            rewritten=row.rewritten,
        )


def _not_held() -> Any:
    held = sa.select(holds.c.subject).where(holds.c.kind == "conversation", holds.c.lifted.is_(None))
    return sa.or_(unanswered.c.conversation.is_(None), unanswered.c.conversation.not_in(held))


def _restricted() -> Any:
    """Conversations in which somebody involved may work for the police or here."""
    each: Callable[[sa.Table], Any] = lambda table: sa.select(table.c.conversation).where(  # noqa: E731
        table.c.restricted.is_(True), table.c.conversation.is_not(None)
    )
    return sa.union_all(each(referrals), each(hand_offs), each(call_backs))


def _may_be_read() -> Any:
    open_to_staff = sa.or_(unanswered.c.conversation.is_(None), unanswered.c.conversation.not_in(_restricted()))
    return sa.and_(unanswered.c.state != "done", open_to_staff)
