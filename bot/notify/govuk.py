"""Texts and e-mails through GOV.UK Notify, by its own client (https://docs.notifications.service.gov.uk/python.html).

Notify keeps what it sends. Its retention is set to 3 days in the service's settings there (shared/protection.md,
"Telegram and other third parties"); README.md lists what else must be set.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from bot.notify.notifier import Channel
from bot.outgoing import NotSent

AT_ONCE = 4
TIMEOUT_S = 10
_TRY_LATER = (408, 429)

# It would write the answers of Notify, which may repeat an address, to stderr.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)


class GovukNotify:
    """Sends through GOV.UK Notify. The templates there hold `((text))` and nothing else.

    Args:
        key: an API key as Notify shows it: name, service id and secret.
        url: Notify's address; https, or http to this machine.
        sms_template, email_template: ids of the two templates.

    Raises:
        ValueError: messages would leave this machine in the clear.
    """

    def __init__(self, key: str, url: str, sms_template: str, email_template: str) -> None:
        if not url.startswith(("https://", "http://127.0.0.1:")):
            raise ValueError("The address of GOV.UK Notify must begin with https://.")
        self._key, self._url, self._sms, self._email = key, url, sms_template, email_template
        # Threads of its own: while Notify is slow, the store's threads must stay free.
        self._threads = ThreadPoolExecutor(AT_ONCE, "govuk-notify")

    async def send(self, channel: Channel, address: str, text: str) -> None:
        """See `Notifier.send`."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._post, channel, address, text)

    def _post(self, channel: Channel, address: str, text: str) -> None:
        # The client may not be shared by threads.
        client = NotificationsAPIClient(self._key, base_url=self._url, timeout=TIMEOUT_S)
        # The environment and ~/.netrc decide nothing, and a redirect would carry the message elsewhere.
        client.request_session.trust_env, client.request_session.max_redirects = False, 0
        try:
            with client.request_session:
                if channel == "sms":
                    client.send_sms_notification(address, self._sms, {"text": text})
                else:
                    client.send_email_notification(address, self._email, {"text": text})
        except APIError as error:
            # The client calls it a 503 when there was no answer at all.
            code = error.status_code
            for_good = 300 <= code < 500 and code not in _TRY_LATER
            raise NotSent(f"status {code}", for_good=for_good) from None
