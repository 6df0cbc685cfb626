"""The conversation core with a desk of staff, and somebody who talks to both."""

import itertools
import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.engine import Engine

from bot.assembly import hand_off_services, referral_services
from bot.conversation.core import Conversations
from bot.conversation.drafts import Drafts
from bot.conversation.form_words import load_form_words
from bot.conversation.hand_off import HandOffService
from bot.conversation.messages import Message, Reply
from bot.conversation.turns import Words
from bot.data_files import load
from bot.directory import LONDON, Directory
from bot.handoff.desk import HandOffDesk
from bot.handoff.form import load_form
from bot.handoff.model import HandOff
from bot.referrals.configured import form_for
from bot.referrals.store import ReferralStore
from bot.settings import Settings
from bot.staff.roles import Staff
from bot.store.conversations import ConversationStore
from bot.store.encryption import Vault
from tests.conftest import DATA, make_conversations, real_front_door
from tests.handoff.conftest import AMIRA, BEN, OFFICER, Duty, Records, make_desk
from tests.referrals.conftest import MOBILE

PERSON = "can i talk to a person"
INTENTS = {PERSON: "speak_to_human"}
FORM = '/form{"form_step": "%s", "form_answer": "%s"}'
GIVEN = {
    "age_group": "18_or_over",
    "insider": "no",
    "organisation": "victim_support",
    "told": "i need help with court",
    "contact": None,
    "number": MOBILE,
    "number_seen": "no",
    "window": None,
    "code_word": "marmalade",
}


class Clock:
    """A time that moves when told: noon on a Wednesday, within everybody's hours."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 25, 12, 0, tzinfo=LONDON)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)

    @property
    def now(self) -> float:
        return self.at.timestamp()


class Parts:
    """Everything on one database, with an engine of any kind."""

    def __init__(self, database: Engine, vault: Vault, settings: Settings, engine: Any, gate: Any = None) -> None:
        self.database, self.vault, self.engine = database, vault, engine
        self.settings, self.clock = msgspec.structs.replace(settings, staff_console=True), Clock()
        self.duty, self.record = Duty(AMIRA, BEN, OFFICER), Records()
        self.desk: HandOffDesk = make_desk(
            database, vault, self.duty, self.record, in_language=real_front_door().in_language
        )
        self.store = ConversationStore(database, vault)
        words = load(DATA / "conversation" / "gateway.en.yml", Words)
        self.drafts = Drafts(self.store, words.drafts, "the DPO", 60.0 * settings.draft_minutes)
        self.conversations = self.gateway(gate)

    def gateway(self, gate: Any = None) -> Conversations:
        """A gateway of its own on the same database."""
        hand_offs = HandOffService(self.desk, load_form(DATA), self.drafts)
        form = form_for(self.settings)
        referrals = ReferralStore(self.database, self.vault, form)
        directory = Directory(DATA, self.settings.demo)
        return make_conversations(
            self.store,
            self.engine,
            self.settings,
            gate,
            clock=self.clock,
            form_words=load_form_words(DATA),
            services={
                **referral_services(self.settings, referrals, form, self.drafts, directory),
                **hand_off_services(hand_offs),
            },
            drafts=self.drafts,
            hand_offs=hand_offs,
        )

    async def talk(self, channel: str = "web") -> "Talk":
        token, _ = await self.conversations.start(channel)
        return Talk(self, token, await self.conversations.find(token))


class Talk:
    """One person's conversation."""

    def __init__(self, parts: Parts, token: str, conversation: Any) -> None:
        self.parts, self.token, self.conversation = parts, token, conversation
        self.last: list[Reply] = []
        self._cursor, self._client = 1, itertools.count()

    async def _send(self, **sent: Any) -> list[Reply]:
        await self.parts.conversations.accept(self.conversation, Message(client_id=uuid.uuid4().hex, **sent))
        await self.parts.conversations.settle()
        return await self.read()

    async def read(self) -> list[Reply]:
        """What came since it was last read."""
        found = await self.parts.conversations.replies(self.conversation, self._cursor)
        self._cursor = found[-1].number if found else self._cursor
        self.last = [one.reply for one in found]
        return self.last

    async def say(self, text: str) -> list[Reply]:
        return await self._send(text=text)

    async def press(self, payload: str, among: list[Reply] | None = None) -> list[Reply]:
        buttons = [button for reply in among or self.last for button in reply.buttons]
        assert payload in [one.payload for one in buttons], [one.payload for one in buttons]
        return await self._send(button=next(one.id for one in buttons if one.payload == payload))

    async def choose(self, answer: str) -> list[Reply]:
        """Press a button of the open question."""
        return await self.press(FORM % (self.step, answer))

    async def fill(self, until: str = "preview", **changed: Any) -> list[str]:
        """Answer what is asked until a step is reached, or the form is over; None skips. Returns the steps asked."""
        given, asked = GIVEN | changed, []
        while (step := self.step) is not None and not step.startswith(until):
            asked.append(step)
            answer = given[step]
            if step == "window":
                answer = next(one for one in self.answers if not one.startswith("control:"))
            if answer is None:
                await self.choose("control:skip")
            elif answer in self.answers:
                await self.choose(answer)
            else:
                await self.say(answer)
            assert self.step != step, f"{step} was not taken: {self.text}"
        return asked

    async def wait(self, **changed: Any) -> HandOff:
        """Ask for a person and agree; returns the hand-off."""
        await self.say(PERSON)
        await self.fill(**changed)
        await self.choose("send")
        return self.standing

    async def talks(self, to: Staff = AMIRA, **changed: Any) -> HandOff:
        """The same, and a member of staff takes it."""
        found = await self.wait(**changed)
        self.parts.desk.claim(to, found.id, self.parts.clock.now)
        await self.read()
        return self.standing

    async def fresh(self) -> Any:
        return await self.parts.conversations.get(self.conversation.id)

    @property
    def standing(self) -> HandOff:
        found = self.parts.store.get(self.conversation.id)
        assert found is not None and found.hand_off is not None, self.text
        standing = self.parts.desk.person.standing(found.hand_off)
        assert standing is not None
        return standing

    @property
    def text(self) -> str:
        return "\n".join(reply.text for reply in self.last)

    @property
    def step(self) -> str | None:
        """The question that is open, from the buttons it came with."""
        return next((one["form_step"] for one in self._form_buttons), None)

    @property
    def answers(self) -> list[str]:
        """The answers that the open question offers."""
        return [one["form_answer"] for one in self._form_buttons]

    @property
    def payloads(self) -> list[str]:
        return [button.payload for reply in self.last for button in reply.buttons]

    @property
    def _form_buttons(self) -> list[dict[str, str]]:
        for reply in reversed(self.last):
            found = [one.payload for one in reply.buttons if one.payload.startswith("/form")]
            if found:
                return [json.loads(one.removeprefix("/form")) for one in found]
        return []
