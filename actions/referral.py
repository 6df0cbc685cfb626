"""Asking Victim Support to get in touch: a form over bot.referrals.draft, with consent to a preview at its end.

Nothing is sent from here: the gateway is asked to, with the answers and the digest of what was shown. The draft lives
in the slot `referral`, in the encrypted conversation; the gateway is told when it is open and when it is to go.
"""

import functools
from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import intent, say, settings
from actions.forms import (
    INSIDER,
    SKIPPED,
    Heard,
    asks_something_else,
    choice,
    control,
    form_words,
    insider_told,
    interrupts_free_words,
    order,
    yes_or_no,
)
from actions.preview import DO_NOT_SEND, EDIT, PREVIEW, SEND, DraftForm, said_to_preview, stop_button
from actions.referral_words import REFERRAL_OFF, beside, ended, ring_yourself, way_of
from bot.conversation import messages as msgs
from bot.conversation.drafts import DRAFT_OPEN
from bot.conversation.messages import Button, Reply
from bot.conversation.referral import SUBMIT, WITHDRAW
from bot.referrals.draft import Draft, Form, Question, load_form
from bot.referrals.fields import Field
from bot.referrals.preview import Preview, agree, preview

FLOW = "referral"
DONE = "done"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The slot `referral`.

    Attributes:
        draft: the answers so far.
        picked: choices picked so far at a question that takes several.
        told: which contacts were named beside the form.
        shown: digest of the preview that was shown last.
    """

    draft: Draft
    picked: list[str] = []
    told: list[str] = []
    shown: str = ""


def form(tracker: Tracker) -> Form:
    """The questions, as the gateway's own settings say who runs the service."""
    given = tracker.latest_message.get("metadata") or {}
    return _form(given.get("controller") or settings().controller)


@functools.cache
def _form(controller: str) -> Form:
    known = settings()
    return load_form(
        known.data_path,
        under_18=known.referral_under_18,
        controller=controller,
        days_kept=known.referral_retention_days,
        unread_days=known.referral_unread_days,
    )


def state_of(tracker: Tracker) -> State:
    """The state of the form, guarded from the moment that family or honour was spoken of anywhere."""
    state = msgspec.convert(tracker.get_slot(FLOW) or {"draft": {}}, State)
    spoken = state.draft.family_mentioned or bool((tracker.latest_message.get("metadata") or {}).get("family"))
    draft = msgspec.structs.replace(state.draft, family_mentioned=spoken)
    return msgspec.structs.replace(state, draft=draft)


def shown(asked: Form, draft: Draft) -> str:
    """Digest of what the preview of a draft shows (`bot.referrals.preview.Consent`)."""
    return agree(asked, draft, language="en", at=0.0).shown


def step_of(asked: Form, draft: Draft) -> str:
    """Id of the open step: a question, or the preview of exactly these answers."""
    field = asked.next_field(draft)
    return field.id if field else f"{PREVIEW}:{shown(asked, draft)[:16]}"


