"""The queue in the console: who sees whom, in which order, and what is noted."""

import pytest

from bot.console.queue import Queue
from bot.conversation.messages import Command, Message
from bot.handoff.model import CallBackAsk, Window
from tests.console.conftest import as_staff
from tests.handoff.conftest import NOON

ADVISER = as_staff("adviser", organisation="victim_support")
SUPERVISOR = as_staff("supervisor", organisation="victim_support")
OFFICER = as_staff("adviser", organisation="police")
HOUR = 3600.0


@pytest.fixture
def now() -> list[float]:
    """The time; a test moves it."""
    return [NOON]


@pytest.fixture
def client(console, desk, duty, now):
    return console([Queue(desk, duty, clock=lambda: now[0])])


def show(client, who=ADVISER) -> str:
    return client.get("/queue", headers=who).text


# --- who waits


def test_whoever_waits_is_shown_with_topic_language_and_clock(client, people):
    people.ask(topic="Who tells me about the trial", now=NOON - 120)
    page = show(client)
    assert "Who tells me about the trial" in page
    assert "English, Web page" in page
    assert "2 minutes" in page
    assert "In 3 minutes, by 12:03" in page


def test_what_was_told_is_not_shown_before_somebody_takes_the_talk(client, people):
    people.ask(told="He has my keys", contact="07700 900123")
    page = show(client)
    assert "He has my keys" not in page
    assert "07700 900123" not in page


def test_safety_comes_first_whoever_asked_first(client, people):
    people.ask(topic="Asked first")
    second = people.ask(topic="In danger")
    people.says(second, "he is at the door", urgent=True)
    page = show(client)
    assert page.index("In danger") < page.index("Asked first")
    assert "2 people wait. 1 about safety." in page


def test_a_first_reply_that_is_late_says_by_how_much(client, people, now):
    people.ask()
    now[0] = NOON + 300 + 120
    assert "Late by 2 minutes" in show(client)


def test_each_topic_that_is_read_is_noted_once(client, people, recorded):
    found = people.ask(topic="Court dates")
    show(client)
    client.get("/queue/now", headers=ADVISER)
    assert recorded.named("hand_off.topic") == [str(found.id)]


def test_no_organisation_sees_the_queue_of_another(client, people):
    people.ask(topic="For Victim Support")
    assert "For Victim Support" not in show(client, OFFICER)
    assert "Nobody waits" in show(client, OFFICER)


def test_what_is_restricted_is_marked_for_the_independent_provider_and_hidden_from_the_force(client, people):
    people.ask(topic="An officer is involved", restricted=True)
    people.ask(topic="Asked the police", organisation="police", restricted=True)
    assert "Restricted" in show(client)
    assert "Asked the police" not in show(client, OFFICER)


@pytest.mark.parametrize("role", ["administrator", "auditor", "case_officer"])
def test_the_queue_is_for_those_who_talk_with_people(client, role):
    assert client.get("/queue", headers=as_staff(role)).status_code == 403


# --- taking people on


def test_taking_somebody_opens_their_talk(client, desk, people, recorded):
    found = people.ask()
    answer = client.post(f"/queue/{found.id}/claim", headers=ADVISER)
    assert answer.headers["location"] == f"/talks/{found.id}"
    assert people.now(found).staff == "victim_support:adviser"
    assert recorded.named("hand_off.claim") == [str(found.id)]


def test_two_who_take_the_same_person_do_not_both_get_them(client, people):
    found = people.ask()
    client.post(f"/queue/{found.id}/claim", headers=ADVISER)
    answer = client.post(f"/queue/{found.id}/claim", headers=SUPERVISOR)
    assert answer.status_code == 409
    assert "Somebody else has this one" in answer.text


def test_nobody_takes_somebody_from_the_queue_of_another_organisation(client, people):
    found = people.ask()
    assert client.post(f"/queue/{found.id}/claim", headers=OFFICER).status_code == 404
    assert people.now(found).state == "waiting"


