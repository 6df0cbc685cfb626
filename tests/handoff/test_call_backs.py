"""Call-backs: the number is given out in the safe window only, and to whoever has taken it."""

import pytest

from bot.handoff.model import CallBackAsk, Refused, Window
from bot.store.handoff_tables import call_backs
from tests.handoff.conftest import AMIRA, BEN, NOON, OFFICER
from tests.referrals.conftest import MOBILE

WINDOW = Window(start=NOON + 3600, end=NOON + 7200)


@pytest.fixture
def ask(desk, people):
    def asked(organisation="victim_support", restricted=False):
        conversation = people.start()
        what = CallBackAsk(
            organisation=organisation, restricted=restricted, window=WINDOW, number=MOBILE, code_word="marmalade"
        )

        def write(db, inbox):
            desk.call_backs.ask(db, conversation.id, inbox, what, language="en", now=NOON)

        people.work(conversation, "yes", write, NOON)
        return conversation

    return asked


@pytest.fixture
def taken(desk, ask):
    ask()
    (found,) = desk.call_backs.to_make(AMIRA)
    return desk.call_backs.take(AMIRA, found.id, NOON)


@pytest.mark.parametrize("now", [NOON, WINDOW.start - 1, WINDOW.end, WINDOW.end + 1])
def test_outside_the_window_only_the_window_is_told(desk, taken, record, now):
    found = desk.call_backs.open(AMIRA, taken.id, now)
    assert (found.number, found.code_word, found.call_back.window) == ("", "", WINDOW)
    assert MOBILE not in repr(found)


def test_inside_it_the_number_and_the_code_word_are(desk, taken, record):
    found = desk.call_backs.open(AMIRA, taken.id, WINDOW.start)
    assert (found.number, found.code_word) == (MOBILE, "marmalade")
    assert record.acts[-1] == (AMIRA.id, "call_back.open", str(taken.id))


def test_the_number_stands_sealed_in_the_database(desk, taken, database):
    with database.connect() as db:
        assert MOBILE.encode() not in db.execute(call_backs.select()).one().sealed


@pytest.mark.parametrize("other", [BEN, OFFICER])
def test_nobody_else_gets_it(desk, taken, other):
    for act in (desk.call_backs.open, desk.call_backs.take):
        with pytest.raises(Refused):
            act(other, taken.id, WINDOW.start)


def test_the_force_does_not_see_a_restricted_one(desk, ask):
    ask(organisation="police", restricted=True)
    assert desk.call_backs.to_make(OFFICER) == []


def test_one_that_was_made_is_over(desk, taken):
    with pytest.raises(Refused, match="outside_window"):
        desk.call_backs.close(AMIRA, taken.id, "reached", NOON)
    desk.call_backs.close(AMIRA, taken.id, "reached", WINDOW.start)
    assert desk.call_backs.to_make(AMIRA) == []
    with pytest.raises(Refused, match="over"):
        desk.call_backs.open(AMIRA, taken.id, WINDOW.start)


def test_a_window_that_has_passed_is_noted_as_missed(desk, taken):
    assert desk.call_backs.miss(WINDOW.end - 1) == 0
    assert desk.call_backs.miss(WINDOW.end) == 1
    assert desk.call_backs.to_make(AMIRA) == []


def test_asking_keeps_the_conversation_until_the_next_shift_and_erasing_takes_it_back(desk, ask, store):
    conversation = ask()
    assert store.purge(NOON + 1e6) == 0
    assert desk.call_backs.asked_for(conversation.id) == 1
    store.erase(conversation.id)
    assert desk.call_backs.asked_for(conversation.id) == 0
    assert desk.call_backs.to_make(AMIRA) == []
