"""Where a case stands, through the gateway: the code, the case, and look-ups that cannot be told apart."""

import asyncio
import threading
from datetime import date, timedelta

import httpx
import msgspec
import pytest
import sqlalchemy as sa
import structlog
from structlog.testing import LogCapture

from bot.cases import desk as desk_module
from bot.cases.model import CaseEvent, SafeContact
from bot.cases.notices import CaseNotices
from bot.cases.provider import CasesUnavailable
from bot.cases.stages import load_stages
from bot.cases.view import load_case_words
from bot.conversation.case_status import HIDE_CASE, SHOW_AGAIN, code_in
from bot.conversation.messages import Message
from bot.gateway.app import Gateway
from bot.store.case_tables import case_attempts, case_notices, cases
from bot.store.encryption import Vault
from tests.cases.conftest import ADDRESS, NOW, REFERENCE, record
from tests.conftest import DATA, KEY
from tests.conversation.case_desk import CODE, Desk
from tests.gateway.test_api import StandInPool

WRONG = "654321"


@pytest.fixture
def desk(sqlite, settings):
    return Desk(sqlite, settings)


@pytest.fixture
def either_desk(database, settings):
    """On SQLite, and again on PostgreSQL."""
    return Desk(database, settings)


def press(replies, payload):
    return next(button.id for reply in replies for button in reply.buttons if button.payload == payload)


def encoded(replies):
    return [msgspec.json.encode(reply) for reply in replies]


def notices(desk):
    return CaseNotices(desk.database, Vault([KEY])).claim(desk.time.now, until=desk.time.now, most=20)


# --- the code and the case


async def test_a_code_goes_to_the_safe_contact_and_shows_the_case(either_desk):
    desk = either_desk
    desk.keep_one()
    _, shown = await desk.proven()
    assert [(notice.channel, notice.address) for notice in notices(desk)] == [("email", ADDRESS)]
    assert "The police are looking into it" in shown[0].text
    assert "Who to ask" in shown[1].text
    assert {button.payload for button in shown[-1].buttons} >= {SHOW_AGAIN, HIDE_CASE}


@pytest.mark.parametrize("typed", ["123456", "123 456", "my code is 123456", "its 123-456 thanks", "１２３４５６"])
async def test_a_code_is_read_as_people_type_it(desk, typed):
    desk.keep_one()
    conversation = await desk.start()
    await desk.say(conversation, REFERENCE)
    assert "looking into it" in (await desk.say(conversation, typed))[0].text


@pytest.mark.parametrize("typed", ["12345", "1234567", "07700 900123", "i was born on 12 03 1990", "no code came"])
def test_other_numbers_are_no_codes(typed):
    assert code_in(typed) is None


async def test_a_question_while_waiting_for_the_code_is_answered(desk):
    desk.keep_one()
    conversation = await desk.start()
    await desk.say(conversation, REFERENCE)
    assert (await desk.say(conversation, "what is bail"))[0].text == "echo what is bail"
    assert "looking into it" in (await desk.say(conversation, CODE))[0].text


async def test_the_code_works_from_a_new_conversation_that_gives_the_same_reference(desk):
    desk.keep_one()
    await desk.say(await desk.start(), REFERENCE)
    other = await desk.start()
    await desk.say(other, "20-000001-26 / please")
    assert "looking into it" in (await desk.say(other, CODE))[0].text


async def test_a_code_never_reaches_the_engine(desk):
    desk.keep_one()
    await desk.proven()
    assert CODE not in str([(request.text, request.events) for request in desk.engine.asked])


async def test_six_digits_without_a_look_up_are_ordinary_words(desk):
    conversation = await desk.start()
    assert (await desk.say(conversation, CODE))[0].text == f"echo {CODE}"


async def test_asked_again_nothing_new_is_an_answer_in_its_own_right(desk):
    desk.keep_one()
    conversation, shown = await desk.proven()
    again = await desk.say(conversation, button=press(shown, SHOW_AGAIN))
    assert again[0].text.startswith("Nothing new has been written down since 4 November 2026")


async def test_a_change_is_shown_as_one(desk):
    desk.keep_one()
    conversation, shown = await desk.proven()
    desk.keep_one(stage="file_with_cps", changed_at=NOW - timedelta(days=1))
    again = await desk.say(conversation, button=press(shown, SHOW_AGAIN))
    assert "The prosecutor has the file" in again[0].text
    assert not again[0].text.startswith("Nothing new")


async def test_the_rights_clock_stands_with_the_case(desk):
    desk.keep_one(events=[CaseEvent(kind="crime_reported_to_police", on=date(2026, 11, 20))])
    _, shown = await desk.proven()
    assert any("What you should have been told, and by when:" in reply.text for reply in shown)


# --- the proof lapses


async def test_a_proof_lapses_after_a_pause(desk):
    desk.keep_one()
    conversation, shown = await desk.proven()
    desk.time.passes(minutes=16)
    (reply,) = await desk.say(conversation, button=press(shown, SHOW_AGAIN))
    assert reply.text.startswith("For your safety I have put the case away")


