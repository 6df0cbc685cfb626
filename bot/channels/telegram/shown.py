"""A reply in Telegram's form: HTML, escaped, in messages that are not too long.

Telegram shows a line from the side its first strong letter belongs to, so in languages written from right to left each
line begins with a mark, and phone numbers are kept apart from the text around them.
"""

import html
import textwrap
from collections.abc import Iterable, Iterator

from telegram.constants import MessageLimit

from bot.conversation.messages import Contact, Link, Reply

RIGHT_TO_LEFT, ISOLATE, END_ISOLATE = "\u200f", "\u2066", "\u2069"
# Escaped, a character has at most five; outside the Basic Multilingual Plane one counts as two.
_PIECE = MessageLimit.MAX_TEXT_LENGTH // 6

Piece = tuple[str, str]
"""What stands before it, and HTML that is whole by itself."""


def shown(reply: Reply, more: Iterable[str] = ()) -> list[str]:
    """The HTML of the messages that make up a reply; at least one.

    Args:
        reply: what is to be said. Its links stand in the text where it has buttons; else they are buttons themselves.
        more: lines of the channel to go below it.
    """
    pieces = [*_words(reply.text)]
    pieces += [("\n", _contact(contact)) for contact in reply.contacts]
    if reply.buttons:
        pieces += [("\n", _link(link)) for link in reply.links]
    if reply.source is not None:
        pieces.append(("\n\n", f"<i>{html.escape(reply.source.text, quote=False)}</i>"))
    for line in more:
        pieces += [("\n\n", ""), *_words(line, first="")]
    mark = RIGHT_TO_LEFT if reply.direction == "rtl" else ""
    return _joined(pieces, mark) or ["…"]


def _words(text: str, first: str = "\n") -> Iterator[Piece]:
    before = first
    for line in text.strip().split("\n"):
        cut = textwrap.wrap(
            line, _PIECE, drop_whitespace=False, replace_whitespace=False, expand_tabs=False, break_on_hyphens=False
        )
        for place, piece in enumerate(cut or [""]):
            yield before if place == 0 else "", html.escape(piece, quote=False)
        before = "\n"


def _contact(contact: Contact) -> str:
    line = f"<b>{html.escape(contact.name, quote=False)}</b>" if contact.name != contact.number else ""
    if contact.number:
        number = f"{ISOLATE}{html.escape(contact.number, quote=False)}{END_ISOLATE}"
        line += f": {number}" if line else number
    elif contact.url:
        line += f": {_link(Link(title=contact.url, url=contact.url))}"
    return f"{line} ({html.escape(contact.note, quote=False)})" if contact.note else line


def _link(link: Link) -> str:
    return f'<a href="{html.escape(link.url)}">{html.escape(link.title, quote=False)}</a>'


def _joined(pieces: list[Piece], mark: str) -> list[str]:
    parts: list[list[str]] = [[]]
    length = 0
    for before, piece in pieces:
        marked = f"{mark}{piece}" if "\n" in before and piece else piece
        longer = _length(before) + _length(marked)
        if length + longer > MessageLimit.MAX_TEXT_LENGTH:
            parts.append([])
            length = 0
        parts[-1] += [before, marked]
        length += longer
    whole = ("".join(part).strip("\n") for part in parts)
    return [part for part in whole if part.strip(f" \n{mark}")]


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
