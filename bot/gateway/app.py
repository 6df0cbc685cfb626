"""The gateway as a Starlette application."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import msgspec
import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.conversation.core import Conversations
from bot.conversation.messages import Message
from bot.conversation.papers import Papers
from bot.conversation.resuming import Busy, Resuming
from bot.engine.pool import EnginePool
from bot.gateway import api, papers
from bot.gateway.contract import openapi
from bot.gateway.guard import Guard
from bot.gateway.page import COMPRESSED, STATIC
from bot.gateway.pages import Pages
from bot.gateway.problems import PROBLEMS, Refused
from bot.settings import Settings
from bot.store.conversations import Conversation

log = structlog.get_logger()
T = TypeVar("T")
LONGEST_WAIT_S = 25.0
LONGEST_QUIET_S, WITH_STAFF_S = 10.0, 2.0
"""Seconds a stream waits for a reply before it looks whether its token still works, and whether staff are typing."""
RECONNECT_MS = 1000
MAINTENANCE_S = 2.0
PURGE_EVERY = 300


class Gateway:
    """The HTTP side of the conversations.

    Args:
        conversations: the conversation core.
        pool: the engines, for health only.
        settings: limits, origins and modes.
        routes: further routes, beside those of the pages and the API.
        background: what else runs as long as the gateway does, each until it is cancelled.
        papers: the papers that conversations have made.
        resuming: brings a chat back to who knows its PIN; without it a PIN holds on the living page only.
    """

    def __init__(
        self,
        conversations: Conversations,
        pool: EnginePool,
        settings: Settings,
        routes: Sequence[BaseRoute] = (),
        background: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
        papers: Papers | None = None,
        resuming: Resuming | None = None,
    ) -> None:
        self._conversations, self._pool, self._settings, self._papers = conversations, pool, settings, papers
        self._routes, self._background, self._resuming = routes, background, resuming
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._starts = RateLimitItemPerMinute(settings.starts_per_minute)
        self._messages = RateLimitItemPerMinute(settings.messages_per_minute)
        self._contract = api.encode(openapi())
        self._pages = Pages(conversations, settings)

    def app(self) -> Starlette:
        """The application; it starts and stops the engines itself."""
        origins = [origin.strip() for origin in self._settings.allowed_origins.split(",") if origin.strip()]
        return Starlette(
            routes=[
                *self._pages.routes(),
                Route("/health", self.health),
                Route("/api/v1/conversations", self.start, methods=["POST"]),
                Route("/api/v1/messages", self.send, methods=["POST"]),
                Route("/api/v1/replies", self.read),
                Route("/api/v1/replies/stream", self.stream),
                Route("/api/v1/papers/{kind}", self.paper),
                Route("/api/v1/feedback", self.feedback, methods=["POST"]),
                Route("/api/v1/pin", self.choose_pin, methods=["PUT"]),
                Route("/api/v1/resume", self.resume, methods=["POST"]),
                Route("/api/v1/typing", self.typing, methods=["POST"]),
                Route("/api/v1/away", self.away, methods=["POST"]),
                Route("/api/v1/end", self.end, methods=["POST"]),
                Route("/api/v1/conversation", self.erase, methods=["DELETE"]),
                Route("/api/v1/openapi.json", self.contract),
                Mount("/static", StaticFiles(directory=STATIC), middleware=[COMPRESSED]),
                *self._routes,
            ],
            middleware=[
                Middleware(Guard, settings=self._settings),
                Middleware(
                    CORSMiddleware,
                    allow_origins=origins,
                    allow_methods=["GET", "POST", "PUT", "DELETE"],
                    allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
                ),
            ],
            exception_handlers={
                Refused: self._refused,
                Busy: self._busy,
                HTTPException: self._http_error,
                SQLAlchemyError: self._store_failed,
                Exception: self._broken,
            },
            lifespan=self._life,
        )

    @contextlib.asynccontextmanager
    async def _life(self, _app: Starlette) -> AsyncIterator[None]:
        self._pool.start()
        self._conversations.listen()
        tasks = [asyncio.create_task(work()) for work in (self._maintain, *self._background)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._conversations.close()
            await self._pool.close()

    async def _maintain(self) -> None:
        """Now and then: replace dead engines, take up messages left behind, carry out commands, purge."""
        rounds = 0
        while True:
            try:
                self._pool.watch()
                await self._conversations.recover()
                await self._conversations.carry_out()
                await self._conversations.forget_lapsed()
                await self._conversations.keep_hand_offs()
                if rounds % PURGE_EVERY == 0:
                    await self._conversations.purge()
            except SQLAlchemyError as error:
                log.error("store.failed", error=type(error).__name__)
            rounds += 1
            await asyncio.sleep(MAINTENANCE_S)

    # --- API

    async def health(self, _request: Request) -> Response:
        """Whether the assistant can answer now."""
        ready = self._pool.ready
        return _json(
            api.Health(status="ready" if ready else "starting", engines=ready, demo=self._settings.demo),
            200 if ready else 503,
        )

    async def contract(self, _request: Request) -> Response:
        """The OpenAPI contract."""
        return Response(self._contract, media_type="application/json")

    async def start(self, request: Request) -> Response:
        """Start a conversation."""
        self._count(self._starts, self._address(request))
        language = (await self._body(request, api.Start, api.Start())).language
        token, replies = await self._conversations.start("web", language[:35] if language else None)
        return _json(
            api.Started(token=token, replies=[api.public(reply) for reply in replies], demo=self._settings.demo), 201
        )

    async def send(self, request: Request) -> Response:
        """Accept a message."""
        conversation = await self._conversation(request)
        self._count(self._messages, conversation.id)
        sent = await self._body(request, api.Send)
        one = [sent.text, sent.button, sent.language].count(None) == 2
        known = sent.language is None or self._conversations.front_door.serves(sent.language)
        if not (one and known and 1 <= len(sent.client_id) <= 64):
            raise Refused(400, "bad_request")
        message = Message(client_id=sent.client_id, text=sent.text, button=sent.button, language=sent.language)
        receipt = await self._conversations.accept(conversation, message)
        return _json(api.Sent(repeated=not receipt.new), 202)

    async def read(self, request: Request) -> Response:
        """Replies after a cursor; waits for one if asked to."""
        conversation = await self._conversation(request)
        after = _number(request.query_params.get("after", "0"))
        wait = min(_number(request.query_params.get("wait", "0")), LONGEST_WAIT_S)
        found = await self._conversations.replies(conversation, after, wait)
        return _json(api.replies_after(found, after))

    async def stream(self, request: Request) -> Response:
        """Replies as server-sent events, from `Last-Event-ID` on."""
        conversation = await self._conversation(request)
        after = _number(request.headers.get("last-event-id") or request.query_params.get("after", "0"))
        events = self._events(request, conversation, after)
        return EventSourceResponse(events, ping=15, headers={"X-Accel-Buffering": "no"})

    async def _events(self, request: Request, conversation: Conversation, after: int) -> AsyncIterator[ServerSentEvent]:
        typing = 0.0
        while not await request.is_disconnected():
            wait = LONGEST_QUIET_S if conversation.hand_off is None else WITH_STAFF_S
            for numbered in await self._conversations.replies(conversation, after, wait):
                after = numbered.number
                event = api.encode(api.public(numbered)).decode()
                yield ServerSentEvent(data=event, id=str(after), event="reply", retry=RECONNECT_MS)
            if await request.is_disconnected():
                # Asking for the token would keep it alive for a page that is gone.
                return
            found = await self._conversations.find(_token(request))
            if found is None:
                yield ServerSentEvent(data="{}", event="ended")
                return
            conversation, before = found, typing
            typing = await self._conversations.staff_types_until(conversation)
            if typing > max(before, self._conversations.now().timestamp()):
                yield ServerSentEvent(data="{}", event="typing")

    async def paper(self, request: Request) -> Response:
        """The paper that the conversation has just made, as text, HTML or .docx."""
        conversation = await self._conversation(request)
        found = self._papers.find(conversation.memory) if self._papers else None
        kind, media = papers.asked_for(request.path_params["kind"], request.headers.get("accept", ""))
        made = papers.response(*found, media) if found and found[0].kind == kind else None
        if made is None:
            raise Refused(404, "no_paper")
        return made

    async def feedback(self, request: Request) -> Response:
        """Keep for staff whether an answer helped."""
        conversation = await self._conversation(request)
        self._count(self._messages, conversation.id)
        given = await self._body(request, api.Feedback)
        if not await self._conversations.judge(conversation, given.reply, given.helped, given.why):
            raise Refused(400, "bad_request")
        return Response(status_code=204)

    async def choose_pin(self, request: Request) -> Response:
        """Choose the PIN with which a page that is opened again goes on with this conversation."""
        conversation = await self._conversation(request)
        self._count(self._messages, conversation.id)
        chosen = await self._body(request, api.ChoosePin)
        if self._resuming is None:
            raise Refused(404, "not_found")
        return _json(api.PinChosen(resume=await self._resuming.choose(conversation, _token(request), chosen.pin)))

    async def resume(self, request: Request) -> Response:
        """Go on with a conversation: a PIN and a resume id for a new token."""
        self._count(self._starts, f"resume {self._address(request)}")
        asked = await self._body(request, api.Resume)
        found = await self._resuming.resume(asked.resume, asked.pin) if self._resuming else None
        if found is None:
            raise Refused(401, "not_resumed")
        return _json(api.resumed(found))

    async def typing(self, request: Request) -> Response:
        """The person is typing: staff who talk to them are shown it."""
        conversation = await self._conversation(request)
        self._count(self._messages, f"typing:{conversation.id}")
        await self._conversations.person_types(conversation)
        return Response(status_code=204)

    async def away(self, request: Request) -> Response:
        """The page was closed: its token lives two more minutes."""
        await self._conversations.away(_token(request))
        return Response(status_code=204)

    async def end(self, request: Request) -> Response:
        """End a conversation."""
        await self._conversations.end(await self._conversation(request))
        return Response(status_code=204)

    async def erase(self, request: Request) -> Response:
        """Erase a conversation."""
        return _json(api.Erased(text=await self._conversations.erase(await self._conversation(request))))

    # --- inside

    async def _conversation(self, request: Request) -> Conversation:
        conversation = await self._conversations.find(_token(request))
        if conversation is None:
            raise Refused(401, "ended")
        return conversation

    async def _body(self, request: Request, kind: type[T], default: T | None = None) -> T:
        body = await request.body()
        if default is not None and not body:
            return default
        # json, not msgspec: a lone surrogate in a string is a broken keyboard, not a broken request.
        try:
            return msgspec.convert(json.loads(body), kind)
        except (ValueError, RecursionError, msgspec.ValidationError) as error:
            raise Refused(400, "bad_request") from error

    def _address(self, request: Request) -> str:
        if self._settings.trusted_proxy:
            return request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
        return request.client.host if request.client else ""

    def _count(self, limit: RateLimitItemPerMinute, who: str) -> None:
        if not self._limiter.hit(limit, who):
            raise Refused(429, "too_many")

    def _problem(self, status: int, problem: str) -> Response:
        text = f"{PROBLEMS[problem]} {self._conversations.emergency_line}"
        return _json(api.Problem(error=problem, text=text), status)

    async def _refused(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return self._problem(error.status, error.problem)

    async def _busy(self, _request: Request, _error: Exception) -> Response:
        return self._problem(503, "unavailable")

    async def _http_error(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return self._problem(error.status_code, "not_found" if error.status_code == 404 else "bad_request")

    async def _store_failed(self, _request: Request, error: Exception) -> Response:
        log.error("store.failed", error=type(error).__name__)
        return self._problem(503, "unavailable")

    async def _broken(self, _request: Request, error: Exception) -> Response:
        log.error("gateway.failed", error=type(error).__name__)
        return self._problem(500, "unavailable")


def _json(value: msgspec.Struct, status: int = 200) -> Response:
    return Response(api.encode(value), status, media_type="application/json")


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(400, "bad_request")
    return int(text)
