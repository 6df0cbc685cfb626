"""A finished paper in the conversation: shown once, and to be fetched by the page for a short while.

Only the draft is kept, in the conversation's sealed memory; the paper is made anew whenever it is asked for and stands
in no table (shared/protection.md, "On the device"). It is gone when the conversation ends or its time is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from bot.conversation.messages import Command, Document, Link, Reply
from bot.conversation.turn import At, Service, Turn
from bot.language.languages import direction
from bot.papers.draft import MINUTES_KEPT, Draft, PaperMaker
from bot.papers.form_words import PaperFormWords
from bot.papers.paper import Line, Paper
from bot.papers.render import as_text
from bot.store.conversations import Memory

PAPER_OPEN, PAPER_CLOSED, PAPER_MADE = "paper_open", "paper_closed", "paper_made"
_NAME = "paper"
_DRAFTS = {PAPER_OPEN: "draft_open", PAPER_CLOSED: "draft_closed"}


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a conversation keeps of a paper: its draft, and until when, in seconds since the epoch."""

    draft: Draft
    until: float


class Papers:
    """The service of papers.

    Args:
        maker: makes a paper, in the languages that may be shown.
        words: what is said with it.
        drafts: the service that forgets what was typed into a form, when the form is left; None where there is none.
    """

    def __init__(self, maker: PaperMaker, words: PaperFormWords, drafts: Service | None = None) -> None:
        self._maker, self._words, self._drafts = maker, words, drafts

    async def serve(self, command: Command, turn: Turn, at: At) -> Turn:
        """Keep a finished draft and show its paper in the person's language; note that a form is open, or closed."""
        if command.kind in _DRAFTS:
            memory = _without(turn.memory) if command.kind == PAPER_CLOSED else turn.memory
            turn = msgspec.structs.replace(turn, memory=memory)
            if self._drafts is None:
                return turn
            return await self._drafts.serve(Command(kind=_DRAFTS[command.kind], body={"flow": _NAME}), turn, at)
        draft = msgspec.convert(command.body["draft"], Draft)
        until = at.now + timedelta(minutes=MINUTES_KEPT)
        kept = msgspec.to_builtins(Kept(draft=draft, until=until.timestamp()))
        memory = msgspec.structs.replace(turn.memory, services={**turn.memory.services, _NAME: kept})
        return msgspec.structs.replace(turn, replies=shown(self._maker.make(draft), draft, self._words), memory=memory)

    def find(self, memory: Memory, now: datetime) -> tuple[Draft, Paper] | None:
        """The paper a conversation may fetch, made anew, with its draft; None where there is none or its time is over.

        Args:
            memory: what the conversation remembers.
            now: aware.
        """
        kept = memory.services.get(_NAME)
        if not kept:
            return None
        known = msgspec.convert(kept, Kept)
        return (known.draft, self._maker.make(known.draft)) if now.timestamp() < known.until else None


def shown(paper: Paper, draft: Draft, words: PaperFormWords) -> list[Reply]:
    """What is said when a paper is ready: the notes for the person, then the paper, unless it is to be downloaded.

    Args:
        paper: the paper.
        draft: what it was made from.
        words: what is said with it.
    """
    ready = words.ready[draft.way].format(minutes=MINUTES_KEPT)
    document = Document(title=words.titles[draft.kind], kind=draft.kind, ways=[draft.way])
    notes = "\n".join(_both(paper.notes))
    links = [Link(title=link, url=link) for link in paper.links]
    first = [Reply(text=notes, links=links)] if notes else []
    text = ready if draft.way == "download" else f"{ready}\n\n{as_text(paper)}"
    tag = paper.language if paper.bilingual else "en"
    card = Reply(text=text, display="card", documents=[document], language=tag, direction=direction(tag))
    return [*first, card]


def _both(lines: Sequence[Line]) -> list[str]:
    return [text for line in lines for text in (line.text, line.english) if text]


def _without(memory: Memory) -> Memory:
    services: dict[str, dict[str, Any]] = {name: kept for name, kept in memory.services.items() if name != _NAME}
    return msgspec.structs.replace(memory, services=services)
