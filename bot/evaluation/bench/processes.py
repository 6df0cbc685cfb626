"""The programs that are measured: starting and ending them, their memory and processor time. Linux only."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import httpx
import msgspec

from bot.evaluation.bench.figures import BenchError, Memory

START_S = 180.0


class Stat(msgspec.Struct, frozen=True):
    """What /proc/PID/stat says of a process."""

    parent: int
    state: str
    cpu_s: float


def parse_stat(text: str) -> Stat:
    """Read /proc/PID/stat. The name may hold spaces and brackets, so what follows its last bracket counts."""
    fields = text[text.rindex(")") + 2 :].split()
    return Stat(int(fields[1]), fields[0], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))


def parse_rollup(text: str) -> tuple[int, int]:
    """PSS and RSS in kB from /proc/PID/smaps_rollup."""
    figures = dict(line.split(":", 1) for line in text.splitlines() if line.startswith(("Pss:", "Rss:")))
    return int(figures["Pss"].split()[0]), int(figures["Rss"].split()[0])


def family(root: int) -> dict[int, Stat]:
    """A process and all that came from it, without those that have ended."""
    known: dict[int, Stat] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                known[int(entry.name)] = parse_stat((entry / "stat").read_text(errors="replace"))
    found = {root: known[root]} if root in known else {}
    new = set(found)
    while new:
        new = {pid for pid, stat in known.items() if stat.parent in new}
        found.update({pid: known[pid] for pid in new})
    return {pid: stat for pid, stat in found.items() if stat.state != "Z"}


def memory(root: int) -> Memory:
    """Memory of a process and all that came from it."""
    sizes = []
    for pid in family(root):
        with contextlib.suppress(OSError):
            sizes.append(parse_rollup(Path(f"/proc/{pid}/smaps_rollup").read_text()))
    pss, rss = (sum(column) / 1024 for column in zip(*sizes, strict=True)) if sizes else (0.0, 0.0)
    return Memory(pss_mb=round(pss, 1), rss_mb=round(rss, 1), processes=len(sizes))


class Cpu(msgspec.Struct, frozen=True):
    """Processor time used so far, in seconds: by a process and all that came from it, by it alone, and by ourselves."""

    server: float
    front: float
    own: float

    @classmethod
    def now(cls, root: int) -> "Cpu":
        """As it is now."""
        members = family(root)
        front = members[root].cpu_s if root in members else 0.0
        return cls(sum(stat.cpu_s for stat in members.values()), front, time.process_time())

    def since(self, before: "Cpu") -> "Cpu":
        """What was used in between."""
        return Cpu(self.server - before.server, self.front - before.front, self.own - before.own)


def engines(gateway: int) -> list[int]:
    """Process ids of our engines: what the gateway's fork server has forked."""
    members = family(gateway)
    servers = {pid for pid, stat in members.items() if stat.parent == gateway and b"forkserver" in _command(pid)}
    return [pid for pid, stat in members.items() if stat.parent in servers]


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


class Child:
    """A program in a process group of its own; leaving the `with` block ends the whole group.

    Args:
        name: what to call it in errors.
        command: program and arguments.
        folder: where it runs, and where its log goes.
        environment: its variables.
        end_s: seconds it has to end by itself when asked to.
    """

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, environment: dict[str, str], end_s: float = 10.0
    ) -> None:
        self._name, self._log, self._end_s = name, folder / f"{uuid.uuid4().hex}.log", end_s
        self._began = time.perf_counter()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  (fixed commands of ours)
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._process.terminate()
            self._process.wait(self._end_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait(10)

    def finish(self, timeout: float) -> float:
        """Wait until it has ended well. Returns the seconds it took.

        Raises:
            BenchError: it failed or took longer than `timeout` seconds.
        """
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise self._trouble(f"took longer than {timeout:.0f} s") from error
        if code:
            raise self._trouble(f"ended with code {code}")
        return time.perf_counter() - self._began

    def wait_for(self, url: str, enough: Callable[[httpx.Response], bool]) -> float:
        """Wait until an address answers as wanted. Returns the seconds since the start.

        Raises:
            BenchError: it ended, or took too long.
        """
        with httpx.Client(trust_env=False, timeout=5) as http:
            while time.perf_counter() - self._began < START_S:
                with contextlib.suppress(httpx.HTTPError):
                    if enough(http.get(url)):
                        return time.perf_counter() - self._began
                if self._process.poll() is not None:
                    raise self._trouble("ended instead of starting")
                time.sleep(0.05)
        raise self._trouble(f"was not ready after {START_S:.0f} s")

    def _trouble(self, what: str) -> BenchError:
        tail = self._log.read_text(errors="replace").replace("\r", "\n").splitlines()[-20:]
        return BenchError(f"{self._name} {what}. The end of its log:\n" + "\n".join(line[:300] for line in tail))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
