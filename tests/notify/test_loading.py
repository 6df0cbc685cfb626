"""From settings to a notifier: each channel goes the way that was chosen."""

import asyncio

import msgspec
import pytest

from bot.data_files import DataError
from bot.notify.loading import load_notice_words, load_notifier
from bot.settings_checks import TELLING
from tests.conftest import DATA
from tests.notify.conftest import MAILBOX, MOBILE, TEXT
from tests.notify.notify_api import EMAIL_TEMPLATE, KEY, SMS_TEMPLATE


@pytest.fixture
def third_parties(settings, api, letters):
    """Settings of both third parties on localhost; which of them is used, a test says."""
    return msgspec.structs.replace(
        settings,
        govuk_notify_key=KEY,
        govuk_notify_url=api.url,
        govuk_notify_sms_template=SMS_TEMPLATE,
        govuk_notify_email_template=EMAIL_TEMPLATE,
        smtp_host="127.0.0.1",
        smtp_port=letters.port,
        smtp_tls="none",
        notify_email_from="noreply@post.example.org",
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_texts_go_by_notify_and_emails_by_the_mail_server(
    third_parties, database, vault, clock, queue, api, letters
):
    chosen = msgspec.structs.replace(third_parties, demo=False, notify_sms="govuk", notify_email="smtp")
    queue("sms", MOBILE)
    queue("email", MAILBOX)
    await load_notifier(chosen, database, vault, clock).worker.work()
    assert [address for _, address, _ in api.taken] == [MOBILE]
    assert [letter["To"] for letter in letters.came] == [MAILBOX]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_both_may_go_by_notify(third_parties, database, vault, clock, queue, api):
    chosen = msgspec.structs.replace(third_parties, demo=False, notify_sms="govuk", notify_email="govuk")
    queue("sms", MOBILE)
    queue("email", MAILBOX)
    await load_notifier(chosen, database, vault, clock).worker.work()
    assert sorted(path for path, _, _ in api.taken) == ["/v2/notifications/email", "/v2/notifications/sms"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_in_the_demonstration_nothing_leaves(third_parties, database, vault, clock, queue, api, letters):
    queue("sms", MOBILE)
    queue("email", MAILBOX)
    notices = load_notifier(third_parties, database, vault, clock)
    await notices.worker.work()
    assert {kept.address for kept in notices.outbox.messages()} == {MOBILE, MAILBOX}
    assert api.asked == 0
    assert letters.came == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_must_run_empties_the_queue(settings, database, vault, clock, queue):
    queue()
    notices = load_notifier(settings, database, vault, clock)
    running = [asyncio.create_task(work()) for work in notices.background]
    while not notices.outbox.messages():
        await asyncio.sleep(0)
    for task in running:
        task.cancel()
    assert notices.outbox.messages()[0].text == TEXT


def test_outside_the_demonstration_there_is_no_outbox(settings, sqlite, vault):
    with pytest.raises(ValueError, match="demonstration"):
        load_notifier(msgspec.structs.replace(settings, demo=False, notify_sms="off"), sqlite, vault)


def test_the_words_around_a_notice_tell_nothing():
    words = load_notice_words(DATA)
    assert [word for word in TELLING if word in words.email_subject.lower()] == []


def test_words_that_are_missing_are_named(tmp_path):
    with pytest.raises(DataError, match=r"notices\.en\.yml"):
        load_notice_words(tmp_path)
