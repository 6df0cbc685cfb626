"""The queue of notices: claimed by one sender at a time, never lost, and alike to look at."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.cases.notices import CaseNotices, Notice
from bot.store.case_tables import case_notices
from bot.store.encryption import Vault
from tests.cases.conftest import ADDRESS, NOW, later
from tests.conftest import KEY

TEXT = "Your code is 123456. It works for 15 minutes."
LEASE = later(minutes=1)


def queue(database, notices, channel="email", address=ADDRESS, due=NOW) -> None:
    with database.begin() as db:
        notices.add(db, channel=channel, address=address, text=TEXT, due=due, expires=due + timedelta(minutes=15))


@pytest.fixture
def queued(database, notices) -> Notice:
    """One notice that a sender has claimed for a minute."""
    queue(database, notices)
    (claimed,) = notices.claim(NOW, LEASE, 10)
    return claimed


def test_a_notice_comes_out_as_it_went_in(queued):
    assert (queued.channel, queued.address, queued.text, queued.attempts) == ("email", ADDRESS, TEXT, 0)
    assert queued.expires == later(minutes=15)


def test_two_senders_never_hold_the_same_notice(database, notices):
    for _ in range(4):
        queue(database, notices)
    other = CaseNotices(database, Vault([KEY]))
    first, second = notices.claim(NOW, LEASE, 2), other.claim(NOW, LEASE, 10)
    assert len(first) == len(second) == 2
    assert {one.id for one in first} & {one.id for one in second} == set()


def test_senders_that_come_at_once_share_the_notices(database, notices):
    for _ in range(12):
        queue(database, notices)
    with ThreadPoolExecutor(4) as senders:
        shares = list(senders.map(lambda _: notices.claim(NOW, LEASE, 12), range(4)))
    taken = [notice.id for share in shares for notice in share]
    assert len(taken) == len(set(taken)) == 12


def test_what_a_dead_sender_held_is_due_again_when_its_claim_has_run_out(notices, queued):
    assert notices.claim(later(seconds=59), later(minutes=2), 10) == []
    assert notices.claim(later(seconds=60), later(minutes=2), 10) == [queued]


def test_what_is_done_does_not_come_back(notices, queued):
    notices.done(queued)
    assert notices.claim(later(minutes=2), later(minutes=3), 10) == []


def test_what_failed_comes_back_at_its_moment_and_expires_no_later(notices, queued):
    notices.failed(queued, later(seconds=5))
    assert notices.claim(later(seconds=4), LEASE, 10) == []
    (again,) = notices.claim(later(seconds=5), LEASE, 10)
    assert (again.attempts, again.expires, again.text) == (1, queued.expires, TEXT)


def test_a_notice_that_is_not_due_yet_stays(database, notices):
    queue(database, notices, due=later(seconds=1))
    assert notices.claim(NOW, LEASE, 10) == []


def test_a_row_sealed_with_an_unknown_key_does_not_keep_the_others_from_going(database, notices):
    queue(database, CaseNotices(database, Vault([Fernet.generate_key().decode()])))
    queue(database, notices)
    assert [one.address for one in notices.claim(NOW, LEASE, 10)] == [ADDRESS]


def test_decoys_and_notices_of_any_attempt_are_rows_of_one_size(database, notices, queued):
    queue(database, notices, channel="none", address="")
    queue(database, notices, channel="sms", address="+447400123456")
    notices.failed(queued, NOW)
    with database.connect() as db:
        sizes = {len(body) for body in db.execute(sa.select(case_notices.c.body)).scalars()}
    assert len(sizes) == 1
