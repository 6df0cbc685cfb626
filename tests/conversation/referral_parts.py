"""The conversation core with all that a referral needs, and somebody who talks to it."""

import asyncio
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Engine

from bot.assembly import every_purge, referral_services
from bot.conversation.core import Conversations
from bot.conversation.drafts import Drafts
from bot.conversation.erasing import ASK as ERASE_ASK
from bot.conversation.erasing import Erasing
from bot.conversation.form_words import load_form_words
from bot.conversation.messages import Message, Reply, Request, Response
from bot.conversation.turns import Words
from bot.data_files import load
from bot.directory import LONDON, Directory
from bot.privacy.erasure import load_words
from bot.privacy.holds import Holds
from bot.referrals.configured import form_for
from bot.referrals.store import ReferralStore
from bot.settings import Settings
from bot.staff.assembly import load_staff
from bot.store.conversations import ConversationStore
from bot.store.encryption import Vault
from tests.conftest import DATA, KEY, make_conversations
from tests.referrals.conftest import OPENING, REST

CANARY = "Zebra Canary"
FORM = '/form{"form_step": "%s", "form_answer": "%s"}'


class Clock:
    """A time that moves when told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 25, 10, 0, tzinfo=LONDON)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


class Parts:
    """Everything on one database, with an engine of any kind."""

    def __init__(self, database: Engine, vault: Vault, settings: Settings, engine: Any, gate: Any = None) -> None:
        self.database, self.vault, self.settings, self.clock = database, vault, settings, Clock()
        self.store = ConversationStore(database, vault)
        self.form = form_for(settings)
        self.referrals = ReferralStore(database, vault, self.form)
        self.holds = Holds(database, vault)
        staff = load_staff(settings, database, vault, [KEY])
        words = load(DATA / "conversation" / "gateway.en.yml", Words)
        drafts = Drafts(self.store, words.drafts, "the DPO", 60.0 * settings.draft_minutes)
        erasing = Erasing(self.store, self.referrals, self.holds, load_words(DATA), "the DPO", "Cancel my referral")
        directory = Directory(DATA, settings.demo)
        services = referral_services(settings, self.referrals, self.form, drafts, directory)
        self.conversations = make_conversations(
            self.store,
            engine,
            settings,
            gate,
            clock=self.clock,
            form_words=load_form_words(DATA),
            services={**services, ERASE_ASK: erasing},
            drafts=drafts,
            erasing=erasing,
            purges=every_purge(settings, database, vault, self.referrals, self.holds, None, staff),
        )

    async def talk(self) -> "Talk":
        token, _ = await self.conversations.start("web")
        return Talk(self.conversations, token, await self.conversations.find(token))


class Talk:
    """One person's conversation."""

    def __init__(self, conversations: Conversations, token: str, conversation: Any) -> None:
        self.conversations, self.token, self.conversation = conversations, token, conversation
        self.last: list[Reply] = []

    async def _send(self, message: Message) -> list[Reply]:
        before = await self.conversations.replies(self.conversation, 0)
        await self.conversations.accept(self.conversation, message)
        await self.conversations.settle()
        found = await self.conversations.replies(self.conversation, 0)
        numbers = {one.number for one in before}
        self.last = [one.reply for one in found if one.number not in numbers]
        return self.last

    async def say(self, text: str) -> list[Reply]:
        return await self._send(Message(client_id=uuid.uuid4().hex, text=text))

    async def press(self, payload: str, among: list[Reply] | None = None) -> list[Reply]:
        buttons = [button for reply in among or self.last for button in reply.buttons]
        return await self._send(
            Message(client_id=uuid.uuid4().hex, button=next(one.id for one in buttons if one.payload == payload))
        )

    @property
    def text(self) -> str:
        return "\n".join(reply.text for reply in self.last)

    @property
    def step(self) -> str | None:
        """The question that is open, from the buttons it came with."""
        for reply in reversed(self.last):
            for button in reply.buttons:
                if button.payload.startswith("/form"):
                    return str(json.loads(button.payload.removeprefix("/form"))["form_step"])
        return None

    @property
    def titles(self) -> list[str]:
        return [button.title for reply in self.last for button in reply.buttons]

    async def choose(self, answer: str) -> list[Reply]:
        """Press a button of the open question."""
        return await self.press(FORM % (self.step, answer))

    async def fill(self, until: str = "preview", **changed: Any) -> list[str]:
        """Answer what is asked until a step is reached, or the form is over; None skips. Returns the steps asked."""
        given, asked = OPENING | REST | {"seen": ["nobody"]} | changed, []
        kinds = {field.id: field.kind for field in form_for(self.conversations._settings).file.fields}
        while (step := self.step) is not None and not step.startswith(until):
            asked.append(step)
            answer = given[step]
            if answer is None:
                await self.choose("control:skip")
            elif kinds[step] == "choice":
                await self.choose(answer)
            elif kinds[step] == "choices":
                for one in answer:
                    await self.choose(one)
                if self.step == step:
                    await self.choose("done")
            else:
                await self.say(answer)
            assert self.step != step, f"{step} was not taken: {self.text}"
        return asked


class RealEngine:
    """The trained model in this process, in a thread of its own."""

    def __init__(self, models: Any) -> None:
        from bot.engine.agent import Brain

        self._thread = ThreadPoolExecutor(1)
        self._brain = self._thread.submit(Brain, models).result()

    async def wait_ready(self, timeout: float) -> bool:
        return True

    async def answer(self, request: Request) -> Response:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._brain.answer, request)


def contents(database: Engine, vault: Vault) -> str:
    """Every sealed thing of the conversations, opened: what somebody with the keys could read."""
    from bot.store.tables import commands, conversations, events, inbox, replies

    found = []
    with database.connect() as db:
        for row in db.execute(conversations.select()).all():
            found.append(vault.open(row.key, row.memory))
            for table in (inbox, events, replies, commands):
                rows = db.execute(table.select().where(table.c.conversation == row.id)).all()
                found += [vault.open(row.key, one.body) for one in rows]
    return repr(found)
