"""The page of a talk: what it shows to whom, what can be said and done there, and what is noted."""

import functools
import re
from datetime import date

import pytest

from bot.console.chat import Chat
from bot.conversation.messages import Private, Reply
from bot.referrals.queue import ReferralQueue
from bot.referrals.sealing import RotatingVault
from bot.referrals.store import ReferralStore
from bot.rights.answers import Answers
from bot.rights.catalogue import load_catalogue
from bot.rights.phrases import load_phrases
from bot.rights.search import AnswerSearch
from tests.conftest import DATA, KEY
from tests.console.conftest import as_staff
from tests.handoff.conftest import NOON
from tests.referrals.conftest import complete, real_form, yes

ADVISER = as_staff("adviser", organisation="victim_support")
COLLEAGUE = as_staff("adviser", "case_officer", organisation="victim_support")
SUPERVISOR = as_staff("supervisor", organisation="victim_support")
OFFICER = as_staff("adviser", organisation="police")
PART = {"HX-Request": "true", "X-Live": "1"}


@functools.cache
def search() -> AnswerSearch:
    answers = Answers(load_catalogue(DATA), load_phrases(DATA))
    return AnswerSearch(answers, area="", demo=True, today=lambda: date(2026, 11, 25))


@pytest.fixture
def referrals(database) -> ReferralStore:
    return ReferralStore(database, RotatingVault([KEY]), real_form())


@pytest.fixture
def now() -> list[float]:
    return [NOON]


@pytest.fixture
def client(console, database, desk, referrals, now):
    return console([Chat(desk, search(), ReferralQueue(database, referrals), clock=lambda: now[0])])


@pytest.fixture
def talk(people, desk, duty):
    """Somebody who has been taken by the adviser."""
    found = people.ask(topic="Court dates", told="The trial was moved", contact="a safe address")
    return desk.claim(duty.add("victim_support:adviser", "Adviser"), found.id, NOON)


def show(client, talk, who=ADVISER) -> str:
    return client.get(f"/talks/{talk.id}", headers=who).text


def post(client, talk, act, who=ADVISER, part=True, **fields):
    headers = {**who, **PART} if part else who
    return client.post(f"/talks/{talk.id}/{act}", headers=headers, data=fields)


# --- what is shown, and to whom


def test_it_shows_what_the_person_agreed_to_and_notes_that_it_was_read(client, talk, recorded):
    page = show(client, talk)
    assert all(words in page for words in ["Court dates", "The trial was moved", "a safe address"])
    assert recorded.named("hand_off.open") == [str(talk.id)]


def test_it_shows_nothing_that_was_said_before_the_hand_off(client, talk):
    assert "first words" not in show(client, talk)


def test_a_card_and_the_kind_of_danger_stand_beside_the_words(client, talk, people, desk):
    people.says(talk, "he is outside")
    with desk.room.work() as work:
        card = Reply(text="If you are in danger now, call 999.", private=Private(safety="immediate_danger"))
        desk.room.say(work, people.now(talk), [card], NOON)
    page = show(client, talk)
    assert page.index("he is outside") < page.index("Card: immediate danger")


@pytest.mark.parametrize("who", [COLLEAGUE, OFFICER])
def test_nobody_else_opens_it_and_the_auditor_is_told_of_the_try(client, talk, who, recorded):
    answer = client.get(f"/talks/{talk.id}", headers=who)
    assert answer.status_code in (404, 409)
    assert "The trial was moved" not in answer.text
    assert recorded.named("search.outside") == [f"/talks/{talk.id}"]


def test_a_supervisor_reads_along_and_cannot_write(client, talk):
    page = show(client, talk, SUPERVISOR)
    assert "The trial was moved" in page
    assert "You are reading along" in page
    assert post(client, talk, "say", SUPERVISOR, text="hello", client_id="1").status_code == 409


@pytest.mark.parametrize(
    "act", ["say", "answer", "canned", "typing", "note", "interpreter", "transfer", "restrict", "end"]
)
def test_another_organisation_can_do_nothing_with_it(client, talk, people, act):
    fields = {"text": "x", "client_id": "1", "state": "asked", "to": "queue:", "code": "other", "canned": "hello"}
    answer = post(client, talk, act, OFFICER, topic="right_06/how_long", **fields)
    assert answer.status_code == 404
    assert people.now(talk).state == "talking"
    assert people.now(talk).interpreter == ""


