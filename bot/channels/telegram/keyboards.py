"""Buttons under a message. What they send back cannot be forged: it is signed for one conversation and one reply.

That it works once only is kept in `chats`: a message whose button was pressed offers none any more.
"""

import hmac
import re
from collections.abc import Callable

import msgspec
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.cases.hashing import LookupHash
from bot.conversation.case_status import HIDE_CASE
from bot.conversation.messages import Button, Reply

PURPOSE = "telegram buttons"
PAGE = 8
_MAC = 24
_DATA = re.compile(rf"([a-z])(\d{{1,9}})\.(\d{{1,3}})\.([0-9a-f]{{{_MAC}}})")
CHOICE, EXIT, ERASE, HIDE, AWAY, TURN, HINT = "b", "x", "e", "h", "a", "p", "n"
# What the page does itself, the channel does, too; a case that is put away also goes from the chat.
_OWN = {"gateway:exit": EXIT, "gateway:erase": ERASE, "gateway:hide": HIDE, HIDE_CASE: AWAY}


class Press(msgspec.Struct, frozen=True):
    """What a button means: its kind, the reply it belongs to and its place there; of `TURN`, the page to turn to."""

    kind: str
    reply: int
    place: int

    @property
    def button(self) -> str:
        """Id of the button in the conversation."""
        return f"{self.reply}.{self.place}"


class Keyboards:
    """Makes buttons and reads what they send back.

    Args:
        hashed: hashes of `PURPOSE`.
        more, first: titles of the buttons that turn the pages of a long list.
    """

    def __init__(self, hashed: LookupHash, more: str, first: str) -> None:
        self._hashed, self._more, self._first = hashed, more, first

    def under(
        self, conversation: str, number: int, reply: Reply, say: Callable[[str], str] = str, page: int = 0
    ) -> InlineKeyboardMarkup | None:
        """The buttons of a reply, each on a line of its own; its links where it has no buttons; None without either.

        Args:
            conversation: its id.
            number: the reply's.
            reply: what was said.
            say: puts the channel's own words into the language of the reply.
            page: which part of a long list, from 0.
        """
        if not reply.buttons:
            links = [[InlineKeyboardButton(link.title, url=link.url)] for link in reply.links]
            return InlineKeyboardMarkup(links) if links else None
        placed = list(enumerate(reply.buttons))
        steering = [one for one in placed if one[1].control]
        choices = [one for one in placed if not one[1].control]
        rows = [*choices, *steering]
        if len(choices) > PAGE + 1:
            rows = [*choices[page * PAGE : (page + 1) * PAGE], *steering]
        buttons = [[self._button(conversation, number, place, button)] for place, button in rows]
        if len(choices) > PAGE + 1:
            last = (page + 1) * PAGE >= len(choices)
            title, to = (self._first, 0) if last else (self._more, page + 1)
            data = self._data(conversation, TURN, number, to)
            buttons.insert(len(rows) - len(steering), [InlineKeyboardButton(say(title), callback_data=data)])
        return InlineKeyboardMarkup(buttons)

    def question(self, conversation: str, titles: list[str]) -> InlineKeyboardMarkup:
        """Buttons of a question of the channel itself."""
        return InlineKeyboardMarkup(
            [
                [InlineKeyboardButton(title, callback_data=self._data(conversation, HINT, 0, place))]
                for place, title in enumerate(titles)
            ]
        )

    def read(self, data: str, conversation: str) -> Press | None:
        """What a button means that was issued in this conversation; None for anything else."""
        found = _DATA.fullmatch(data)
        if found is None:
            return None
        kind, number, place, mac = found.groups()
        good = [one[:_MAC] for one in self._hashed.all(kind, conversation, number, place)]
        if not any(hmac.compare_digest(mac, one) for one in good):
            return None
        return Press(kind, int(number), int(place))

    def _button(self, conversation: str, number: int, place: int, button: Button) -> InlineKeyboardButton:
        kind = _OWN.get(button.payload, CHOICE)
        return InlineKeyboardButton(button.title, callback_data=self._data(conversation, kind, number, place))

    def _data(self, conversation: str, kind: str, number: int, place: int) -> str:
        mac = self._hashed.of(kind, conversation, str(number), str(place))[:_MAC]
        return f"{kind}{number}.{place}.{mac}"
