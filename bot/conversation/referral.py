"""The referral in the gateway: sending what was agreed to, what became of it, and withdrawing it.

A referral and the reply with its reference are stored in one transaction, so whoever has seen a reference has a
referral that will be delivered (issue 5, section 3). The form itself is actions/referral.py.
"""

import asyncio
from functools import partial
from typing import Any, TypeVar

import msgspec
import structlog

from bot.conversation.drafts import Drafts
from bot.conversation.messages import Button, Command, Contact, Reply
from bot.conversation.turn import At, Outdated, Turn, Write
from bot.directory import Directory
from bot.referrals.draft import Draft, Form
from bot.referrals.preview import Consent, ConsentVoid, check
from bot.referrals.rows import Withdrawal, normal_reference, spoken
from bot.referrals.store import ReferralStore
from bot.store.conversations import Memory

log = structlog.get_logger()
T = TypeVar("T")

SUBMIT, STATUS, WITHDRAW = "referral_submit", "referral_status", "referral_withdraw"
FLOW = "referral"
FAMILY_CARDS = frozenset({"forced_marriage"})
"""Safety cards that speak of honour, family or community: the referral is guarded after one of them."""
MOST_UNKNOWN = 5
"""References a conversation may get wrong; after that none is looked up in it."""
_CHARITY = "victim_support"


class ReferralRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `referral_submit`: the answers, and the yes to exactly what was shown.

    Attributes:
        draft: the answers.
        version: version of the wording that was agreed to.
        language: language it was read in.
        shown: digest of what was shown (`bot.referrals.preview.Consent`).
    """

    draft: Draft
    version: str
    language: str
    shown: str


def family_mentioned(memory: Memory) -> bool:
    """Whether a card about honour, family or community was shown in a conversation (shared/protection.md)."""
    return any(kind.partition(":")[0] in FAMILY_CARDS for kind in memory.cards_shown)


class ReferralService:
    """The service of `referral_submit`, `referral_status` and `referral_withdraw`.

    Args:
        store: the referrals.
        form: the questions, the same as in the engine.
        drafts: forgets the answers in the conversation once they are sent.
        directory: for the number to ring oneself.
        demonstration: nothing leaves, and it is said so.
    """

    def __init__(
        self, store: ReferralStore, form: Form, drafts: Drafts, directory: Directory, *, demonstration: bool
    ) -> None:
        self._store, self._form, self._drafts, self._directory = store, form, drafts, directory
        self._words, self._demonstration = form.words, demonstration

    async def serve(self, command: Command, turn: Turn, at: At) -> Turn:
        """Carry out one of the three."""
        if command.kind == SUBMIT:
            return await self._submit(msgspec.convert(command.body, ReferralRequest), turn, at)
        reference = normal_reference(command.body["reference"])
        known = await self._known(reference, turn)
        if known is None:
            return self._unknown(command.kind, turn, at)
        if command.kind == STATUS:
            return await self._status(known, turn, at)
        return await self._withdraw(known, turn, at)

    async def _submit(self, request: ReferralRequest, turn: Turn, at: At) -> Turn:
        now = at.now.timestamp()
        consent = Consent(version=request.version, language=request.language, at=now, shown=request.shown)
        try:
            check(self._form, request.draft, consent)
        except ConsentVoid as error:
            # The engine's own words stay: it could not be sent, and nothing was.
            log.warning("referral.consent_void", why=str(error))
            return self._drafts.closed(turn, FLOW, at)
        reference = await asyncio.to_thread(self._store.new_reference)

        def write(db: Any) -> None:
            self._store.submit(
                request.draft,
                consent,
                f"{at.conversation}:{at.inbox}",
                now,
                conversation=at.conversation,
                reference=reference,
                connection=db,
            )

        sent = self._words.sent.format(recipient=self._words.recipient, reference=spoken(reference))
        lines = [self._words.demonstration, sent] if self._demonstration else [sent]
        reply = Reply(text="\n".join(lines), contacts=self._ring(at), buttons=self._about(reference))
        turn = msgspec.structs.replace(turn.saying(reply), writes=[*turn.writes, write])
        return self._drafts.closed(turn, FLOW, at)

    async def _status(self, reference: str, turn: Turn, at: At) -> Turn:
        status = await asyncio.to_thread(self._store.status, reference)
        text = self._words.status[status or "unknown"].format(recipient=self._words.recipient)
        lines = [self._words.demonstration, text] if self._demonstration else [text]
        stop = [self._withdraw_button(reference)] if status else []
        return turn.saying(Reply(text="\n".join(lines), contacts=self._ring(at), buttons=stop))

    async def _withdraw(self, reference: str, turn: Turn, at: At) -> Turn:
        outcome = await asyncio.to_thread(self._store.can_withdraw, reference)
        text = self._words.withdraw[outcome or "unknown"].format(recipient=self._words.recipient)
        write: Write = partial(self._withdrawn, reference, at.now.timestamp(), outcome)
        reply = Reply(text=text, contacts=self._ring(at) if outcome == "told" else [])
        return msgspec.structs.replace(turn.saying(reply), writes=[*turn.writes, write])

    def _withdrawn(self, reference: str, now: float, expected: Withdrawal | None, db: Any) -> None:
        if self._store.withdraw(reference, now, db) != expected:
            # It was sent in between: what the person would be told is not so.
            raise Outdated

    async def _known(self, reference: str | None, turn: Turn) -> str | None:
        """A reference that exists, unless this conversation has guessed too often."""
        if reference is None or _guesses(turn.memory) >= MOST_UNKNOWN:
            return None
        return reference if await asyncio.to_thread(self._store.status, reference) else None

    def _unknown(self, kind: str, turn: Turn, at: At) -> Turn:
        guesses = _guesses(turn.memory) + 1
        log.warning("referral.unknown_reference", guesses=guesses, refused=guesses > MOST_UNKNOWN)
        services = {**turn.memory.services, FLOW: {"guesses": guesses}}
        words = self._words.status if kind == STATUS else self._words.withdraw
        turn = turn.saying(Reply(text=words["unknown"], contacts=self._ring(at)))
        return msgspec.structs.replace(turn, memory=msgspec.structs.replace(turn.memory, services=services))

    def _ring(self, at: At) -> list[Contact]:
        return [self._directory.contact(_CHARITY, at.now)]

    def _about(self, reference: str) -> list[Button]:
        asked = Button(title=self._words.buttons["status"], payload=about(STATUS, reference))
        return [asked, self._withdraw_button(reference)]

    def _withdraw_button(self, reference: str) -> Button:
        return Button(title=self._words.buttons["withdraw"], payload=about(WITHDRAW, reference))


def about(intent: str, reference: str) -> str:
    """Payload of a button that asks about a referral; it stays in the store, like that of every button."""
    return f'/{intent}{{"form_answer": "{reference}"}}'


def _guesses(memory: Memory) -> int:
    return int(memory.services.get(FLOW, {}).get("guesses", 0))