def test_nothing_is_taken_without_the_token_of_the_session(client, people):
    found = people.ask()
    headers = {**ADVISER, "X-CSRF-Token": "of somewhere else"}
    assert client.post(f"/queue/{found.id}/claim", headers=headers).status_code == 403
    assert people.now(found).state == "waiting"


@pytest.mark.parametrize("number", ["0", "99", "1e3", "x", "9" * 40])
def test_a_number_that_is_none_finds_nothing(client, number):
    assert client.post(f"/queue/{number}/claim", headers=ADVISER).status_code == 404


def test_a_supervisor_gives_somebody_who_waits_to_a_colleague_on_duty(client, duty, people):
    found, colleague = people.ask(), duty.add("victim_support:adviser", "Colleague")
    answer = client.post(f"/queue/{found.id}/assign", headers=SUPERVISOR, data={"to": colleague.id})
    assert answer.status_code == 303
    assert people.now(found).staff == colleague.id


def test_an_adviser_gives_nobody_away(client, duty, people):
    found, colleague = people.ask(), duty.add("victim_support:adviser")
    assert client.post(f"/queue/{found.id}/assign", headers=ADVISER, data={"to": colleague.id}).status_code == 403
    assert people.now(found).state == "waiting"


def test_nobody_is_given_to_a_colleague_who_is_not_there(client, people):
    found = people.ask()
    answer = client.post(f"/queue/{found.id}/assign", headers=SUPERVISOR, data={"to": "victim_support:adviser"})
    assert answer.status_code == 409
    assert people.now(found).state == "waiting"


def test_a_talk_that_has_ended_stays_on_the_list_until_it_has_a_code(client, desk, people):
    found = people.ask()
    client.post(f"/queue/{found.id}/claim", headers=ADVISER)
    with desk.room.work() as work:
        desk.room.store.close(work.db, people.now(found), "person", NOON)
    assert "Needs a wrap-up code" in show(client)


def test_a_supervisor_sees_the_talks_of_the_organisation_and_an_adviser_their_own(client, people):
    found = people.ask()
    client.post(f"/queue/{found.id}/claim", headers=ADVISER)
    assert "Talks of your colleagues" in show(client, SUPERVISOR)
    other = {**ADVISER, "X-Staff": "victim_support:adviser,case_officer"}
    assert f"/talks/{found.id}" not in show(client, other)


# --- duty


def test_going_on_duty_and_off_again_is_noted(client, duty, recorded):
    client.post("/queue/duty", headers=ADVISER, data={"available": "yes"})
    assert "You are on duty" in show(client)
    client.post("/queue/duty", headers=ADVISER, data={"available": "no"})
    assert "You are off duty" in show(client)
    assert [act for _, act, *_ in recorded.acts] == ["duty.on", "duty.off"]


def test_out_of_hours_it_says_that_nobody_new_is_offered_a_talk(client, now):
    now[0] = NOON + 12 * HOUR
    assert "closed at this hour" in show(client)


# --- safety alerts


@pytest.fixture
def alert(people, desk):
    """A conversation in which the gate has raised an alert."""
    conversation, store = people.start(), people.store
    inbox, _ = store.accept(conversation, Message(client_id="danger", text="he has a knife"), NOON)
    assert store.lease(conversation.id, "gateway", NOON, NOON + 30)
    store.finish(
        conversation,
        "gateway",
        inbox,
        new_events=[],
        new_replies=[],
        new_commands=[Command(kind="alert", body={"category": "immediate_danger"})],
        memory=conversation.memory,
        now=NOON,
    )
    return conversation


def test_an_alert_is_shown_to_the_independent_provider_and_taken_up_once(client, alert, recorded):
    assert "Immediate danger" in show(client)
    assert "Immediate danger" not in show(client, OFFICER)
    client.post("/alerts/1/take", headers=ADVISER)
    assert recorded.named("alert.take_up") == ["1"]
    assert client.post("/alerts/1/take", headers=SUPERVISOR).status_code == 409


