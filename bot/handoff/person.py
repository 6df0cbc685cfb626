"""The person's side of a hand-off. What changes something runs in the transaction that stores the outcome of a message.

The gateway works a conversation's messages one after the other and locks it for the outcome, so what is decided here is
still so when it is stored, or `Refused` is raised and the message is worked anew.
"""

import hashlib

from sqlalchemy.engine import Connection

from bot.conversation.messages import Reply
from bot.handoff.model import Ask, HandOff, Refused, State, Wait
from bot.handoff.queue import wait
from bot.handoff.room import Room
from bot.handoff.words import waiting
from bot.staff.roles import OrganisationId
from bot.store.database import reading

_DAY_S = 86_400.0


class Person:
    """What a person may do with their own hand-off.

    Args:
        room: what the desk stands on.
    """

    def __init__(self, room: Room) -> None:
        self._room = room

    # --- looking

    def standing(self, hand_off: int) -> HandOff | None:
        """A hand-off as it stands."""
        with reading(self._room.engine) as db:
            return self._room.store.get(db, hand_off)

    def place_in(self, organisation: OrganisationId, found: HandOff, now: float) -> Wait:
        """The place that a hand-off has, or would have, in a queue."""
        with reading(self._room.engine) as db:
            queue = [one for one in self._room.store.waiting(db, organisation) if one.id != found.id]
            return wait([*queue, found], found.id, self._room.store.measured(db, organisation, now))

    def waiting(self, place: Wait, first: str) -> Reply:
        """What is said about a place; `first` before it."""
        return waiting(self._room.words, place, first)

    def place(self, db: Connection, found: HandOff, first: str, now: float) -> Reply:
        """Where they are in the queue, and how long it may take; `first` is said before it."""
        store = self._room.store
        measured = store.measured(db, found.organisation, now)
        found_wait = wait(store.waiting(db, found.organisation), found.id, measured)
        store.change(db, found.id, told_place=found_wait.place, told_at=now)
        return waiting(self._room.words, found_wait, first)

    # --- writing, in the transaction of an outcome

    def begin(
        self, db: Connection, conversation: str, inbox_id: int, ask: Ask, *, language: str, place: int, now: float
    ) -> None:
        """Put a person who has agreed into a queue.

        Args:
            db: the transaction that stores the reply with their place.
            conversation: its id.
            inbox_id: number of the message that said yes.
            ask: what was agreed to.
            language: of the conversation.
            place: the place they are told in the same reply.
            now: seconds since the epoch.
        """
        store, limits = self._room.store, self._room.limits
        due, expires = now + limits.first_reply, now + limits.token
        hand_off = store.begin(db, conversation, inbox_id, ask, language=language, due=due, expires=expires, now=now)
        store.change(db, hand_off, told_place=place)

    def said(
        self,
        db: Connection,
        hand_off: int,
        state: State,
        inbox_id: int,
        now: float,
        *,
        urgent: bool = False,
        quiet: bool | None = None,
    ) -> None:
        """Note that the person said something: staff see it in its order.

        Args:
            db: the transaction of the outcome.
            hand_off: id.
            state: the state that the outcome was worked out from.
            inbox_id: number of the message, whose words stay in the inbox.
            now: seconds since the epoch.
            urgent: the gate has raised an alert: they come first from now on.
            quiet: somebody may be reading beside them, or no longer.

        Raises:
            Refused: over: the state is another one by now.
        """
        found = self._still(db, hand_off, state)
        values = {"urgent": found.urgent or urgent, "quiet": found.quiet if quiet is None else quiet}
        self._room.store.add_line(db, found.id, "person", now, inbox=inbox_id)
        self._room.store.change(db, found.id, last_word=now, nudged=False, person_typing_until=0.0, **values)

    def unhide(self, db: Connection, hand_off: int, state: State) -> None:
        """The person goes on after a quiet card: staff may write again.

        Raises:
            Refused: over.
        """
        self._room.store.change(db, self._still(db, hand_off, state).id, quiet=False)

    def leave(self, db: Connection, hand_off: int, state: State, now: float) -> None:
        """The person leaves the queue or ends the talk.

        Raises:
            Refused: over.
        """
        self._room.store.close(db, self._still(db, hand_off, state), "person", now)

    def answer(self, db: Connection, hand_off: int, go: bool, now: float) -> None:
        """What the person says to going on with another organisation, which sees nothing that was said until then.

        Raises:
            Refused: over: nothing is proposed any more.
        """
        found = self._still(db, hand_off, "talking")
        if found.proposed is None:
            raise Refused("over")
        store = self._room.store
        if not go:
            store.change(db, found.id, proposed=None)
            return
        store.requeue(db, found, now, organisation=found.proposed, lines_from=store.last_line(db, found.id))

    def types(self, hand_off: int, now: float) -> None:
        """Show staff that the person is typing."""
        with self._room.work() as work:
            found = self._room.store.locked(work.db, hand_off)
            if found.state == "talking":
                until = now + self._room.limits.typing
                self._room.store.change(work.db, found.id, person_typing_until=until)
                work.tell(found)

    def judge(
        self,
        db: Connection,
        conversation: str,
        hand_off: int,
        organisation: str,
        question: str,
        answer: str,
        now: float,
    ) -> None:
        """Keep an answer about a talk, by day, in a way that does not lead back to it; the last one counts."""
        one = hashlib.sha256(f"{conversation}:{hand_off}:{question}".encode()).hexdigest()
        day = now - now % _DAY_S
        self._room.store.give_feedback(db, one, organisation, question, answer, day)

    def _still(self, db: Connection, hand_off: int, state: State) -> HandOff:
        found = self._room.store.locked(db, hand_off)
        if found.state != state:
            raise Refused("over")
        return found
