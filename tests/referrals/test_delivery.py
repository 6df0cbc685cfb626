"""Delivery: no loss, and exactly once towards a receiver that checks keys, whatever step a worker dies at."""

import json

import msgspec
import pytest
import structlog
from structlog.testing import LogCapture

from bot.outgoing import MailServer, NotSent
from bot.referrals.clocks import POLICE_DUTY, police_duty, to_ask_after
from bot.referrals.delivery import MOST_ATTEMPTS, Mail, Outbox, Webhook, acknowledge, back_off
from bot.referrals.payload import IDENTITY
from bot.referrals.rows import spoken
from bot.referrals.signing import BadSignature, sign
from bot.referrals.store import ReferralStore
from bot.settings import ROOT
from tests.referrals.conftest import NOW, complete, submitted, yes
from tests.referrals.receiver import SECRET


class Killed(BaseException):
    """Stands for the end of the process."""


def webhook(receiver, form) -> Webhook:
    return Webhook(receiver.url, SECRET, form, timeout_s=5)


@pytest.fixture
def outbox(on_sqlite, receiver, form, clock) -> Outbox:
    return Outbox(on_sqlite, webhook(receiver, form), "worker-1", clock)


def deadly(target, step):
    """Make a method end the process: before:NAME or after:NAME."""
    when, _, name = step.partition(":")
    method = getattr(target, name)

    def sync(*args, **kwargs):
        if when == "before":
            raise Killed
        method(*args, **kwargs)
        raise Killed

    async def asynchronous(*args, **kwargs):
        if when == "before":
            raise Killed
        await method(*args, **kwargs)
        raise Killed

    setattr(target, name, asynchronous if name == "send" else sync)


STEPS = ["before:claim", "after:claim", "before:send", "after:send", "before:delivered", "after:delivered"]


@pytest.mark.parametrize("step", STEPS)
async def test_a_referral_arrives_exactly_once_whatever_step_the_worker_dies_at(
    database, rotating_vault, form, receiver, clock, step
):
    store, sender = ReferralStore(database, rotating_vault, form), webhook(receiver, form)
    reference = submitted(store, form)
    deadly(sender if step.endswith("send") else store, step)
    with pytest.raises(Killed):
        await Outbox(store, sender, "dead", clock).work()

    # Another worker, with its own store on the same database, once the dead one's claim has run out.
    again = ReferralStore(database, rotating_vault, form)
    clock.now += 121
    await Outbox(again, webhook(receiver, form), "other", clock).work()

    assert [one["reference"] for one in receiver.taken] == [reference]
    assert again.status(reference) == "sent"


@pytest.mark.parametrize("step", ["after:claim", "after:send", "before:delivered", "after:delivered"])
async def test_word_of_a_withdrawal_arrives_exactly_once_too(database, rotating_vault, form, receiver, clock, step):
    store = ReferralStore(database, rotating_vault, form)
    reference = submitted(store, form)
    await Outbox(store, webhook(receiver, form), "worker-1", clock).work()
    store.withdraw(reference, NOW)
    dying, sender = ReferralStore(database, rotating_vault, form), webhook(receiver, form)
    deadly(sender if step.endswith("send") else dying, step)
    with pytest.raises(Killed):
        await Outbox(dying, sender, "dead", clock).work()
    clock.now += 121
    await Outbox(store, webhook(receiver, form), "other", clock).work()
    assert [one["type"] for one in receiver.taken] == ["referral", "withdrawal"]


async def test_two_workers_at_once_deliver_once(on_sqlite, receiver, form, clock):
    submitted(on_sqlite, form)
    first, second = (Outbox(on_sqlite, webhook(receiver, form), owner, clock) for owner in ("one", "two"))
    assert sorted([await first.work(), await second.work()]) == [0, 1]
    assert receiver.asked == 1


async def test_the_record_says_that_the_identity_was_not_checked(outbox, on_sqlite, receiver, form):
    submitted(on_sqlite, form, insider="yes", family="yes")
    await outbox.work()
    (taken,) = receiver.taken
    assert taken["identity"] == IDENTITY == "self-referral, identity not checked"
    assert taken["restricted"] is True
    assert "interpreter_not_from_same_community" in taken["contact_rules"]


async def test_what_is_delivered_is_what_was_agreed_to(outbox, on_sqlite, receiver, form):
    draft = complete(form)
    on_sqlite.submit(draft, yes(form, draft), "message-1", NOW)
    await outbox.work()
    assert {one["field"]: one["value"] for one in receiver.taken[0]["answers"]} == form.answers(draft)


async def test_a_withdrawal_says_online_not_verified_and_nothing_else_of_the_person(outbox, on_sqlite, receiver, form):
    reference = submitted(on_sqlite, form)
    await outbox.work()
    on_sqlite.withdraw(reference, NOW)
    await outbox.work()
    assert receiver.taken[1]["note"] == "withdrawn online, not verified"
    assert receiver.taken[1]["stop_contact"] is True
    assert "answers" not in receiver.taken[1]


