"""What staff make of the answers that did not help: seen, fixed, or kept as they are, and why."""

from typing import Literal, get_args

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine, Row

from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.feedback import Feedback
from bot.store.tables import feedback

State = Literal["new", "seen", "fixed", "kept"]
STATES: tuple[State, ...] = get_args(State)
WITH_REASON: frozenset[State] = frozenset({"fixed", "kept"})
"""States that say what was done about it: they need a reason."""
MOST_CHARACTERS = 200


class ReasonMissing(Exception):
    """A judgement cannot be put aside without saying why."""


class Judged(Feedback, frozen=True, kw_only=True):
    """A judgement with what staff made of it.

    Attributes:
        staff: id of who did; empty while it is new.
        marked: when, or None.
        reason: why, in their words.
    """

    staff: str = ""
    marked: float | None = None
    reason: str = ""


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """How a topic was judged.

    Attributes:
        topic: its id.
        helped, not_helped: how often.
        new: how many of those that did not help nobody has looked at.
    """

    topic: str
    helped: int
    not_helped: int
    new: int


class FeedbackInbox:
    """The feedback in one database, for staff.

    Args:
        engine: an opened database.
        vault: the keys that seal the reasons.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    def unhelpful(self, topic: str = "", state: State | None = None) -> list[Judged]:
        """Answers that did not help, the newest first.

        Args:
            topic: only of this one, if given.
            state: only in this one, if given.
        """
        query = feedback.select().where(feedback.c.helped.is_(False)).order_by(feedback.c.given.desc(), feedback.c.id)
        query = query.where(feedback.c.topic == topic) if topic else query
        query = query.where(feedback.c.state == state) if state else query
        with reading(self._engine) as db:
            return [self._opened(row) for row in db.execute(query)]

    def find(self, feedback_id: str) -> Judged | None:
        """One answer that did not help; None where there is none such."""
        query = feedback.select().where(feedback.c.id == feedback_id, feedback.c.helped.is_(False))
        with reading(self._engine) as db:
            row = db.execute(query).first()
        return None if row is None else self._opened(row)

    def totals(self) -> list[Total]:
        """Every topic that was judged, those that failed most often coming first."""
        helped = sa.func.sum(sa.case((feedback.c.helped.is_(True), 1), else_=0))
        new = sa.func.sum(sa.case((sa.and_(feedback.c.helped.is_(False), feedback.c.state == "new"), 1), else_=0))
        query = sa.select(feedback.c.topic, sa.func.count().label("all"), helped.label("helped"), new.label("new"))
        with reading(self._engine) as db:
            rows = db.execute(query.group_by(feedback.c.topic)).mappings().all()
        found = [
            Total(
                topic=row["topic"],
                helped=int(row["helped"]),
                not_helped=int(row["all"]) - int(row["helped"]),
                new=int(row["new"]),
            )
            for row in rows
        ]
        return sorted(found, key=lambda one: (-one.not_helped, one.topic))

    def mark(self, feedback_id: str, state: State, reason: str, *, by: str, now: float) -> bool:
        """Say what became of an answer that did not help.

        Args:
            feedback_id: its id.
            state: what became of it.
            reason: why; needed for `fixed` and `kept`, at most 200 characters are kept.
            by: id of the member of staff.
            now: seconds since the epoch.

        Returns:
            Whether there is such a judgement.

        Raises:
            ReasonMissing: it says nothing where a reason is needed.
        """
        reason = reason.strip()[:MOST_CHARACTERS]
        if state in WITH_REASON and not reason:
            raise ReasonMissing(state)
        key = self._vault.new_key()
        sealed = self._vault.seal(key, reason) if reason else None
        values = {"state": state, "staff": by, "marked": now, "key": key if reason else None, "reason": sealed}
        with self._engine.begin() as db:
            mine = sa.and_(feedback.c.id == feedback_id, feedback.c.helped.is_(False))
            return bool(db.execute(feedback.update().where(mine).values(**values)).rowcount)

    def _opened(self, row: Row) -> Judged:
        known = {name: row[name] for name in Feedback.__struct_fields__}
        reason = self._vault.open(row.key, row.reason, str) if row.reason is not None else ""
        return Judged(**known, staff=row.staff or "", marked=row.marked, reason=reason)
