"""The words of the form before a hand-off: its questions, its preview, who is there, and what is known already."""

import functools
from datetime import datetime

import msgspec
from rasa_sdk import Tracker

from actions.context import LAST_TOPIC, answers, directory, language, settings, situation
from actions.forms import INSIDER, SKIPPED, choice, control, yes_or_no
from actions.preview import DO_NOT_SEND, EDIT, SEND, said_to_preview, stop_button
from actions.referral_words import contacts
from bot.conversation import messages as msgs
from bot.conversation.messages import Reply
from bot.directory import LONDON
from bot.handoff.form import MOST, NEEDED, TOPIC, Draft, Form, Offers, capital, load_form
from bot.language.languages import english_name

FLOW, OPEN = "hand_off", "speak_to_human"
OFF = "off"
MOST_INSTEAD = 3
_AGES = {"under_13": "under_13", "adult": "18_or_over"}
"""What the situation tells of somebody's age in the form's own words; "under 18" leaves open whether under 13."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The slot `hand_off`: the answers so far, the step that was asked last, and the digest of the last preview."""

    draft: Draft
    asked: str = ""
    shown: str = ""


@functools.cache
def form() -> Form:
    """The questions, read once."""
    return load_form(settings().data_path)


def offers_of(tracker: Tracker) -> Offers | None:
    """Whom the gateway offers; None where there is no console, or no gateway (`rasa shell`)."""
    found = (tracker.latest_message.get("metadata") or {}).get(FLOW, OFF)
    return None if found == OFF else msgspec.convert(found, Offers)


def state_of(tracker: Tracker) -> State:
    """The state of the form."""
    return msgspec.convert(tracker.get_slot(FLOW) or {"draft": {}}, State)


def question(draft: Draft, step: str, offers: Offers) -> Reply:
    """A question as it is put."""
    words, choices = form().words_of(step), form().choices(draft, step, offers)
    kind: msgs.FieldKind = "choice" if choices else "phone" if step == "number" else "text"
    skip = [] if step in NEEDED else [control("skip", step)]
    stop = stop_button(form().words.form.buttons["stop"], step)
    back = [control("back", step)] if draft.answers or draft.skipped else []
    return Reply(
        text="\n".join(line for line in (words.question, words.help) if line),
        display="form",
        buttons=[
            *(choice(title, step, key) for key, title in choices.items()),
            *skip,
            *back,
            stop,
        ],
        field=msgs.Field(kind=kind, label=words.label, help=words.help, most=0 if choices else MOST.get(step, 0)),
    )


def preview(draft: Draft, offers: Offers, step: str, spoken: str) -> Reply:
    """Exactly what staff will see, each line numbered, with the consent to it."""
    words, lines = form().words.form, form().lines(draft, offers, spoken)
    call_back = draft.kind == "call_back"
    send = words.buttons["send_call_back" if call_back else "send"]
    buttons = [choice(send, step, SEND), choice(words.buttons["do_not_send"], step, DO_NOT_SEND)]
    drawn = []
    for number, line in enumerate(lines, 1):
        drawn.append(msgs.Line(label=line.label, value=line.value, change=len(buttons) if line.step else None))
        if line.step:
            title = words.buttons["remove"] if line.step == TOPIC else words.buttons["edit"].format(number=number)
            buttons.append(choice(title, step, f"{EDIT}{line.step}"))
    written = [
        words.line.format(number=number, label=line.label, value=line.value) for number, line in enumerate(lines, 1)
    ]
    heading = words.preview_call_back if call_back else words.preview
    chosen = form().chosen(draft, offers)
    hidden = []
    if draft.restricted and chosen is not None:
        hidden = [words.restricted.format(organisation=capital(form().words.organisations[chosen.organisation]))]
    notes = [*hidden, words.nothing_else, words.kept.format(days=settings().handed_over_days)]
    return Reply(
        text="\n".join([heading, *written, *notes]),
        drawn_text="\n\n".join([heading, *notes]),
        display="consent",
        buttons=[*buttons, stop_button(words.buttons["stop"], step), control("over", step)],
        lines=drawn,
    )


def begun(tracker: Tracker, *, call_back: bool, anew: bool = False) -> Draft:
    """A draft with what is known already: the answers so far, the topic, and what the referral's form was told."""
    kept = Draft() if anew else state_of(tracker).draft
    told = ((tracker.get_slot("referral") or {}).get("draft") or {}).get("answers") or {}
    answers = {name: told[name] for name in ("age_group", "insider") if told.get(name)}
    insider = tracker.get_slot(INSIDER)
    skipped = [*kept.skipped, INSIDER] if insider == SKIPPED and INSIDER not in kept.skipped else kept.skipped
    if insider not in (None, SKIPPED):
        answers.setdefault(INSIDER, insider)
    if age := _AGES.get(tracker.get_slot("age_group") or ""):
        answers.setdefault("age_group", age)
    topic = kept.topic or _topic(tracker)
    kind = "call_back" if call_back else "talk"
    known = {"kind": kind, "topic": topic, "answers": {**answers, **kept.answers}, "skipped": skipped}
    return msgspec.convert({**msgspec.to_builtins(kept), **known}, Draft)


def _topic(tracker: Tracker) -> str:
    """Title of the topic that was asked about last."""
    topic, catalogue = tracker.get_slot(LAST_TOPIC), answers().catalogue
    return catalogue.title(topic, catalogue.edition(situation(tracker).today)) if topic else ""


def who(draft: Draft, offers: Offers) -> str:
    """Who is there: organisation and hours, never a name."""
    words, names = form().words.form, form().words.organisations
    there = "; ".join(
        words.there.format(organisation=capital(names[one.organisation]), hours=one.hours)
        for one in form().offered(draft, offers)
    )
    return words.who.format(who=there)


def first_words(tracker: Tracker) -> str:
    """What is said again, word for word, before a talk with staff."""
    given = tracker.latest_message.get("metadata") or {}
    return form().words.form.first_words.format(controller=given.get("controller") or settings().controller)


def spoken_language(tracker: Tracker) -> str:
    """The language of the conversation, by its English name."""
    tag = language(tracker)
    return english_name(tag) or tag


def open_now(draft: Draft, tracker: Tracker) -> list[msgs.Contact]:
    """Services that answer at this moment, and those for children where the person is under 18."""
    known, now = directory(situation(tracker).demo), datetime.now(LONDON)
    child = draft.answers.get("age_group") == "13_to_17" or tracker.get_slot("age_group") == "under_18"
    among = form().instead_child if child else form().instead
    is_open = [one for one in among if known.services[one].is_open(now)]
    return contacts(is_open[:MOST_INSTEAD], tracker)


def said_as(text: str) -> str:
    """Words with "yeah" and "dunno" read as what they stand for."""
    said = yes_or_no(text)
    return {"unsure": "not_sure"}.get(said, said) if said else text


def at_preview(tracker: Tracker, known: State, text: str) -> str | None:
    """What typed words say to the preview, or None."""
    buttons, offers = form().words.form.buttons, offers_of(tracker)
    lines = form().lines(known.draft, offers, spoken_language(tracker)) if offers else []
    return said_to_preview(
        text,
        agreed=form().words.form.agreed,
        send=[buttons["send"], buttons["send_call_back"]],
        do_not_send=buttons["do_not_send"],
        line=lambda number: lines[number - 1].step if 1 <= number <= len(lines) else None,
    )
