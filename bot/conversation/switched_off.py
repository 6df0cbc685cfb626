"""What is said where a supervisor has switched a channel, or the answer to a topic, off (`bot.staff.switches`).

The safety gate still runs first, and cards are shown as ever. The reason is for staff and is never said.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from bot.conversation.messages import Button, Private, Reply
from bot.data_files import load
from bot.directory import Directory
from bot.staff.switches import Off, Switches

OUTCOME = "switched_off"


class OffWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said (data/conversation/switched_off.en.yml)."""

    version: int
    channel: str
    topic: str
    page: str
    channel_services: list[str]
    topic_services: list[str]
    buttons: list[Button]


class SwitchedOff:
    """Says what stands in for a channel or an answer that is off.

    Args:
        switches: what is off.
        words: what is said.
        directory: who can be asked instead.
    """

    def __init__(self, switches: Switches, words: OffWords, directory: Directory) -> None:
        self._switches, self._words, self._directory = switches, words, directory

    async def current(self) -> Off:
        """What is off now."""
        return await asyncio.to_thread(self._switches.current)

    async def channel(self, channel: str, now: datetime) -> Reply | None:
        """What is said to everything in a channel that is off; None where it is on."""
        if (await self.current()).channel(channel) is None:
            return None
        return self._reply(self._words.channel, self._words.channel_services, now)

    async def answers(self, channel: str, replies: Sequence[Reply], now: datetime) -> list[Reply] | None:
        """An engine's replies with those to topics that are off replaced; None where that leaves no answer at all.

        Args:
            channel: where they would be said.
            replies: all of them.
            now: aware.
        """
        off = await self.current()
        out = {one.topic for one in replies if one.topic and off.topic(channel, one.topic) is not None}
        if not out:
            return list(replies)
        if out == {one.topic for one in replies if one.topic}:
            return None
        kept = [one for one in replies if one.topic not in out]
        return [self.topic(now), *kept]

    def topic(self, now: datetime) -> Reply:
        """What is said in place of an answer that is off."""
        said = self._reply(self._words.topic, self._words.topic_services, now)
        return msgspec.structs.replace(said, buttons=self._words.buttons)

    @property
    def page_text(self) -> str:
        """What stands on the plain pages in place of an answer that is off."""
        return self._words.page

    def _reply(self, text: str, services: list[str], now: datetime) -> Reply:
        contacts = [self._directory.contact(service, now) for service in services]
        return Reply(text=text, contacts=contacts, private=Private(outcome=OUTCOME))


def load_off_words(data: Path) -> OffWords:
    """Read the words.

    Raises:
        bot.data_files.DataError: the file is wrong.
    """
    return load(data / "conversation" / "switched_off.en.yml", OffWords)
