"""Updates in: each is understood (`updates`), handed to the conversation core, and noted as dealt with.

Nothing here knows of rights, danger or languages. What a person types goes to the core as it is, so the safety gate
reads all of it; a command or a button goes as what it means. An update is noted after what came of it is stored, and
the core ignores a message it has, so an update that comes twice does nothing twice.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from telegram import Bot, Update
from telegram.error import TelegramError

from bot.channels.telegram.chats import Chat, Chats
from bot.channels.telegram.commands import OWN, PAYLOADS, START
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.keyboards import AWAY, CHOICE, ERASE, EXIT, HIDE, HINT, TURN, Keyboards, Press
from bot.channels.telegram.shown import shown
from bot.channels.telegram.updates import Blocked, Called, InGroup, NotWords, Pressed, Typed, meaning
from bot.channels.telegram.words import TelegramWords
from bot.conversation.case_status import code_in
from bot.conversation.core import Conversations
from bot.conversation.messages import Message, Reply
from bot.settings import Settings
from bot.store.conversations import Conversation

log = structlog.get_logger()
CHANNEL = "telegram"
_LEAVING = {EXIT: "exit", ERASE: "erase"}


class Channel:
    """What updates come to.

    Args:
        bot: the bot.
        conversations: the conversation core.
        chats: what is stored of chats.
        keyboards: reads buttons.
        delivery: sends the replies.
        words: what the channel itself says.
        links: what `?start=` may open, as payload by name.
        settings: limits and modes.
    """

    def __init__(
        self,
        *,
        bot: Bot,
        conversations: Conversations,
        chats: Chats,
        keyboards: Keyboards,
        delivery: Delivery,
        words: TelegramWords,
        links: Mapping[str, str],
        settings: Settings,
    ) -> None:
        self._bot, self._conversations, self._chats, self._keyboards = bot, conversations, chats, keyboards
        self._delivery, self._words, self._links = delivery, words, links
        self._settings = settings
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._messages = RateLimitItemPerMinute(settings.messages_per_minute)
        self._once = RateLimitItemPerMinute(1, namespace="told")

    async def handle(self, update: Update) -> None:
        """Deal with an update, whatever it is; one that was dealt with does nothing.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: nothing of it was stored; it may come again.
            telegram.error.TelegramError: Telegram did not take what had to be said or done.
        """
        meant = meaning(update)
        if meant is None or await asyncio.to_thread(self._chats.handled, update.update_id):
            return
        if isinstance(meant, InGroup):
            await self._leave_group(meant)
        elif isinstance(meant, Blocked):
            await self._blocked(meant.address)
        elif isinstance(meant, Pressed):
            await self._pressed(meant)
        elif isinstance(meant, Called) and meant.command in OWN:
            await self._leave(meant.address, meant.command, meant.message)
        else:
            await self._said(meant, update.update_id)
        await asyncio.to_thread(self._chats.done, update.update_id, self._now())

    async def apologise(self, update: Update) -> None:
        """Say that something could not be dealt with, in a private chat; danger gets its card, which needs no store.

        Raises:
            telegram.error.TelegramError: not even that got through.
        """
        meant = meaning(update)
        if not isinstance(meant, Typed | Called | NotWords | Pressed):
            return
        card = self._conversations.card_for(meant.text) if isinstance(meant, Typed | Called) else None
        said = [Reply(text=f"{self._words.unavailable}\n{self._conversations.emergency_line}")]
        if card is not None:
            said = [card] if card.display == "quiet" else [card, *said]
        for reply in said:
            for part in shown(reply):
                await self._bot.send_message(meant.address, part)

    # --- what a person sends

    async def _said(self, meant: Typed | Called | NotWords, update: int) -> None:
        if not await self._within_limits(meant.address):
            return
        chat, conversation = await self._conversation(meant.address, meant.language)
        await asyncio.to_thread(self._chats.active, chat, meant.message, self._now())
        self._delivery.wake(chat.name)
        client_id = f"update:{update}"
        quiet = conversation.memory.quiet
        if isinstance(meant, NotWords):
            if quiet:
                # Someone may look at the phone: the core answers anything at all with the quiet card.
                await self._accept(chat, conversation, Message(client_id=client_id, text=""))
            else:
                await self._say_not_words(chat, conversation)
            return
        payload = self._payload(meant) if isinstance(meant, Called) else None
        if payload is not None:
            if payload == PAYLOADS["privacy"] and not quiet:
                notice = "\n".join(self._words.notice)
                await self._delivery.say(chat.address, notice, conversation.memory.language)
            await self._accept(chat, conversation, Message(client_id=client_id, payload=payload))
            return
        await self._accept(chat, conversation, Message(client_id=client_id, text=meant.text))
        if code_in(meant.text) is not None:
            with suppress(TelegramError):
                await self._bot.delete_message(chat.address, meant.message)
        if isinstance(meant, Typed) and meant.more and not quiet:
            await self._say_not_words(chat, conversation)

    def _payload(self, meant: Called) -> str | None:
        """What a command means; with other words behind it none: those may be a cry for help, so the core reads all."""
        if meant.command == START and meant.argument in self._links:
            return self._links[meant.argument]
        return None if meant.argument else PAYLOADS.get(meant.command)

    async def _within_limits(self, address: int) -> bool:
        name = self._chats.name(address)
        if self._limiter.hit(self._messages, name):
            return True
        if self._limiter.hit(self._once, name):
            await self._delivery.say(address, f"{self._words.too_many}\n{self._conversations.emergency_line}")
        return False

    async def _say_not_words(self, chat: Chat, conversation: Conversation) -> None:
        text = f"{self._words.not_words}\n{self._conversations.emergency_line}"
        await self._delivery.say(chat.address, text, conversation.memory.language)

    async def _accept(self, chat: Chat, conversation: Conversation, message: Message) -> None:
        await self._conversations.accept(conversation, message)
        self._delivery.wake(chat.name)
        self._delivery.show_typing(chat.address, conversation)

    async def _conversation(self, address: int, language: str | None) -> tuple[Chat, Conversation]:
        """The chat's conversation; a new one with its first words where there is none, or it has ended."""
        known = await self._known(address)
        if known is not None:
            return known
        token, _ = await self._conversations.start(CHANNEL, language)
        conversation = await self._conversations.find(token, self._settings.telegram_idle_minutes)
        assert conversation is not None
        chat = await asyncio.to_thread(self._chats.bind, address, conversation, token, self._now())
        return chat, conversation

    async def _known(self, address: int) -> tuple[Chat, Conversation] | None:
        chat = await asyncio.to_thread(self._chats.find, address)
        conversation = await self._running(chat)
        return None if chat is None or conversation is None else (chat, conversation)

    async def _running(self, chat: Chat | None) -> Conversation | None:
        if chat is None:
            return None
        return await self._conversations.find(chat.token, self._settings.telegram_idle_minutes)

    # --- buttons

    async def _pressed(self, meant: Pressed) -> None:
        chat = await asyncio.to_thread(self._chats.find, meant.address)
        press = await self._press(chat, meant)
        conversation = await self._running(chat)
        if press is not None and (press.kind in _LEAVING or (press.kind == AWAY and conversation is None)):
            # Also long after: whoever wants it gone must not be told that a button is too old.
            await self._answer(meant)
            await self._leave(meant.address, _LEAVING.get(press.kind, "exit"))
            return
        if chat is None or conversation is None or press is None or meant.message is None:
            await self._answer(meant, self._conversations.words.stale_button)
            await self._without_buttons(meant)
            return
        await asyncio.to_thread(self._chats.active, chat, None, self._now())
        await self._answer(meant)
        if press.kind == TURN:
            await self._turn(conversation, meant.address, meant.message, press)
        elif press.kind == HIDE:
            await self._delivery.delete(meant.address, [meant.message])
        elif press.kind == AWAY:
            await self._put_away(chat, conversation, meant.message, press)
        else:
            await self._chosen(chat, conversation, meant, press)

    async def _press(self, chat: Chat | None, meant: Pressed) -> Press | None:
        """What was pressed, if the message offers it in the conversation that this chat has."""
        if chat is None or meant.message is None:
            return None
        offered = await asyncio.to_thread(self._chats.offers, meant.address, meant.message)
        press = self._keyboards.read(meant.data, chat.conversation)
        return press if press is not None and offered == (chat.conversation, press.reply) else None

    async def _put_away(self, chat: Chat, conversation: Conversation, message: int, press: Press) -> None:
        """Put the case away, then delete what a bot may delete: whatever comes of that, the case is away."""
        await self._delivery.stop(chat.name)
        numbers = await asyncio.to_thread(self._chats.deletable, chat.address, self._now())
        away = Message(client_id=f"message:{message}", button=press.button)
        await self._conversations.accept(conversation, away)
        await self._delivery.delete(chat.address, numbers)
        self._delivery.wake(chat.name)

    async def _chosen(self, chat: Chat, conversation: Conversation, meant: Pressed, press: Press) -> None:
        if press.kind == CHOICE:
            # One name for all buttons of a message: whatever races, the core takes one of them.
            message = Message(client_id=f"message:{meant.message}", button=press.button)
            await self._accept(chat, conversation, message)
        elif press.kind == HINT:
            yes = press.place == 0
            await asyncio.to_thread(self._chats.agree, chat.name, yes)
            said = self._words.hint_on if yes else self._words.hint_off
            await self._delivery.say(chat.address, said, conversation.memory.language)
        if meant.message is not None:
            await asyncio.to_thread(self._chats.pressed, meant.address, meant.message)
        await self._without_buttons(meant)

    async def _turn(self, conversation: Conversation, address: int, message: int, press: Press) -> None:
        found = await self._conversations.replies(conversation, press.reply - 1)
        door, tag = self._conversations.front_door, found[0].reply.language
        page = self._keyboards.under(
            conversation.id, press.reply, found[0].reply, lambda text: door.say(text, tag), press.place
        )
        with suppress(TelegramError):
            await self._bot.edit_message_reply_markup(address, message, reply_markup=page)

    async def _answer(self, meant: Pressed, text: str | None = None) -> None:
        """Tell Telegram that a button was seen; too late it refuses that, and nothing is lost."""
        with suppress(TelegramError):
            await self._bot.answer_callback_query(meant.query, text)

    async def _without_buttons(self, meant: Pressed) -> None:
        if meant.message is not None:
            with suppress(TelegramError):
                await self._bot.edit_message_reply_markup(meant.address, meant.message)

    # --- leaving

    async def _leave(self, address: int, how: str, message: int | None = None) -> None:
        """End or erase the conversation, delete what a bot may delete, and say what stays."""
        language, said = "en", []
        chat = await asyncio.to_thread(self._chats.find, address)
        await self._delivery.stop(self._chats.name(address))
        conversation = await self._conversations.get(chat.conversation) if chat is not None else None
        if conversation is not None:
            language = conversation.memory.language
            if how == "erase":
                said = [await self._conversations.erase(conversation)]
            else:
                await self._conversations.end(conversation)
        await asyncio.to_thread(self._chats.unbind, address)
        numbers = await asyncio.to_thread(self._chats.deletable, address, self._now())
        await self._delivery.delete(address, [*numbers, *([message] if message is not None else [])])
        await self._delivery.say(address, "\n".join([*said, self._words.left]), language)

    async def _blocked(self, address: int) -> None:
        chat = await asyncio.to_thread(self._chats.find, address)
        await self._delivery.stop(self._chats.name(address))
        conversation = await self._conversations.get(chat.conversation) if chat is not None else None
        if conversation is not None:
            await self._conversations.end(conversation)
        await asyncio.to_thread(self._chats.unbind, address)

    async def _leave_group(self, meant: InGroup) -> None:
        with suppress(TelegramError):
            await self._bot.send_message(meant.chat, self._words.group)
            await self._bot.leave_chat(meant.chat)

    def _now(self) -> float:
        return self._conversations.now().timestamp()
