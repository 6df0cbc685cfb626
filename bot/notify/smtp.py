"""E-mails through a mail server. Nothing in a header tells who writes, or why."""

from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from typing import Literal

import aiosmtplib

from bot.notify.notifier import Channel, NotSent

TIMEOUT_S = 10.0


class Smtp:
    """Sends e-mails from a neutral address.

    Args:
        host, port: the mail server.
        sender: address that messages come from; its name and domain tell nothing.
        subject: the subject of every message.
        tls: from the start (`tls`), by STARTTLS (`starttls`), or `none`, which only a server on this machine may have.
        user, password: for the server, if it asks.

    Raises:
        ValueError: messages would leave this machine in the clear.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        subject: str,
        *,
        tls: Literal["tls", "starttls", "none"] = "starttls",
        user: str = "",
        password: str = "",
    ) -> None:
        if tls == "none" and host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("Notices by e-mail need tls or starttls.")
        self._host, self._port, self._sender, self._subject = host, port, sender, subject
        self._tls, self._user, self._password = tls, user, password

    async def send(self, channel: Channel, address: str, text: str) -> None:
        """See `Notifier.send`."""
        if channel != "email":
            raise NotSent("not an e-mail", for_good=True)
        domain = self._sender.rpartition("@")[2]
        try:
            await aiosmtplib.send(
                self._message(address, text, domain),
                hostname=self._host,
                port=self._port,
                # The machine's own name would stand in the headers.
                local_hostname=domain,
                use_tls=self._tls == "tls",
                start_tls=self._tls == "starttls",
                username=self._user or None,
                password=self._password or None,
                timeout=TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NotSent(type(error).__name__, for_good=_refused(error)) from None

    def _message(self, address: str, text: str, domain: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = formataddr(("", self._sender))
        message["To"] = formataddr(("", address))
        message["Subject"] = self._subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=domain)
        # No out-of-office answer, which somebody else might read (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message


def _refused(error: Exception) -> bool:
    """Whether the server refused it for good (RFC 5321: codes from 500)."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(one.code >= 500 for one in error.recipients)
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500