def test_the_chat_of_an_alert_is_opened_only_by_somebody_on_duty(client, alert, duty, recorded):
    refused = client.post("/alerts/1/open", headers=ADVISER)
    assert refused.status_code == 409
    assert "he has a knife" not in refused.text
    duty.add("victim_support:adviser")
    assert "he has a knife" in client.post("/alerts/1/open", headers=ADVISER).text
    assert recorded.named("alert.open") == ["1"]


def test_looking_for_an_alert_of_another_organisation_tells_the_auditor(client, alert, duty, recorded):
    duty.add("police:adviser")
    assert client.post("/alerts/1/open", headers=OFFICER).status_code == 404
    assert recorded.named("search.outside") == ["/alerts/1/open"]


# --- call-backs


@pytest.fixture
def call_back(people, desk):
    """A call-back that is safe from one hour to three hours after noon."""
    asked = CallBackAsk(
        organisation="victim_support",
        restricted=False,
        window=Window(start=NOON + HOUR, end=NOON + 3 * HOUR),
        number="+447700900123",
        code_word="marigold",
        told="Ring when the school is on",
    )
    conversation = people.start()

    def write(db, inbox):
        desk.call_backs.ask(db, conversation.id, inbox, asked, language="en", now=NOON)

    people.work(conversation, "yes", write, NOON)


def test_outside_the_window_neither_number_nor_code_word_is_shown(client, call_back):
    client.post("/call-backs/1/take", headers=ADVISER)
    page = client.get("/call-backs/1", headers=ADVISER).text
    assert "+447700900123" not in page
    assert "marigold" not in page
    assert "25 November 2026, 13:00 to 15:00" in page


def test_inside_the_window_number_and_code_word_are_shown_and_that_is_noted(client, call_back, now, recorded):
    client.post("/call-backs/1/take", headers=ADVISER)
    now[0] = NOON + 2 * HOUR
    page = client.get("/call-backs/1", headers=ADVISER).text
    assert "+447700900123" in page
    assert "marigold" in page
    assert recorded.named("call_back.open") == ["1"]


def test_the_list_shows_the_window_and_never_the_number(client, call_back, now):
    now[0] = NOON + 2 * HOUR
    page = show(client)
    assert "25 November 2026, 13:00 to 15:00" in page
    assert "Open now" in page
    assert "900123" not in page


def test_a_call_back_that_a_colleague_has_is_not_opened_and_the_auditor_is_told(client, call_back, recorded):
    client.post("/call-backs/1/take", headers=ADVISER)
    assert client.get("/call-backs/1", headers=SUPERVISOR).status_code == 409
    assert client.get("/call-backs/1", headers=OFFICER).status_code == 404
    assert recorded.named("search.outside") == ["/call-backs/1", "/call-backs/1"]


def test_a_call_back_is_closed_with_how_it_went(client, call_back, now, desk):
    client.post("/call-backs/1/take", headers=ADVISER)
    now[0] = NOON + 2 * HOUR
    assert client.post("/call-backs/1/close", headers=ADVISER, data={"outcome": "nonsense"}).status_code == 409
    assert client.post("/call-backs/1/close", headers=ADVISER, data={"outcome": "reached"}).status_code == 303
    assert "Call-backs to make" not in show(client)


# --- the part that changes


def test_how_many_wait_is_said_anew_only_when_it_has_changed(client, people):
    people.ask()
    first = client.get("/queue/now", headers={**ADVISER, "HX-Request": "true"})
    assert "hx-swap-oob" in first.text
    known = first.text.partition('name="known" value="')[2].partition('"')[0].replace("&#39;", "'")
    again = client.get("/queue/now", params={"known": known}, headers={**ADVISER, "HX-Request": "true"})
    assert "hx-swap-oob" not in again.text
