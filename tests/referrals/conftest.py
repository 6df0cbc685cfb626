"""A form with the real questions, a draft that is complete, and a store on a real database."""

import functools
from collections.abc import Iterator

import pytest

from bot.referrals.draft import Draft, Form, load_form
from bot.referrals.preview import Consent, agree
from bot.referrals.queue import ReferralQueue
from bot.referrals.sealing import RotatingVault
from bot.referrals.store import ReferralStore
from bot.settings import ROOT
from tests.conftest import KEY
from tests.letters import letters as letters
from tests.referrals.receiver import Receiver

NOW = 1_800_000_000.0
MOBILE = "07400 123456"
LANDLINE = "0121 496 0123"

OPENING = {"about": "me", "age_group": "18_or_over", "clear": "yes", "seen": "nobody", "insider": "no", "family": "no"}
REST = {
    "name": "Demo Person",
    "whose": "mine",
    "route": "call",
    "phone": MOBILE,
    "safe": "yes",
    "voicemail": "no",
    "say_who": "no",
    "safe_times": "weekdays 10 to 2",
    "never_times": "after 5",
    "code_word": "pineapple",
    "area": "B13",
    "help": ["talk", "rights"],
    "crime": "prefer_not_to_say",
    "language": "Polish",
    "interpreter": "yes",
    "other_interpreter": "no",
    "needs": ["none"],
}


@functools.cache
def real_form(under_18: bool = False) -> Form:
    return load_form(ROOT / "data", under_18=under_18, controller="Demonstration")


def told(form: Form, **answers) -> Draft:
    """A draft with these answers, given in order. Each must be taken."""
    draft = Draft()
    for field, value in answers.items():
        after = form.answer(draft, field, value)
        assert isinstance(after, Draft), f"{field}: {after}"
        draft = after
    return draft


def complete(form: Form, **changed) -> Draft:
    """A draft with every question answered that these answers make necessary."""
    given, draft = OPENING | REST | changed, Draft()
    while (field := form.next_field(draft)) is not None:
        after = form.answer(draft, field.id, given[field.id]) if field.id in given else form.skip(draft, field.id)
        assert isinstance(after, Draft), f"{field.id}: {after}"
        draft = after
    assert form.ready(draft)
    return draft


def yes(form: Form, draft: Draft) -> Consent:
    return agree(form, draft, language="en", at=NOW)


@pytest.fixture
def form() -> Form:
    return real_form()


@pytest.fixture
def rotating_vault() -> RotatingVault:
    return RotatingVault([KEY])


@pytest.fixture
def referrals(database, rotating_vault, form) -> ReferralStore:
    """On every kind of database we support."""
    return ReferralStore(database, rotating_vault, form)


@pytest.fixture
def on_sqlite(sqlite, rotating_vault, form) -> ReferralStore:
    return ReferralStore(sqlite, rotating_vault, form)


@pytest.fixture
def queue(sqlite, on_sqlite) -> ReferralQueue:
    """The referrals of `on_sqlite` as staff see them."""
    return ReferralQueue(sqlite, on_sqlite)


def submitted(store: ReferralStore, form: Form, key: str = "message-1", **changed) -> str:
    draft = complete(form, **changed)
    return store.submit(draft, yes(form, draft), key, NOW, conversation="conversation-1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver(NOW)
    yield found
    found.close()


class Clock:
    """A time that moves when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()
