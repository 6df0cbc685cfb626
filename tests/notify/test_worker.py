"""The worker: a notice leaves at once, is tried again until it expires, and is never lost; decoys go nowhere."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from bot.cases.notices import CaseNotices
from bot.notify.govuk import GovukNotify
from bot.notify.notifier import ByChannel
from bot.notify.worker import AT_ONCE, LEASE, NoticeWorker, back_off
from bot.outgoing import NotSent
from bot.store.case_tables import case_notices
from tests.notify.conftest import MAILBOX, MOBILE, TEXT
from tests.notify.notify_api import EMAIL_TEMPLATE, KEY, SMS_TEMPLATE


class Killed(BaseException):
    """Stands for the end of the process."""


class Recorder:
    """A notifier that notes what it sends. `fails` is raised first, one a message."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.fails: list[BaseException] = []
        self.told = asyncio.Event()

    async def send(self, channel, address, text) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append((channel, address, text))
        self.told.set()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def worker(notices, recorder, clock) -> NoticeWorker:
    return NoticeWorker(notices, recorder, clock)


def rows(database) -> int:
    with database.connect() as db:
        return db.execute(sa.select(sa.func.count()).select_from(case_notices)).scalar()


async def test_what_is_queued_is_sent_and_forgotten(worker, recorder, queue, database):
    queue()
    queue("email", MAILBOX)
    assert await worker.work() == 2
    assert sorted(recorder.sent) == [("email", MAILBOX, TEXT), ("sms", MOBILE, TEXT)]
    assert rows(database) == 0


async def test_more_than_go_at_once_are_all_sent(worker, recorder, queue):
    for _ in range(AT_ONCE + 1):
        queue()
    await worker.work()
    assert len(recorder.sent) == AT_ONCE + 1


async def test_a_decoy_is_dropped_without_sending(worker, recorder, queue, database):
    queue("none")
    assert await worker.work() == 1
    assert recorder.sent == []
    assert rows(database) == 0


async def test_a_decoy_takes_the_same_statements_as_a_notice_that_is_sent(worker, queue, database):
    seen: list[str] = []
    sa.event.listen(database, "before_cursor_execute", lambda *args: seen.append(args[2]))
    counts = []
    for channel in ("none", "sms", "none"):
        queue(channel)
        seen.clear()
        await worker.work()
        counts.append(list(seen))
    assert counts[0] == counts[1] == counts[2]


async def test_what_could_not_be_sent_is_tried_again_later(worker, recorder, queue, clock):
    queue()
    recorder.fails = [NotSent("status 503"), NotSent("status 503")]
    await worker.work()
    clock.passes(seconds=back_off(1) - 0.1)
    assert await worker.work() == 0
    clock.passes(seconds=0.1)
    assert await worker.work() == 1
    clock.passes(seconds=back_off(2))
    await worker.work()
    assert recorder.sent == [("sms", MOBILE, TEXT)]
    assert worker.outcomes == {"again": 2, "sent": 1}


async def test_what_cannot_be_sent_for_good_is_given_up_and_counted(worker, recorder, queue, database):
    queue()
    recorder.fails = [NotSent("status 400", for_good=True)]
    await worker.work()
    assert worker.outcomes == {"given_up": 1}
    assert rows(database) == 0


async def test_an_expired_notice_is_dropped(worker, recorder, queue, clock, database):
    queue()
    clock.passes(minutes=15)
    await worker.work()
    assert recorder.sent == []
    assert worker.outcomes == {"expired": 1}
    assert rows(database) == 0


async def test_a_notice_that_never_goes_is_tried_until_it_expires(worker, recorder, queue, clock, database):
    queue()
    recorder.fails = [NotSent("status 503") for _ in range(100)]
    while rows(database):
        await worker.work()
        clock.passes(seconds=60)
    assert worker.outcomes == {"again": 15, "expired": 1}


def test_waits_grow_up_to_a_minute():
    assert [back_off(attempt) for attempt in range(1, 7)] == [5, 10, 20, 40, 60, 60]


