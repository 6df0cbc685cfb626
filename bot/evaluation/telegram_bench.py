"""`python -m bot bench-telegram`: 50 chats at once in Telegram against 50 conversations at once over our own API.

One assistant is started with its channel connected to a Bot API that runs here and only takes what it is sent. The same
number of people send the same texts, first over the API and then as updates. The bar: the time until 95 % are answered
in Telegram is under twice the gateway's own. Telegram's own limit of 30 messages a second is kept.
"""

import asyncio
import itertools
import os
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.conversation.turns import Words
from bot.data_files import load
from bot.evaluation.bench import (
    ANSWER_S,
    SEED,
    BenchError,
    Child,
    Heard,
    Level,
    OurTalk,
    Plan,
    Unanswered,
    free_port,
    measure_level,
    typed_examples,
)
from bot.settings import ROOT, Settings

CHATS, TURNS, MOST_RATIO = 50, 5, 2.0
TOKEN = "1:bench"  # noqa: S105  (the token of no bot)


class TelegramResult(msgspec.Struct, frozen=True, kw_only=True):
    """The same load over our own API and in Telegram, and the ratio of the times until 95 % are answered."""

    own: Level
    telegram: Level
    p95_ratio: float


class BotApi:
    """A Bot API that hands updates out and takes messages."""

    def __init__(self) -> None:
        self.answers: dict[int, asyncio.Queue[str]] = {}
        self._updates: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self._news = asyncio.Condition()
        self._closing = False

    async def close(self) -> None:
        """Let nobody wait any longer."""
        async with self._news:
            self._closing = True
            self._news.notify_all()

    def app(self) -> Starlette:
        """The application."""
        return Starlette(routes=[Route("/bot{token}/{method}", self._serve, methods=["POST"])])

    async def say(self, chat: int, text: str) -> None:
        """Have a person send a message."""
        person = {"id": chat, "is_bot": False, "first_name": "Nobody", "type": "private"}
        message = {"message_id": next(self._numbers), "date": 0, "chat": person, "from": person, "text": text}
        async with self._news:
            self._updates.append({"update_id": next(self._numbers), "message": message})
            self._news.notify_all()

    async def _serve(self, request: Request) -> Response:
        method, form = request.path_params["method"], await request.body()
        given = httpx.QueryParams(form.decode())
        result: Any = True
        if method == "getMe":
            result = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
        elif method == "getUpdates":
            result = await self._waiting(int(given.get("offset", 0)))
        elif method == "sendMessage":
            chat = int(given["chat_id"])
            result = {"message_id": next(self._numbers), "date": 0, "chat": {"id": chat, "type": "private"}}
            if chat in self.answers:
                self.answers[chat].put_nowait(given["text"])
        return JSONResponse({"ok": True, "result": result})

    async def _waiting(self, offset: int) -> list[dict[str, Any]]:
        async with self._news:
            self._updates = [one for one in self._updates if one["update_id"] >= offset]
            try:
                await asyncio.wait_for(self._news.wait_for(lambda: self._updates or self._closing), 20)
            except asyncio.TimeoutError:
                return []
            return list(self._updates[:100])


class TelegramTalk:
    """A person's chat; only words are typed."""

    can_press = False

    def __init__(self, api: BotApi, chat: int, words: Words) -> None:
        self._api, self._chat, self._words = api, chat, words

    async def open(self) -> None:
        """Begin the conversation with a command that needs no engine, as our API begins one without."""
        self._api.answers[self._chat] = asyncio.Queue()
        await self._api.say(self._chat, "/rights")
        for _ in range(2):
            await self._answer()

    async def type(self, text: str) -> Heard:
        """Send words and wait for the first words that come back."""
        answers = self._api.answers[self._chat]
        while not answers.empty():
            answers.get_nowait()
        await self._api.say(self._chat, text)
        while (await self._answer()).startswith(self._words.starting):
            pass
        return Heard()

    async def press(self) -> Heard:
        """Never called: no button is due."""
        raise Unanswered("no buttons here")

    async def _answer(self) -> str:
        try:
            return await asyncio.wait_for(self._api.answers[self._chat].get(), ANSWER_S)
        except asyncio.TimeoutError as error:
            raise Unanswered("no answer in time") from error


