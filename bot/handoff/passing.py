"""Who has a talk: taking it, giving it to somebody else, and asking the person before another organisation sees it."""

from bot.conversation.messages import Button, Reply
from bot.conversation.messages import HandOff as Drawn
from bot.handoff.model import HandOff, Refused
from bot.handoff.opening import Opening
from bot.handoff.person import Person
from bot.handoff.queue import ADVISERS, SUPERVISORS, may_see
from bot.handoff.room import Room, Work
from bot.handoff.words import GO, STAY, talking
from bot.staff.roles import INDEPENDENT, OrganisationId, Staff


class Passing:
    """The part of the desk that says who has a talk.

    Args:
        room: what the desk stands on.
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        self.opening = Opening(room)
        self.person = Person(room)

    def claim(self, staff: Staff, hand_off: int, now: float) -> HandOff:
        """Take somebody out of the queue: from here on the assistant is silent and the person sees who is there.

        Raises:
            Refused: not_found; taken; over: they have left; not_allowed.
        """
        with self.room.work() as work:
            found = self.room.seen(work.db, staff, hand_off)
            if found.state == "talking" and found.staff == staff.id:
                return found
            self._free(found)
            return self._give(work, staff, found, staff, now, "hand_off.claim")

    def assign(self, supervisor: Staff, hand_off: int, to: Staff, now: float) -> HandOff:
        """Give somebody who waits, or talks with somebody else, to a member of staff of the same organisation.

        Raises:
            Refused: not_found; over; not_allowed: not a supervisor, or they may not see it.
        """
        if not supervisor.may(SUPERVISORS):
            raise Refused("not_allowed")
        with self.room.work() as work:
            found = self.room.seen(work.db, supervisor, hand_off)
            if found.state == "ended":
                raise Refused("over")
            return self._give(work, supervisor, found, to, now, "hand_off.assign")

    def transfer(self, staff: Staff, hand_off: int, to: Staff, now: float) -> HandOff:
        """Pass one's own talk to a colleague.

        Raises:
            Refused: not_found; taken; over; not_allowed: they may not see it.
        """
        with self.room.work() as work:
            found = self.room.held(work.db, staff, hand_off)
            return self._give(work, staff, found, to, now, "hand_off.transfer")

    def release(self, staff: Staff, hand_off: int, now: float) -> HandOff:
        """Put one's own talk back into the queue; the place is that of when the person asked.

        Raises:
            Refused: not_found; taken; over.
        """
        with self.room.work() as work:
            found = self.room.held(work.db, staff, hand_off)
            self.room.store.requeue(work.db, found, now)
            self.room.note(work.db, staff, "hand_off.release", found.id, now)
            return self._back_in_queue(work, found.id, self.room.words.talk.moved_back, now)

    def propose(self, staff: Staff, hand_off: int, organisation: OrganisationId, now: float) -> None:
        """Ask the person whether another organisation may go on: it is shared by consent only (shared/protection.md).

        Raises:
            Refused: not_found; taken; over; quiet; nobody: nobody is on duty there who may see it.
        """
        if not self.opening.is_there(organisation, now, restricted=False):
            raise Refused("nobody")
        with self.room.work() as work:
            found = self.room.held(work.db, staff, hand_off)
            if found.quiet:
                raise Refused("quiet")
            if organisation == found.organisation:
                raise Refused("not_allowed")
            if found.restricted and not self.opening.is_there(organisation, now, restricted=True):
                raise Refused("nobody")
            self.room.store.change(work.db, found.id, proposed=organisation)
            talk = self.room.words.talk
            name = self.room.words.organisations[organisation]
            buttons = [Button(title=talk.go, payload=GO), Button(title=talk.stay, payload=STAY)]
            text = talk.propose.format(organisation=name[0].upper() + name[1:])
            drawn = Drawn(state="talking", adviser=found.adviser)
            self.tell_person(work, found, Reply(text=text, buttons=buttons, hand_off=drawn), now=now)
            self.room.note(work.db, staff, "hand_off.propose", found.id, now, {"to": organisation})

    def restrict(self, staff: Staff, hand_off: int, now: float) -> HandOff:
        """Hide one's own talk, and later ones of the same conversation, from the force.

        Where they may not see it themselves then, the person is passed to the independent provider, at the place of
        when they asked; it sees what they write from now on.

        Raises:
            Refused: not_found; taken; over.
        """
        with self.room.work() as work:
            store, found = self.room.store, self.room.held(work.db, staff, hand_off)
            store.change(work.db, found.id, restricted=True)
            self.room.note(work.db, staff, "hand_off.restrict", found.id, now)
            fresh = store.locked(work.db, found.id)
            if may_see(staff, fresh):
                work.tell(fresh)
                return fresh
            work.tell(found)
            store.requeue(work.db, found, now, organisation=INDEPENDENT, lines_from=store.last_line(work.db, found.id))
            return self._back_in_queue(work, found.id, self.room.words.talk.moved_restricted, now)

    # --- inside

    @staticmethod
    def _free(found: HandOff) -> None:
        if found.state != "waiting":
            raise Refused("over" if found.state == "ended" else "taken")

    def _give(self, work: Work, by: Staff, found: HandOff, to: Staff, now: float, act: str) -> HandOff:
        """Let a member of staff have a hand-off that is locked, and tell the person who it is."""
        if not to.may(ADVISERS) or not may_see(to, found):
            raise Refused("not_allowed")
        store, talk = self.room.store, self.room.words.talk
        again = found.state == "talking" or found.first_reply is not None
        store.change(
            work.db,
            found.id,
            state="talking",
            staff=to.id,
            adviser=to.name,
            claimed=found.claimed or now,
            last_word=now,
            nudged=False,
            alone_since=None,
            proposed=None,
            staff_typing_until=0.0,
        )
        assert found.conversation is not None
        store.handed_over(work.db, found.conversation, now)
        text = (talk.goes_on if again else talk.joined).format(
            adviser=to.name, organisation=self.room.words.organisations[found.organisation]
        )
        self.tell_person(work, found, talking(self.room.words, text, to.name), now=now)
        self.room.note(work.db, by, act, found.id, now, {"to": to.id} if to.id != by.id else None)
        return self.room.store.locked(work.db, found.id)

    def _back_in_queue(self, work: Work, hand_off: int, text: str, now: float) -> HandOff:
        found = self.room.store.locked(work.db, hand_off)
        name = self.room.words.organisations[found.organisation]
        self.tell_person(work, found, self.person.place(work.db, found, text.format(organisation=name), now), now=now)
        return found

    def tell_person(self, work: Work, found: HandOff, *new_replies: Reply, now: float) -> None:
        """Say something about the hand-off; not while somebody may be reading beside the person."""
        self.room.say(work, found, list(new_replies), now)
        work.tell(found)
