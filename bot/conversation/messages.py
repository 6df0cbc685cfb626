"""The types every channel, the gateway and the engine speak.

A channel turns what a person sends into a `Message` and a `Reply` into what its platform shows.
The engine gets a `Request` and gives a `Response`; it keeps nothing in between.
"""

from typing import Any, Literal

import msgspec

Display = Literal["plain", "card", "quiet", "choice", "form", "consent"]
Direction = Literal["ltr", "rtl"]
Mode = Literal["interrupt", "attach", "quiet", "boundary"]


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """A choice offered with a reply.

    `payload` says what pressing it means: `/intent` goes to the engine, `gateway:…` stays in the gateway.
    It is kept with the reply and never leaves for a browser, so it can be neither forged nor guessed.
    """

    title: str
    payload: str
    id: str = ""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An official page a reply points to."""

    title: str
    url: str


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a safety card or signpost: whom to ring, and what for."""

    name: str
    number: str = ""
    note: str = ""
    url: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where an answer comes from: the right, its paragraph, the edition of the Code and when it was checked."""

    right: int | None
    paragraph: str | None
    edition: str
    checked: str
    certainty: Literal["verified", "recalled"]
    text: str


class Private(msgspec.Struct, frozen=True, kw_only=True):
    """What staff and evaluation may see of a reply and a browser never does."""

    safety: str | None = None
    intent: str | None = None
    confidence: float | None = None
    outcome: str | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One bubble: words, and what a channel needs to show them well."""

    text: str
    display: Display = "plain"
    buttons: list[Button] = []
    links: list[Link] = []
    contacts: list[Contact] = []
    topic: str | None = None
    right: int | None = None
    language: str = "en"
    direction: Direction = "ltr"
    source: Source | None = None
    private: Private = Private()


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a person sent: words they typed, or the id of a button we issued. `client_id` makes repeats harmless."""

    client_id: str
    text: str | None = None
    button: str | None = None


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What a model of the safety gate makes of a message.

    Attributes:
        danger: log odds that it is about danger; above 0 is likelier than not.
        now: log odds that it happens now, if there is danger.
        kinds: log odds of each kind of danger.
    """

    danger: float
    now: float
    kinds: dict[str, float]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the safety gate found: a category of data/safety/cards.yml, how to show it, and what said so.

    `pattern` is the id of a pattern, or the name of the model that found it. `also` is a second category that is about
    as likely: its first helpline takes the last place on the card. `immediate`: immediate danger that gets the card of
    a kind that fits better.
    """

    category: str
    mode: Mode
    pattern: str
    now: bool = False
    health_lines: list[str] = []
    also: str | None = None
    immediate: bool = False


class Understanding(msgspec.Struct, frozen=True, kw_only=True):
    """How the engine read a message: the intent, how sure it is from 0 to 1, and the best-ranked intents."""

    intent: str | None = None
    confidence: float = 0.0
    ranking: list[tuple[str, float]] = []
    danger: Opinion | None = None


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Something the gateway is to do after a turn, once: `kind` names it, `body` holds what it needs."""

    kind: str
    body: dict[str, Any] = {}


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """All an engine needs for one turn.

    `carry` and `events` are Rasa events as dictionaries: what still holds from long ago, and the last ten turns.
    `context` holds what does not depend on the conversation: today's date, language, demonstration mode, area.
    `threads` is how many may work on the sentence vector: more than one while other engines have nothing to do.
    """

    conversation: str
    message: str
    text: str
    payload: str | None = None
    carry: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    context: dict[str, Any] = {}
    threads: int = 1


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine made of a turn: the new events, what to carry on, the replies, commands and understanding."""

    events: list[dict[str, Any]]
    carry: list[dict[str, Any]]
    replies: list[Reply]
    commands: list[Command] = []
    understanding: Understanding = Understanding()
