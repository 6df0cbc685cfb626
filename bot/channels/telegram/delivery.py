"""Replies out: in order, each once, silent, and only to someone who wrote in the last ten minutes.

What is out is noted after each message, so whatever dies, the next process goes on behind it. Telegram knows no way to
send something exactly once: where a process dies between Telegram's taking a message and our noting it, that one
message comes twice. Losing an answer would be worse.
"""

import asyncio
import uuid
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, InlineKeyboardMarkup, InputFile, Message
from telegram.constants import BulkRequestLimit, ChatAction
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.channels.telegram.chats import Chat, Chats
from bot.channels.telegram.keyboards import Keyboards
from bot.channels.telegram.shown import shown
from bot.channels.telegram.words import TelegramWords
from bot.conversation.core import Conversations
from bot.conversation.messages import Reply
from bot.conversation.papers import Papers
from bot.papers.render import FILE_NAME, as_docx
from bot.settings import Settings
from bot.store.conversations import Conversation, NumberedReply

log = structlog.get_logger()

ACTIVE_S = 600.0
"""Nothing is sent unless the person wrote in the last ten minutes (shared/protection.md)."""
TYPING_AFTER_S, TYPING_EVERY_S = 0.7, 4.5
WAIT_S = 2.0


class Delivery:
    """Sends what the conversations say.

    Args:
        bot: the bot, with its limits and defaults.
        conversations: the conversation core.
        chats: what is stored of chats.
        keyboards: makes buttons.
        words: what the channel itself says.
        settings: how long a lease holds, and the web page.
        papers: the papers that conversations have made; without them no files are sent.
    """

    def __init__(
        self,
        *,
        bot: Bot,
        conversations: Conversations,
        chats: Chats,
        keyboards: Keyboards,
        words: TelegramWords,
        settings: Settings,
        papers: Papers | None = None,
    ) -> None:
        self._bot, self._conversations, self._chats, self._keyboards = bot, conversations, chats, keyboards
        self._words, self._settings, self._papers = words, settings, papers
        self._owner = str(uuid.uuid4())
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._typing: set[asyncio.Task[None]] = set()

    # --- what the channel asks for

    def wake(self, name: str) -> None:
        """See to it that one task of this process sends what a chat is to get."""
        if name in self._sending:
            self._again.add(name)
            return
        task = asyncio.get_running_loop().create_task(self._deliver(name))
        self._sending[name] = task
        task.add_done_callback(lambda done: self._ended(name, done))

    def show_typing(self, address: int, conversation: Conversation) -> None:
        """Show that an answer is being worked on, unless it comes at once."""
        task = asyncio.get_running_loop().create_task(self._type(address, conversation))
        self._typing.add(task)
        task.add_done_callback(self._typing.discard)

    async def recover(self) -> None:
        """Go on where a process died or Telegram could not be reached; tell those who agreed of a late reply."""
        now = self.now()
        for name in await asyncio.to_thread(self._chats.undelivered, now - ACTIVE_S):
            self.wake(name)
        for name in await asyncio.to_thread(self._chats.to_hint, now - ACTIVE_S):
            chat = await asyncio.to_thread(self._chats.get, name)
            if chat is not None:
                await asyncio.to_thread(self._chats.hinted, name, now)
                with suppress(TelegramError):
                    await self.say(chat.address, self._words.hint, await self._language(chat.conversation))

    async def stop(self, name: str) -> None:
        """Send no more to a chat."""
        self._again.discard(name)
        task = self._sending.get(name)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def settle(self) -> None:
        """Wait until this process is sending nothing."""
        while self._sending:
            await asyncio.gather(*self._sending.values(), return_exceptions=True)
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Stop sending; what is not out is sent by the next process."""
        self._again.clear()
        tasks = [*self._sending.values(), *self._typing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def say(
        self, address: int, text: str, language: str = "en", buttons: tuple[str, InlineKeyboardMarkup] | None = None
    ) -> None:
        """Say something of the channel itself, in a language as far as it is translated.

        Args:
            address: the chat.
            text: English lines.
            language: of the conversation.
            buttons: the conversation they belong to, and the buttons.

        Raises:
            telegram.error.TelegramError: it did not get through.
        """
        reply = self._conversations.front_door.in_language(Reply(text=text), language)
        for part in shown(reply):
            message = await self._bot.send_message(address, part, reply_markup=buttons[1] if buttons else None)
            belongs = buttons[0] if buttons else None
            await asyncio.to_thread(self._chats.said, address, message.message_id, self.now(), belongs)

    # --- inside

    async def _deliver(self, name: str) -> None:
        """Send everything a chat is to get, while the lease holds and an answer is being worked on."""
        now = self.now()
        try:
            if not await asyncio.to_thread(self._chats.lease, name, self._owner, now, now + self._settings.lease_s):
                return
            try:
                while await self._some(name):
                    pass
            finally:
                await asyncio.to_thread(self._chats.release, name, self._owner)
        except TelegramError as error:
            # `recover` tries again, as long as the person is there.
            log.warning("telegram.not_sent", error=type(error).__name__)
        except SQLAlchemyError as error:
            log.error("store.failed", error=type(error).__name__)

    async def _some(self, name: str) -> bool:
        """Send the replies there are; False when there is nothing more to wait for."""
        chat = await asyncio.to_thread(self._chats.get, name)
        if chat is None or chat.wrote < self.now() - ACTIVE_S:
            return False
        conversation = await self._conversations.get(chat.conversation)
        if conversation is None or conversation.state != "open":
            return False
        at_work = self._conversations.at_work(conversation)
        found = await self._conversations.replies(conversation, chat.delivered, WAIT_S if at_work else 0.0)
        try:
            for place, numbered in enumerate(found):
                await self._send(chat, conversation, numbered, chat.parts if place == 0 else 0)
        except (Forbidden, BadRequest) as error:
            # Blocked, deleted or gone: whoever comes back begins anew.
            log.info("telegram.unreachable", error=type(error).__name__)
            await self._conversations.end(conversation)
            return False
        return bool(found) or at_work

    async def _send(self, chat: Chat, conversation: Conversation, numbered: NumberedReply, skip: int) -> None:
        now = self.now()
        if not await asyncio.to_thread(self._chats.lease, chat.name, self._owner, now, now + self._settings.lease_s):
            return
        reply, number = numbered.reply, numbered.number
        if reply.display == "quiet" and skip == 0:
            await self._fold_away(chat)
        texts = shown(reply, self._notice(reply) if number == 1 else ())
        keyboard = self._keyboards.under(conversation.id, number, reply, lambda text: self._say(text, reply.language))
        files = [one.kind for one in reply.documents if "download" in one.ways] if self._papers else []
        last = len(texts) + len(files) - 1
        for part in range(skip, last + 1):
            offers = keyboard if part == len(texts) - 1 else None
            if part < len(texts):
                message = await self._text(chat.address, texts[part], offers)
            else:
                message = await self._file(chat.address, conversation)
            pressable = offers is not None and bool(reply.buttons)
            await asyncio.to_thread(
                self._chats.sent, chat, message.message_id, number, part, part == last, pressable, self.now()
            )
        if reply.hand_off is not None and reply.hand_off.state == "waiting" and chat.agreed is None:
            await self._ask_hint(chat, conversation)

    async def _fold_away(self, chat: Chat) -> None:
        """Delete what stands above a quiet card: someone may be looking at the screen."""
        numbers = await asyncio.to_thread(self._chats.deletable, chat.address, self.now())
        with suppress(TelegramError):
            await self.delete(chat.address, numbers)

    async def delete(self, address: int, numbers: list[int]) -> None:
        """Delete messages of a chat, whoever sent them.

        Raises:
            telegram.error.TelegramError: it did not get through; what is left is still noted.
        """
        most = BulkRequestLimit.MAX_LIMIT
        for begin in range(0, len(numbers), most):
            some = numbers[begin : begin + most]
            await self._bot.delete_messages(address, some)
            await asyncio.to_thread(self._chats.forget, address, some)

    async def _text(self, address: int, text: str, keyboard: InlineKeyboardMarkup | None) -> Message:
        try:
            return await self._bot.send_message(address, text, reply_markup=keyboard)
        except BadRequest as error:
            # A reply that Telegram does not take must not hold up those after it.
            log.error("telegram.refused", error=str(error))
            apology = f"{self._conversations.words.failed}\n{self._conversations.emergency_line}"
            return await self._bot.send_message(address, apology)

    async def _file(self, address: int, conversation: Conversation) -> Message:
        """Send the paper of a conversation, made for this once and kept nowhere here."""
        made = self._papers.find(conversation.memory) if self._papers else None
        if made is None:
            return await self._bot.send_message(address, self._conversations.words.stale_button)
        file = InputFile(await asyncio.to_thread(as_docx, made[1]), filename=FILE_NAME)
        # The person chose to download it: a protected file could not be saved.
        return await self._bot.send_document(address, file, protect_content=False)

    async def _ask_hint(self, chat: Chat, conversation: Conversation) -> None:
        """Ask, once, whether a late reply may be told of."""
        tag = conversation.memory.language
        titles = [self._say(title, tag) for title in (self._words.hint_yes, self._words.hint_no)]
        await asyncio.to_thread(self._chats.agree, chat.name, False)
        asked = conversation.id, self._keyboards.question(conversation.id, titles)
        await self.say(chat.address, self._words.ask_hint, tag, asked)

    async def _type(self, address: int, conversation: Conversation) -> None:
        await asyncio.sleep(TYPING_AFTER_S)
        with suppress(TelegramError):
            while self._conversations.at_work(conversation):
                await self._bot.send_chat_action(address, ChatAction.TYPING)
                await asyncio.sleep(TYPING_EVERY_S)

    def _notice(self, first: Reply) -> list[str]:
        """Said once with the first words: who else can read along."""
        lines = [self._say(line, first.language) for line in self._words.notice]
        if self._settings.web_address:
            page = self._say(self._words.notice_page, first.language)
            lines.append(page.replace("{address}", self._settings.web_address))
        return ["\n".join(lines)]

    def _say(self, text: str, language: str) -> str:
        return self._conversations.front_door.say(text, language)

    async def _language(self, conversation: str) -> str:
        found = await self._conversations.get(conversation)
        return found.memory.language if found else "en"

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        self._sending.pop(name, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("telegram.failed", error=type(error).__name__)
        if name in self._again:
            self._again.discard(name)
            self.wake(name)

    def now(self) -> float:
        """The time now, in seconds since the epoch."""
        return self._conversations.now().timestamp()
