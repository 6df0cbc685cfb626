"""Running the gateway until Ctrl-C: one clear line for each step, and for whatever stands in the way."""

import asyncio
import errno
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from bot.assembly import Assistant, assemble
from bot.channels.telegram.switches import why_off
from bot.console.assembly import assemble_console
from bot.directory import Directory
from bot.engine.model import ModelError, checked_model
from bot.handoff.redis_fanout import load_fanout
from bot.logs import log_to_stderr
from bot.safety.cards import load_cards
from bot.settings import PREFIX, Settings
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
    return _listener(settings.host, settings.port, "HOST", "PORT", 8090)


def bind_console(settings: Settings) -> socket.socket:
    """The socket of the staff console.

    Raises:
        CannotStart: as for `bind`.
    """
    return _listener(settings.console_host, settings.console_port, "CONSOLE_HOST", "CONSOLE_PORT", 8091)


def _listener(host: str, port: int, host_setting: str, port_setting: str, other: int) -> socket.socket:
    # With the protocol named, asyncio switches Nagle's algorithm off: without that each answer waits 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Whoever comes before the gateway is up waits instead of being turned away: the address is printed before.
        listener.listen()
    except OSError as error:
        listener.close()
        where = f"{host}:{port}"
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"{where} is in use by another program. Stop it, or take another port: "
                f"{PREFIX}{port_setting}={other} make run"
            ) from error
        raise CannotStart(
            f"{where} cannot be used ({error.strerror}). Check {PREFIX}{host_setting} and {PREFIX}{port_setting}."
        ) from error
    return listener


def serve(settings: Settings, say: Say) -> None:
    """Run until stopped: the gateway and, where there is one, the staff console beside it.

    Args:
        settings: all of them; see `check`.
        say: prints one line for the person who started it.

    Raises:
        CannotStart: something stands in the way; nothing was started.
    """
    if reasons := check(settings):
        raise CannotStart(*reasons)
    listener = bind(settings)
    beside = bind_console(settings) if settings.has_console else None
    log_to_stderr(settings.log_level)
    fanout = load_fanout(settings.redis_url)
    assistant = assemble(settings, fanout=fanout)
    servers = [(uvicorn.Server(_config(assistant.gateway.app())), listener)]
    address = f"http://{settings.host}:{listener.getsockname()[1]}/"
    say(f"The page answers at {address} (starting: engines load their model)")
    if beside is not None:
        servers.append((uvicorn.Server(_config(assemble_console(settings, fanout, say).app())), beside))
        say(f"The staff console answers at http://{settings.console_host}:{beside.getsockname()[1]}/")
    say(why_off(settings) or f"Telegram is on ({settings.telegram_mode}).")
    # uvicorn stops cleanly on Ctrl-C and then raises it again.
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(servers, assistant, say, address))
    say("Stopped.")


def serve_console(settings: Settings, say: Say) -> None:
    """Run the staff console alone, in a process or on a host of its own, until stopped.

    Args:
        settings: those of the gateway: the same database and keys, and Redis, if both are to notice each other at once.
        say: prints one line for the person who started it.

    Raises:
        CannotStart: something stands in the way; nothing was started.
    """
    if reasons := problems(settings):
        raise CannotStart(*reasons)
    listener = bind_console(settings)
    log_to_stderr(settings.log_level)
    console = assemble_console(settings, load_fanout(settings.redis_url), say)
    say(f"The staff console answers at http://{settings.console_host}:{listener.getsockname()[1]}/   Stop with Ctrl-C.")
    with suppress(KeyboardInterrupt):
        asyncio.run(uvicorn.Server(_config(console.app())).serve(sockets=[listener]))
    say("Stopped.")


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        # No WebSocket route exists, and Rasa pins a version of websockets that uvicorn cannot use.
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


async def _run(
    servers: list[tuple[uvicorn.Server, socket.socket]], assistant: Assistant, say: Say, address: str
) -> None:
    watcher = asyncio.create_task(_announce(assistant, say, address))
    try:
        await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in servers))
    finally:
        watcher.cancel()


async def _announce(assistant: Assistant, say: Say, address: str) -> None:
    if await assistant.pool.wait_ready(READY_S):
        say(f"Ready: {address}   Stop with Ctrl-C.")
    else:
        trouble = assistant.pool.trouble or "they are still loading"
        say(f"No engine is ready yet: {trouble}. The page says so meanwhile.")
