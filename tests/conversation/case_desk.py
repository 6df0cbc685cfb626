"""A conversation core with a case desk behind it, a database of cases, and an engine that asks for cases."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.engine import Engine

from bot.assembly import case_desk
from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.model import CaseRecord
from bot.cases.sql import SqlCases
from bot.cases.stages import load_stages
from bot.conversation.case_status import CASE_ASK, CASE_SHOW, CaseStatus, load_case_status_words
from bot.conversation.messages import Command, Message, Reply, Request, Response
from bot.rights.catalogue import load_catalogue
from bot.rights.clock import Clock
from bot.rights.clock_words import load_clock_phrases
from bot.settings import Settings
from bot.store.conversations import Conversation, ConversationStore
from bot.store.encryption import Vault
from tests.cases.conftest import NOW, record
from tests.conftest import DATA, KEY, make_conversations
from tests.stand_ins import StandInEngine

CODE = "123456"
TICK_S = 0.01


class Time:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


class CaseEngine(StandInEngine):
    """Takes every text with a slash in it for a reference, and asks for the case when its button is pressed."""

    async def answer(self, request: Request) -> Response:
        response = await super().answer(request)
        if request.payload == "/case_status":
            return msgspec.structs.replace(response, replies=[], commands=[Command(kind=CASE_SHOW)])
        if "/" in request.text:
            command = Command(kind=CASE_ASK, body={"reference": request.text})
            return msgspec.structs.replace(response, replies=[], commands=[command])
        return response


class Desk:
    """Everything a test of case status needs.

    Attributes:
        conversations: the core.
        engine: the stand-in behind it.
        time: its clock.
        desk: the case desk.
        store: where conversations are kept.
    """

    def __init__(self, database: Engine, settings: Settings, tick_s: float = TICK_S, engine: Any = None) -> None:
        self.time, self.engine = Time(), engine or CaseEngine()
        self.database, vault = database, Vault([KEY])
        self.cases = SqlCases(database, vault, LookupHash(lookup_keys([KEY])))
        self.desk = case_desk(settings, database, vault, [KEY], self.cases, new_code=lambda: CODE)
        catalogue = load_catalogue(DATA)
        self.status = CaseStatus(
            desk=self.desk,
            every_outcome=load_stages(DATA).lookup_text.every_outcome.format(police_contact="101"),
            words=load_case_status_words(DATA),
            clock=Clock(catalogue.base),
            phrases=load_clock_phrases(DATA),
            title=lambda topic, now: catalogue.title(topic, catalogue.edition(now.date())),
            edition=lambda now: catalogue.edition(now.date()),
            area="West Midlands",
            code_life=timedelta(minutes=15),
            time=self.time,
            tick_s=tick_s,
        )
        self.store = ConversationStore(database, vault)
        self.conversations = make_conversations(
            self.store,
            self.engine,
            settings,
            clock=self.time,
            services={CASE_ASK: self.status, CASE_SHOW: self.status},
            jobs={CASE_ASK: self.status.ask},
            case_status=self.status,
        )
        self._sent = 0

    def keep(self, records: Sequence[CaseRecord]) -> None:
        """Store cases."""
        self.cases.save(records, NOW)

    def keep_one(self, **changes: Any) -> CaseRecord:
        """Store the good case of tests/cases, with changes."""
        one = record(**changes)
        self.keep([one])
        return one

    async def start(self) -> Conversation:
        token, _ = await self.conversations.start("web")
        found = await self.conversations.find(token)
        assert found is not None
        return found

    async def say(self, conversation: Conversation, text: str | None = None, button: str | None = None) -> list[Reply]:
        """Send one message and return what came back."""
        known = self.store.get(conversation.id)
        before = known.last_reply if known else 0
        self._sent += 1
        await self.conversations.accept(conversation, Message(client_id=str(self._sent), text=text, button=button))
        await self.conversations.settle()
        return [one.reply for one in await self.conversations.replies(conversation, before)]

    async def proven(self) -> tuple[Conversation, list[Reply]]:
        """A conversation that has proven the good case, and what was shown."""
        conversation = await self.start()
        await self.say(conversation, record().reference)
        return conversation, await self.say(conversation, CODE)