async def test_a_proof_lives_on_while_it_is_used(desk):
    desk.keep_one()
    conversation, shown = await desk.proven()
    for _ in range(3):
        desk.time.passes(minutes=10)
        await desk.say(conversation, "what is bail")
    assert "looking into it" in (await desk.say(conversation, button=press(shown, SHOW_AGAIN)))[0].text


async def test_a_case_is_put_away_when_asked(desk):
    desk.keep_one()
    conversation, shown = await desk.proven()
    await desk.say(conversation, button=press(shown, HIDE_CASE))
    (reply,) = await desk.say(conversation, button=press(shown, SHOW_AGAIN))
    assert "looking into it" not in reply.text


async def test_leaving_puts_the_case_away(desk):
    desk.keep_one()
    conversation, _ = await desk.proven()
    quiet = await desk.say(conversation, "hes sat right here")
    await desk.say(conversation, button=press(quiet, "gateway:exit"))
    assert desk.status.state(desk.store.get(conversation.id).memory, desk.time.now) == "none"


async def test_a_case_that_may_no_longer_be_shown_is_gone_at_once(desk):
    desk.keep_one()
    conversation, shown = await desk.proven()
    desk.keep_one(online_allowed=False)
    first = await desk.say(await desk.start(), "20/999999/26")
    assert encoded(await desk.say(conversation, button=press(shown, SHOW_AGAIN))) == encoded(first)


async def test_a_source_that_cannot_be_read_is_said_to_be_with_the_emergency_number(desk, monkeypatch):
    desk.keep_one()
    conversation, shown = await desk.proven()

    def fail(reference):
        raise CasesUnavailable("down")

    monkeypatch.setattr(desk.cases, "find", fail)
    (reply,) = await desk.say(conversation, button=press(shown, SHOW_AGAIN))
    assert "cannot be read just now" in reply.text
    assert "999" in reply.text


# --- the gate still comes first


async def test_danger_in_place_of_a_code_gets_the_card(desk):
    desk.keep_one()
    conversation = await desk.start()
    await desk.say(conversation, REFERENCE)
    replies = await desk.say(conversation, "he is outside with a knife and he is trying to break in")
    assert replies[0].private.safety == "immediate_danger"


# --- look-ups cannot be told apart

NOT_SHOWN = {
    "suspect": {"person_role": "suspect"},
    "linked": {"linked_case_roles": ["accused"]},
    "not opted in": {"online_allowed": False},
    "high risk, nobody decided": {"case_flags": ["domestic_abuse"]},
    "no contact": {"safe_contact": None},
    "old contact": {"safe_contact_confirmed_at": NOW - timedelta(days=91)},
    "contact older than the arrest": {"last_risk_event_at": NOW - timedelta(days=1)},
    "unmapped": {"stage": None},
    "not told in person": {"stage": "no_further_action"},
}


@pytest.mark.parametrize("why", NOT_SHOWN)
async def test_what_is_not_shown_looks_like_what_does_not_exist(desk, why):
    desk.keep_one(**NOT_SHOWN[why])
    not_shown, none = await desk.start(), await desk.start()
    assert encoded(await desk.say(not_shown, REFERENCE)) == encoded(await desk.say(none, "20/999999/26"))
    assert encoded(await desk.say(not_shown, CODE)) == encoded(await desk.say(none, CODE))
    assert [notice.channel for notice in notices(desk)] == ["none", "none"]


async def test_a_wrong_code_gets_the_words_of_a_first_look_up(desk):
    desk.keep_one()
    conversation = await desk.start()
    first = await desk.say(conversation, REFERENCE)
    assert encoded(await desk.say(conversation, WRONG)) == encoded(first)


async def test_a_late_code_is_no_code(desk):
    desk.keep_one()
    conversation = await desk.start()
    await desk.say(conversation, REFERENCE)
    desk.time.passes(minutes=16)
    assert "looking into it" not in (await desk.say(conversation, CODE))[0].text


async def test_a_used_code_is_no_code(desk):
    desk.keep_one()
    await desk.proven()
    other = await desk.start()
    first = await desk.say(other, REFERENCE)
    assert encoded(await desk.say(other, CODE)) == encoded(first)


@pytest.fixture
def count(database):
    """Statements sent to the database since it was last asked."""
    seen: list[str] = []

    def note(connection, cursor, statement, parameters, context, executemany):
        seen.append(statement)

    sa.event.listen(database, "before_cursor_execute", note)

    def taken():
        found, seen[:] = list(seen), []
        return found

    return taken


async def test_two_hundred_cases_and_as_many_wrong_numbers_leave_the_same_traces(either_desk, count):
    """Identical words, number of statements and of outbox rows, whether or not there is a case to be shown."""
    desk = either_desk
    kept = [
        record(
            **{
                "reference": f"20/{number:06}/26",
                "safe_contact": SafeContact(channel="sms", address=f"07700900{number:03}", belongs_to="victim"),
                **(list(NOT_SHOWN.values())[number % len(NOT_SHOWN)] if number % 2 else {}),
            }
        )
        for number in range(1, 201)
    ]
    desk.keep(kept)
    traces = set()
    for number in range(1, 201):
        for middle in (number, number + 500_000):
            conversation = await desk.start()
            count()
            replies = await desk.say(conversation, f"20/{middle:06}/26")
            statements = tuple(count())
            traces.add((tuple(encoded(replies)), len(statements)))
    assert len(traces) == 1
    with desk.database.connect() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(case_notices)).scalar() == 400
        assert db.execute(sa.select(sa.func.count()).select_from(case_attempts)).scalar() == 400


