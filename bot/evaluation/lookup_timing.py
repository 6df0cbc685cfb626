"""Whether the time a look-up takes tells anything: right numbers and codes against wrong ones, through the whole core.

The reply's time is what somebody outside sees. The best threshold on it, told apart by the area under the curve (AUC),
must do no better than a guess (0.5); the bar is 0.55.
"""

import asyncio
import tempfile
import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from cryptography.fernet import Fernet

from bot.assembly import Assistant, assemble
from bot.cases.hashing import LookupHash, lookup_keys
from bot.cases.model import CaseRecord, SafeContact
from bot.cases.sql import SqlCases
from bot.conversation.case_status import CASE_ASK
from bot.conversation.messages import Command, Message, Request, Response
from bot.directory import LONDON
from bot.engine.pool import EnginePool
from bot.settings import Settings
from bot.store.database import open_database
from bot.store.encryption import Vault

AT_ONCE = 25
_MISSING = 500_000


class LookupTiming(msgspec.Struct, frozen=True, kw_only=True):
    """How well the best threshold on time tells right from wrong: 0.5 is a guess.

    Attributes:
        tries: look-ups of each kind.
        number_auc: a number that has a case, and one that has none.
        code_auc: a wrong code for a case, and any code for none.
    """

    tries: int
    number_auc: float
    code_auc: float


class _Echo(EnginePool):
    """An engine that understands nothing but case numbers, always in the same time."""

    def __init__(self) -> None:
        """No process is started."""

    async def wait_ready(self, timeout: float) -> bool:
        """It always is."""
        return True

    async def answer(self, request: Request) -> Response:
        """Ask for the case."""
        return Response(
            events=[], carry=[], replies=[], commands=[Command(kind=CASE_ASK, body={"reference": request.text})]
        )


def lookup_timing(settings: Settings, tries: int) -> LookupTiming:
    """Measure `tries` look-ups of each kind, right and wrong ones in turn.

    Args:
        settings: those of the assistant; a database of its own is used, and deleted.
        tries: how many of each kind.
    """
    with tempfile.TemporaryDirectory() as folder:
        own = msgspec.structs.replace(
            settings, demo=True, var_dir=folder, database_url="", keys=Fernet.generate_key().decode(), case_status=True
        )
        return asyncio.run(_measure(own, tries))


def auc(one: Sequence[float], other: Sequence[float]) -> float:
    """The area under the curve of the best of both directions: the chance to tell a pair apart by time alone."""
    times = np.array([*one, *other])
    # Times that are the same to a millisecond count as half.
    _, place, count = np.unique(np.round(times, 3), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    area = (ranks[: len(one)].sum() - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))
    return float(max(area, 1 - area))


async def _measure(settings: Settings, tries: int) -> LookupTiming:
    assistant = assemble(settings, _Echo())
    _keep(settings, range(1, tries + 1))
    right, wrong = [f"20/{n:06}/26" for n in range(1, tries + 1)], [f"20/{n + _MISSING:06}/26" for n in range(tries)]
    numbers: dict[str, list[float]] = {"right": [], "wrong": []}
    codes: dict[str, list[float]] = {"right": [], "wrong": []}
    room = asyncio.Semaphore(AT_ONCE)

    async def one(kind: str, reference: str) -> None:
        async with room:
            first, second = await _look_up(assistant, reference)
            numbers[kind].append(first)
            codes[kind].append(second)

    pairs = zip(right, wrong, strict=True)
    await asyncio.gather(*(one(*call) for yes, no in pairs for call in (("right", yes), ("wrong", no))))
    await assistant.conversations.close()
    return LookupTiming(
        tries=tries,
        number_auc=round(auc(numbers["right"], numbers["wrong"]), 3),
        code_auc=round(auc(codes["right"], codes["wrong"]), 3),
    )


async def _look_up(assistant: Assistant, reference: str) -> tuple[float, float]:
    """Seconds from sending to the reply, for a number and then for a code that is surely wrong."""
    conversations = assistant.conversations
    token, first = await conversations.start("web")
    conversation = await conversations.find(token)
    assert conversation is not None
    seconds, seen = [], first[-1].number
    for text in (reference, "000000"):
        began = time.perf_counter()
        await conversations.accept(conversation, Message(client_id=uuid.uuid4().hex, text=text))
        while not (replies := await conversations.replies(conversation, seen, wait=2.0)):
            pass
        seconds.append(time.perf_counter() - began)
        seen = replies[-1].number
    return seconds[0], seconds[1]


def _keep(settings: Settings, numbers: Sequence[int]) -> None:
    """Cases that may be shown, each with a contact of its own."""
    now = datetime.now(LONDON)
    database, vault = open_database(settings.store_url), Vault([settings.keys])
    SqlCases(database, vault, LookupHash(lookup_keys([settings.keys]))).save(
        [
            CaseRecord(
                reference=f"20/{number:06}/26",
                stage="under_investigation",
                changed_at=now - timedelta(days=20),
                updated_at=now - timedelta(days=1),
                person_role="victim",
                linked_case_roles=[],
                safe_contact=SafeContact(channel="email", address=f"demo-{number}@example.org", belongs_to="victim"),
                safe_contact_confirmed_by="officer 1",
                safe_contact_confirmed_at=now - timedelta(days=5),
                last_risk_event_at=None,
                case_flags=[],
                online_allowed=True,
                told_in_person_at=None,
            )
            for number in numbers
        ],
        now,
    )
    database.dispose()
