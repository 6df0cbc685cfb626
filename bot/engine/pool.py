"""The engines: child processes that each answer one request at a time; restarted when they die.

This module imports nothing of Rasa. Each engine has a pipe of its own, so one that is killed harms no other, and they
are forked from a server that has imported Rasa already, so a new one is ready in seconds.
"""

import asyncio
import multiprocessing
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import structlog

from bot.conversation.messages import Request, Response
from bot.engine import child
from bot.engine.child import Answered, Failed, NotReady, Ready, Report

log = structlog.get_logger()
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
_decode = msgspec.msgpack.Decoder(Report).decode


class EngineUnavailable(Exception):
    """No engine could take the request now; it may work later."""


class EngineLost(EngineUnavailable):
    """The engine died or fell silent while it had the request."""


class EngineFailed(Exception):
    """The engine lives, but this request made it fail. The message is the kind of error only."""


class _Engine:
    """One child process with its pipe. Blocking; used through a thread of its own."""

    def __init__(self, models: str) -> None:
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        self._pipe: Connection = ours
        self.process = context.Process(target=child.serve, args=(theirs, models), daemon=True, name="engine")
        self.process.start()
        theirs.close()

    def wait_ready(self, timeout: float) -> None:
        report = self._receive(timeout)
        if isinstance(report, NotReady):
            raise EngineUnavailable(report.reason)
        if not isinstance(report, Ready):
            raise EngineLost("an engine did not report for duty")

    def ask(self, request: Request, timeout: float) -> Response:
        try:
            self._pipe.send_bytes(msgspec.msgpack.encode(request))
        except OSError as error:
            raise EngineLost("an engine died") from error
        report = self._receive(timeout)
        if isinstance(report, Failed):
            raise EngineFailed(report.error)
        if not isinstance(report, Answered):
            raise EngineLost("an engine answered out of turn")
        return report.response

    def _receive(self, timeout: float) -> Report:
        try:
            if not self._pipe.poll(timeout):
                raise EngineLost("an engine fell silent")
            return _decode(self._pipe.recv_bytes())
        except (EOFError, OSError, msgspec.DecodeError) as error:
            raise EngineLost("an engine died") from error

    def stop(self) -> None:
        self._pipe.close()
        self.process.join(0.5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(5)


class EnginePool:
    """Keeps a number of engines running and hands each request to a free one.

    Args:
        models: folder of the model and its manifest.
        engines: how many processes.
        timeout: seconds an engine may take over one request.
    """

    def __init__(self, models: Path, engines: int, timeout: float) -> None:
        self._models, self._count, self._timeout = str(models), engines, timeout
        self._free: asyncio.Queue[_Engine] = asyncio.Queue()
        self._threads = ThreadPoolExecutor(max_workers=2 * engines, thread_name_prefix="engine")
        self._keepers: set[asyncio.Task[None]] = set()
        self._running: dict[_Engine, None] = {}
        self._ready = asyncio.Event()
        self._closing = False
        self.trouble: str | None = None

    def start(self) -> None:
        """Begin to start the engines; returns at once."""
        _use_fork_server()
        for _ in range(self._count):
            self._keep(0.0)

    @property
    def ready(self) -> int:
        """Engines that have their model loaded."""
        return len(self._running)

    @property
    def processes(self) -> list[int]:
        """Process ids of the engines that are ready."""
        return [engine.process.pid for engine in self._running if engine.process.pid]

    async def wait_ready(self, timeout: float) -> bool:
        """Wait until at least one engine is ready. False when the time is over."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ready.wait(), timeout)
        return self._ready.is_set()

    async def answer(self, request: Request) -> Response:
        """Have a request worked by a free engine.

        Raises:
            EngineUnavailable: none became free in time.
            EngineLost: the engine died or fell silent; a new one is being started.
            EngineFailed: this request made the engine fail.
        """
        try:
            engine = await asyncio.wait_for(self._free.get(), self._timeout)
        except asyncio.TimeoutError as error:
            raise EngineUnavailable(self.trouble or "no engine is free") from error
        # While the other engines have nothing to do, their cores help: a long message is understood twice as fast.
        idle = 1 + self._free.qsize()
        request = msgspec.structs.replace(request, threads=min(idle, os.cpu_count() or 1))
        try:
            response = await self._call(engine.ask, request, self._timeout)
        except EngineLost:
            self._lose(engine)
            raise
        except asyncio.CancelledError:
            # Its answer would be taken for the next one's.
            self._lose(engine)
            raise
        except EngineFailed:
            self._free.put_nowait(engine)
            raise
        self._free.put_nowait(engine)
        return response

    async def close(self) -> None:
        """Stop all engines and wait until they are gone."""
        self._closing = True
        for task in self._keepers:
            task.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(self._call(engine.stop) for engine in list(self._running)))
        self._running.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _keep(self, pause: float) -> None:
        task = asyncio.get_running_loop().create_task(self._bring_up(pause))
        self._keepers.add(task)
        task.add_done_callback(self._keepers.discard)

    async def _bring_up(self, pause: float) -> None:
        """Start one engine, trying again with longer and longer pauses, and watch over it."""
        while not self._closing:
            await asyncio.sleep(pause)
            engine = await self._call(_Engine, self._models)
            try:
                await self._call(engine.wait_ready, 120.0)
            except EngineUnavailable as error:
                self.trouble = str(error)
                log.warning("engine.not_ready", reason=str(error))
                await self._call(engine.stop)
                pause = min(max(FIRST_PAUSE_S, 2 * pause), LONGEST_PAUSE_S)
                continue
            except asyncio.CancelledError:
                engine.stop()
                raise
            self.trouble = None
            self._running[engine] = None
            self._free.put_nowait(engine)
            self._ready.set()
            log.info("engine.ready", pid=engine.process.pid)
            return

    def _lose(self, engine: _Engine) -> None:
        if self._running.pop(engine, self) is self:
            return
        if not self._running:
            self._ready.clear()
        log.warning("engine.lost", pid=engine.process.pid)
        self._threads.submit(engine.stop)
        if not self._closing:
            self._keep(0.0)

    async def _call(self, function, *args):  # type: ignore[no-untyped-def]
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    def watch(self) -> None:
        """Replace engines that died while they were idle."""
        for engine in [engine for engine in self._running if not engine.process.is_alive()]:
            kept = [waiting for waiting in self._drain() if waiting is not engine]
            for waiting in kept:
                self._free.put_nowait(waiting)
            self._lose(engine)

    def _drain(self) -> list[_Engine]:
        engines = []
        while not self._free.empty():
            engines.append(self._free.get_nowait())
        return engines


def _use_fork_server() -> None:
    """Have the fork server import Rasa once. It runs `python -c`, so it must be told where `bot` is."""
    root = str(Path(__file__).resolve().parent.parent.parent)
    if root not in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bot.engine.preload"])
    if not sys.platform.startswith("linux"):
        log.info("engine.platform", note="the fork server is measured on Linux only")
