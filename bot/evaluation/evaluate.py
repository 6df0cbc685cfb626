"""`python -m bot evaluate`: lines or dialogues through the whole conversation core, as in serving, and what came back.

Each line gets a fresh conversation, each dialogue one of its own. A message is accepted, leased, processed and finished
through the same core and store that serve; only the loop around them is here, since it has to see the `Turn`.
"""

import asyncio
import json
import os
import re
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Container, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from bot.assembly import Assistant, assemble
from bot.conversation.core import MOST_ATTEMPTS
from bot.conversation.messages import NLU_FALLBACK, OUT_OF_SCOPE, Message, Private, Reply
from bot.conversation.text import storable
from bot.conversation.turns import Turn, Words
from bot.data_files import DataError, load
from bot.engine.pool import EngineFailed, EngineUnavailable
from bot.evaluation.report import as_page, as_text
from bot.evaluation.scores import Labels, Line, Result, score
from bot.logs import log_to_stderr
from bot.rights.answers import topic_of
from bot.rights.facts import load_facts
from bot.settings import Settings
from bot.store.conversations import Conversation, Waiting
from bot.store.database import StoreUnavailable

ENGINES = 2
READY_S = 120.0
LEASE_S = 3600.0
TOPICS_SHOWN = 3
PAGE = "index.html"

FOLLOW_UPS = {"how_long_followup", "who_followup", "what_if_not_followup", "source_followup", "tell_me_more"}
FLOWS = {"case_status", "referral", "speak_to_human", "change_language", "delete_my_data"}

Script = list[Line]
"""The lines of one conversation, in order."""


class EvaluationError(Exception):
    """The evaluation cannot run; the message names the file and the line, or says what to do."""


def evaluate(settings: Settings, file: Path, out: Path, dialogues: bool = False, report: Path | None = None) -> str:
    """Put a file through the assistant and write one result a line.

    Args:
        settings: of the assistant; demonstration mode, engines and folders are set here.
        file: JSON Lines with `text`, or YAML with `dialogues`.
        out: written only when all is done.
        dialogues: `file` holds dialogues.
        report: folder for an HTML page.

    Returns:
        How many lines, how fast, and the scores if there are labels.

    Raises:
        EvaluationError: the file is wrong, something cannot be written, or the assistant does not start.
    """
    scripts = read_dialogues(file) if dialogues else read_lines(file)
    page = report / PAGE if report else None
    for target in filter(None, (out, page)):
        if target.exists() and target.samefile(file):
            raise EvaluationError(f"{target}: cannot be written: it is the input")
        if target.is_dir():
            raise EvaluationError(f"{target}: cannot be written: it is a folder")
    with written(out) as results_part, written(page) if page else nullcontext() as page_part:
        began = time.monotonic()
        results, failed, took = _put_through(settings, scripts) if scripts else ([], 0, 0.0)
        lines = [line for script in scripts for line in script]
        scores = score(list(zip(lines, results, strict=True)))
        summary = _summary(lines, failed, took, time.monotonic() - began)
        results_part.write_bytes(b"".join(map(_encode, results)))
        if page_part:
            text = as_page(file.name, summary, scores)
            page_part.write_bytes(text.encode("utf-8", errors="replace"))
    return as_text(summary, scores)


def _summary(lines: list[Line], failed: int, took: float, whole: float) -> str:
    speed = f"{len(lines) / took:.1f} lines a second" if took else "nothing to do"
    parts = [f"{len(lines)} lines in {took:.1f} s: {speed} ({whole:.1f} s with starting the engines)."]
    if failed:
        parts.append(f"{failed} of them made an engine fail.")
    unscored = sorted({name for line in lines for name in line.unscored})
    if unscored:
        parts.append(f"Expected but not scored, since unknown: {', '.join(unscored)}.")
    return " ".join(parts)


def _encode(result: Result) -> bytes:
    # json, not msgspec: an id may hold a lone surrogate, which has an escape but no UTF-8.
    return json.dumps(msgspec.structs.asdict(result)).encode() + b"\n"


# --- files


class _Given(msgspec.Struct, kw_only=True):
    """What a line must or may have besides labels."""

    text: str
    id: Any = None
    language_in_use: str | None = None


