"""Safety alerts as staff see them, and what is due."""

from datetime import datetime

import pytest

from bot.conversation.messages import Command, Message, Reply
from bot.directory import LONDON
from bot.handoff.clocks import police_referral_due
from bot.handoff.model import Refused
from bot.store.conversations import ALERT, Memory
from bot.store.referral_tables import referrals
from tests.handoff.conftest import AMIRA, BEN, NOON, OFFICER, make_desk


@pytest.fixture
def danger(store, people):
    """Somebody whose words have raised an alert; some were said before and after."""

    def raised(conversation=None, memory=None):
        conversation = conversation or people.start(memory)
        for text, commands in (
            ("CANARY before", []),
            ("the danger", [Command(kind=ALERT, body={"category": "immediate_danger"})]),
            ("and after", []),
        ):
            inbox, _ = store.accept(conversation, Message(client_id=text, text=text), NOON)
            fresh = store.get(conversation.id)
            store.lease(conversation.id, "gateway", NOON, NOON + 30)
            outcome = {"new_events": [], "new_replies": [Reply(text=f"re {text}")], "new_commands": commands}
            store.finish(fresh, "gateway", inbox, memory=fresh.memory, now=NOON, **outcome)
        return conversation

    return raised


def refused(act, *args):
    with pytest.raises(Refused) as error:
        act(*args)
    return error.value.problem


def test_an_alert_goes_to_the_organisation_of_the_settings(desk, danger):
    danger()
    (alert,) = desk.alerts.to_see(AMIRA)
    assert (alert.category, alert.state, alert.erased) == ("immediate_danger", "open", False)
    assert desk.alerts.to_see(OFFICER) == []
    assert refused(desk.alerts.open, OFFICER, alert.id, NOON) == "not_found"


def test_where_a_hand_off_is_open_it_goes_to_whoever_has_that(desk, danger, people):
    conversation = people.start()
    found = people.ask(conversation, organisation="police")
    danger(conversation)
    assert [one.hand_off for one in desk.alerts.to_see(OFFICER)] == [found.id]
    assert desk.alerts.to_see(AMIRA) == []


def test_what_raised_it_and_what_followed_is_shown_and_nothing_before(desk, danger):
    danger()
    _, lines = desk.alerts.open(AMIRA, desk.alerts.to_see(AMIRA)[0].id, NOON)
    assert [one.text for one in lines] == ["the danger", "re the danger", "and after", "re and after"]


def test_opening_takes_it_up_is_noted_and_told_to_the_person_once(desk, danger, record, store):
    conversation = danger()
    (alert,) = desk.alerts.to_see(AMIRA)
    for _ in range(2):
        desk.alerts.open(AMIRA, alert.id, NOON)
    assert [act for _, act, _ in record.acts] == ["alert.take_up", "alert.open", "alert.open"]
    said = [one.reply.text for one in store.replies_after(store.get(conversation.id), 0)]
    assert sum("Staff on duty were shown" in text for text in said) == 1
    assert store.open_alerts() == []


def test_nothing_shows_on_the_screen_of_somebody_who_is_watched(desk, danger, store):
    conversation = danger(memory=Memory(quiet=True))
    before = len(store.replies_after(store.get(conversation.id), 0))
    desk.alerts.open(AMIRA, desk.alerts.to_see(AMIRA)[0].id, NOON)
    assert len(store.replies_after(store.get(conversation.id), 0)) == before


def test_nobody_opens_a_chat_who_is_not_on_duty(desk, danger, duty):
    danger()
    (alert,) = desk.alerts.to_see(AMIRA)
    duty.there = [BEN]
    assert refused(desk.alerts.open, AMIRA, alert.id, NOON) == "nobody"


def test_what_a_colleague_has_taken_up_is_theirs(desk, danger):
    danger()
    (alert,) = desk.alerts.to_see(AMIRA)
    desk.alerts.take_up(AMIRA, alert.id, NOON)
    assert refused(desk.alerts.take_up, BEN, alert.id, NOON) == "taken"
    assert desk.alerts.to_see(BEN) == []


def test_an_alert_outlives_its_chat_which_then_cannot_be_opened(desk, danger, store):
    store.erase(danger().id)
    (alert,) = desk.alerts.to_see(AMIRA)
    assert alert.erased
    assert refused(desk.alerts.open, AMIRA, alert.id, NOON) == "over"


def test_an_alert_that_nobody_has_taken_up_makes_a_hand_off_urgent(desk, danger, people):
    conversation = danger()
    assert people.ask(conversation).urgent


def test_a_first_reply_is_due_until_it_is_given(desk, people):
    found = people.ask()
    (due,) = desk.clocks.due(AMIRA, NOON)
    assert (due.kind, due.subject, due.due, due.late) == ("first_reply", str(found.id), NOON + 300, False)
    assert desk.clocks.due(AMIRA, NOON + 301)[0].late
    assert desk.clocks.due(OFFICER, NOON) == []
    desk.claim(AMIRA, found.id, NOON)
    desk.send(AMIRA, found.id, "a", "hello", NOON)
    assert desk.clocks.due(AMIRA, NOON) == []


@pytest.mark.parametrize(
    ("taken", "due"),
    [
        (datetime(2026, 11, 25, 16), datetime(2026, 11, 28)),
        (datetime(2026, 11, 27, 9), datetime(2026, 12, 2)),
        (datetime(2026, 12, 24, 9), datetime(2026, 12, 31)),
    ],
)
def test_the_polices_line_is_the_end_of_the_second_working_day(taken, due):
    at, end = (one.replace(tzinfo=LONDON).timestamp() for one in (taken, due))
    assert police_referral_due(at) == end


def test_it_runs_only_where_referrals_are_taken_on_behalf_of_the_police(database, vault, people):
    values = {"reference": "123456789012", "idempotency_key": "k", "organisation": "victim_support", "key": b""}
    values |= {"consent_version": "1", "consent_language": "en", "consented": NOON, "created": NOON}
    with database.begin() as db:
        db.execute(referrals.insert().values(restricted=False, **values))
    assert make_desk(database, vault).clocks.due(AMIRA, NOON) == []
    (due,) = make_desk(database, vault, for_police=True).clocks.due(AMIRA, NOON)
    assert (due.kind, due.subject, due.late) == ("police_referral", "123456789012", False)
