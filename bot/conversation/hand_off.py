"""The hand-off in the gateway: whom the form may offer, joining the queue, and asking for a call-back.

Both are stored in the transaction of the reply that says so, with consent to exactly what was shown. The form is
actions/handoff.py; what happens while staff have the conversation is `bot.conversation.with_staff`.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from bot.conversation.drafts import Drafts
from bot.conversation.messages import Command, Reply
from bot.conversation.turn import At, Turn
from bot.handoff.desk import HandOffDesk
from bot.handoff.form import Form, Offered, Offers
from bot.handoff.model import Ask, CallBackAsk, Shown, Window
from bot.handoff.opening import Offer
from bot.handoff.words import waiting
from bot.staff.roles import OrganisationId
from bot.store.conversations import Memory

HAND_OFF, CALL_BACK = "hand_off", "call_back"
FLOW = "hand_off"
FRESH_S = 2.0
"""How long what can be offered is kept: it is asked for with each message."""


class HandOffRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `hand_off`: what was agreed to be shown, and to whom."""

    organisation: OrganisationId
    restricted: bool
    child: bool
    topic: str = ""
    told: str = ""
    contact: str = ""


class CallBackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `call_back`."""

    organisation: OrganisationId
    restricted: bool
    child: bool
    window: Window
    number: str
    code_word: str
    topic: str = ""
    told: str = ""


class HandOffService:
    """The service of `hand_off` and `call_back`, and what the engine is told about who is there.

    Args:
        desk: the desk.
        form: the questions, the same as in the engine.
        drafts: forgets the answers in the conversation once they are shown or kept.
    """

    def __init__(self, desk: HandOffDesk, form: Form, drafts: Drafts) -> None:
        self.desk, self._form, self._drafts = desk, form, drafts
        self._words = desk.room.words
        self._known: tuple[float, dict[str, Any]] = (0.0, {})

    async def offers(self, now: datetime) -> dict[str, Any]:
        """Whom the form may offer at this moment (`bot.handoff.form.Offers`), a few seconds old at most."""
        at = now.timestamp()
        if not self._known[0] <= at < self._known[0] + FRESH_S:
            self._known = (at, msgspec.to_builtins(await asyncio.to_thread(self._offers, at)))
        return self._known[1]

    async def serve(self, command: Command, turn: Turn, at: At) -> Turn:
        """Put somebody into a queue, or keep a call-back; the engine's own words stay where that cannot be done."""
        if command.kind == HAND_OFF:
            return await self._join(msgspec.convert(command.body, HandOffRequest), turn, at)
        return await self._call_back(msgspec.convert(command.body, CallBackRequest), turn, at)

    async def _join(self, asked: HandOffRequest, turn: Turn, at: At) -> Turn:
        now = at.now.timestamp()
        offer = await asyncio.to_thread(self._offer, asked.organisation, now, asked.restricted)
        if offer is None or offer.wait is None:
            return self._drafts.closed(turn, FLOW, at)
        place, language = offer.wait.place, turn.memory.language
        ask = Ask(
            organisation=asked.organisation,
            restricted=asked.restricted,
            shown=Shown(topic=asked.topic, told=asked.told, contact=asked.contact, child=asked.child),
        )

        def write(db: Any) -> None:
            self.desk.person.begin(db, at.conversation, at.inbox, ask, language=language, place=place, now=now)

        name = self._words.organisations[asked.organisation]
        reply = waiting(self._words, offer.wait, self._words.talk.waiting.format(organisation=name))
        turn = msgspec.structs.replace(turn.saying(reply), news=[f"queue:{asked.organisation}"])
        return self._kept(turn, at, write)

    async def _call_back(self, asked: CallBackRequest, turn: Turn, at: At) -> Turn:
        now, language = at.now.timestamp(), turn.memory.language
        offer = await asyncio.to_thread(self._offer, asked.organisation, now, asked.restricted)
        if offer is None or asked.window not in offer.windows:
            return self._drafts.closed(turn, FLOW, at)
        ask = CallBackAsk(
            organisation=asked.organisation,
            restricted=asked.restricted,
            window=asked.window,
            number=asked.number,
            code_word=asked.code_word,
            topic=asked.topic,
            told=asked.told,
            child=asked.child,
        )

        def write(db: Any) -> None:
            self.desk.call_backs.ask(db, at.conversation, at.inbox, ask, language=language, now=now)

        said = self._words.form.call_back_kept.format(window=self._form.spoken(asked.window))
        turn = msgspec.structs.replace(turn.saying(Reply(text=said)), news=[f"queue:{asked.organisation}"])
        return self._kept(turn, at, write)

    def _kept(self, turn: Turn, at: At, write: Callable[[Any], None]) -> Turn:
        turn = msgspec.structs.replace(turn, memory=without(turn.memory), writes=[*turn.writes, write])
        return self._drafts.closed(turn, FLOW, at)

    def _offer(self, organisation: OrganisationId, now: float, restricted: bool) -> Offer | None:
        offers = self.desk.opening.offers(now, restricted=restricted)
        return next((one for one in offers if one.organisation == organisation), None)

    def _offers(self, now: float) -> Offers:
        everyone, hidden = (self.desk.opening.offers(now, restricted=one) for one in (False, True))
        return Offers(all=[_offered(one) for one in everyone], restricted=[_offered(one) for one in hidden])


def _offered(offer: Offer) -> Offered:
    return Offered(organisation=offer.organisation, there=offer.there, hours=offer.hours, windows=offer.windows)


def begun(memory: Memory) -> bool:
    """Whether the person was told already that their words are kept for who comes."""
    return bool(memory.services.get(FLOW, {}).get("told"))


def without(memory: Memory) -> Memory:
    """The memory without what was noted for a hand-off."""
    services = {name: kept for name, kept in memory.services.items() if name != FLOW}
    return msgspec.structs.replace(memory, services=services)