@pytest.mark.parametrize("act", ["say", "note", "restrict", "end", "transfer"])
def test_nothing_is_done_without_the_token_of_the_session(client, talk, people, act):
    headers = {**ADVISER, "X-CSRF-Token": "of somewhere else"}
    assert client.post(f"/talks/{talk.id}/{act}", headers=headers, data={"code": "other"}).status_code == 403
    assert people.now(talk).state == "talking"


def test_words_of_the_person_are_never_taken_for_markup(client, talk, people):
    people.says(talk, "<script>alert(1)</script>")
    page = show(client, talk)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- saying something


def test_what_is_typed_reaches_the_person(client, talk, people):
    assert post(client, talk, "say", text="I am here.", client_id="1").status_code == 200
    assert people.hears(talk)[-1].text == "I am here."


def test_the_same_message_again_says_it_once(client, talk, people):
    for _ in range(3):
        assert post(client, talk, "say", text="I am here.", client_id="1").status_code == 200
    assert [reply.text for reply in people.hears(talk)].count("I am here.") == 1


def test_without_script_the_page_comes_back_with_what_was_said(client, talk):
    answer = post(client, talk, "say", part=False, text="I am here.", client_id="1")
    assert answer.headers["location"] == f"/talks/{talk.id}"
    assert "I am here." in show(client, talk)


@pytest.mark.parametrize("fields", [{"text": "  ", "client_id": "1"}, {"text": "x", "client_id": ""}, {}])
def test_an_empty_message_is_refused_in_words(client, talk, fields):
    answer = post(client, talk, "say", **fields)
    assert (answer.status_code, answer.text.strip()) == (409, "There is nothing to send. Type something first.")


def test_nothing_is_written_while_somebody_may_be_reading_beside_the_person(client, talk, people):
    people.says(talk, "he is reading this", quiet=True)
    assert "Write nothing until they go on" in show(client, talk)
    answer = post(client, talk, "say", text="Are you all right?", client_id="1")
    assert answer.status_code == 409
    assert "Are you all right?" not in [reply.text for reply in people.hears(talk)]


def test_an_approved_reply_is_sent_as_it_stands(client, talk, people, desk):
    hello = next(one for one in desk.canned("en") if one.id == "hello")
    assert post(client, talk, "canned", canned="hello", client_id="1").status_code == 200
    assert people.hears(talk)[-1].text == hello.text
    assert post(client, talk, "canned", canned="none", client_id="2").status_code == 409


def test_answers_are_found_by_their_words_and_sent_with_their_source(client, talk, people):
    found = post(client, talk, "answers", words="restraining order")
    topic = re.search(r'name="topic" value="([^"]+)"', found.text)
    assert topic is not None
    assert post(client, talk, "answer", topic=topic[1], client_id="1").status_code == 200
    said = people.hears(talk)[-1].text
    one = search().topic(topic[1])
    assert one is not None
    assert said.startswith(one.title)
    assert said.endswith(one.source)


def test_an_answer_that_is_none_is_not_sent(client, talk, people):
    before = len(people.hears(talk))
    assert post(client, talk, "answer", topic="right_99/nothing", client_id="1").status_code == 409
    assert len(people.hears(talk)) == before


def test_a_search_without_script_shows_the_whole_page_with_what_was_found(client, talk):
    page = post(client, talk, "answers", part=False, words="restraining order").text
    assert "<h1" in page
    assert "Send this answer" in page


def test_typing_is_shown_to_the_person(client, talk, people):
    assert post(client, talk, "typing").status_code == 204
    assert people.now(talk).staff_typing_until > NOON


# --- the part that changes


def news(client, talk, after=0, known="talking-True-", who=ADVISER):
    return client.get(f"/talks/{talk.id}/lines", params={"after": after, "known": known}, headers={**who, **PART})


def test_only_what_is_new_since_the_last_line_comes(client, talk, people):
    people.says(talk, "one")
    last = re.search(r'id="after" name="after" value="(\d+)"', news(client, talk).text)
    assert last is not None
    people.says(talk, "two")
    text = news(client, talk, last[1]).text
    assert "two" in text
    assert ">one<" not in text


def test_looking_on_an_open_page_is_not_noted_anew(client, talk, recorded):
    news(client, talk)
    news(client, talk)
    assert recorded.named("hand_off.open") == []


def test_the_box_is_drawn_anew_only_when_one_may_write_no_more(client, talk, people):
    assert 'id="writing"' not in news(client, talk).text
    assert 'id="writing"' in news(client, talk, known="waiting-False-").text