def plans(data: Path, chats: int, turns: int) -> list[Plan]:
    """What each person types: training examples, so that every text is understood, in a fixed order of chance."""
    dice = random.Random(SEED)  # noqa: S311  (for repeatable texts)
    texts = list(typed_examples(sorted((data / "nlu" / "en").glob("*.yml"))))
    picked = dice.sample(texts, chats * turns)
    return [list(picked[begin : begin + turns]) for begin in range(0, len(picked), turns)]


async def measure(child: int, url: str, api: BotApi, words: Words, typed: Sequence[Plan]) -> TelegramResult:
    """The same plans over our API and in Telegram."""
    limits = httpx.Limits(max_connections=None)
    dice = random.Random(SEED)  # noqa: S311  (no button is pressed)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=ANSWER_S + 10, limits=limits) as http:
        own = await measure_level([list(typed)], child, lambda _: OurTalk(http, words, dice), _nothing)
    telegram = await measure_level([list(typed)], child, lambda seed: TelegramTalk(api, 10_000 + seed, words), _nothing)
    return TelegramResult(own=own, telegram=telegram, p95_ratio=round(telegram.p95_ms / own.p95_ms, 2))


async def _run(settings: Settings, chats: int, turns: int, folder: Path) -> TelegramResult:
    api, api_port, port = BotApi(), free_port(), free_port()
    server = uvicorn.Server(uvicorn.Config(api.app(), port=api_port, log_config=None, access_log=False, ws="none"))
    serving = asyncio.create_task(server.serve())
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "BOT_DATA_DIR": str(settings.data_path.resolve()),
        "BOT_MODELS_DIR": str(settings.models_path.resolve()),
        "BOT_VAR_DIR": str(folder / "var"),
        "BOT_DATABASE_URL": "",
        "BOT_PORT": str(port),
        "BOT_STARTS_PER_MINUTE": "1000000",
        "BOT_MESSAGES_PER_MINUTE": "1000000",
        "BOT_TELEGRAM_TOKEN": TOKEN,
        "BOT_TELEGRAM_BASE_URL": f"http://127.0.0.1:{api_port}/bot",
    }
    words = load(settings.data_path / "conversation" / "gateway.en.yml", Words)
    url = f"http://127.0.0.1:{port}"
    try:
        with Child("The assistant", [sys.executable, "-m", "bot", "run", "--demo"], folder, environment) as child:
            full = _full(settings.engines)
            await asyncio.to_thread(child.wait_for, f"{url}/health", full)
            return await measure(child.pid, url, api, words, plans(settings.data_path, chats, turns))
    finally:
        await api.close()
        server.should_exit = True
        await serving


def _full(engines: int) -> Callable[[httpx.Response], bool]:
    return lambda answer: bool(answer.json()["engines"] >= engines)


def _nothing(*_: object) -> None:
    return None


def bench_telegram(settings: Settings, chats: int = CHATS, turns: int = TURNS) -> str:
    """Measure.

    Args:
        settings: those of the assistant; its model must be trained.
        chats: how many people write at once.
        turns: messages of each.

    Returns:
        Both sides and their ratio, for people.

    Raises:
        BenchError: it did not come up, answered nothing, or is too slow for the bar.
    """
    (ROOT / "var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as folder:
        result = asyncio.run(_run(settings, chats, turns, Path(folder)))
    lines = [
        f"{name}: {level.messages} messages, {level.errors} without an answer, {level.per_second} a second, "
        f"half within {level.p50_ms:.0f} ms, 95 % within {level.p95_ms:.0f} ms"
        for name, level in (("Own API", result.own), ("Telegram", result.telegram))
    ]
    said = "\n".join([*lines, f"p95_ratio {result.p95_ratio:.2f} (Telegram / own API, {chats} chats at once)"])
    if result.telegram.errors or result.p95_ratio >= MOST_RATIO:
        raise BenchError(f"{said}\nThe bar is no message without an answer and a ratio under {MOST_RATIO:.0f}.")
    return said