async def test_a_receiver_with_another_secret_takes_nothing_and_staff_see_it(on_sqlite, receiver, form, clock, queue):
    reference = submitted(on_sqlite, form)
    await Outbox(on_sqlite, Webhook(receiver.url, "x" * 32, form), "worker-1", clock).work()
    assert receiver.taken == []
    (dead,) = queue.dead_letters()
    assert (dead.reference, dead.problem) == (reference, "status 401")
    assert on_sqlite.status(reference) == "not_through"


async def test_a_receiver_that_is_down_is_tried_again_later_with_the_same_key(outbox, on_sqlite, receiver, form, clock):
    submitted(on_sqlite, form)
    receiver.answers = [503, 503]
    for wait in (0, back_off(1), back_off(2)):
        clock.now += wait
        assert await outbox.work() == 1
    assert len(receiver.taken) == len(receiver.keys) == 1


async def test_between_attempts_nothing_is_sent(outbox, on_sqlite, receiver, form, clock):
    submitted(on_sqlite, form)
    receiver.answers = [503]
    await outbox.work()
    clock.now += back_off(1) - 1
    assert await outbox.work() == 0


def test_waits_grow_up_to_four_hours():
    waits = [back_off(attempt) for attempt in range(1, MOST_ATTEMPTS + 1)]
    assert waits[:3] == [30, 60, 120]
    assert waits == sorted(waits)
    assert waits[-1] == 4 * 3600


async def test_after_the_last_attempt_staff_see_it_and_can_send_it_again(on_sqlite, receiver, form, clock, queue):
    reference = submitted(on_sqlite, form)
    outbox = Outbox(on_sqlite, webhook(receiver, form), "worker-1", clock, most_attempts=2)
    receiver.answers = [503, 503]
    await outbox.work()
    clock.now += 30
    await outbox.work()
    assert [one.attempts for one in queue.dead_letters()] == [2]
    assert queue.send_again(reference, clock.now)
    await outbox.work()
    assert queue.dead_letters() == []
    assert on_sqlite.status(reference) == "sent"


async def test_no_answer_at_all_is_tried_again(on_sqlite, form, clock, queue):
    submitted(on_sqlite, form)
    await Outbox(on_sqlite, Webhook("http://127.0.0.1:9/", SECRET, form), "worker-1", clock).work()
    assert queue.dead_letters() == []
    assert on_sqlite.claim("me", NOW + 31, NOW + 60).attempt == 2


async def test_no_answer_of_anybody_reaches_a_log(outbox, on_sqlite, receiver, form, clock, monkeypatch):
    # A logger of its own: what other tests have configured would filter it or keep it from being captured.
    capture = LogCapture()
    own = structlog.wrap_logger(None, processors=[capture], wrapper_class=structlog.BoundLogger)
    monkeypatch.setattr("bot.referrals.delivery.log", own)
    submitted(on_sqlite, form, name="canary-7f3a91")
    receiver.answers = [503]
    await outbox.work()
    clock.now += 31
    await outbox.work()
    assert [line["event"] for line in capture.entries] == ["referral.not_delivered", "referral.delivered"]
    assert "canary-7f3a91" not in json.dumps(capture.entries)


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://example.org/", "example.org"])
def test_a_referral_never_leaves_in_the_clear(form, url):
    with pytest.raises(ValueError, match="https"):
        Webhook(url, SECRET, form)


def test_a_short_secret_is_refused(form):
    with pytest.raises(ValueError, match="32"):
        Webhook("https://example.org/", "short", form)


# --- by e-mail


def mail(port, form) -> Mail:
    server = MailServer("127.0.0.1", port, "assistant@post.example.org", tls="none", timeout_s=5)
    return Mail(server, "queue@example.org", form)


async def test_by_email_the_subject_names_nobody_and_the_body_has_every_line(on_sqlite, letters, form, clock):
    reference = submitted(on_sqlite, form)
    await Outbox(on_sqlite, mail(letters.port, form), "worker-1", clock).work()
    (came,) = letters.came
    body = came.get_payload(decode=True).decode()
    assert came["Subject"] == f"Referral {reference}"
    assert spoken(reference) in body and IDENTITY in body
    assert "Code word: pineapple" in body
    assert on_sqlite.status(reference) == "sent"


async def test_a_repeated_email_has_the_same_message_id(database, rotating_vault, form, letters, clock):
    store, sender = ReferralStore(database, rotating_vault, form), mail(letters.port, form)
    submitted(store, form)
    deadly(sender, "after:send")
    with pytest.raises(Killed):
        await Outbox(store, sender, "dead", clock).work()
    clock.now += 121
    await Outbox(store, mail(letters.port, form), "other", clock).work()
    first, second = letters.came
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Idempotency-Key"] == second["Idempotency-Key"]


