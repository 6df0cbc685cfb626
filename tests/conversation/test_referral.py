"""Sending, asking about and withdrawing a referral, in the gateway: with the reply, or not at all."""

import msgspec
import pytest
import sqlalchemy as sa
import structlog

from bot.conversation.messages import Command
from bot.conversation.referral import MOST_UNKNOWN, STATUS, SUBMIT, WITHDRAW, about, family_mentioned
from bot.referrals.preview import agree
from bot.referrals.rows import normal_reference, spoken
from bot.store.conversations import Memory
from bot.store.referral_tables import referral_answers, referral_outbox, referrals
from tests.conversation.referral_parts import CANARY, Parts, contents
from tests.referrals.conftest import complete
from tests.stand_ins import OrderingEngine, StandInGate

WRONG = "0000 0000 0000"


@pytest.fixture
def engine():
    return OrderingEngine()


@pytest.fixture
def parts(database, vault, settings, engine):
    return Parts(database, vault, settings, engine, StandInGate())


def submit(parts, **changed):
    """What the engine orders once somebody has said yes."""
    draft = complete(parts.form, name=CANARY)
    consent = agree(parts.form, draft, language="en", at=0.0)
    body = {"draft": msgspec.to_builtins(draft), "version": consent.version, "language": "en", "shown": consent.shown}
    return Command(kind=SUBMIT, body=body | changed)


def rows(database):
    with database.connect() as db:
        tables = (referrals, referral_answers, referral_outbox)
        return sum(db.execute(sa.select(sa.func.count()).select_from(table)).scalar() for table in tables)


async def sent(parts, engine):
    """Somebody who has sent a referral, and its reference."""
    talk = await parts.talk()
    engine.orders = [submit(parts)]
    await talk.say("yes")
    button = talk.last[0].buttons[0]
    return talk, button.payload.split('"')[3]


async def test_a_yes_stores_the_referral_and_shows_its_reference(parts, engine):
    talk, reference = await sent(parts, engine)
    assert f"Your reference is {spoken(reference)}." in talk.text
    assert parts.referrals.open(reference).answers["name"] == CANARY
    assert parts.referrals.status(reference) == "not_through"


async def test_in_demonstration_mode_it_says_that_nothing_leaves(parts, engine):
    talk, _ = await sent(parts, engine)
    assert talk.text.startswith(parts.form.words.demonstration)


async def test_no_time_of_the_police_is_claimed_as_met(parts, engine):
    talk, _ = await sent(parts, engine)
    assert "I cannot say when" in talk.text
    assert "The police still have their own duty" in talk.text


async def test_the_answers_are_then_in_the_referral_only(parts, database, vault, engine):
    await sent(parts, engine)
    assert CANARY not in contents(database, vault)


async def test_when_the_outcome_cannot_be_stored_neither_is_the_referral(parts, database, engine, monkeypatch):
    talk = await parts.talk()
    engine.orders = [submit(parts)]

    def broken(*_):
        raise sa.exc.OperationalError("x", {}, Exception())

    with monkeypatch.context() as broken_store:
        broken_store.setattr(parts.store, "_insert_replies", broken)
        await talk.say("yes")
    assert rows(database) == 0
    parts.clock.forward(minutes=1)
    await parts.conversations.recover()
    await parts.conversations.settle()
    assert len(parts.referrals.of_conversation(talk.conversation.id)) == 1


@pytest.mark.parametrize("changed", [{"shown": "something else"}, {"version": "0"}])
async def test_a_yes_to_something_else_sends_nothing(parts, database, engine, changed):
    talk = await parts.talk()
    engine.orders = [submit(parts, **changed)]
    await talk.say("yes")
    assert rows(database) == 0
    # The engine's own words stay, which say that nothing was sent.
    assert talk.text == "echo yes"


async def test_an_answer_that_is_missing_sends_nothing(parts, database, engine):
    order = submit(parts)
    del order.body["draft"]["answers"]["name"]
    engine.orders = [order]
    await (await parts.talk()).say("yes")
    assert rows(database) == 0


