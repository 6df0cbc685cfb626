"""What leaves this machine: one error for all that sends, and one mail server."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from typing import Literal

import aiosmtplib

THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
"""Hosts to which something may go unencrypted."""


class NotSent(Exception):
    """A message was not taken, or may not have been.

    Attributes:
        problem: a short kind of problem, no personal data.
        for_good: trying again would not help before somebody has changed something.
    """

    def __init__(self, problem: str, *, for_good: bool = False) -> None:
        super().__init__(problem)
        self.problem, self.for_good = problem, for_good


class MailServer:
    """A mail server that e-mails leave by. Nothing in a header tells more than the caller put there.

    Args:
        host, port: where it listens.
        sender: address that the e-mails come from.
        tls: from the start (`tls`), by STARTTLS (`starttls`), or `none`, which only a server on this machine may have.
        user, password: for the server, if it asks.
        timeout_s: seconds it may take over each step.

    Raises:
        ValueError: e-mails would leave this machine in the clear.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        tls: Literal["tls", "starttls", "none"] = "starttls",
        user: str = "",
        password: str = "",
        timeout_s: float = 10.0,
    ) -> None:
        if tls == "none" and host not in THIS_MACHINE:
            raise ValueError("E-mails need tls or starttls.")
        self._host, self._port, self._sender, self._timeout = host, port, sender, timeout_s
        self._tls, self._user, self._password = tls, user, password

    @property
    def domain(self) -> str:
        """The domain of the sender."""
        return self._sender.rpartition("@")[2]

    async def send(self, to: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        """Send one e-mail.

        Args:
            to: one address.
            subject, text: all it says.
            headers: more of them; `Date` and `Message-ID` are made when they are not among these.

        Raises:
            NotSent: the server did not take it, or may not have. It is for good where the server refused the address,
                the sender or the message (RFC 5321: codes from 500).
        """
        try:
            await aiosmtplib.send(
                self._message(to, subject, text, headers or {}),
                hostname=self._host,
                port=self._port,
                # The machine's own name would stand in the headers.
                local_hostname=self.domain,
                use_tls=self._tls == "tls",
                start_tls=self._tls == "starttls",
                username=self._user or None,
                password=self._password or None,
                timeout=self._timeout,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            # Not its cause: what a server answers may repeat an address.
            raise NotSent(type(error).__name__, for_good=_refused(error)) from None

    def _message(self, to: str, subject: str, text: str, headers: Mapping[str, str]) -> EmailMessage:
        message = EmailMessage()
        made = {"Date": formatdate(), "Message-ID": make_msgid(domain=self.domain)}
        fixed = {"From": formataddr(("", self._sender)), "To": formataddr(("", to)), "Subject": subject}
        for name, value in (made | dict(headers) | fixed).items():
            message[name] = value
        message.set_content(text)
        return message


def _refused(error: Exception) -> bool:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(one.code >= 500 for one in error.recipients)
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500
