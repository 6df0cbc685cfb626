"""Call-backs: asked for when nobody is there, made in the safe window only.

The number is given out inside the window and to whoever has taken the call-back; outside it only the window is told
(issue 7; shared/protection.md). Everything a person told is sealed with the key of their conversation
and erased with it.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.handoff.fanout import of_queue
from bot.handoff.model import CallBack, CallBackAsk, CallBackDetails, Refused, Window
from bot.handoff.queue import may_see
from bot.handoff.room import Room
from bot.handoff.words import DeskWords
from bot.staff.roles import Staff
from bot.store.database import reading
from bot.store.handoff_tables import call_backs
from bot.store.tables import conversations

OPEN = ("open", "taken")


class CallBacks:
    """The call-backs of all organisations.

    Args:
        room: what the desk stands on.
        words: the outcomes that staff pick from.
    """

    def __init__(self, room: Room, words: DeskWords) -> None:
        self._room, self._words = room, words

    # --- by the person, in the transaction of an outcome

    def ask(
        self, db: Connection, conversation: str, inbox_id: int, asked: CallBackAsk, *, language: str, now: float
    ) -> None:
        """Keep a call-back that a person has agreed to. The same message again changes nothing.

        Args:
            db: the transaction that stores the reply.
            conversation: its id.
            inbox_id: number of the message that said yes.
            asked: what was agreed to.
            language: of the conversation.
            now: seconds since the epoch.
        """
        if db.execute(sa.select(call_backs.c.id).where(call_backs.c.inbox == inbox_id)).first() is not None:
            return
        key = db.execute(sa.select(conversations.c.key).where(conversations.c.id == conversation)).scalar()
        db.execute(
            call_backs.insert().values(
                conversation=conversation,
                inbox=inbox_id,
                organisation=asked.organisation,
                restricted=asked.restricted,
                language=language,
                asked=now,
                window_start=asked.window.start,
                window_end=asked.window.end,
                state="open",
                sealed=self._room.store.vault.seal(key, asked),
            )
        )
        self._room.store.handed_over(db, conversation, now)

    def asked_for(self, conversation: str) -> int:
        """How many call-backs of a conversation are still to be made: erasing it takes them back."""
        with reading(self._room.engine) as db:
            mine = (call_backs.c.conversation == conversation, call_backs.c.state.in_(OPEN))
            return int(db.execute(sa.select(sa.func.count()).select_from(call_backs).where(*mine)).scalar() or 0)

    # --- by staff

    @property
    def outcomes(self) -> Mapping[str, str]:
        """Outcomes with their words."""
        return self._words.call_back

    def to_make(self, staff: Staff) -> list[CallBack]:
        """Call-backs still to be made of their organisation that they may see, the next window first."""
        with reading(self._room.engine) as db:
            rows = db.execute(
                call_backs.select()
                .where(call_backs.c.organisation == staff.organisation, call_backs.c.state.in_(OPEN))
                .order_by(call_backs.c.window_start, call_backs.c.id)
            ).all()
        return [one for one in map(_call_back, rows) if may_see(staff, one)]

    def take(self, staff: Staff, call_back: int, now: float) -> CallBack:
        """Take a call-back on.

        Raises:
            Refused: not_found; taken; over.
        """
        with self._room.work() as work:
            found, _ = self._seen(work.db, staff, call_back)
            if found.state not in OPEN:
                raise Refused("over")
            if found.state == "taken" and found.staff != staff.id:
                raise Refused("taken")
            self._change(work.db, found, state="taken", staff=staff.id)
            self._room.note(work.db, staff, "call_back.take", found.id, now)
            work.subjects.append(of_queue(found.organisation))
            return self._seen(work.db, staff, call_back)[0]

    def open(self, staff: Staff, call_back: int, now: float) -> CallBackDetails:
        """What the caller needs, to whoever has taken it: number and code word inside the window only.

        Raises:
            Refused: not_found; taken: somebody else, or nobody, has taken it; over.
        """
        with self._room.work() as work:
            found, row = self._seen(work.db, staff, call_back)
            if found.state not in OPEN:
                raise Refused("over")
            if found.staff != staff.id:
                raise Refused("taken")
            if not found.window.holds(now):
                self._room.note(work.db, staff, "call_back.open_outside_window", found.id, now)
                return CallBackDetails(call_back=found)
            self._room.note(work.db, staff, "call_back.open", found.id, now)
            key = work.db.execute(sa.select(conversations.c.key).where(conversations.c.id == row.conversation)).scalar()
            asked: CallBackAsk = self._room.store.vault.open(key, row.sealed, CallBackAsk)
            return CallBackDetails(
                call_back=found, number=asked.number, code_word=asked.code_word, topic=asked.topic, told=asked.told
            )

    def close(self, staff: Staff, call_back: int, outcome: str, now: float) -> None:
        """Say how it went: reached, or not reached. The number is never given out again.

        Raises:
            Refused: not_found; taken; over; outside_window: it has not begun; unknown: no such outcome.
        """
        if outcome not in self._words.call_back:
            raise Refused("unknown")
        with self._room.work() as work:
            found, _ = self._seen(work.db, staff, call_back)
            if found.state not in OPEN:
                raise Refused("over")
            if found.staff != staff.id:
                raise Refused("taken")
            if now < found.window.start:
                raise Refused("outside_window")
            self._change(work.db, found, state=outcome, closed=now)
            self._room.note(work.db, staff, "call_back.close", found.id, now, {"outcome": outcome})
            work.subjects.append(of_queue(found.organisation))

    def miss(self, now: float) -> int:
        """Note which windows have passed without a call. Returns how many."""
        with self._room.engine.begin() as db:
            over = (call_backs.c.state.in_(OPEN), call_backs.c.window_end <= now)
            return int(db.execute(call_backs.update().where(*over).values(state="missed", closed=now)).rowcount)

    # --- inside

    @staticmethod
    def _seen(db: Connection, staff: Staff, call_back: int) -> tuple[CallBack, Row]:
        row = db.execute(call_backs.select().where(call_backs.c.id == call_back).with_for_update()).first()
        if row is None or not may_see(staff, _call_back(row)):
            raise Refused("not_found")
        return _call_back(row), row

    @staticmethod
    def _change(db: Connection, found: CallBack, **values: Any) -> None:
        db.execute(call_backs.update().where(call_backs.c.id == found.id).values(**values))


def _call_back(row: Row) -> CallBack:
    return CallBack(
        id=row.id,
        organisation=row.organisation,
        restricted=row.restricted,
        language=row.language,
        asked=row.asked,
        window=Window(start=row.window_start, end=row.window_end),
        state=row.state,
        staff=row.staff or "",
        closed=row.closed,
    )
