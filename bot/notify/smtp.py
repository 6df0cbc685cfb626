"""E-mails through a mail server. Nothing in a header tells who writes, or why."""

from bot.notify.notifier import Channel
from bot.outgoing import MailServer, NotSent


class Smtp:
    """Sends e-mails from a neutral address.

    Args:
        server: the mail server; the name and domain of its sender tell nothing.
        subject: the subject of every message.
    """

    def __init__(self, server: MailServer, subject: str) -> None:
        self._server, self._subject = server, subject

    async def send(self, channel: Channel, address: str, text: str) -> None:
        """See `Notifier.send`."""
        if channel != "email":
            raise NotSent("not an e-mail", for_good=True)
        # No out-of-office answer, which somebody else might read (RFC 3834).
        await self._server.send(address, self._subject, text, {"Auto-Submitted": "auto-generated"})