class ReferralForm(DraftForm):
    """Takes the answers of the referral."""

    flow = FLOW

    def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Say what this is and ask the first question; a form left for another goes on where it was."""
        asked, way = form(tracker), way_of(tracker)
        if way == REFERRAL_OFF:
            say(dispatcher, Reply(text=asked.words.not_offered, contacts=ring_yourself(tracker)))
            return self.end()
        state = state_of(tracker)
        if tracker.get_slot(FLOW):
            say(dispatcher, Reply(text=asked.words.asked_between))
        else:
            lines = [asked.words.demonstration] if way == "demo" else []
            say(dispatcher, Reply(text="\n".join([*lines, asked.introduction()])))
            state = msgspec.structs.replace(state, draft=_with_insider(state.draft, tracker.get_slot(INSIDER)))
        return self.on(state)

    def step(self, state: dict[str, Any]) -> str:
        """The open question, or the preview."""
        # Which step it is does not depend on who runs the service.
        return step_of(_form(""), msgspec.convert(state, State).draft)

    def stop(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Nothing is sent, and the answers go."""
        say(dispatcher, Reply(text=form(tracker).words.stopped))
        return self.closed(dispatcher)

    def takes_words(self, tracker: Tracker, state: dict[str, Any]) -> bool:
        """Words that fit the open question always; at a question for free words, whatever is no question itself."""
        text = tracker.latest_message.get("text") or ""
        if intent(tracker) == WITHDRAW:
            return True
        asked, draft = form(tracker), state_of(tracker).draft
        field = asked.next_field(draft)
        if field is None:
            return _at_preview(asked, draft, text) is not None or not asks_something_else(tracker)
        if field.kind in ("choice", "choices"):
            return isinstance(_answered(asked, draft, field, text), Draft) or not asks_something_else(tracker)
        if field.kind in ("phone", "email") and isinstance(asked.answer(draft, field.id, text), Draft):
            return True
        return not interrupts_free_words(tracker)

    def take(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, state: dict[str, Any], heard: Heard
    ) -> list[dict[str, Any]]:
        """Take an answer, or steer."""
        asked, known = form(tracker), state_of(tracker)
        if heard.kind == "words" and intent(tracker) == WITHDRAW:
            # Nothing has been sent yet that could be cancelled.
            return self.stop(dispatcher, tracker)
        field = asked.next_field(known.draft)
        if heard.kind == "control":
            return self._steer(dispatcher, tracker, known, field, heard.value)
        if heard == Heard(kind="choice", value=""):
            return self.on(known)
        if field is None:
            return self._agree(dispatcher, tracker, known, heard)
        if heard.kind == "choice" and field.kind == "choices":
            if heard.value != DONE and heard.value not in field.alone:
                return self.on(_pick(known, heard.value))
            result = asked.answer(known.draft, field.id, known.picked if heard.value == DONE else [heard.value])
        elif heard.kind == "choice":
            result = asked.answer(known.draft, field.id, heard.value)
        else:
            result = _answered(asked, known.draft, field, heard.value)
        return self._next(dispatcher, tracker, known, result)

    # --- inside

    def _steer(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, field: Field | None, control_name: str
    ) -> list[dict[str, Any]]:
        asked = form(tracker)
        if control_name == "over":
            return self.on(State(draft=asked.start_over(known.draft)))
        if control_name == "back":
            return self.on(msgspec.structs.replace(known, draft=asked.back(known.draft), picked=[]))
        if field is None:
            say(dispatcher, Reply(text=form_words().pick_one))
            return self.on(known)
        return self._next(dispatcher, tracker, known, asked.skip(known.draft, field.id))

    def _next(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, before: State, result: Draft | str
    ) -> list[dict[str, Any]]:
        """What follows an answer: why it was not taken, the end of the form, or the next question."""
        if isinstance(result, str):
            say(dispatcher, Reply(text=result))
            return self.on(before)
        asked = form(tracker)
        route = asked.route(result)
        if route is not None and route.way != "form":
            for reply in ended(asked, route, tracker):
                say(dispatcher, reply)
            return self.closed(dispatcher, silent=not route.do_not_send)
        if len(result.unsafe) > len(before.draft.unsafe):
            say(dispatcher, Reply(text=asked.words.unsafe))
        helplines, told = beside(asked, result, route, before.told, tracker)
        if helplines is not None:
            say(dispatcher, helplines)
        return self.on(State(draft=result, told=told))

    def _agree(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, heard: Heard
    ) -> list[dict[str, Any]]:
        """What is said to the preview: yes, no, or a line to change."""
        asked = form(tracker)
        said = heard.value if heard.kind == "choice" else _at_preview(asked, known.draft, heard.value)
        if said == SEND and known.shown != shown(asked, known.draft):
            say(dispatcher, Reply(text=asked.words.problems["stale"]))
            return self.on(known)
        if said == SEND:
            order(
                dispatcher,
                SUBMIT,
                draft=msgspec.to_builtins(known.draft),
                version=asked.words.consent.version,
                language="en",
                shown=known.shown,
            )
            # The gateway puts its own words here once it is sent.
            again = Button(title=asked.words.buttons["ask"], payload="/referral")
            no_form = asked.words.problems["no_form"]
            say(dispatcher, Reply(text=no_form, contacts=ring_yourself(tracker), buttons=[again]))
            return [*self.end(), insider_told(known.draft.answers)]
        if said == DO_NOT_SEND:
            return self.stop(dispatcher, tracker)
        if said is not None and said.startswith(EDIT):
            draft = asked.edit(known.draft, said.removeprefix(EDIT))
            return self.on(msgspec.structs.replace(known, draft=draft, picked=[]))
        say(dispatcher, Reply(text=form_words().pick_one))
        return self.on(known)