def test_whoever_has_lost_the_talk_is_told_so(client, talk, desk, duty):
    to = duty.add("victim_support:adviser,case_officer", "Colleague")
    desk.transfer(duty.there["victim_support:adviser"], talk.id, to, NOON)
    answer = news(client, talk)
    assert answer.headers["hx-redirect"].startswith("/queue?done=This%20talk%20is%20with%20somebody%20else")
    assert answer.text == ""


def test_a_page_of_the_person_that_is_gone_is_told_in_words(client, talk, desk, now):
    now[0] = NOON + 10
    assert "not connected" not in show(client, talk)
    now[0] = NOON + desk.room.limits.token
    assert "The person's page is not connected" in show(client, talk)


# --- what goes with it


def test_a_note_is_seen_by_staff_and_never_by_the_person(client, talk, people):
    post(client, talk, "note", part=False, text="Ask about an interpreter")
    assert "Ask about an interpreter" in show(client, talk)
    assert all("Ask about" not in reply.text for reply in people.hears(talk))


def test_a_request_for_an_interpreter_is_noted(client, talk, people):
    post(client, talk, "interpreter", part=False, state="asked")
    assert people.now(talk).interpreter == "asked"
    assert post(client, talk, "interpreter", state="nonsense").status_code == 409


def test_a_talk_passes_to_a_colleague_with_all_that_was_said(client, talk, people, duty):
    people.says(talk, "my first question")
    colleague = duty.add("victim_support:adviser,case_officer", "Colleague")
    post(client, talk, "transfer", part=False, to=f"staff:{colleague.id}")
    assert people.now(talk).staff == colleague.id
    assert "my first question" in show(client, talk, COLLEAGUE)
    assert client.get(f"/talks/{talk.id}", headers=ADVISER).status_code == 409


def test_another_organisation_gets_it_only_after_the_person_was_asked(client, talk, people, duty):
    duty.add("police:adviser", "Officer")
    post(client, talk, "transfer", part=False, to="office:police")
    assert people.now(talk).organisation == "victim_support"
    assert people.now(talk).proposed == "police"
    assert client.get(f"/talks/{talk.id}", headers=OFFICER).status_code == 404


@pytest.mark.parametrize("to", ["", "staff:nobody", "office:nowhere", "office:commissioner", "nonsense"])
def test_it_passes_to_nobody_who_is_not_there(client, talk, people, to):
    assert post(client, talk, "transfer", to=to).status_code == 409
    assert people.now(talk).staff == "victim_support:adviser"


def test_a_restricted_talk_leaves_the_force(client, people, desk, duty):
    found = people.ask(organisation="police")
    desk.claim(duty.add("police:adviser", "Officer"), found.id, NOON)
    post(client, found, "restrict", OFFICER, part=False)
    assert people.now(found).organisation == "victim_support"
    assert client.get(f"/talks/{found.id}", headers=OFFICER).status_code == 404


def test_a_talk_is_ended_with_a_code_and_not_without(client, talk, people):
    assert post(client, talk, "end", code="").status_code == 409
    assert people.now(talk).state == "talking"
    assert post(client, talk, "end", part=False, code="answered").status_code == 303
    assert (people.now(talk).state, people.now(talk).wrap_up) == ("ended", "answered")


def test_a_talk_that_the_person_ended_gets_its_code_afterwards(client, talk, people, desk):
    with desk.room.work() as work:
        desk.room.store.close(work.db, people.now(talk), "person", NOON)
    assert "Ended by the person" in show(client, talk)
    assert post(client, talk, "end", part=False, code="other").status_code == 303
    assert people.now(talk).wrap_up == "other"


def test_a_referral_of_the_same_person_is_shown_to_its_organisation_only(client, talk, referrals, people, desk, duty):
    form, here = real_form(), people.now(talk).conversation
    draft = complete(form)
    mine = referrals.submit(draft, yes(form, draft), "message-1", NOON, conversation=here)
    other = referrals.submit(draft, yes(form, draft), "message-2", NOON, conversation="another")
    page = show(client, talk)
    assert f"/referrals/{mine}" in page
    assert other not in page
    police = people.ask(organisation="police")
    referrals.submit(draft, yes(form, draft), "message-3", NOON, conversation=people.now(police).conversation)
    desk.claim(duty.add("police:adviser", "Officer"), police.id, NOON)
    assert "/referrals/" not in show(client, police, OFFICER)
