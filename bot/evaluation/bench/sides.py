"""The two that are compared, each started, measured and ended: this assistant, and a stock Rasa starter."""

import asyncio
import contextlib
import itertools
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import yaml
from rich.progress import Progress

from bot.conversation.turns import Words
from bot.data_files import load
from bot.evaluation.bench.figures import Back, BenchError, Side, Size
from bot.evaluation.bench.processes import Child, free_port, memory
from bot.evaluation.bench.recovery import measure_back
from bot.evaluation.bench.speed import Load, drive
from bot.evaluation.bench.talks import ANSWER_S, OurTalk, StockTalk, Tick
from bot.evaluation.bench.texts import SEED, Workload
from bot.settings import ROOT, Settings

QUICK_CONFIG = Path(__file__).parent / "stock" / "quick-config.yml"
TRAIN_S = 3600.0


def _client(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=ANSWER_S, trust_env=False)


def _dice(seed: int) -> random.Random:
    return random.Random(1000 * SEED + seed)  # noqa: S311  (for repeatable choices)


class Steps:
    """Shows on stderr what is under way."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @contextlib.contextmanager
    def step(self, what: str, total: int | None = None) -> Iterator[Tick]:
        """A line for one step; what it yields is called for each of `total` messages."""
        task = self._progress.add_task(what, total=total)
        yield lambda: self._progress.advance(task)
        self._progress.update(task, total=total or 1, completed=total or 1)


def measure_stock(folder: Path, work: Workload, size: Size, quick: bool, steps: Steps) -> Side:
    """Make, train, serve and drive the stock starter.

    Args:
        folder: an empty one.
        work: what to send.
        size: how long to wait before looking at memory at rest.
        quick: train it for one epoch only.
        steps: where progress is shown.
    """
    rasa = [sys.executable, "-m", "rasa"]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with steps.step("Starter: train"):
        if quick:
            spec = find_spec("rasa")
            if spec is None or spec.origin is None:
                raise BenchError("Rasa is not installed. Run: make setup")
            shutil.copytree(Path(spec.origin).parent / "cli" / "initial_project", folder, dirs_exist_ok=True)
            shutil.copy(QUICK_CONFIG, folder / "config.yml")
            training = [*rasa, "train"]
        else:
            training = [*rasa, "init", "--no-prompt", "--init-dir", str(folder)]
        with Child("The training of the stock starter", training, folder, environment) as child:
            train_s = child.finish(TRAIN_S)
    intents = yaml.safe_load((folder / "domain.yml").read_text(encoding="utf-8"))["intents"]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    serving = [*rasa, "run", "--enable-api", "--interface", "127.0.0.1", "--port", str(port)]
    with Child("The stock starter", serving, folder, environment) as child:
        with steps.step("Starter: start"):
            ready = child.wait_for(f"{url}/status", lambda answer: answer.status_code == 200)
            time.sleep(size.rest_s)
            rest = memory(child.pid)

        async def run(tick: Tick) -> Load:
            async with _client(url) as http:
                return await drive(work, child.pid, lambda seed: StockTalk(http, intents, _dice(seed)), tick)

        with steps.step("Starter: messages", _count(work)) as tick:
            load = asyncio.run(run(tick))
    return Side(
        train_s=None if quick else round(train_s, 1),
        train_note="one epoch only" if quick else "rasa init, with its start",
        ready_s=round(ready, 2),
        full_s=round(ready, 2),
        rest=rest,
        load=load.load,
        levels=load.levels,
        long=load.long,
        back=None,
    )


@contextlib.contextmanager
def serve_ours(folder: Path, settings: Settings) -> Iterator[tuple[Child, str]]:
    """This assistant on a port of its own, with an empty database and no limits; the program and its address."""
    port = free_port()
    command = [sys.executable, "-m", "bot", "run", "--demo"]
    with Child("Our assistant", command, folder, {**_environment(folder, settings), "BOT_PORT": str(port)}) as child:
        yield child, f"http://127.0.0.1:{port}"


def _environment(folder: Path, settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "BOT_DATA_DIR": str(settings.data_path.resolve()),
        "BOT_MODELS_DIR": str(settings.models_path.resolve()),
        "BOT_VAR_DIR": str(folder / "var"),
        "BOT_DATABASE_URL": "",
        "BOT_ENGINES": str(settings.engines),
        "BOT_HOST": "127.0.0.1",
        "BOT_STARTS_PER_MINUTE": "1000000",
        "BOT_MESSAGES_PER_MINUTE": "1000000",
    }


def measure_ours(folder: Path, settings: Settings, work: Workload, size: Size, train: bool, steps: Steps) -> Side:
    """Train (if asked to), serve and drive this assistant; see `measure_stock`."""
    train_s, note = None, "not measured in this run"
    if train:
        warm = (ROOT / "var" / "cache" / "sentence-vectors.npz").exists()
        note = f"with {'kept' if warm else 'no'} sentence vectors, with its start"
        training = {**_environment(folder, settings), "BOT_MODELS_DIR": str(folder / "models")}
        with (
            steps.step("Ours: train"),
            Child("Our training", [sys.executable, "-m", "bot", "train", "--force"], folder, training) as child,
        ):
            train_s = round(child.finish(TRAIN_S), 1)
    words = load(settings.data_path / "conversation" / "gateway.en.yml", Words)
    with serve_ours(folder, settings) as (child, url):
        with steps.step("Ours: start"):
            ready = child.wait_for(f"{url}/health", lambda answer: answer.status_code == 200)
            full = child.wait_for(f"{url}/health", lambda answer: answer.json()["engines"] >= settings.engines)
            time.sleep(size.rest_s)
            rest = memory(child.pid)

        async def run(tick: Tick) -> Load:
            async with _client(url) as http:
                return await drive(work, child.pid, lambda seed: OurTalk(http, words, _dice(seed)), tick)

        async def kill() -> Back:
            async with _client(url) as http:
                return await measure_back(
                    http, child.pid, settings.engines, lambda seed: OurTalk(http, words, _dice(seed))
                )

        with steps.step("Ours: messages", _count(work)) as tick:
            found = asyncio.run(run(tick))
        with steps.step("Ours: killed engines"):
            back = asyncio.run(kill())
    return Side(
        train_s=train_s,
        train_note=note,
        ready_s=round(ready, 2),
        full_s=round(full, 2),
        rest=rest,
        load=found.load,
        levels=found.levels,
        long=found.long,
        back=back,
    )


def _count(work: Workload) -> int:
    plans = itertools.chain.from_iterable(itertools.chain.from_iterable(work.levels.values()))
    return sum(len(turns) for turns in itertools.chain(plans, work.long))
