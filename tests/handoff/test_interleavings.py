"""Whatever order people, staff and crashes come in: no message lost, doubled or out of order, and a silent assistant.

Each step lets a person and staff act at the same moment, on the real core and the real desk over a real database. A
crash of the gateway comes before or after it stores an outcome; a crash of the console is a message that staff send
again.
"""

import asyncio
import itertools
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from bot.conversation.drafts import Drafts
from bot.conversation.hand_off import HAND_OFF, HandOffService
from bot.conversation.messages import Command, Message, Request, Response
from bot.conversation.turns import Words
from bot.data_files import load
from bot.handoff.form import load_form
from bot.handoff.model import Refused
from bot.handoff.words import END, LEAVE
from bot.settings import load as load_settings
from bot.store.conversations import ConversationStore
from tests.conftest import DATA, KEY, make_conversations
from tests.conversation.hand_off_parts import Clock
from tests.handoff.conftest import AMIRA, BEN, Duty, make_desk
from tests.stand_ins import StandInEngine, StandInGate

ASK = "a person please"
PERSON = ("says", "asks", "leaves", "dies before", "dies after", "nothing")
STAFF = ("claims", "sends", "sends again", "transfers", "releases", "ends", "nothing")
STEPS = st.lists(st.tuples(st.sampled_from(PERSON), st.sampled_from(STAFF)), min_size=4, max_size=24)
# Ways that reach every state; hypothesis finds the rest.
SEEN = [
    ("asks", "nothing"),
    ("says", "claims"),
    ("says", "sends"),
    ("dies before", "transfers"),
    ("dies after", "sends again"),
    ("says", "ends"),
    ("asks", "nothing"),
    ("leaves", "claims"),
    ("says", "nothing"),
]


class Asking(StandInEngine):
    """Puts somebody into the queue when they ask for it; echoes everything else."""

    async def answer(self, request: Request) -> Response:
        response = await super().answer(request)
        if request.text != ASK:
            return response
        body = {"organisation": "victim_support", "restricted": False, "child": False}
        return msgspec.structs.replace(response, commands=[Command(kind=HAND_OFF, body=body)])


class DyingStore(ConversationStore):
    """A store whose process dies before or after the next outcome is stored."""

    dies = ""

    def finish(self, *args, **kwargs):
        dies, self.dies = self.dies, ""
        if dies == "dies before":
            raise OperationalError("killed", None, None)
        super().finish(*args, **kwargs)
        if dies == "dies after":
            raise OperationalError("killed", None, None)


