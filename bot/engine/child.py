"""An engine process: waits at its end of a pipe for requests and answers them, one at a time.

This module imports nothing of Rasa; `bot.engine.agent` is imported by name once the process runs.
"""

import importlib
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from bot.conversation.messages import Request, Response


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A request was worked."""

    response: Response


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A request could not be worked. `error` is the kind of error only: its text may quote the message."""

    error: str


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The model is loaded."""


class NotReady(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The model cannot be loaded; `reason` says why and what to do."""

    reason: str


Report = Answered | Failed | Ready | NotReady


def serve(pipe: Connection, models: str) -> None:
    """Load the model and answer until the other end of the pipe is closed.

    Args:
        pipe: this process's end.
        models: folder of the model and its manifest.
    """
    # Ctrl-C reaches the whole group; the gateway ends its engines itself, by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    encode = msgspec.msgpack.encode
    agent = importlib.import_module("bot.engine.agent")
    model = importlib.import_module("bot.engine.model")
    try:
        brain = agent.Brain(Path(models))
    except model.ModelError as error:
        pipe.send_bytes(encode(NotReady(reason=str(error))))
        return
    pipe.send_bytes(encode(Ready()))
    decoder = msgspec.msgpack.Decoder(Request)
    while True:
        try:
            request = decoder.decode(pipe.recv_bytes())
        except EOFError:
            return
        try:
            report: Report = Answered(response=brain.answer(request))
        except Exception as error:  # noqa: BLE001  (one bad message must not end the process)
            report = Failed(error=type(error).__name__)
        pipe.send_bytes(encode(report))
