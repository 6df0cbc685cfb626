"""What every way of sending has in common."""

from collections.abc import Mapping
from typing import Literal, Protocol

from bot.outgoing import NotSent

Channel = Literal["sms", "email"]


class Notifier(Protocol):
    """Brings a short message to a person."""

    async def send(self, channel: Channel, address: str, text: str) -> None:
        """Send it.

        Args:
            channel: text or e-mail.
            address: a mobile number (E.164) or an e-mail address.
            text: all it says.

        Raises:
            NotSent: it was not taken, or may not have been.
        """


class ByChannel:
    """Sends each channel its own way.

    Args:
        ways: who sends what; a channel without one is off.
    """

    def __init__(self, ways: Mapping[Channel, Notifier]) -> None:
        self._ways = ways

    async def send(self, channel: Channel, address: str, text: str) -> None:
        """See `Notifier.send`."""
        if channel not in self._ways:
            raise NotSent(f"{channel} is off", for_good=True)
        await self._ways[channel].send(channel, address, text)
