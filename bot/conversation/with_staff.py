"""What a message comes to while its conversation waits for a person or talks to one: the assistant is silent.

No engine is asked. The gate still runs on every message: its card is shown as always and its alert raised, and the
message reaches staff all the same. Leaving, erasing and the language stay with the gateway. What is worked out here
holds only while the hand-off is in the state it was worked out from; else the message is worked anew (`Outdated`).
Methods that read the store block.
"""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from bot.conversation.hand_off import FLOW, begun, without
from bot.conversation.messages import Button, Command, Reply, Verdict
from bot.conversation.messages import HandOff as Drawn
from bot.conversation.turn import At, Outdated, Turn
from bot.handoff.desk import HandOffDesk
from bot.handoff.model import HandOff, Refused
from bot.handoff.words import END, FEEDBACK, GO, LEAVE, STAY, TALK, ended, feedback, talking
from bot.safety.gate import Gate
from bot.store.conversations import Conversation, Memory

ASK_AGAIN = "/speak_to_human"
ANSWER = "gateway:answer"
WATCHED = Verdict(category="watched_now", mode="quiet", pattern="still_quiet")


class CardsShown(Protocol):
    """How the gateway shows cards and raises alerts (`bot.conversation.turns.Turns`)."""

    def card(self, memory: Memory, verdict: Verdict, text: str) -> tuple[Reply, Memory]: ...  # noqa: D102

    def alert(self, verdict: Verdict) -> list[Command]: ...  # noqa: D102


