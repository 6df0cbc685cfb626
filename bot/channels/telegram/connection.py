"""The connection to Telegram: the bot with its limits, updates fetched or sent to us, and coming back after trouble.

An update is confirmed to Telegram only after it was dealt with, so none is lost with a process. That is why updates are
fetched here and not by the library's `Updater`, which confirms them before.
"""

import asyncio
import hmac
import logging
import warnings
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, LinkPreviewOptions, Update
from telegram.constants import ParseMode, UpdateType
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import (
    AIORateLimiter,
    Application,
    BaseUpdateProcessor,
    CallbackContext,
    Defaults,
    TypeHandler,
)
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential_jitter

from bot.channels.telegram.channel import Channel
from bot.channels.telegram.chats import Chats
from bot.channels.telegram.commands import COMMANDS
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.updates import readable
from bot.settings import Settings

log = structlog.get_logger()

PATH = "/telegram"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  (the name of a header)
WANTED = [UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CALLBACK_QUERY, UpdateType.MY_CHAT_MEMBER]
FETCH_S = 25
MAINTENANCE_S, PURGE_EVERY = 2.0, 1800
MOST_AT_ONCE = 256
_COUNTED = ("sendMessage", "sendDocument")


class PerChat(BaseUpdateProcessor):
    """Updates of different chats at the same time, those of one chat in order."""

    def __init__(self) -> None:
        super().__init__(MOST_AT_ONCE)
        self._locks: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's earlier updates."""
        assert isinstance(update, Update)
        whose = update.effective_chat or update.effective_user
        lock = self._locks.setdefault(whose.id if whose else 0, asyncio.Lock())
        async with lock:
            await coroutine

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""