async def test_what_happened_to_it_is_only_sent_received_or_not_through(parts, engine):
    talk, reference = await sent(parts, engine)
    now = parts.clock().timestamp()
    said = []
    for after in (lambda: None, lambda: parts.referrals.delivered(claim(), now), received(parts, reference, now)):

        def claim():
            return parts.referrals.claim("me", now, now + 60)

        after()
        engine.orders = [Command(kind=STATUS, body={"reference": reference})]
        await talk.say("what happened")
        said.append(talk.text)
    words = parts.form.words.status
    names = [words[name].format(recipient="Victim Support") for name in ("not_through", "sent", "received")]
    assert [text.split("\n")[-1] for text in said] == names


def received(parts, reference, now):
    return lambda: parts.referrals.received(reference, now)


async def test_it_can_be_asked_about_from_another_conversation(parts, engine):
    _, reference = await sent(parts, engine)
    other = await parts.talk()
    engine.orders = [Command(kind=STATUS, body={"reference": spoken(reference)})]
    await other.say("x")
    assert parts.form.words.status["not_through"] in other.text


async def test_before_it_is_sent_withdrawing_deletes_it(parts, database, engine):
    talk, reference = await sent(parts, engine)
    engine.orders = [Command(kind=WITHDRAW, body={"reference": reference})]
    await talk.say("yes")
    assert talk.text == parts.form.words.withdraw["stopped"]
    assert rows(database) == 0


async def test_after_it_was_sent_the_provider_is_told_and_it_says_what_cannot_be_done(parts, engine):
    talk, reference = await sent(parts, engine)
    now = parts.clock().timestamp()
    parts.referrals.delivered(parts.referrals.claim("me", now, now + 60), now)
    engine.orders = [Command(kind=WITHDRAW, body={"reference": reference})]
    await talk.say("yes")
    assert "cannot be pulled back" in talk.text
    assert parts.referrals.claim("me", now, now + 60).kind == "withdrawal"


async def test_one_that_is_sent_while_it_is_withdrawn_is_not_said_to_be_deleted(parts, engine, monkeypatch):
    talk, reference = await sent(parts, engine)
    engine.orders = [Command(kind=WITHDRAW, body={"reference": reference})]
    looked = parts.referrals.can_withdraw

    def then_sent(one):
        outcome = looked(one)
        parts.referrals.claim("me", parts.clock().timestamp(), parts.clock().timestamp() + 60)
        return outcome

    with monkeypatch.context() as racing:
        racing.setattr(parts.referrals, "can_withdraw", then_sent)
        await talk.say("yes")
    # What was worked out first is thrown away, and the message worked anew at once.
    assert [reply.text for reply in talk.last] == [parts.form.words.withdraw["told"].format(recipient="Victim Support")]


@pytest.mark.parametrize("kind", [STATUS, WITHDRAW])
async def test_a_reference_that_does_not_exist_is_refused_and_counted(parts, engine, kind):
    talk = await parts.talk()
    engine.orders = [Command(kind=kind, body={"reference": WRONG})]
    with structlog.testing.capture_logs() as logged:
        await talk.say("x")
    assert "I cannot find a referral with that number" in talk.text
    assert [entry for entry in logged if entry["event"] == "referral.unknown_reference"]
    assert "0000" not in repr(logged)


async def test_somebody_who_guesses_is_told_nothing_even_about_a_right_one(parts, engine):
    _, reference = await sent(parts, engine)
    guessing = await parts.talk()
    for guess in range(MOST_UNKNOWN):
        engine.orders = [Command(kind=STATUS, body={"reference": f"{guess:012d}"})]
        await guessing.say("x")
    engine.orders = [Command(kind=STATUS, body={"reference": reference})]
    await guessing.say("x")
    assert guessing.text == parts.form.words.status["unknown"]


async def test_a_hold_keeps_a_referral_that_is_withdrawn(parts, database, engine, holding):
    talk, reference = await sent(parts, engine)
    holding(parts, "referral", reference)
    engine.orders = [Command(kind=WITHDRAW, body={"reference": reference})]
    await talk.say("yes")
    assert "deleted" not in talk.text.split(".")[0]
    assert parts.referrals.open(reference) is not None


def test_the_reference_stands_in_the_buttons_payload_which_never_leaves():
    assert normal_reference(about(STATUS, "123456789012")) is None
    assert about(STATUS, "123456789012") == '/referral_status{"form_answer": "123456789012"}'


@pytest.mark.parametrize(("cards", "mentioned"), [(["forced_marriage:attach"], True), (["stalking:attach"], False)])
def test_a_card_about_honour_guards_the_referral(cards, mentioned):
    assert family_mentioned(Memory(cards_shown=cards)) is mentioned
