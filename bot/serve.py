"""Running the gateway until Ctrl-C: one clear line for each step, and for whatever stands in the way."""

import asyncio
import errno
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn

from bot.assembly import Assistant, assemble
from bot.channels.telegram.switches import why_off
from bot.directory import Directory
from bot.engine.model import ModelError, checked_model
from bot.logs import log_to_stderr
from bot.safety.cards import load_cards
from bot.settings import Settings
from bot.settings_checks import problems

Say = Callable[[str], None]
LEAST_DISK = 200 * 1024 * 1024
READY_S = 120.0


class CannotStart(Exception):
    """The service must not or cannot start; each argument is one reason with the way out."""


def check(settings: Settings) -> list[str]:
    """Every reason why the service cannot start with these settings; empty when it can."""
    reasons = problems(settings)
    if not settings.demo:
        reasons += unsigned_safety_texts(settings)
    try:
        checked_model(settings.models_path)
    except ModelError as error:
        reasons.append(str(error))
    folder = Path(settings.var_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < LEAST_DISK:
            reasons.append(f"The disk of {folder} is almost full. Free 200 MB, or set BOT_VAR_DIR to another disk.")
    except OSError as error:
        reasons.append(f"The folder {folder} cannot be written ({error.strerror}). Set BOT_VAR_DIR to another one.")
    return reasons


def unsigned_safety_texts(settings: Settings) -> list[str]:
    """Health lines that the safeguarding lead and a clinician have not signed (data/safety, medical_not_hedged)."""
    return [
        f"The safety text {line} is not signed: add signed_by and signed_on in data/safety."
        for line in load_cards(settings.data_path, Directory(settings.data_path, settings.demo)).unsigned
    ]


def bind(settings: Settings) -> socket.socket:
    """The gateway's socket.

    Raises:
        CannotStart: the address is taken or not ours.
    """
    # With the protocol named, asyncio switches Nagle's algorithm off: without that each answer waits 40 ms.
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        # Whoever comes before the gateway is up waits instead of being turned away: the address is printed before.
        listener.listen()
    except OSError as error:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"{where} is in use by another program. Stop it, or take another port: BOT_PORT=8090 make run"
            ) from error
        raise CannotStart(f"{where} cannot be used ({error.strerror}). Check BOT_HOST and BOT_PORT.") from error
    return listener


def serve(settings: Settings, say: Say) -> None:
    """Run until stopped.

    Args:
        settings: all of them; see `check`.
        say: prints one line for the person who started it.

    Raises:
        CannotStart: something stands in the way; nothing was started.
    """
    if reasons := check(settings):
        raise CannotStart(*reasons)
    listener = bind(settings)
    log_to_stderr(settings.log_level)
    assistant = assemble(settings)
    port = listener.getsockname()[1]
    say(f"The page answers at http://{settings.host}:{port}/ (starting: engines load their model)")
    say(why_off(settings) or f"Telegram is on ({settings.telegram_mode}).")
    config = uvicorn.Config(
        assistant.gateway.app(),
        # No WebSocket route exists, and Rasa pins a version of websockets that uvicorn cannot use.
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    # uvicorn stops cleanly on Ctrl-C and then raises it again.
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(uvicorn.Server(config), listener, assistant, say, f"http://{settings.host}:{port}/"))
    say("Stopped.")


async def _run(server: uvicorn.Server, listener: socket.socket, assistant: Assistant, say: Say, address: str) -> None:
    watcher = asyncio.create_task(_announce(assistant, say, address))
    try:
        await server.serve(sockets=[listener])
    finally:
        watcher.cancel()


async def _announce(assistant: Assistant, say: Say, address: str) -> None:
    if await assistant.pool.wait_ready(READY_S):
        say(f"Ready: {address}   Stop with Ctrl-C.")
    else:
        trouble = assistant.pool.trouble or "they are still loading"
        say(f"No engine is ready yet: {trouble}. The page says so meanwhile.")