class WithStaff:
    """Works out turns of conversations that staff have, or are waited for in.

    Args:
        desk: the desk.
        gate: the safety gate.
        cards: shows cards and raises alerts.
        in_language: puts a reply into the language of a conversation.
    """

    def __init__(
        self, desk: HandOffDesk, gate: Gate, cards: CardsShown, in_language: Callable[[Reply, str], Reply]
    ) -> None:
        self._desk, self._gate, self._cards, self._in_language = desk, gate, cards, in_language
        self._words = desk.room.words

    def standing(self, conversation: Conversation) -> HandOff | None:
        """The hand-off that is open in a conversation, if there is one."""
        return None if conversation.hand_off is None else self._desk.person.standing(conversation.hand_off)

    # --- while it is open

    def typed(self, memory: Memory, text: str, found: HandOff, at: At) -> Turn:
        """Words for staff. A card comes as always; without one there is nothing to say to a person who is heard."""
        if not text.strip():
            return Turn(replies=[], memory=memory)
        verdict = self._gate.alone(self._gate.look(text))
        if memory.quiet and (verdict is None or verdict.mode != "interrupt"):
            verdict = WATCHED
        turn = self._heard(memory, found, at)
        if verdict is None:
            return turn
        card, memory = self._cards.card(turn.memory, verdict, text)
        # The question is not kept for later: it has reached staff.
        buttons = [button for button in card.buttons if button.payload != ANSWER]
        quiet = memory.quiet or verdict.mode == "quiet"
        memory = _noted(memory, quiet=found.id) if quiet else memory
        alert = self._cards.alert(verdict)
        return msgspec.structs.replace(
            turn,
            replies=[msgspec.structs.replace(card, buttons=buttons)],
            memory=msgspec.structs.replace(memory, quiet=quiet),
            commands=alert,
            verdict=verdict,
            writes=[self._said(found, at, urgent=bool(alert), quiet=quiet)],
        )

    def pressed(self, memory: Memory, button: Button, found: HandOff, at: At) -> Turn:
        """A button while a hand-off is open: of the hand-off, or one of before, which staff then see as said."""
        payload = button.payload
        if payload in (LEAVE, END):
            return self._left(memory, found, at)
        if payload in (GO, STAY) and found.state == "talking":
            return self._answered(memory, found, at, go=payload == GO)
        if payload.startswith(ASK_AGAIN):
            return self._with(Turn(replies=[self._where(found, at)], memory=memory))
        if payload.startswith(TALK) or not button.title:
            return Turn(replies=[], memory=memory)
        return self._heard(memory, found, at)

    def goes_on(self, memory: Memory, found: HandOff, at: At) -> Turn:
        """After a quiet card, or a card with the question kept: where things stand, and staff may write again."""
        memory = msgspec.structs.replace(_noted(memory, quiet=None), quiet=False, waiting=None)
        write = _or_outdated(lambda db: self._desk.person.unhide(db, found.id, found.state))
        return self._with(Turn(replies=[self._where(found, at)], memory=memory, writes=[write], news=self._news(found)))

    # --- after it has ended

    def came_back(self, memory: Memory) -> Turn | None:
        """After a quiet card behind which a hand-off has ended: say that now. None where there was none."""
        known = memory.services.get(FLOW, {}).get("quiet")
        if known is None:
            return None
        memory = msgspec.structs.replace(without(memory), quiet=False, waiting=None)
        return self._with(Turn(replies=ended(self._words, "left", known, talked=False), memory=memory))

    def judged(self, memory: Memory, payload: str, at: At) -> Turn | None:
        """The answer to a question about a talk, and the next question. None: it is none of these."""
        if not payload.startswith(FEEDBACK):
            return None
        number, _, rest = payload.removeprefix(FEEDBACK).partition(":")
        question, _, answer = rest.partition(":")
        found = self._desk.person.standing(int(number))
        asked = list(self._words.talk.feedback)
        later = asked[asked.index(question) + 1 :] if answer else []
        thanks = Reply(text=self._words.talk.feedback_thanks)
        turn = Turn(replies=[feedback(self._words, int(number), later[0]) if later else thanks], memory=memory)
        if answer and found is not None:

            def write(db: Any) -> None:
                self._desk.person.judge(
                    db,
                    at.conversation,
                    found.id,
                    organisation=found.organisation,
                    question=question,
                    answer=answer,
                    now=at.now.timestamp(),
                )

            turn = msgspec.structs.replace(turn, writes=[write])
        return self._with(turn)

    # --- inside

    def _heard(self, memory: Memory, found: HandOff, at: At) -> Turn:
        """Words that staff see; who still waits is told once that they are kept."""
        replies: list[Reply] = []
        if found.state == "waiting" and not memory.quiet and not begun(memory):
            replies = [
                Reply(
                    text=self._words.talk.said_while_waiting,
                    buttons=[Button(title=self._words.talk.leave, payload=LEAVE)],
                )
            ]
            memory = _noted(memory, told=True)
        said = self._said(found, at, urgent=False, quiet=memory.quiet)
        return self._with(Turn(replies=replies, memory=memory, writes=[said], news=self._news(found)))

    def _said(self, found: HandOff, at: At, *, urgent: bool, quiet: bool) -> Callable[[Any], None]:
        now = at.now.timestamp()
        return _or_outdated(
            lambda db: self._desk.person.said(db, found.id, found.state, at.inbox, now, urgent=urgent, quiet=quiet)
        )

    def _left(self, memory: Memory, found: HandOff, at: At) -> Turn:
        write = _or_outdated(lambda db: self._desk.person.leave(db, found.id, found.state, at.now.timestamp()))
        if found.state == "talking":
            replies = ended(self._words, "person", found.id, talked=True)
        else:
            replies = [Reply(text=self._words.talk.left_queue, hand_off=Drawn(state="ended"))]
        memory = without(memory)
        return self._with(Turn(replies=replies, memory=memory, writes=[write], news=self._news(found)))

    def _answered(self, memory: Memory, found: HandOff, at: At, *, go: bool) -> Turn:
        """Yes or no to going on with another organisation."""
        now, proposed = at.now.timestamp(), found.proposed
        if proposed is None:
            return Turn(replies=[], memory=memory)
        write = _or_outdated(lambda db: self._desk.person.answer(db, found.id, go, now))
        if go:
            place = self._desk.person.place_in(proposed, found, now)
            name = self._words.organisations[proposed]
            reply = self._desk.person.waiting(place, self._words.talk.moved.format(organisation=name))
            news = [*self._news(found), f"queue:{proposed}"]
        else:
            reply, news = talking(self._words, self._words.talk.stayed, found.adviser), self._news(found)
        return self._with(Turn(replies=[reply], memory=memory, writes=[write], news=news))

    def _where(self, found: HandOff, at: At) -> Reply:
        """Where a hand-off stands, in a line."""
        if found.state == "talking":
            text = self._words.talk.here_again.format(adviser=found.adviser)
            return talking(self._words, text, found.adviser)
        place = self._desk.person.place_in(found.organisation, found, at.now.timestamp())
        name = self._words.organisations[found.organisation]
        return self._desk.person.waiting(place, self._words.talk.waiting.format(organisation=name))

    def _with(self, turn: Turn) -> Turn:
        """The turn in the language of the conversation."""
        said = [self._in_language(reply, turn.memory.language) for reply in turn.replies]
        return msgspec.structs.replace(turn, replies=said)

    @staticmethod
    def _news(found: HandOff) -> list[str]:
        return [f"conversation:{found.conversation}", f"queue:{found.organisation}"]


def _or_outdated(write: Callable[[Any], None]) -> Callable[[Any], None]:
    def checked(db: Any) -> None:
        try:
            write(db)
        except Refused as error:
            raise Outdated from error

    return checked


def _noted(memory: Memory, **what: Any) -> Memory:
    known = {**memory.services.get(FLOW, {}), **what}
    return msgspec.structs.replace(memory, services={**memory.services, FLOW: known})
