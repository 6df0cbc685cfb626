"""A desk on a real database, staff who are on duty when a test says so, and people who ask for them."""

import itertools
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bot.conversation.messages import Message, Reply
from bot.directory import LONDON
from bot.handoff.desk import HandOffDesk
from bot.handoff.fanout import InProcess
from bot.handoff.hours import load_hours
from bot.handoff.model import Ask, HandOff, Shown
from bot.handoff.room import Limits
from bot.handoff.words import load_canned, load_desk_words, load_hand_off_words
from bot.staff.roles import OrganisationId, Role, Staff
from bot.store.conversations import Conversation, ConversationStore, Memory
from tests.conftest import DATA

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=LONDON).timestamp()
"""A Wednesday, within everybody's hours."""


def staff(
    name: str,
    organisation: OrganisationId = "victim_support",
    *roles: Role,
    restricted: bool = False,
) -> Staff:
    granted: frozenset[Role] = frozenset(roles or ("adviser",))
    return Staff(id=f"id-{name}", name=name, roles=granted, organisation=organisation, restricted=restricted)


AMIRA, BEN = staff("Amira"), staff("Ben")
LEAD = staff("Lead", "victim_support", "supervisor")
OFFICER = staff("Officer", "police")
COMMISSIONER = staff("Clerk", "commissioner")


class Duty:
    """Who is on duty, as a test says."""

    def __init__(self, *there: Staff) -> None:
        self.there = list(there)

    def on_duty(self, organisation: OrganisationId, now: float) -> list[Staff]:
        return [one for one in self.there if one.organisation == organisation]


class Records:
    """An audit log that a test can read."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, str, str]] = []

    def __call__(self, by, act, subject="", organisation="", what=None, at=None, connection=None) -> None:
        assert connection is not None, "noted in the transaction of the act"
        self.acts.append((by, act, subject))


def make_desk(engine: Any, vault: Any, duty: Duty | None = None, record: Any = None, **parts: Any) -> HandOffDesk:
    return HandOffDesk(
        engine,
        vault,
        presence=duty or Duty(AMIRA, BEN, LEAD, OFFICER),
        record=record or Records(),
        fanout=parts.pop("fanout", InProcess()),
        in_language=parts.pop("in_language", lambda reply, _: reply),
        words=load_hand_off_words(DATA),
        desk_words=load_desk_words(DATA),
        canned=load_canned(DATA),
        hours=load_hours(DATA),
        limits=Limits(**parts),
    )


class People:
    """People who chat: what the gateway stores for them, without the gateway."""

    def __init__(self, store: ConversationStore, desk: HandOffDesk) -> None:
        self.store, self.desk = store, desk
        self._count = itertools.count()

    def start(self, memory: Memory | None = None, now: float = NOON) -> Conversation:
        token = uuid.uuid4().hex
        self.store.start(token, "web", [Reply(text="first words")], now, now + 3600, memory)
        found = self.store.find(token, now)
        assert found is not None
        return found

    def work(self, conversation: Conversation, text: str, write: Callable[[Any, int], None], now: float) -> int:
        """One message, worked as the gateway does it."""
        inbox, _ = self.store.accept(conversation, Message(client_id=f"c{next(self._count)}", text=text), now)
        fresh = self.store.get(conversation.id)
        assert fresh is not None and self.store.lease(conversation.id, "gateway", now, now + 30)
        self.store.finish(
            fresh,
            "gateway",
            inbox,
            new_events=[],
            new_replies=[],
            new_commands=[],
            memory=fresh.memory,
            writes=[lambda db: write(db, inbox)],
            now=now,
        )
        return inbox

    def ask(
        self,
        conversation: Conversation | None = None,
        organisation: OrganisationId = "victim_support",
        restricted: bool = False,
        now: float = NOON,
        **shown: Any,
    ) -> HandOff:
        """Somebody agrees to be put into a queue."""
        conversation = conversation or self.start(now=now)
        ask = Ask(organisation=organisation, restricted=restricted, shown=Shown(**shown))

        def write(db: Any, inbox: int) -> None:
            self.desk.person.begin(db, conversation.id, inbox, ask, language="en", place=1, now=now)

        self.work(conversation, "yes", write, now)
        found = self.store.get(conversation.id)
        assert found is not None and found.hand_off is not None
        standing = self.desk.person.standing(found.hand_off)
        assert standing is not None
        return standing

    def says(self, found: HandOff, text: str, now: float = NOON, **what: Any) -> None:
        """Somebody with a hand-off says something."""
        conversation = self.store.get(found.conversation or "")
        assert conversation is not None
        state = self.now(found).state

        def write(db: Any, inbox: int) -> None:
            self.desk.person.said(db, found.id, state, inbox, now, **what)

        self.work(conversation, text, write, now)

    def now(self, found: HandOff) -> HandOff:
        standing = self.desk.person.standing(found.id)
        assert standing is not None
        return standing

    def hears(self, found: HandOff) -> list[Reply]:
        conversation = self.store.get(found.conversation or "")
        assert conversation is not None
        return [one.reply for one in self.store.replies_after(conversation, 1)]


@pytest.fixture
def duty() -> Duty:
    return Duty(AMIRA, BEN, LEAD, OFFICER)


@pytest.fixture
def record() -> Records:
    return Records()


@pytest.fixture
def desk(database, vault, duty, record) -> HandOffDesk:
    return make_desk(database, vault, duty, record)


@pytest.fixture
def people(store, desk) -> People:
    return People(store, desk)
