"""The JSON API: what it takes and gives. `contract` makes docs/api/openapi.json from these types."""

from typing import Annotated, Any, Literal

import msgspec

from bot.conversation.messages import (
    Button,
    Contact,
    Direction,
    Display,
    Document,
    Field,
    HandOff,
    Line,
    Link,
    Reply,
    Source,
    TimelineRow,
)
from bot.conversation.resuming import Resumed
from bot.store.conversations import NumberedReply
from bot.store.resuming import OwnWords

Pin = Annotated[str, msgspec.Meta(pattern="^[0-9]{4,6}$")]
Why = Literal["other_question", "hard", "not_enough", "wrong"]
PageAction = Literal["exit", "erase", "hide"]
PAGE_ACTIONS: dict[str, PageAction] = {"gateway:exit": "exit", "gateway:erase": "erase", "gateway:hide": "hide"}


class PublicButton(msgspec.Struct, frozen=True, kw_only=True):
    """A button as a browser sees it.

    `action` names what the page itself does when it is pressed; `control` marks one that steers a form.
    """

    id: str
    title: str
    action: PageAction | None
    control: bool


class PublicReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply as a browser sees it: nothing in it says how a message was understood.

    The fields from `drawn_text` on let a page draw more than text and buttons, which alone are enough. What they mean
    stands at their types.
    """

    number: int
    text: str
    display: Display
    buttons: list[PublicButton]
    links: list[Link]
    contacts: list[Contact]
    topic: str | None
    right: int | None
    language: str
    direction: Direction
    source: Source | None
    drawn_text: str
    limits: list[str]
    field: Field | None
    lines: list[Line]
    timeline: list[TimelineRow]
    documents: list[Document]
    hand_off: HandOff | None
    quiet: bool


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A new conversation: keep `token` in the page, never in storage."""

    token: str
    replies: list[PublicReply]
    demo: bool


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message is stored and will be answered; `repeated` when this `client_id` was known already."""

    accepted: Literal[True] = True
    repeated: bool = False


class Replies(msgspec.Struct, frozen=True, kw_only=True):
    """Replies after a cursor, and the cursor to ask with next."""

    replies: list[PublicReply]
    cursor: int


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation was erased, or as much of it as may be; `text` says what stays, and may be shown as it is."""

    text: str


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """The receiver of a referral has it."""

    reference: str


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the answer with a number helped, and what was wrong with it. No words of the person's own are taken."""

    reply: int
    helped: bool
    why: Why | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something went wrong; `text` may be shown to the person as it is."""

    error: str
    text: str


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the assistant can answer now."""

    status: Literal["ready", "starting"]
    engines: int
    demo: bool


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What a page may say as it starts a conversation: its language or the device's, such as `pl` or `en-GB`."""

    language: str | None = None


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """A message: words, the id of a button, or the tag of a language to go on in; one of the three.

    Repeat it with the same `client_id` when unsure whether it arrived.
    """

    client_id: str
    text: str | None = None
    button: str | None = None
    language: str | None = None


class ChoosePin(msgspec.Struct, frozen=True, kw_only=True):
    """The PIN with which this conversation can be gone on with: 4 to 6 digits."""

    pin: Pin


class PinChosen(msgspec.Struct, frozen=True, kw_only=True):
    """The PIN is set. Keep `resume` where it goes with the page; with the PIN it gives a new token, alone nothing."""

    resume: str


class Resume(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to go on with a conversation whose page was closed."""

    resume: Annotated[str, msgspec.Meta(max_length=64)]
    pin: Annotated[str, msgspec.Meta(max_length=64)]


class ResumedChat(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation goes on, with a new token and a new resume id, and with all that was said.

    `own` is what the person said; each stands before the reply whose number it names.
    """

    token: str
    resume: str
    own: list[OwnWords]
    replies: list[PublicReply]


def public(numbered: NumberedReply) -> PublicReply:
    """A stored reply without what must not leave for a browser."""
    reply: Reply = numbered.reply
    return PublicReply(
        number=numbered.number,
        text=reply.text,
        display=reply.display,
        buttons=[_public_button(button) for button in reply.buttons],
        links=reply.links,
        contacts=reply.contacts,
        topic=None if reply.private.safety else reply.topic,
        right=reply.right,
        language=reply.language,
        direction=reply.direction,
        source=reply.source,
        drawn_text=reply.drawn_text,
        limits=reply.limits,
        field=reply.field,
        lines=reply.lines,
        timeline=reply.timeline,
        documents=reply.documents,
        hand_off=reply.hand_off,
        quiet=reply.quiet,
    )


def _public_button(button: Button) -> PublicButton:
    action = PAGE_ACTIONS.get(button.payload)
    return PublicButton(id=button.id, title=button.title, action=action, control=button.control)


def replies_after(found: list[NumberedReply], after: int) -> Replies:
    """The answer to "what is new after `after`?"."""
    return Replies(replies=[public(reply) for reply in found], cursor=found[-1].number if found else after)


def resumed(found: Resumed) -> ResumedChat:
    """A conversation that goes on, as a browser sees it."""
    replies = [public(reply) for reply in found.replies]
    return ResumedChat(token=found.token, resume=found.resume, own=found.own, replies=replies)


def encode(value: Any) -> bytes:
    """JSON bytes of any of these types."""
    return msgspec.json.encode(value)
