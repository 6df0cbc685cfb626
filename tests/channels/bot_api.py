"""A strict local stand-in of Telegram's Bot API over HTTP: it knows what we use, checks it, and records every call.

Unknown methods are 404, a wrong token 401, parameters it does not know and HTML that does not parse 400. It keeps the
chats as Telegram would show them. What to fail next is set by a test: `flood`, `lose`, `blocked`.
"""

import asyncio
import contextlib
import email
import html
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.directory import LONDON

TOKEN = "123456:not-a-real-token"
BOT = {"id": 1, "is_bot": True, "first_name": "Assistant", "username": "stand_in_bot"}
SENT = {"chat_id", "disable_notification", "protect_content", "reply_markup", "parse_mode", "link_preview_options"}
KNOWN = {
    "getMe": set(),
    "getUpdates": {"offset", "timeout", "allowed_updates", "limit"},
    "setWebhook": {"url", "allowed_updates", "secret_token"},
    "deleteWebhook": set(),
    "setMyCommands": {"commands", "scope", "language_code"},
    "sendMessage": {*SENT, "text"},
    "sendDocument": {*SENT, "document"},
    "sendChatAction": {"chat_id", "action"},
    "answerCallbackQuery": {"callback_query_id", "text"},
    "editMessageReplyMarkup": {"chat_id", "message_id", "reply_markup"},
    "deleteMessage": {"chat_id", "message_id"},
    "deleteMessages": {"chat_id", "message_ids"},
    "leaveChat": {"chat_id"},
}
# The library sends its defaults with every call, and Telegram takes no notice of them.
DEFAULTS = {"parse_mode", "disable_notification", "protect_content"}
TAGS = {"b", "i", "u", "s", "a", "code", "pre", "blockquote"}


class Refused(Exception):
    """An error the API answers with."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.body = {"ok": False, "error_code": code, "description": description, "parameters": parameters}


class Visible(HTMLParser):
    """The text that HTML of a message shows; strict about tags."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.shown = ""
        self.feed(source)
        self.close()
        if self.open:
            raise Refused(400, "Bad Request: can't parse entities")

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise Refused(400, f"Bad Request: can't parse entities: unsupported start tag {tag}")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refused(400, "Bad Request: can't parse entities: unexpected end tag")

    def handle_data(self, data: str) -> None:
        if "<" in data or "&" in data:
            raise Refused(400, "Bad Request: can't parse entities: unescaped character")
        self.shown += data

    def handle_entityref(self, name: str) -> None:
        if name not in ("lt", "gt", "amp", "quot"):
            raise Refused(400, f"Bad Request: can't parse entities: unsupported entity {name}")
        self.shown += html.unescape(f"&{name};")


