"""What is said around a talk with a person, and what staff pick from at the desk."""

from pathlib import Path

import msgspec

from bot.conversation.messages import Button, HandOff, Reply
from bot.data_files import load
from bot.handoff.hours import HoursWords
from bot.handoff.model import Wait
from bot.staff.roles import OrganisationId

TALK = "gateway:talk:"
LEAVE, END, GO, STAY = (f"{TALK}{what}" for what in ("leave", "end", "go", "stay"))
FEEDBACK = f"{TALK}feedback:"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question with fixed answers, by id."""

    question: str
    answers: dict[str, str]


class TalkWords(msgspec.Struct, frozen=True, kw_only=True):
    """Said while a person waits or talks (data/conversation/hand_off.<language>.yml, `talk`)."""

    waiting: str
    place: str
    minutes: str
    unknown: str
    said_while_waiting: str
    joined: str
    goes_on: str
    propose: str
    go: str
    stay: str
    moved: str
    moved_back: str
    moved_restricted: str
    stayed: str
    leave: str
    end: str
    left_queue: str
    ended: dict[str, str]
    nudge: str
    here_again: str
    alert_shown: str
    feedback: dict[str, Asked]
    feedback_skip: str
    feedback_thanks: str


class StepWords(msgspec.Struct, frozen=True, kw_only=True):
    """One question of the form: what is asked, a line of help, its name in the preview, its choices."""

    question: str
    label: str
    help: str = ""
    choices: dict[str, str] = {}


class FormWords(msgspec.Struct, frozen=True, kw_only=True):
    """Said by the form before a hand-off or a call-back (`form`)."""

    intro: str
    first_words: str
    who: str
    there: str
    nobody: str
    open_later: str
    closed: str
    now: str
    console_off: str
    child: str
    under_13: str
    asked_between: str
    stopped: str
    steps: dict[str, StepWords]
    not_kept: str
    window: str
    nobody_safe: str
    preview: str
    preview_call_back: str
    line: str
    not_given: str
    language: str
    restricted: str
    kept: str
    nothing_else: str
    version: str
    buttons: dict[str, str]
    agreed: list[str]
    stale: str
    not_done: str
    call_back_kept: str
    call_back_off: str


class HandOffWords(msgspec.Struct, frozen=True, kw_only=True):
    """data/conversation/hand_off.<language>.yml."""

    version: int
    organisations: dict[OrganisationId, str]
    adviser: str
    hours: HoursWords
    talk: TalkWords
    form: FormWords


class DeskWords(msgspec.Struct, frozen=True, kw_only=True):
    """data/handoff/desk.yml: codes with their words."""

    version: int
    wrap_up: dict[str, str]
    call_back: dict[str, str]


class Canned(msgspec.Struct, frozen=True, kw_only=True):
    """An approved reply that staff can send as it is."""

    id: str
    title: str
    text: str


class _CannedFile(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    replies: list[Canned]


def load_hand_off_words(data: Path, language: str = "en") -> HandOffWords:
    """What the person hears.

    Raises:
        bot.data_files.DataError: the file is wrong or missing.
    """
    return load(data / "conversation" / f"hand_off.{language}.yml", HandOffWords)


def load_desk_words(data: Path) -> DeskWords:
    """What staff pick from.

    Raises:
        bot.data_files.DataError: the file is wrong or missing.
    """
    return load(data / "handoff" / "desk.yml", DeskWords)


def load_canned(data: Path) -> dict[str, list[Canned]]:
    """Approved replies by language.

    Raises:
        bot.data_files.DataError: a file is wrong.
    """
    files = sorted((data / "handoff").glob("canned.*.yml"))
    return {file.name.split(".")[1]: load(file, _CannedFile).replies for file in files}


def waiting(words: HandOffWords, wait: Wait, first: str) -> Reply:
    """Where somebody is in the queue, and how long it may take: never a promise.

    Args:
        words: in English; the caller puts the reply into the person's language.
        wait: place and measured wait.
        first: what is said before it.
    """
    talk = words.talk
    how_long = talk.unknown if wait.minutes is None else talk.minutes.format(minutes=wait.minutes)
    lines = [first, talk.place.format(place=wait.place), how_long]
    return Reply(
        text="\n".join(line for line in lines if line),
        buttons=[Button(title=talk.leave, payload=LEAVE)],
        hand_off=HandOff(state="waiting", place=wait.place),
    )


def talking(words: HandOffWords, text: str, adviser: str) -> Reply:
    """A notice while a person talks, with the way to end it."""
    return Reply(
        text=text,
        buttons=[Button(title=words.talk.end, payload=END)],
        hand_off=HandOff(state="talking", adviser=adviser),
    )


def ended(words: HandOffWords, by: str, hand_off: int, *, talked: bool) -> list[Reply]:
    """The end of a hand-off, and after a talk the first of two questions about it, which may be left unanswered."""
    state = HandOff(state="ended")
    said = [Reply(text=words.talk.ended[by], hand_off=state)]
    return [*said, feedback(words, hand_off, next(iter(words.talk.feedback)))] if talked else said


def feedback(words: HandOffWords, hand_off: int, question: str) -> Reply:
    """A question about a talk, with its answers as buttons."""
    asked = words.talk.feedback[question]
    buttons = [
        Button(title=title, payload=f"{FEEDBACK}{hand_off}:{question}:{answer}")
        for answer, title in asked.answers.items()
    ]
    skip = Button(title=words.talk.feedback_skip, payload=f"{FEEDBACK}{hand_off}:{question}:")
    return Reply(text=asked.question, display="choice", buttons=[*buttons, skip])
