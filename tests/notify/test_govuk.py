"""GOV.UK Notify, against a stand-in over HTTP that checks what the real one checks."""

import msgspec
import pytest

from bot.notify.govuk import GovukNotify
from bot.outgoing import NotSent
from tests.letters import free_port
from tests.notify.conftest import MAILBOX, MOBILE, TEXT
from tests.notify.notify_api import EMAIL_TEMPLATE, KEY, SECRET, SERVICE, SMS_TEMPLATE


def govuk(url, key=KEY, sms=SMS_TEMPLATE, email=EMAIL_TEMPLATE) -> GovukNotify:
    return GovukNotify(key, url, sms, email)


async def refused(notifier, channel="sms", address=MOBILE) -> NotSent:
    with pytest.raises(NotSent) as failed:
        await notifier.send(channel, address, TEXT)
    return failed.value


async def test_a_text_goes_out_signed_with_its_template(api):
    await govuk(api.url).send("sms", MOBILE, TEXT)
    assert api.taken == [("/v2/notifications/sms", MOBILE, TEXT)]


async def test_an_email_goes_out_with_a_template_of_its_own(api):
    await govuk(api.url).send("email", MAILBOX, TEXT)
    assert api.taken == [("/v2/notifications/email", MAILBOX, TEXT)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": f"demonstration-{SERVICE}-{SERVICE}"},
        {"key": f"demonstration-{SECRET}-{SECRET}"},
        {"sms": EMAIL_TEMPLATE},
    ],
)
async def test_a_wrong_key_or_template_is_for_good(api, wrong):
    assert (await refused(govuk(api.url, **wrong))).for_good
    assert api.taken == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_what_passes_is_tried_again(api, status):
    api.answers = [status]
    error = await refused(govuk(api.url))
    assert (error.problem, error.for_good) == (f"status {status}", False)


@pytest.mark.parametrize("status", [400, 403, 404, 410])
async def test_what_does_not_pass_is_for_good(api, status):
    api.answers = [status]
    error = await refused(govuk(api.url))
    assert (error.problem, error.for_good) == (f"status {status}", True)


async def test_no_answer_at_all_is_tried_again():
    assert not (await refused(govuk(f"http://127.0.0.1:{free_port()}"))).for_good


async def test_a_redirect_is_not_followed(api):
    api.answers = [f"{api.url}/elsewhere"]
    assert (await refused(govuk(api.url))).for_good
    assert api.asked == 1


async def test_neither_address_nor_code_is_in_the_error_or_on_stderr(api, caplog, capfd):
    api.answers = [400]
    error = await refused(govuk(api.url))
    said = f"{error!r} {error.__cause__!r} {caplog.text} {''.join(capfd.readouterr())}"
    assert MOBILE not in said
    assert "123456" not in said


async def test_a_proxy_named_in_the_environment_is_not_used(api, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    await govuk(api.url).send("sms", MOBILE, TEXT)
    assert len(api.taken) == 1


@pytest.mark.parametrize("url", ["http://example.org", "ftp://example.org", "http://127.0.0.1.example.org", ""])
def test_messages_never_leave_in_the_clear(url):
    with pytest.raises(ValueError, match="https"):
        govuk(url)


def test_the_stand_in_takes_no_request_without_a_signature(api):
    body = msgspec.json.encode({"phone_number": MOBILE})
    assert api.receive("/v2/notifications/sms", {"Content-type": "application/json"}, body)[0] == 403