class World:
    """One person, two members of staff, and gateways that die."""

    def __init__(self, database, vault, bot_settings) -> None:
        self.clock, self.store = Clock(), DyingStore(database, vault)
        self.desk = make_desk(database, vault, Duty(AMIRA, BEN))
        words = load(DATA / "conversation" / "gateway.en.yml", Words)
        drafts = Drafts(self.store, words.drafts, "the DPO", 1800.0)
        service = HandOffService(self.desk, load_form(DATA), drafts)
        self.parts = {"clock": self.clock, "services": {HAND_OFF: service}, "hand_offs": service}
        self.settings = msgspec.structs.replace(bot_settings, staff_console=True)
        self.engine = Asking()
        self.said: list[str] = []
        self.sent: list[str] = []
        self.client = itertools.count()
        self.hand_offs: list[int] = []

    def gateway(self):
        return make_conversations(self.store, self.engine, self.settings, StandInGate(), **self.parts)

    async def run(self, steps) -> None:
        self.core = self.gateway()
        token, _ = await self.core.start("web")
        self.conversation = await self.core.find(token)
        for person, staff in steps:
            await asyncio.gather(self.person(person), asyncio.to_thread(self.staff, staff))
            await self.settle()
        self.check(await asyncio.to_thread(self.store.get, self.conversation.id))

    async def settle(self) -> None:
        """Let whoever is left take up what lies there, as the maintenance of a gateway does."""
        await self.core.settle()
        for _ in range(4):
            if not await asyncio.to_thread(self.store.next_waiting, self.conversation):
                break
            # The lease of a dead process runs out.
            self.clock.at += timedelta(seconds=60)
            self.core = self.gateway()
            await self.core.recover()
            await self.core.settle()
        fresh = self.store.get(self.conversation.id)
        if fresh.hand_off is not None and fresh.hand_off not in self.hand_offs:
            self.hand_offs.append(fresh.hand_off)

    async def person(self, act: str) -> None:
        number = next(self.client)
        if act.startswith("dies"):
            self.store.dies = act
            act = "says"
        if act == "says":
            self.said.append(f"person {number}")
            await self.send(Message(client_id=f"p{number}", text=self.said[-1]))
        elif act == "asks":
            self.said.append(ASK)
            await self.send(Message(client_id=f"p{number}", text=ASK))
        elif act == "leaves" and (button := self.button((LEAVE, END))):
            await self.send(Message(client_id=f"p{number}", button=button))

    async def send(self, message: Message) -> None:
        # A page repeats what it has not heard of: harmless.
        for _ in range(2):
            await self.core.accept(self.conversation, message)
        await self.core.settle()

    def staff(self, act: str) -> None:
        fresh, now = self.store.get(self.conversation.id), self.clock.now
        if fresh.hand_off is None:
            return
        try:
            found = self.desk.person.standing(fresh.hand_off)
            holder, other = (BEN, AMIRA) if found.staff == BEN.id else (AMIRA, BEN)
            if act == "claims":
                self.desk.claim(AMIRA, found.id, now)
            elif act in ("sends", "sends again"):
                text = f"staff {next(self.client)}"
                for _ in range(2 if act == "sends again" else 1):
                    self.desk.send(holder, found.id, text, text, now)
                self.sent.append(text)
            elif act == "transfers":
                self.desk.transfer(holder, found.id, other, now)
            elif act == "releases":
                self.desk.release(holder, found.id, now)
            elif act == "ends":
                self.desk.end(holder, found.id, "answered", now)
        except Refused:
            return

    def button(self, payloads) -> str | None:
        found = [
            button.id
            for one in self.store.replies_after(self.conversation, 0)
            for button in one.reply.buttons
            if button.payload in payloads
        ]
        return found[-1] if found else None

    def check(self, fresh) -> None:
        replies = [one.reply for one in self.store.replies_after(self.conversation, 0)]
        assert [reply.text for reply in replies if reply.text.startswith("staff ")] == self.sent
        heard = [line for number in self.hand_offs for line in self.lines(number)]
        echoed = [request.text for request in self.engine.asked if request.text]
        answered = [reply.text.removeprefix("echo ") for reply in replies if reply.text.startswith("echo ")]
        for text in self.said:
            if text != ASK:
                assert heard.count(text) + answered.count(text) == 1, f"{text}: lost or doubled"
        in_order = [text for text in self.said if text != ASK]
        assert [text for text in heard if text != ASK] == [text for text in in_order if text in heard]
        assert answered == [text for text in in_order if text in answered], echoed
        silent = False
        for reply in replies:
            if reply.hand_off is not None:
                silent = reply.hand_off.state != "ended"
            assert not (silent and reply.text.startswith("echo ")), "the assistant spoke while a person has the talk"

    def lines(self, number: int) -> list[str]:
        with self.desk.room.engine.connect() as db:
            found = self.desk.room.store.get(db, number)
            return [one.text for one in self.desk.room.store.lines(db, found) if one.by == "person" and not one.button]


@settings(
    max_examples=20,
    deadline=None,
    # A failing one is short enough as it is.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=STEPS)
def test_nothing_is_lost_doubled_or_out_of_order(database, vault, steps, bot_settings):
    asyncio.run(World(database, vault, bot_settings).run([*SEEN, *steps]))


@pytest.fixture
def bot_settings(tmp_path):
    return load_settings({}, demo=True, var_dir=str(tmp_path / "var"), keys=KEY)