async def test_a_mail_server_that_is_down_is_tried_again(on_sqlite, form, clock, queue):
    submitted(on_sqlite, form)
    await Outbox(on_sqlite, mail(9, form), "worker-1", clock).work()
    assert queue.dead_letters() == []


async def test_a_mailbox_that_refuses_is_not_tried_again(on_sqlite, letters, form, clock, queue):
    reference = submitted(on_sqlite, form)
    letters.refuses = ["550 No such mailbox"]
    await Outbox(on_sqlite, mail(letters.port, form), "worker-1", clock).work()
    assert [letter.reference for letter in queue.dead_letters()] == [reference]


async def test_a_mailbox_that_is_busy_is_tried_again(on_sqlite, letters, form, clock, queue):
    reference = submitted(on_sqlite, form)
    letters.refuses = ["451 Try again later"]
    outbox = Outbox(on_sqlite, mail(letters.port, form), "worker-1", clock)
    await outbox.work()
    clock.now += back_off(1) + 1
    await outbox.work()
    assert queue.dead_letters() == []
    assert on_sqlite.status(reference) == "sent"


async def test_the_mail_server_is_not_told_the_name_of_this_machine(on_sqlite, letters, form, clock):
    submitted(on_sqlite, form)
    await Outbox(on_sqlite, mail(letters.port, form), "worker-1", clock).work()
    assert letters.greeted_by == ["post.example.org"]


async def test_a_claimed_delivery_that_fails_says_why(on_sqlite, form):
    submitted(on_sqlite, form)
    with pytest.raises(NotSent) as failed:
        await mail(9, form).send(on_sqlite.claim("me", NOW, NOW + 60), NOW)
    assert failed.value.problem and not failed.value.for_good


# --- acknowledgement


def signed(reference: str, secret: str = SECRET, at: int = int(NOW)) -> dict:
    body = msgspec.json.encode({"reference": reference})
    return {"timestamp": str(at), "signature": sign(secret, at, body), "body": body}


def test_an_acknowledged_referral_is_received(on_sqlite, form):
    reference = submitted(on_sqlite, form)
    assert acknowledge(on_sqlite, [SECRET], **signed(reference), now=NOW)
    assert on_sqlite.status(reference) == "received"
    assert on_sqlite.claim("me", NOW, NOW + 60) is None


def test_the_secret_can_be_changed_without_a_gap(on_sqlite, form):
    reference = submitted(on_sqlite, form)
    assert acknowledge(on_sqlite, ["the-new-secret-of-32-characters!", SECRET], **signed(reference), now=NOW)


@pytest.mark.parametrize(
    "forged",
    [
        {"signature": "0" * 64},
        {"signature": ""},
        {"timestamp": str(int(NOW) + 1)},
        {"timestamp": "١٢٣"},
        {"timestamp": "later"},
        {"body": b'{"reference":"999999999999"}'},
    ],
)
def test_a_forged_acknowledgement_changes_nothing(on_sqlite, form, forged):
    reference = submitted(on_sqlite, form)
    with pytest.raises(BadSignature):
        acknowledge(on_sqlite, [SECRET], **signed(reference) | forged, now=NOW)
    assert on_sqlite.status(reference) == "not_through"


@pytest.mark.parametrize("at", [int(NOW) - 301, int(NOW) + 301])
def test_an_old_acknowledgement_cannot_be_replayed(on_sqlite, form, at):
    with pytest.raises(BadSignature):
        acknowledge(on_sqlite, [SECRET], **signed(submitted(on_sqlite, form), at=at), now=NOW)


def test_without_a_secret_nothing_can_be_acknowledged(on_sqlite, form):
    with pytest.raises(BadSignature):
        acknowledge(on_sqlite, [""], **signed(submitted(on_sqlite, form), secret=""), now=NOW)


# --- clocks


@pytest.mark.parametrize("status", ["sent", "received", "not_through"])
def test_the_two_working_days_of_the_police_are_never_claimed_as_met(status):
    assert police_duty(status) == "unknown"


def test_no_words_of_the_referral_speak_of_two_working_days(form):
    said = msgspec.json.encode(form.words).decode().lower()
    assert "working day" not in said
    assert "48 hours" not in said


def test_the_duty_named_is_one_of_the_code():
    assert f"id: {POLICE_DUTY}\n" in (ROOT / "data" / "code" / "time-limits.yml").read_text()


def test_staff_see_what_was_not_acknowledged_for_two_days(on_sqlite, form, queue):
    reference = submitted(on_sqlite, form)
    on_sqlite.delivered(on_sqlite.claim("me", NOW, NOW + 60), NOW)
    assert to_ask_after(queue, NOW + 2 * 86_400) == []
    assert to_ask_after(queue, NOW + 2 * 86_400 + 1) == [reference]
    on_sqlite.received(reference, NOW)
    assert to_ask_after(queue, NOW + 9 * 86_400) == []
