"""A person with Telegram on a phone, and whoever else sends the bot something."""

from typing import Any

from bot.channels.telegram.connection import Telegram
from bot.conversation.core import Conversations
from tests.channels.bot_api import BotApi


class Person:
    """Someone in a private chat with the bot."""

    def __init__(
        self,
        api: BotApi,
        telegram: Telegram,
        conversations: Conversations,
        address: int = 700_000_001,
        language: str = "en",
    ) -> None:
        self.api, self.telegram, self.conversations, self.address = api, telegram, conversations, address
        self.user = {"id": address, "is_bot": False, "first_name": "Nobody", "language_code": language}
        self.chat = {"id": address, "type": "private", "first_name": "Nobody"}
        self._queries = 0

    @property
    def sees(self) -> list[dict[str, Any]]:
        """What the chat shows, in order."""
        return [one for _, one in sorted(self.api.messages.get(self.address, {}).items())]

    @property
    def texts(self) -> list[str]:
        """The words of the bot that the chat shows, in order."""
        return [one["text"] for one in self.sees if one["mine"] and "text" in one]

    async def says(self, text: str) -> list[str]:
        """Type something and wait for all that comes back. Returns the words that are new."""
        return await self.sends(text=text)

    async def sends(self, **content: Any) -> list[str]:
        """Send a message of any kind."""
        return await self._new(self._put(content))

    async def presses(self, title: str) -> list[str]:
        """Press the newest button that starts with these words."""
        for number, one in sorted(self.api.messages[self.address].items(), reverse=True):
            for button in one["buttons"]:
                if button["text"].startswith(title) and "callback_data" in button:
                    return await self.sends_data(button["callback_data"], number)
        raise AssertionError(f"There is no button {title!r}")

    async def sends_data(self, data: str, number: int) -> list[str]:
        """Send any callback data for a message, as a program could."""
        self._queries += 1
        query = {"id": f"q{self._queries}", "from": self.user, "chat_instance": "1", "data": data}
        message = {"message_id": number, "date": int(self.api.clock().timestamp()), "chat": self.chat}
        return await self._new({"callback_query": {**query, "message": message}})

    async def edits(self, number: int, text: str) -> list[str]:
        """Change a message that was sent."""
        return await self._new({"edited_message": {**self._message(number, {"text": text}), "edit_date": 1}})

    async def settle(self) -> None:
        """Wait until nothing is being worked on or sent."""
        await self.conversations.settle()
        await self.telegram.settle()

    def _put(self, content: dict[str, Any]) -> dict[str, Any]:
        number = self.api.number()
        shown = {"text": content.get("text"), "mine": False, "buttons": [], "sent": self.api.clock()}
        self.api.messages.setdefault(self.address, {})[number] = shown
        return {"message": self._message(number, content)}

    def _message(self, number: int, content: dict[str, Any]) -> dict[str, Any]:
        date = int(self.api.clock().timestamp())
        return {"message_id": number, "date": date, "chat": self.chat, "from": self.user, **content}

    async def _new(self, kind: dict[str, Any]) -> list[str]:
        known = set(self.api.messages.get(self.address, {}))
        await self.api.confirmed(await self.api.push(**kind))
        await self.settle()
        return [
            one["text"]
            for number, one in sorted(self.api.messages.get(self.address, {}).items())
            if number not in known and one["mine"] and "text" in one
        ]
