"""The types every channel, the gateway and the engine speak.

A channel turns what a person sends into a `Message` and a `Reply` into what its platform shows.
The engine gets a `Request` and gives a `Response`; it keeps nothing in between.
"""

from typing import Any, Literal

import msgspec

Display = Literal["plain", "card", "quiet", "choice", "form", "consent"]
Direction = Literal["ltr", "rtl"]
Mode = Literal["interrupt", "attach", "quiet", "boundary"]
FieldKind = Literal["text", "phone", "email", "postcode", "choice", "choices", "date", "code"]
PaperWay = Literal["screen", "copy", "download"]
HandOffState = Literal["waiting", "talking", "ended"]

NLU_FALLBACK, OUT_OF_SCOPE = "nlu_fallback", "oos__"
"""The intent of what was not understood, and how those begin that a signpost answers."""


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """A choice offered with a reply.

    `payload` says what pressing it means: `/intent` goes to the engine, `gateway:…` stays in the gateway.
    It is kept with the reply and never leaves for a browser, so it can be neither forged nor guessed. `control` marks
    one that steers a form (back, skip, stop) and is no answer: a page shows it apart.
    """

    title: str
    payload: str
    id: str = ""
    control: bool = False


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


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """How a page takes the answer to the question of a `form` reply; the question itself is the reply's text.

    The choices are the reply's buttons that are no `control`. `choice`: one of them is pressed. `choices`: several are
    ticked and sent as text, one title a line. `date`: sent as text, `2026-11-25`. All others: what was typed.

    Attributes:
        kind: which keyboard and which control.
        label: short name of the field, such as "Phone number".
        help: one line below it.
        most: longest answer, in characters; 0 where the field sets no limit.
        alone: titles that cannot be ticked together with others.
    """

    kind: FieldKind
    label: str = ""
    help: str = ""
    most: int = 0
    alone: list[str] = []


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a `consent` preview: what will be sent. `change` is the place in the reply's buttons, from 0, of the
    one that changes it; None where it cannot be changed."""

    label: str
    value: str
    change: int | None = None


class TimelineRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a timeline, in words.

    Attributes:
        when: a day or span, such as "By 27 November 2026"; empty where no day may or can be said.
        what: what happened, is owed or can be done.
        who: who must do it.
        status: a word or two such as "Done" or "Ask today"; never "on time" (shared/protection.md, "Looking up a
            case").
        note: a line that must stand with it, such as the custody line.
    """

    what: str
    when: str = ""
    who: str = ""
    status: str = ""
    note: str = ""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A paper made for the person, fetched by the page with its token from `/api/v1/papers/{kind}` and never stored.

    `ways` are those the person chose after the device warning: shown on the screen, copied, or downloaded.
    """

    title: str
    kind: str
    ways: list[PaperWay]


class HandOff(msgspec.Struct, frozen=True, kw_only=True):
    """Where a hand-off stands: `place` in the queue from 1 while waiting, `adviser` a name or role while talking.

    `said`: the reply is what the adviser wrote, and not a notice of the assistant's.
    """

    state: HandOffState
    place: int | None = None
    adviser: str = ""
    said: bool = False


class Private(msgspec.Struct, frozen=True, kw_only=True):
    """What staff and evaluation may see of a reply and a browser never does."""

    safety: str | None = None
    intent: str | None = None
    confidence: float | None = None
    outcome: str | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One bubble: words, and what a channel needs to show them well.

    Text and buttons alone must be enough. `limits` are those paragraphs of the text that say a time limit. `field`,
    `lines`, `timeline`, `documents` and `hand_off` let a page draw a form, a preview, a timeline, papers, a hand-off.
    `drawn_text` is what a page that draws lines or a timeline shows instead of the text, without what they repeat; they
    stand below its first paragraph. `quiet`: somebody else may be looking, so a page shows nothing else meanwhile.
    """

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
    drawn_text: str = ""
    limits: list[str] = []
    field: Field | None = None
    lines: list[Line] = []
    timeline: list[TimelineRow] = []
    documents: list[Document] = []
    hand_off: HandOff | None = None
    quiet: bool = False
    private: Private = Private()


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a person sent: words they typed, the id of a button we issued, or a language picked on the page.

    `client_id` makes repeats harmless.
    `payload` is what one of a channel's own commands means, as a button's would be: taken from the channel's fixed list
    and never from anything typed or sent by a client.
    """

    client_id: str
    text: str | None = None
    button: str | None = None
    language: str | None = None
    payload: str | None = None


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

    @property
    def unclear(self) -> bool:
        """Nothing was understood with enough certainty."""
        return self.intent == NLU_FALLBACK

    @property
    def out_of_scope(self) -> bool:
        """It is about something that the assistant does not answer and has a signpost for."""
        return (self.intent or "").startswith(OUT_OF_SCOPE)


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
