"""What a hand-off is, and what staff and the person see of it."""

from typing import Literal

import msgspec

from bot.staff.roles import OrganisationId

State = Literal["waiting", "talking", "ended"]
EndedBy = Literal["staff", "person", "silence", "left", "nobody", "erased"]
Interpreter = Literal["", "asked", "coming", "not_found"]
Speaker = Literal["person", "staff", "service"]
CallBackState = Literal["open", "taken", "reached", "not_reached", "missed"]
ClockKind = Literal["first_reply", "call_back", "police_referral"]
Problem = Literal["not_found", "taken", "over", "quiet", "empty", "not_allowed", "outside_window", "nobody", "unknown"]


class Refused(Exception):
    """The desk does not do it; nothing is changed.

    `problem` says why: `not_found` (there is none, or it is not theirs to see: both look the same), `taken` (somebody
    else has it), `over` (it has ended), `quiet` (somebody may be reading beside the person: write nothing now),
    `empty`, `not_allowed` (their role may not), `outside_window`, `nobody` (nobody is on duty there), `unknown` (no
    such code).
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has agreed to show staff, in words; nothing else of what was said before.

    Attributes:
        topic: title of the last topic, empty where they took it out.
        told: what they chose to tell.
        contact: how to reach them if the connection is lost, in a way that nobody else sees.
        child: they are under 18, or would not say.
    """

    topic: str = ""
    told: str = ""
    contact: str = ""
    child: bool = False


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A hand-off that a person has agreed to: whose queue, what is shown, and whom it must be hidden from."""

    organisation: OrganisationId
    restricted: bool
    shown: Shown


class HandOff(msgspec.Struct, frozen=True, kw_only=True):
    """A hand-off as lists show it: no words of the person's.

    Attributes:
        id: counted from 1 in the order of asking.
        conversation: its conversation; None once that is erased.
        restricted: somebody involved may work for the police or here (`bot.handoff.queue.may_see`).
        urgent: the safety gate fired; such come first.
        quiet: somebody may be reading beside the person, so nothing may be written to them.
        staff, adviser: id of who talks, and the name or role that the person sees; empty while waiting.
        asked: when the person asked; queued: since when it waits in this queue.
        due: when a first reply is due by our own clock.
        claimed, first_reply, ended: when, or None.
        last_word: when either side last wrote; nudged: the person was asked since whether they are still there.
        proposed: the organisation that staff have proposed to go on with, until the person has answered.
        wrap_up: code of what it was about (data/handoff/desk.yml); empty: still to be given.
        alone_since: since when nobody is on duty in its queue; told_place, told_at: the place they were told, and when.
    """

    id: int
    conversation: str | None
    organisation: OrganisationId
    restricted: bool
    channel: str
    language: str
    urgent: bool
    quiet: bool
    state: State
    staff: str
    adviser: str
    asked: float
    queued: float
    due: float
    claimed: float | None
    first_reply: float | None
    last_word: float
    nudged: bool
    proposed: OrganisationId | None
    interpreter: Interpreter
    ended: float | None
    ended_by: EndedBy | None
    wrap_up: str
    person_typing_until: float
    staff_typing_until: float
    alone_since: float | None
    told_place: int | None
    told_at: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing said since the hand-off began, in its order.

    Attributes:
        id: grows with the order; ask for lines after it.
        by: person, staff, or the service (a card of the safety gate, a notice).
        staff: id of who wrote it, where staff did.
        text: the words; empty where they are forgotten.
        safety: the kind of danger of the card that the words are, or that they were answered with.
        topic: that of an answer of the service.
        button: the person pressed a button with these words.
        at: when.
    """

    id: int
    by: Speaker
    staff: str
    text: str
    at: float
    button: bool = False
    safety: str = ""
    topic: str = ""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note that staff of the same organisation see and the person does not."""

    id: int
    staff: str
    text: str
    at: float


class OpenHandOff(msgspec.Struct, frozen=True, kw_only=True):
    """A hand-off opened by who may: what the person agreed to show, the lines, the notes, and kinds of danger found."""

    hand_off: HandOff
    shown: Shown
    lines: list[Line]
    notes: list[Note]
    alerts: list[str]


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """How long it may take. `minutes` is None where nothing was measured lately: then nobody can say."""

    place: int
    minutes: int | None


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which a call is safe; seconds since the epoch."""

    start: float
    end: float

    def holds(self, now: float) -> bool:
        """Whether a moment lies in it."""
        return self.start <= now < self.end


class CallBackAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A call-back that a person has agreed to.

    Attributes:
        number: in the form of E.164; nobody else sees or answers it.
        code_word: what the caller says first.
        told, topic: as for `Shown`.
    """

    organisation: OrganisationId
    restricted: bool
    window: Window
    number: str
    code_word: str
    topic: str = ""
    told: str = ""
    child: bool = False


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    """A call-back as lists show it: the window and no number."""

    id: int
    organisation: OrganisationId
    restricted: bool
    language: str
    asked: float
    window: Window
    state: CallBackState
    staff: str
    closed: float | None


class CallBackDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller needs. Outside the window number and code word are empty, and only the window is told."""

    call_back: CallBack
    number: str = ""
    code_word: str = ""
    topic: str = ""
    told: str = ""


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """A safety alert as staff on duty see it: the kind of danger and since when.

    Attributes:
        conversation: id of the conversation, which may be erased by now.
        hand_off: id of the hand-off that is open there.
        state: open, or taken (up).
    """

    id: int
    conversation: str
    category: str
    raised: float
    state: str
    staff: str
    hand_off: int | None
    erased: bool


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is due: a first reply, a call-back, or the police's line for a referral taken for them.

    Attributes:
        kind: which clock.
        subject: id of the hand-off or call-back, or reference of the referral.
        due: seconds since the epoch.
        late: whether that is past. Of the police's own duty it is never said that it was met.
    """

    kind: ClockKind
    subject: str
    due: float
    late: bool
