"""A finished paper in the conversation: shown once, and to be fetched by the page for a short while.

Only the draft is kept, in the conversation's sealed memory; the paper is made anew whenever it is asked for
(shared/protection.md, "On the device"). What was typed for it is forgotten as soon as it is made, and the draft with
what was shown of it when the conversation ends or has been idle (bot.conversation.drafts).
"""

from collections.abc import Sequence

import msgspec

from bot.conversation.drafts import DRAFT_CLOSED, DRAFT_OPEN, Drafts
from bot.conversation.messages import Command, Document, Link, Reply
from bot.conversation.turn import At, Turn
from bot.language.languages import direction
from bot.papers.draft import Draft, PaperMaker
from bot.papers.form_words import PaperFormWords
from bot.papers.paper import Line, Paper
from bot.papers.render import as_text
from bot.store.conversations import Memory

PAPER_OPEN, PAPER_CLOSED, PAPER_MADE = "paper_open", "paper_closed", "paper_made"
# Name of the form's slot; what this service keeps goes with it when the form's answers lapse.
_FLOW = "paper"


class Papers:
    """The service of papers.

    Args:
        maker: makes a paper, in the languages that may be shown.
        words: what is said with it.
        drafts: forgets what was typed into the form.
    """

    def __init__(self, maker: PaperMaker, words: PaperFormWords, drafts: Drafts) -> None:
        self._maker, self._words, self._drafts = maker, words, drafts

    async def serve(self, command: Command, turn: Turn, at: At) -> Turn:
        """Keep a finished draft and show its paper in the person's language; note that a form is open, or closed."""
        if command.kind == PAPER_OPEN:
            return await self._drafts.serve(Command(kind=DRAFT_OPEN, body={"flow": _FLOW}), turn, at)
        if command.kind == PAPER_CLOSED:
            closed = Command(kind=DRAFT_CLOSED, body={**command.body, "flow": _FLOW})
            return await self._drafts.serve(closed, _keeping(turn, None), at)
        draft = msgspec.convert(command.body["draft"], Draft)
        replies = shown(self._maker.make(draft), draft, self._words)
        turn = _keeping(msgspec.structs.replace(turn, replies=replies), draft)
        # From here on only this message, with the paper, is left to be forgotten.
        turn = self._drafts.closed(turn, _FLOW, at)
        return await self._drafts.serve(Command(kind=DRAFT_OPEN, body={"flow": _FLOW}), turn, at)

    def find(self, memory: Memory) -> tuple[Draft, Paper] | None:
        """The paper a conversation may fetch, made anew, with its draft; None where there is none.

        Args:
            memory: what the conversation remembers.
        """
        kept = memory.services.get(_FLOW)
        if not kept:
            return None
        draft = msgspec.convert(kept, Draft)
        return draft, self._maker.make(draft)


def shown(paper: Paper, draft: Draft, words: PaperFormWords) -> list[Reply]:
    """What is said when a paper is ready: the notes for the person, then the paper, unless it is to be downloaded.

    Args:
        paper: the paper.
        draft: what it was made from.
        words: what is said with it.
    """
    ready = words.ready[draft.way]
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


def _keeping(turn: Turn, draft: Draft | None) -> Turn:
    """The turn with a draft in the memory, or without any."""
    services = {name: kept for name, kept in turn.memory.services.items() if name != _FLOW}
    if draft is not None:
        services[_FLOW] = msgspec.to_builtins(draft)
    return msgspec.structs.replace(turn, memory=msgspec.structs.replace(turn.memory, services=services))