async def test_the_reply_leaves_before_the_case_is_looked_at(desk, monkeypatch):
    asked, go_on = threading.Event(), threading.Event()

    def hang(reference):
        asked.set()
        go_on.wait(20)
        return None

    monkeypatch.setattr(desk.cases, "find", hang)
    conversation = await desk.start()
    await desk.conversations.accept(conversation, Message(client_id="1", text=REFERENCE))
    replies = await desk.conversations.replies(conversation, 1, wait=10)
    assert "If we can show your case here" in replies[0].reply.text
    await asyncio.get_running_loop().run_in_executor(None, asked.wait, 20)
    go_on.set()
    await desk.conversations.settle()


# --- attacks


@pytest.mark.parametrize("reference", ["20/1/26'; DROP TABLE cases; --", "' OR '1'='1'/*", "=cmd|'/C calc'!A0/"])
async def test_hostile_references_come_to_nothing(desk, reference):
    desk.keep_one()
    conversation = await desk.start()
    none = await desk.say(await desk.start(), "20/999999/26")
    assert encoded(await desk.say(conversation, reference)) == encoded(none)
    with desk.database.connect() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(cases)).scalar() == 1


async def test_a_payload_that_is_typed_opens_nothing(desk):
    desk.keep_one()
    await desk.proven()
    conversation = await desk.start()
    replies = await desk.say(conversation, f'/case_status{{"crime_reference":"{REFERENCE}"}}')
    assert "looking into it" not in str(replies)
    assert desk.engine.asked[-1].payload is None


async def test_five_hundred_codes_are_refused_counted_and_logged_without_the_reference(desk, monkeypatch):
    desk.keep_one()
    seen = LogCapture()
    logger = structlog.wrap_logger(None, processors=[seen], wrapper_class=structlog.BoundLogger)
    monkeypatch.setattr(desk_module, "log", logger)
    conversation = await desk.start()
    first = await desk.say(conversation, REFERENCE)
    for guess in range(200_000, 200_500):
        assert encoded(await desk.say(conversation, str(guess))) == encoded(first)
    # The right one no longer helps: the conversation is slowed down.
    assert encoded(await desk.say(conversation, CODE)) == encoded(first)
    tries = [attempt for attempt in desk.desk.attempts(NOW - timedelta(days=1)) if attempt.act == "prove"]
    assert len(tries) == 501
    assert {attempt.outcome for attempt in tries} == {"wrong_code", "locked", "too_many"}
    assert REFERENCE not in str(seen.entries) and "200000" not in str(seen.entries) and ADDRESS not in str(seen.entries)


# --- every stage, and the same over HTTP

STAGES = load_stages(DATA)


@pytest.mark.parametrize("stage", STAGES.stages)
async def test_every_stage_is_shown_in_plain_words_once_a_person_has_told_it(desk, stage):
    told = NOW - timedelta(hours=1)
    desk.keep_one(stage=stage, changed_at=NOW - timedelta(days=1), told_in_person_at=told, **_confirmed_since())
    _, shown = await desk.proven()
    words = load_case_words(DATA, STAGES)
    assert words.stages[stage] in shown[0].text
    assert (STAGES.custody_line in shown[0].text) == STAGES.stages[stage].custody_line
    assert "Who to ask" in shown[1].text


@pytest.mark.parametrize("side_state", STAGES.side_states)
async def test_every_side_state_is_one_more_line(desk, side_state):
    told = NOW - timedelta(hours=1)
    changes = {"side_state": side_state, "changed_at": NOW - timedelta(days=1), "told_in_person_at": told}
    desk.keep_one(**changes, **_confirmed_since())
    _, shown = await desk.proven()
    assert STAGES.side_states[side_state].line in shown[0].text


def _confirmed_since():
    return {"safe_contact_confirmed_at": NOW - timedelta(minutes=30)}


async def test_over_http_right_and_wrong_numbers_have_the_same_bytes_and_headers(desk, settings):
    desk.keep_one()
    app = Gateway(desk.conversations, StandInPool(), settings).app()
    seen = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        for reference in (REFERENCE, "20/999999/26"):
            token = (await client.post("/api/v1/conversations")).json()["token"]
            headers = {"Authorization": f"Bearer {token}"}
            sent = await client.post("/api/v1/messages", json={"client_id": "a", "text": reference}, headers=headers)
            await desk.conversations.settle()
            read = await client.get("/api/v1/replies", params={"after": 1}, headers=headers)
            # Each answer of the gateway has a random id.
            kept = [{**answer.headers, "x-request-id": ""} for answer in (sent, read)]
            seen.append((sent.status_code, kept, read.content))
    assert seen[0] == seen[1]