class _Said(msgspec.Struct, kw_only=True):
    """A turn of a dialogue as written."""

    user: str
    expect: dict[str, Any] = {}


class _Dialogue(msgspec.Struct, kw_only=True):
    """A dialogue as written."""

    turns: list[_Said]
    id: str | None = None
    needs: str | None = None
    language_in_use: str | None = None


class _AsWritten(yaml.SafeLoader):
    """YAML in which everything but null is text: somebody who says `yes` or `101` has said just that."""

    yaml_implicit_resolvers: dict[str, Any] = {}


_AsWritten.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|)$"), ["~", "n", ""])


def read_lines(file: Path) -> list[Script]:
    """Read JSON Lines: each line a conversation of its own. Blank lines are skipped; a missing id is the line number.

    Raises:
        EvaluationError: the file cannot be read, or a line is not a JSON object with a `text`.
    """
    scripts: list[Script] = []
    for number, raw in enumerate(_read(file).split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            plain = json.loads(raw.decode())
            given, labels = msgspec.convert(plain, _Given), msgspec.convert(plain, Labels)
        except (ValueError, RecursionError) as error:
            # A msgspec.ValidationError is a ValueError; it says what is wrong with the object.
            what = "" if isinstance(error, msgspec.ValidationError) else "not JSON: "
            raise EvaluationError(f"{file}:{number}: {what}{error}") from error
        name = number if given.id is None else given.id
        scripts.append([Line(id=name, text=given.text, labels=labels, language_in_use=given.language_in_use)])
    return scripts


def read_dialogues(file: Path) -> list[Script]:
    """Read YAML with `dialogues`: each a conversation, its turns named `<dialogue>#<turn>` from 0.

    Raises:
        EvaluationError: the file cannot be read, is not YAML, or a dialogue is not as it should be.
    """
    try:
        loader = _AsWritten(_read(file).decode())
        root = loader.get_single_node()
        top = {key.value: value for key, value in root.value} if isinstance(root, yaml.MappingNode) else {}
        nodes = top.get("dialogues")
        if not isinstance(nodes, yaml.SequenceNode):
            raise EvaluationError(f"{file}:1: there is no list of `dialogues`")
        return [_dialogue(loader.construct_object(node, deep=True), file, _at(node)) for node in nodes.value]
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{file}: not UTF-8: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise EvaluationError(f"{file}:{mark.line + 1 if mark else 1}: not YAML: {error}") from error


def _at(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _dialogue(plain: Any, file: Path, number: int) -> Script:
    known = set(Labels.__struct_fields__)
    try:
        dialogue = msgspec.convert(plain, _Dialogue)
        name = dialogue.id or str(number)
        return [
            Line(
                id=f"{name}#{turn}",
                text=said.user,
                labels=msgspec.convert(said.expect, Labels),
                language_in_use=dialogue.language_in_use if turn == 0 else None,
                dialogue=name,
                needs=dialogue.needs,
                unscored=sorted(set(said.expect) - known),
            )
            for turn, said in enumerate(dialogue.turns)
        ]
    except msgspec.ValidationError as error:
        raise EvaluationError(f"{file}:{number}: {error}") from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise EvaluationError(f"{file}: cannot be read: {error.strerror}") from error


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """Write a file so that it appears under its name only when complete.

    Args:
        target: the file; its folder is made when missing.

    Yields:
        A file beside it to write to. It takes the name when the block ends well, else it is removed.

    Raises:
        EvaluationError: it cannot be written.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
        try:
            yield part
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise EvaluationError(f"{target}: cannot be written: {error.strerror or error}") from error


# --- what a turn was


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How a turn counts: what was understood, and what became of it."""

    topics: list[str]
    topic: str | None
    intent: str | None
    confidence: float
    outcome: str


def reading(turn: Turn, behind: Turn | None, known: Container[str]) -> Reading:
    """Say what a turn was. The only place where an outcome is decided.

    Args:
        turn: what the core made of the message.
        behind: what the engine makes of the question that waits behind an interrupting card; None without one.
        known: ids of all topics.
    """
    heard = turn if behind is None else behind
    understood = heard.understanding
    ranking = [(name, confidence) for name, confidence in understood.ranking if name != NLU_FALLBACK]
    ranked = [topic for topic in (topic_of(name) for name, _ in ranking) if topic in known]
    shown = list(dict.fromkeys(reply.topic for reply in heard.replies if reply.topic))
    # Two questions answered at once: those come first. A follow-up's topic is shown, but was not asked for.
    first = shown if len(shown) > 1 else []
    name = understood.intent
    topic, intent, confidence = next(iter(shown), None), name, understood.confidence
    if name is None or name == NLU_FALLBACK:
        # An unclear question may have been taken for a follow-up on the last topic, which is then shown by name.
        outcome = "offered" if any(reply.display == "choice" for reply in heard.replies) else "fallback"
        outcome = "answered" if topic else outcome
        # Rasa's confidence in its fallback says how unsure it is; ours says how sure the best reading was.
        intent, confidence = None, ranking[0][1] if ranking else 0.0
    elif name.startswith(OUT_OF_SCOPE):
        outcome, intent = "out_of_scope", "out_of_scope"
    elif topic_of(name) in known:
        outcome, intent = "answered", topic_of(name)
        topic = topic or intent
    elif name in FOLLOW_UPS:
        outcome = "answered" if topic else "offered"
    elif name == "menu":
        outcome = "offered"
    else:
        outcome = "flow" if name in FLOWS else "small_talk"
    return Reading(
        topics=list(dict.fromkeys([*first, *ranked]))[:TOPICS_SHOWN],
        topic=topic,
        intent=intent,
        confidence=round(confidence, 4),
        outcome="safety" if interrupted(turn) else outcome,
    )


def interrupted(turn: Turn) -> bool:
    """Whether a card came instead of an answer: the gate fired and the engine was not asked."""
    return turn.verdict is not None and not turn.events


def result_of(line: Line, turn: Turn, behind: Turn | None, known: Container[str]) -> Result:
    """The line of output for a message. Arguments as for `reading`."""
    read = reading(turn, behind, known)
    return Result(
        id=line.id,
        topics=read.topics,
        topic=read.topic,
        intent=read.intent,
        confidence=read.confidence,
        language=turn.memory.language,
        safety=turn.verdict.category if turn.verdict else None,
        safety_reply=[words for reply in turn.replies if reply.private.safety for words in _words(reply)],
        outcome=read.outcome,
        reply=[
            words for reply in turn.replies for words in [*_words(reply), *(button.title for button in reply.buttons)]
        ],
    )


def _words(reply: Reply) -> list[str]:
    """The words of a bubble: its text, and each contact as one line."""
    # The name of 999 is its number, which is said once.
    contacts = [dict.fromkeys((one.name, one.number, one.note, one.url)) for one in reply.contacts]
    return [reply.text, *(" ".join(filter(None, contact)) for contact in contacts)]


# --- putting them through


class _Driver:
    """Says the lines of scripts to an assistant, several conversations at once.

    Args:
        assistant: its parts, with engines started.
        settings: of the assistant.
        tick: called after each line.
    """

    def __init__(self, assistant: Assistant, settings: Settings, tick: Callable[[], None]) -> None:
        self._conversations, self._store, self._pool = assistant.conversations, assistant.store, assistant.pool
        self._known = load_facts(settings.data_path).topics
        self._words = load(settings.data_path / "conversation" / "gateway.en.yml", Words)
        self._tick = tick
        self._owner = uuid.uuid4().hex
        # One waits in line for each engine while another is worked on.
        self._room = asyncio.Semaphore(2 * settings.engines)
        self.failed = 0

    async def all(self, scripts: list[Script]) -> list[Result]:
        """Every line of every script; the results are in their order."""
        tasks = [asyncio.create_task(self._script(script)) for script in scripts]
        try:
            return [result for results in await asyncio.gather(*tasks) for result in results]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _script(self, script: Script) -> list[Result]:
        async with self._room:
            token, _ = await self._conversations.start("evaluation")
            conversation = await self._conversations.find(token)
            if conversation is None:
                raise EvaluationError("a conversation ended as it began: is `idle_minutes` right?")
            results = []
            for number, line in enumerate(script):
                results.append(await self._say(conversation.id, number, line))
                self._tick()
            return results

    async def _say(self, conversation_id: str, number: int, line: Line) -> Result:
        conversation = await asyncio.to_thread(self._store.get, conversation_id)
        assert conversation is not None
        if line.language_in_use:
            memory = msgspec.structs.replace(conversation.memory, language=line.language_in_use)
            conversation = msgspec.structs.replace(conversation, memory=memory)
        waiting = await asyncio.to_thread(self._accept, conversation, number, line.text)
        turn = await self._patiently(conversation, lambda: self._conversations.turns.process(conversation, waiting))
        behind = None
        question = turn.question
        if interrupted(turn) and question:
            behind = await self._patiently(
                conversation, lambda: self._conversations.turns.understood(conversation, waiting, question)
            )
        await asyncio.to_thread(self._finish, conversation, waiting, turn)
        return result_of(line, turn, behind, self._known)

    def _accept(self, conversation: Conversation, number: int, text: str) -> Waiting:
        message = Message(client_id=str(number), text=storable(text))
        now = time.time()
        self._store.accept(conversation, message, now)
        self._store.lease(conversation.id, self._owner, now, now + LEASE_S)
        waiting = self._store.next_waiting(conversation)
        assert waiting is not None
        return waiting

    def _finish(self, conversation: Conversation, waiting: Waiting, turn: Turn) -> None:
        self._store.finish(
            conversation,
            self._owner,
            waiting.inbox,
            new_events=turn.events,
            new_replies=turn.replies,
            new_commands=turn.commands,
            memory=turn.memory,
            writes=turn.writes,
            now=time.time(),
        )

    async def _patiently(self, conversation: Conversation, ask: Callable[[], Awaitable[Turn]]) -> Turn:
        """What `ask` gives; asked again while engines restart, and the core's apology where one fails on a message."""
        for _ in range(MOST_ATTEMPTS):
            try:
                return await ask()
            except EngineUnavailable:
                await self._pool.wait_ready(READY_S)
            except EngineFailed:
                break
        else:
            raise EvaluationError(f"No engine can be reached: {self._pool.trouble or 'they die on a message'}.")
        self.failed += 1
        text = f"{self._words.failed} {self._conversations.emergency_line}"
        return Turn(replies=[Reply(text=text, private=Private(outcome="failed"))], memory=conversation.memory)


def _put_through(settings: Settings, scripts: list[Script]) -> tuple[list[Result], int, float]:
    """The results of all scripts, how many messages made an engine fail, and the seconds from the first message on."""
    log_to_stderr("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        settings = msgspec.structs.replace(settings, demo=True, engines=ENGINES, var_dir=folder, database_url="")
        try:
            return asyncio.run(_run(settings, scripts))
        except (DataError, StoreUnavailable) as error:
            raise EvaluationError(str(error)) from error
        except SQLAlchemyError as error:
            raise EvaluationError(f"The store in {folder} failed: {type(error).__name__}. Is the disk full?") from error


async def _run(settings: Settings, scripts: list[Script]) -> tuple[list[Result], int, float]:
    assistant = assemble(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("Starting", total=sum(map(len, scripts)))
        driver = _Driver(assistant, settings, lambda: progress.advance(bar))
        assistant.pool.start()
        try:
            await _ready(assistant)
            progress.update(bar, description="Evaluating")
            began = time.monotonic()
            results = await driver.all(scripts)
            return results, driver.failed, time.monotonic() - began
        finally:
            await assistant.conversations.close()
            await assistant.pool.close()


async def _ready(assistant: Assistant) -> None:
    """Wait until all engines are up, so that both cores work from the first message.

    Raises:
        EvaluationError: an engine cannot start.
    """
    until = time.monotonic() + READY_S
    while assistant.pool.ready < ENGINES:
        if assistant.pool.trouble or time.monotonic() > until:
            raise EvaluationError(f"The engines do not start: {assistant.pool.trouble or 'they take too long'}.")
        await asyncio.sleep(0.1)