@pytest.mark.parametrize("dies_at", ["send", "done"])
async def test_a_notice_survives_the_death_of_a_worker(notices, recorder, queue, clock, database, dies_at, monkeypatch):
    queue()

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        if dies_at == "send":
            recorder.fails = [Killed()]
        else:
            patch.setattr(notices, "done", killed)
        await NoticeWorker(notices, recorder, clock).work()
    assert rows(database) == 1

    # Another worker, once the claim of the dead one has run out. It may send a second time.
    clock.passes(seconds=LEASE.total_seconds())
    await NoticeWorker(notices, recorder, clock).work()
    assert set(recorder.sent) == {("sms", MOBILE, TEXT)}
    assert len(recorder.sent) == (1 if dies_at == "send" else 2)
    assert rows(database) == 0


async def test_a_mistake_with_one_notice_does_not_keep_the_others_from_going(worker, recorder, queue):
    queue()
    queue("email", MAILBOX)
    recorder.fails = [ZeroDivisionError()]
    await worker.work()
    assert len(recorder.sent) == 1


async def test_two_workers_at_once_send_each_notice_once(database, vault, recorder, queue, clock):
    for _ in range(2 * AT_ONCE):
        queue()
    workers = [NoticeWorker(CaseNotices(database, vault), recorder, clock) for _ in range(2)]
    assert sum(await asyncio.gather(*(one.work() for one in workers))) == len(recorder.sent) == 2 * AT_ONCE


async def test_a_notifier_that_hangs_is_given_up_on_for_now(notices, queue, clock):
    class Hangs:
        async def send(self, _channel, _address, _text) -> None:
            await asyncio.Event().wait()

    queue()
    worker = NoticeWorker(notices, Hangs(), clock, send_s=0.01)
    await worker.work()
    assert worker.outcomes == {"again": 1}


async def test_a_channel_that_is_off_sends_nothing(notices, queue, clock, database):
    queue("email", MAILBOX)
    await NoticeWorker(notices, ByChannel({"sms": Recorder()}), clock).work()
    assert rows(database) == 0


async def test_a_worker_at_rest_sends_when_it_is_woken_from_another_thread(notices, recorder, queue, clock):
    queue("none")
    worker = NoticeWorker(notices, recorder, clock, look_every_s=3600)
    running = asyncio.create_task(worker.run())
    while not worker.outcomes["decoy"]:
        await asyncio.sleep(0)
    queue()
    await asyncio.to_thread(worker.wake)
    await asyncio.wait_for(recorder.told.wait(), 10)
    running.cancel()


async def test_a_worker_finds_what_another_process_queued_without_being_woken(notices, recorder, queue, clock):
    queue("none")
    worker = NoticeWorker(notices, recorder, clock, look_every_s=0.01)
    running = asyncio.create_task(worker.run())
    while not worker.outcomes["decoy"]:
        await asyncio.sleep(0)
    queue()
    await asyncio.wait_for(recorder.told.wait(), 10)
    running.cancel()


async def test_a_store_that_fails_is_tried_again(notices, recorder, queue, clock, monkeypatch):
    queue()
    claim, failed = notices.claim, []

    def fails_once(*args):
        if not failed:
            failed.append(True)
            raise OperationalError("", {}, Exception())
        return claim(*args)

    monkeypatch.setattr(notices, "claim", fails_once)
    running = asyncio.create_task(NoticeWorker(notices, recorder, clock, look_every_s=0.01).run())
    await asyncio.wait_for(recorder.told.wait(), 10)
    running.cancel()


def test_to_wake_a_worker_that_does_not_run_does_nothing(worker):
    worker.wake()


@pytest.mark.parametrize("answers", [[], [503], [400]])
async def test_neither_address_nor_text_nor_code_is_logged(notices, queue, clock, api, logged, caplog, capfd, answers):
    queue()
    api.answers = answers
    await NoticeWorker(notices, GovukNotify(KEY, api.url, SMS_TEMPLATE, EMAIL_TEMPLATE), clock).work()
    said = logged() + caplog.text + "".join(capfd.readouterr())
    assert '"outcome"' in said
    for canary in (MOBILE, MOBILE[3:], TEXT, "123456"):
        assert canary not in said
