"""What is done with hand-offs now and then: people who left, long silences, queues without staff, places that moved."""

from collections.abc import Callable
from functools import partial

from bot.handoff.model import EndedBy, HandOff, Refused
from bot.handoff.opening import Opening
from bot.handoff.person import Person
from bot.handoff.queue import order
from bot.handoff.room import Room, Work
from bot.handoff.words import ended, talking
from bot.store.database import reading

Act = Callable[[Work, HandOff], None]


class Upkeep:
    """Called every few seconds by each gateway; each hand-off is one transaction, so several may do it at once.

    Args:
        room: what the desk stands on.
        opening: who is there.
        person: says where somebody is in the queue.
    """

    def __init__(self, room: Room, opening: Opening, person: Person) -> None:
        self._room, self._opening, self._person = room, opening, person

    def run(self, now: float) -> None:
        """See to every hand-off that is open."""
        with reading(self._room.engine) as db:
            gone, found = self._room.store.people_gone(db, now), self._room.store.open(db)
        for hand_off in gone:
            self._one(hand_off, lambda work, one: self._end(work, one, "left", now))
        for one in found:
            if one.id in gone:
                continue
            if one.state == "talking":
                self._one(one.id, lambda work, fresh: self._silence(work, fresh, now))
        self._queues([one for one in found if one.state == "waiting" and one.id not in gone], now)

    def purge(self, before: float) -> int:
        """Erase conversations that were handed over and are past their time, and forget the times of their talks.
        Returns how many conversations."""
        gone = self._room.store.conversations.purge_handed_over(before)
        with self._room.engine.begin() as db:
            self._room.store.purge(db, before)
        return gone

    def purge_feedback(self, before: float) -> int:
        """Delete answers about talks given before a moment. Returns how many."""
        with self._room.engine.begin() as db:
            return self._room.store.purge_feedback(db, before)

    # --- inside

    def _one(self, hand_off: int, act: Act) -> None:
        with self._room.work() as work:
            try:
                found = self._room.store.locked(work.db, hand_off)
            except Refused:
                return
            if found.state != "ended" and found.conversation is not None:
                act(work, found)

    def _silence(self, work: Work, found: HandOff, now: float) -> None:
        """Ask whether the person is still there, and end a talk to which they say nothing more.

        Where it is staff who owe a word (their link may be lost), the person goes back to the place they had.
        """
        quiet_for, limits, store = now - found.last_word, self._room.limits, self._room.store
        if found.state != "talking" or quiet_for <= limits.nudge:
            return
        if store.last_speaker(work.db, found.id) != "staff":
            if quiet_for > limits.silence:
                self._back(work, found, now)
        elif quiet_for > limits.silence:
            self._end(work, found, "silence", now)
        elif not found.nudged:
            store.change(work.db, found.id, nudged=True)
            notice = talking(self._room.words, self._room.words.talk.nudge, found.adviser)
            self._room.say(work, found, [notice], now)
            work.tell(found)

    def _back(self, work: Work, found: HandOff, now: float) -> None:
        store, words = self._room.store, self._room.words
        store.requeue(work.db, found, now)
        first = words.talk.moved_back.format(organisation=words.organisations[found.organisation])
        self._room.say(work, found, [self._person.place(work.db, found, first, now)], now)
        work.tell(found)

    def _queues(self, waiting: list[HandOff], now: float) -> None:
        """Tell people who wait that nobody is there any more, or that they have moved up."""
        there = {
            (one.organisation, one.restricted): self._opening.is_there(one.organisation, now, restricted=one.restricted)
            for one in waiting
        }
        for one in waiting:
            is_there = there[one.organisation, one.restricted]
            queue = [other for other in waiting if other.organisation == one.organisation]
            place = order(queue).index(one) + 1
            self._one(one.id, partial(self._wait, place=place, is_there=is_there, now=now))

    def _wait(self, work: Work, found: HandOff, *, place: int, is_there: bool, now: float) -> None:
        store, limits = self._room.store, self._room.limits
        if found.state != "waiting":
            return
        if not is_there:
            if found.alone_since is None:
                store.change(work.db, found.id, alone_since=now)
            elif now - found.alone_since > limits.alone:
                self._end(work, found, "nobody", now)
            return
        store.change(work.db, found.id, alone_since=None)
        moved = found.told_place is not None and place < found.told_place
        if moved and now - found.told_at >= limits.place:
            self._room.say(work, found, [self._person.place(work.db, found, "", now)], now)
            work.tell(found)

    def _end(self, work: Work, found: HandOff, by: EndedBy, now: float) -> None:
        self._room.store.close(work.db, found, by, now)
        self._room.say(work, found, ended(self._room.words, by, found.id, talked=found.claimed is not None), now)
        work.tell(found)