class MessageLimiter(AIORateLimiter):
    """Counts messages against Telegram's limits, and not what deletes or changes one; waits out a flood of any kind."""

    async def process_request(
        self,
        callback: Callable[..., Any],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Send when the limits allow."""
        counted = data if endpoint in _COUNTED else {}
        return await super().process_request(callback, args, kwargs, endpoint, counted, rate_limit_args)


def application(settings: Settings) -> "Application[Any, Any, Any, Any, Any, Any]":
    """The library's application: every message silent, protected and without a preview of its links."""
    for name in ("telegram", "httpx", "httpcore"):
        # Their lines hold addresses with the token, chats, and whole updates; what fails is logged here without them.
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'")
    defaults = Defaults(
        parse_mode=ParseMode.HTML,
        disable_notification=True,
        protect_content=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    return (
        Application.builder()
        .token(settings.telegram_token)
        .base_url(settings.telegram_base_url)
        .defaults(defaults)
        .rate_limiter(MessageLimiter(max_retries=3))
        .concurrent_updates(PerChat())
        .read_timeout(20.0)
        .updater(None)
        .job_queue(None)
        .build()
    )


class Telegram:
    """The running channel.

    Args:
        app: the library's application.
        channel: deals with updates.
        delivery: sends replies.
        chats: what is stored of chats.
        descriptions: for each language, `en` among them, the description of each command.
        settings: mode, secret and address.
    """

    def __init__(
        self,
        app: "Application[Any, Any, Any, Any, Any, Any]",
        channel: Channel,
        delivery: Delivery,
        chats: Chats,
        descriptions: dict[str, dict[str, str]],
        settings: Settings,
    ) -> None:
        self._app, self._channel, self._delivery, self._chats = app, channel, delivery, chats
        self._descriptions, self._settings = descriptions, settings
        self._failed: set[int] = set()
        self.ready = asyncio.Event()
        app.add_handler(TypeHandler(Update, self._handle))
        app.add_error_handler(self._trouble)

    async def run(self) -> None:
        """Connect, however long that takes, and work until cancelled.

        What was not dealt with by then comes again, from Telegram or from the store.
        """
        try:
            await asyncio.gather(self._run(), self._maintain())
        finally:
            await self._delivery.close()
            await self._app.shutdown()

    def routes(self) -> list[Route]:
        """What the gateway is to serve: the webhook, where updates are sent to us."""
        if self._settings.telegram_mode == "polling":
            return []
        return [Route(PATH, self.webhook, methods=["POST"])]

    async def settle(self) -> None:
        """Wait until this process is sending nothing."""
        await self._delivery.settle()

    async def receive(self, update: Update | None) -> bool:
        """Deal with an update. False when nothing of it was stored or said, so that it must come again."""
        if update is None:
            return True
        await self._app.update_processor.process_update(update, self._app.process_update(update))
        failed = update.update_id in self._failed
        self._failed.discard(update.update_id)
        return not failed

    async def webhook(self, request: Request) -> Response:
        """The route that Telegram sends updates to."""
        secret = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(secret.encode(), self._settings.telegram_webhook_secret.encode()):
            return Response(status_code=403)
        if not self.ready.is_set():
            return Response(status_code=503)
        try:
            found = await request.json()
        except ValueError:
            return Response(status_code=400)
        if not isinstance(found, dict) or not isinstance(found.get("update_id"), int):
            return Response(status_code=400)
        update = readable(found, self._app.bot)
        return Response(status_code=200 if await self.receive(update) else 503)

    # --- inside

    async def _run(self) -> None:
        try:
            async for attempt in _patiently():
                with attempt:
                    await self._connect()
            self.ready.set()
            log.info("telegram.connected", mode=self._settings.telegram_mode)
            if self._settings.telegram_mode == "polling":
                await self._poll()
        except InvalidToken:
            log.error("telegram.token_refused")
        except TelegramError as error:
            log.error("telegram.not_connected", error=type(error).__name__)

    async def _connect(self) -> None:
        bot: Bot = self._app.bot
        await self._app.initialize()
        for language, commands in self._descriptions.items():
            await bot.set_my_commands(
                [BotCommand(name, commands[name]) for name in COMMANDS],
                BotCommandScopeAllPrivateChats(),
                # Without a language these are for everybody who has none of ours.
                language_code=None if language == "en" else language,
            )
        if self._settings.telegram_mode == "webhook":
            await bot.set_webhook(
                f"{self._settings.web_address.rstrip('/')}{PATH}",
                allowed_updates=WANTED,
                secret_token=self._settings.telegram_webhook_secret,
            )
        else:
            await bot.delete_webhook()

    async def _poll(self) -> None:
        offset: int | None = None
        while True:
            async for attempt in _patiently():
                with attempt:
                    # As they are: the library's own method fails for all of them where it cannot read one.
                    found = await self._app.bot.do_api_request(
                        "getUpdates",
                        {"offset": offset, "timeout": FETCH_S, "allowed_updates": WANTED},
                        read_timeout=FETCH_S + 10.0,
                    )
            updates = [(one["update_id"], readable(one, self._app.bot)) for one in found]
            done = await asyncio.gather(*(self.receive(update) for _, update in updates))
            for (number, _), dealt_with in zip(updates, done, strict=True):
                if not dealt_with:
                    # From here on they come again; those behind it that were dealt with do nothing then.
                    await asyncio.sleep(MAINTENANCE_S)
                    break
                offset = number + 1

    async def _maintain(self) -> None:
        await self.ready.wait()
        rounds = 0
        while True:
            try:
                await self._delivery.recover()
                if rounds % PURGE_EVERY == 0:
                    await asyncio.to_thread(self._chats.purge, self._delivery.now())
            except SQLAlchemyError as error:
                log.error("store.failed", error=type(error).__name__)
            rounds += 1
            await asyncio.sleep(MAINTENANCE_S)

    async def _handle(self, update: Update, _context: "CallbackContext[Any, Any, Any, Any]") -> None:
        await self._channel.handle(update)

    async def _trouble(self, update: object, context: "CallbackContext[Any, Any, Any, Any]") -> None:
        """Tell the person honestly; where not even that is possible the update must come again."""
        log.error("telegram.failed", error=type(context.error).__name__)
        if isinstance(update, Update):
            try:
                await self._channel.apologise(update)
            except TelegramError:
                if isinstance(context.error, SQLAlchemyError | NetworkError):
                    self._failed.add(update.update_id)


def _patiently() -> AsyncRetrying:
    """Try until Telegram can be reached, with longer and longer pauses up to half a minute."""
    return AsyncRetrying(
        retry=retry_if_exception(_passes),
        wait=wait_exponential_jitter(initial=0.5, max=30.0),
        before_sleep=_log_wait,
    )


def _passes(error: BaseException) -> bool:
    # To the library a request that Telegram will never take is a network error, too.
    return isinstance(error, NetworkError | RetryAfter | Conflict) and not isinstance(error, BadRequest)


def _log_wait(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    log.warning("telegram.unreachable", error=type(error).__name__)