class ActionAskReferralStep(Action):
    """Puts the open question of the referral, or shows the preview."""

    def name(self) -> str:
        """Name in domain.yml, by which Rasa finds it."""
        return "action_ask_referral_step"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask, and have the gateway note that a draft is open."""
        asked, known = form(tracker), state_of(tracker)
        step = step_of(asked, known.draft)
        field = asked.next_field(known.draft)
        order(dispatcher, DRAFT_OPEN, flow=FLOW)
        if field is not None:
            question = asked.question(known.draft, field)
            say(dispatcher, _question(asked, field, question, known, step))
        else:
            lines = preview(asked, known.draft)
            say(dispatcher, _preview(asked, lines, step, demonstration=way_of(tracker) == "demo"))
            known = msgspec.structs.replace(known, shown=shown(asked, known.draft))
        # As it was asked: with the care that a card shown since the last answer calls for.
        return [SlotSet(FLOW, msgspec.to_builtins(known))]


def _question(asked: Form, field: Field, question: Question, known: State, step: str) -> Reply:
    mark = asked.words.picked
    answers = [
        choice(mark.format(choice=title) if key in known.picked else title, step, key)
        for key, title in question.choices.items()
    ]
    done = [choice(asked.words.buttons["done"], step, DONE)] if known.picked else []
    skip = [control("skip", step)] if question.can_skip else []
    back = [control("back", step)] if known.draft.answers or known.draft.skipped else []
    lines = [line for line in (question.again, question.text, question.help) if line]
    drawn = msgs.Field(
        kind="text" if field.kind == "times" else field.kind,
        label=asked.words.fields[field.id].label.format(recipient=asked.words.recipient),
        help=question.help,
        most=field.most,
        alone=[question.choices[one] for one in field.alone if one in question.choices],
    )
    return Reply(
        text="\n".join(lines),
        display="form",
        buttons=[*answers, *done, *skip, *back, stop_button(asked.words.buttons["stop"], step)],
        field=drawn,
    )


def _preview(asked: Form, found: Preview, step: str, *, demonstration: bool) -> Reply:
    words = asked.words.buttons
    first = [choice(words["send"], step, SEND), choice(words["do_not_send"], step, DO_NOT_SEND)]
    edit = [choice(words["edit"].format(number=line.number), step, f"{EDIT}{line.field}") for line in found.lines]
    before = f"{asked.words.demonstration}\n" if demonstration else ""
    return Reply(
        text=before + found.text,
        drawn_text=before + found.around,
        display="consent",
        buttons=[*first, *edit, control("over", step)],
        lines=[
            msgs.Line(label=line.label, value=line.value, change=place)
            for place, line in enumerate(found.lines, len(first))
        ],
    )


def _answered(asked: Form, draft: Draft, field: Field, text: str) -> Draft | str:
    """An answer in typed words; "yeah" and "dunno" count where yes, no or not sure may be picked."""
    said = {"unsure": "not_sure"}.get(short := yes_or_no(text) or "", short)
    return asked.answer(draft, field.id, said if said in field.choices else text)


def _at_preview(asked: Form, draft: Draft, text: str) -> str | None:
    """What typed words say to the preview, or None."""
    lines = {one.number: one.field for one in preview(asked, draft).lines}
    buttons = asked.words.buttons
    return said_to_preview(
        text,
        agreed=asked.words.agreed,
        send=[buttons["send"]],
        do_not_send=buttons["do_not_send"],
        line=lines.get,
    )


def _with_insider(draft: Draft, told: str | None) -> Draft:
    """A new draft with the answer to the question that is asked once, if it was asked before a talk with staff."""
    if told is None:
        return draft
    if told == SKIPPED:
        return msgspec.structs.replace(draft, skipped=[*draft.skipped, INSIDER])
    return msgspec.structs.replace(draft, answers={**draft.answers, INSIDER: told})


def _pick(known: State, picked: str) -> State:
    """The state with a choice picked, or no longer picked."""
    others = [one for one in known.picked if one != picked]
    return msgspec.structs.replace(known, picked=others if picked in known.picked else [*others, picked])