class BotApi:
    """The stand-in; `async with` serves it on a free port.

    Attributes:
        calls: method and parameters of every call, in order.
        messages: what a chat shows, by chat and number: `text`, `mine` (sent by the bot), `buttons`, `sent`.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(LONDON)) -> None:
        self.clock = clock
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.messages: dict[int, dict[int, dict[str, Any]]] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.webhook: dict[str, Any] = {}
        self.blocked: set[int] = set()
        self.flood: list[str] = []
        self.lose: list[str] = []
        self.down = False
        self._updates: list[dict[str, Any]] = []
        self._confirmed = 0
        self._number = 1000
        self._update = 500
        self._news = asyncio.Condition()

    async def __aenter__(self) -> "BotApi":
        app = Starlette(routes=[Route("/bot{token}/{method}", self._serve, methods=["GET", "POST"])])
        quiet = {"log_config": None, "access_log": False}
        config = uvicorn.Config(app, host="127.0.0.1", port=0, ws="none", lifespan="off", **quiet)
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None
        self._running = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        await self._running

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    # --- what tests do

    def number(self) -> int:
        """A number for a new message."""
        self._number += 1
        return self._number

    async def push(self, **kind: Any) -> int:
        """Have an update for the bot. Returns its id."""
        self._update += 1
        async with self._news:
            self._updates.append({"update_id": self._update, **kind})
            self._news.notify_all()
        return self._update

    async def until(self, what: Callable[[], Any]) -> None:
        """Wait until something holds; looked at after every call."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: bool(what())), 30)

    async def confirmed(self, update: int) -> None:
        """Wait until the bot has confirmed an update."""
        await self.until(lambda: self._confirmed > update)

    def sent(self, *methods: str) -> list[dict[str, Any]]:
        """Parameters of all calls of some methods."""
        return [parameters for method, parameters in self.calls if method in methods]

    # --- what the bot does

    async def _serve(self, request: Request) -> Response:
        method = request.path_params["method"]
        try:
            if self.down:
                return Response("Bad Gateway", status_code=502)
            if request.path_params["token"] != TOKEN:
                raise Refused(401, "Unauthorized")
            if method not in KNOWN:
                raise Refused(404, "Not Found: method not found")
            parameters = await read(request)
            parameters = {
                name: one for name, one in parameters.items() if name in KNOWN[method] or name not in DEFAULTS
            }
            unknown = set(parameters) - KNOWN[method]
            if unknown:
                raise Refused(400, f"Bad Request: unknown parameters {unknown}")
            if method in self.flood:
                self.flood.remove(method)
                raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
            result = await getattr(self, method)(**parameters)
        except Refused as refused:
            return JSONResponse(refused.body, status_code=refused.body["error_code"])
        async with self._news:
            if method != "getUpdates":
                self.calls.append((method, parameters))
            self._news.notify_all()
        if method in self.lose:
            # It was done, and the answer is lost on the way.
            self.lose.remove(method)
            return Response("Bad Gateway", status_code=502)
        return JSONResponse({"ok": True, "result": result})

    async def getMe(self) -> Any:
        return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    async def getUpdates(self, offset: int = 0, timeout: int = 0, allowed_updates: list[str] | None = None) -> Any:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        async with self._news:
            self._confirmed = max(self._confirmed, offset)
            self._updates = [one for one in self._updates if one["update_id"] >= offset]
            self._news.notify_all()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait_for(lambda: self._updates), timeout)
            return list(self._updates)

    async def setWebhook(self, url: str, secret_token: str, allowed_updates: list[str]) -> Any:
        if not url.startswith("https://"):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = {"url": url, "secret_token": secret_token, "allowed_updates": allowed_updates}
        return True

    async def deleteWebhook(self) -> Any:
        self.webhook = {}
        return True

    async def setMyCommands(
        self, commands: list[dict[str, str]], scope: dict[str, str], language_code: str = ""
    ) -> Any:
        for command in commands:
            if not (command["command"].isidentifier() and command["command"].islower()):
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refused(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        if scope != {"type": "all_private_chats"} or len(language_code) not in (0, 2):
            raise Refused(400, "Bad Request: invalid language code specified")
        self.commands[language_code] = commands
        return True

    async def sendMessage(self, chat_id: int, text: str, parse_mode: str, **parameters: Any) -> Any:
        shown = Visible(text).shown
        if not shown.strip() or len(shown.encode("utf-16-le")) > 2 * 4096:
            raise Refused(400, "Bad Request: message text is empty or too long")
        return self._send(chat_id, {"text": shown, "html": text}, **parameters)

    async def sendDocument(self, chat_id: int, document: tuple[str, bytes], **parameters: Any) -> Any:
        return self._send(chat_id, {"file": document[0], "bytes": document[1]}, **parameters)

    async def sendChatAction(self, chat_id: int, action: str) -> Any:
        self._reach(chat_id)
        return True

    async def answerCallbackQuery(self, callback_query_id: str, text: str = "") -> Any:
        if len(text) > 200:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    async def editMessageReplyMarkup(self, chat_id: int, message_id: int, reply_markup: Any = None) -> Any:
        message = self.messages.get(chat_id, {}).get(message_id)
        if message is None:
            raise Refused(400, "Bad Request: message to edit not found")
        buttons = keyboard(reply_markup)
        if buttons == message["buttons"]:
            raise Refused(400, "Bad Request: message is not modified")
        message["buttons"] = buttons
        return True

    async def deleteMessage(self, chat_id: int, message_id: int) -> Any:
        if message_id not in self.messages.get(chat_id, {}):
            raise Refused(400, "Bad Request: message to delete not found")
        return await self.deleteMessages(chat_id, [message_id])

    async def deleteMessages(self, chat_id: int, message_ids: list[int]) -> Any:
        if not 1 <= len(message_ids) <= 100:
            raise Refused(400, "Bad Request: wrong number of messages")
        chat = self.messages.get(chat_id, {})
        for number in message_ids:
            if number in chat and chat[number]["sent"] > self.clock() - timedelta(hours=48):
                del chat[number]
        return True

    async def leaveChat(self, chat_id: int) -> Any:
        self._reach(chat_id)
        self.blocked.add(chat_id)
        return True

    def _send(
        self,
        chat_id: int,
        shown: dict[str, Any],
        reply_markup: Any = None,
        disable_notification: bool = False,
        protect_content: bool = False,
        **_: Any,
    ) -> Any:
        self._reach(chat_id)
        number = self.number()
        self.messages.setdefault(chat_id, {})[number] = {
            **shown,
            "mine": True,
            "buttons": keyboard(reply_markup),
            "silent": disable_notification,
            "protected": protect_content,
            "sent": self.clock(),
        }
        chat = {"id": chat_id, "type": "private"}
        return {"message_id": number, "date": int(self.clock().timestamp()), "chat": chat, "from": BOT}

    def _reach(self, chat_id: int) -> None:
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")


def keyboard(markup: Any) -> list[dict[str, str]]:
    """The buttons of a keyboard, one after the other, checked."""
    buttons = [button for row in (markup or {}).get("inline_keyboard", []) for button in row]
    for button in buttons:
        if not button["text"].strip() or ("url" in button) == ("callback_data" in button):
            raise Refused(400, "Bad Request: BUTTON_INVALID")
        if not 1 <= len(button.get("callback_data", "x").encode()) <= 64:
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        if not button.get("url", "https://").startswith(("http://", "https://")):
            raise Refused(400, "Bad Request: BUTTON_URL_INVALID")
    return buttons


async def read(request: Request) -> dict[str, Any]:
    """The parameters of a call: numbers, lists and objects are JSON, texts are texts, files a name and bytes."""
    body, kind = await request.body(), request.headers.get("content-type", "")
    if kind.startswith("multipart/"):
        parts = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body).get_payload()
        fields: dict[str, Any] = {}
        for part in parts:
            name, data = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
            fields[name] = (part.get_filename(), data) if part.get_filename() else plain(data.decode())
        for name, value in list(fields.items()):
            if isinstance(value, str) and value.startswith("attach://"):
                fields[name] = fields.pop(value.removeprefix("attach://"))
        return fields
    texts = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    return {name: text if name in ("text", "url", "secret_token") else plain(text) for name, text in texts.items()}


def plain(value: str) -> Any:
    """A parameter's value."""
    try:
        return json.loads(value)
    except ValueError:
        return value
