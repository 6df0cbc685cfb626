"""Talking to a person: a form over bot.handoff.form, with consent to exactly what staff will see at its end.

Nothing is shown to anyone from here: the gateway is asked to, and it says who is there, from the same moment
(`Request.context["hand_off"]`). The draft lives in the slot `hand_off`, in the encrypted conversation. Without a
staff console everything stays as it was: numbers to ring.
"""

from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import say
from actions.conversation import ActionSay
from actions.forms import (
    ANSWER,
    Heard,
    asks_something_else,
    form_words,
    insider_told,
    interrupts_free_words,
    order,
)
from actions.handoff_words import (
    FLOW,
    OPEN,
    State,
    at_preview,
    begun,
    first_words,
    form,
    offers_of,
    open_now,
    preview,
    question,
    said_as,
    spoken_language,
    state_of,
    who,
)
from actions.preview import DO_NOT_SEND, EDIT, PREVIEW, SEND, DraftForm
from actions.referral_words import REFERRAL_OFF, contacts, way_of
from bot.conversation.drafts import DRAFT_OPEN
from bot.conversation.hand_off import CALL_BACK, HAND_OFF
from bot.conversation.messages import Button, Reply
from bot.handoff.form import Draft, Offers, capital


class ActionTalkToAPerson(ActionSay):
    """Opens the form where a console runs; else says whom to ring, and a form that is open goes on."""

    def name(self) -> str:
        """Name in domain.yml, by which Rasa finds it."""
        return "action_talk_to_a_person"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Go by what the gateway says."""
        if offers_of(tracker) is None:
            return super().run(dispatcher, tracker, domain)
        return [FollowupAction(f"{FLOW}_form")]


class HandOffForm(DraftForm):
    """Takes the answers before a hand-off or a call-back."""

    flow = FLOW

    def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Say who is there and ask the first question; where nobody is, what can be done now."""
        offers, words = offers_of(tracker), form().words.form
        if offers is None:
            say(dispatcher, Reply(text=words.console_off))
            return self.end()
        call_back = next(tracker.get_latest_entity_values(ANSWER), None) == CALL_BACK
        draft = begun(tracker, call_back=call_back)
        if draft.answers.get("age_group") == "under_13":
            return self._too_young(dispatcher, tracker)
        if not form().offered(draft, offers):
            return self._nobody(dispatcher, tracker, draft, offers)
        lines = [words.asked_between] if tracker.get_slot(FLOW) else [words.intro, first_words(tracker)]
        lines += [who(draft, offers)] if not call_back else []
        lines += [words.child] if draft.answers.get("age_group") == "13_to_17" else []
        say(dispatcher, Reply(text="\n".join(lines)))
        return self.on(State(draft=draft))

    def step(self, state: dict[str, Any]) -> str:
        """The question that was put last, or the preview of exactly these answers."""
        return msgspec.convert(state, State).asked

    def stop(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Nothing is shown to anyone, and the answers go."""
        say(dispatcher, Reply(text=form().words.form.stopped))
        return self.closed(dispatcher)

    def takes_words(self, tracker: Tracker, state: dict[str, Any]) -> bool:
        """Words that fit the open question; at a question for free words, whatever is no question itself."""
        text, step = tracker.latest_message.get("text") or "", self.step(state)
        if step.startswith(PREVIEW):
            return at_preview(tracker, state_of(tracker), text) is not None or not asks_something_else(tracker)
        offers, draft = offers_of(tracker), state_of(tracker).draft
        if offers is None:
            return False
        if form().choices(draft, step, offers) or step in ("contact", "number"):
            fits = isinstance(form().answer(draft, step, said_as(text), offers), Draft)
            return fits or not asks_something_else(tracker)
        return not interrupts_free_words(tracker)

    def take(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, state: dict[str, Any], heard: Heard
    ) -> list[dict[str, Any]]:
        """Take an answer, or steer."""
        known, offers = state_of(tracker), offers_of(tracker)
        step = known.asked
        if offers is None:
            say(dispatcher, Reply(text=form().words.form.not_done))
            return self.closed(dispatcher, silent=True)
        if heard == Heard(kind="choice", value=""):
            return self.on(known)
        if heard.kind == "control":
            return self._steer(dispatcher, tracker, known, offers, heard.value)
        if step.startswith(PREVIEW):
            return self._agree(dispatcher, tracker, known, offers, heard)
        given = heard.value if heard.kind == "choice" else said_as(heard.value)
        return self._next(dispatcher, tracker, known, offers, form().answer(known.draft, step, given, offers))

    # --- inside

    def _steer(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, offers: Offers, name: str
    ) -> list[dict[str, Any]]:
        if name == "over":
            return self.on(State(draft=begun(tracker, call_back=known.draft.kind == "call_back", anew=True)))
        if name == "back":
            return self.on(State(draft=form().back(known.draft, offers)))
        step = form().next_step(known.draft, offers)
        if step is None:
            say(dispatcher, Reply(text=form_words().pick_one))
            return self.on(known)
        return self._next(dispatcher, tracker, known, offers, form().skip(known.draft, step))

    def _next(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, before: State, offers: Offers, result: Draft | str
    ) -> list[dict[str, Any]]:
        """What follows an answer: why it was not taken, the end of the form, or the next question."""
        words = form().words.form
        if isinstance(result, str):
            say(dispatcher, Reply(text=result))
            return self.on(before)
        if result.answers.get("age_group") == "under_13":
            return self._too_young(dispatcher, tracker, opened=True)
        if form().nowhere_safe(result):
            safe = contacts(form().instead, tracker)
            say(dispatcher, Reply(text=words.nobody_safe, display="card", contacts=safe))
            return self.closed(dispatcher)
        if not form().offered(result, offers):
            return self._nobody(dispatcher, tracker, result, offers, opened=True)
        age_told = "age_group" in (*result.answers, *result.skipped)
        if age_told and "age_group" not in (*before.draft.answers, *before.draft.skipped) and result.child:
            say(dispatcher, Reply(text=words.child))
        if "contact" in before.draft.answers and "contact" not in result.answers:
            say(dispatcher, Reply(text=words.not_kept))
        return self.on(State(draft=result))

    def _agree(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, known: State, offers: Offers, heard: Heard
    ) -> list[dict[str, Any]]:
        """What is said to the preview: yes, no, or a line to change."""
        words = form().words.form
        said = heard.value if heard.kind == "choice" else at_preview(tracker, known, heard.value)
        if said == SEND and known.shown != form().digest(known.draft, offers, spoken_language(tracker)):
            say(dispatcher, Reply(text=words.stale))
            return self.on(known)
        if said == SEND and form().chosen(known.draft, offers) is None:
            return self._nobody(dispatcher, tracker, known.draft, offers, opened=True)
        if said == SEND:
            return self._send(dispatcher, known.draft, offers)
        if said == DO_NOT_SEND:
            return self.stop(dispatcher, tracker)
        if said is not None and said.startswith(EDIT):
            return self.on(State(draft=form().edit(known.draft, said.removeprefix(EDIT))))
        say(dispatcher, Reply(text=form_words().pick_one))
        return self.on(known)

    def _send(self, dispatcher: CollectingDispatcher, draft: Draft, offers: Offers) -> list[dict[str, Any]]:
        words, chosen = form().words.form, form().chosen(draft, offers)
        assert chosen is not None
        body: dict[str, Any] = {
            "organisation": chosen.organisation,
            "restricted": draft.restricted,
            "child": draft.child,
            "topic": draft.topic,
            "told": draft.answers.get("told", ""),
        }
        if draft.kind == "talk":
            order(dispatcher, HAND_OFF, **body, contact=draft.answers.get("contact", ""))
        else:
            more = {"number": draft.answers["number"], "code_word": draft.answers["code_word"]}
            order(dispatcher, CALL_BACK, **body, **more, window=msgspec.to_builtins(form().window(draft, offers)))
        # The gateway puts its own words here once it is done.
        again = Button(title=words.buttons["ask_again"], payload=f"/{OPEN}")
        say(dispatcher, Reply(text=words.not_done, buttons=[again]))
        return [*self.end(), insider_told(draft.answers)]

    def _too_young(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, *, opened: bool = False
    ) -> list[dict[str, Any]]:
        """No form under 13: whom a child can ring (bot.referrals.routes)."""
        numbers = contacts(form().instead_child, tracker)
        say(dispatcher, Reply(text=form().words.form.under_13, display="card", contacts=numbers))
        return self.closed(dispatcher, silent=True) if opened else self.end()

    def _nobody(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, draft: Draft, offers: Offers, *, opened: bool = False
    ) -> list[dict[str, Any]]:
        """Nobody is there whom this person could be offered: what can be done now."""
        words, names = form().words.form, form().words.organisations
        among = offers.restricted if draft.restricted else offers.all
        hours = [
            words.open_later.format(organisation=capital(names[one.organisation]), hours=one.hours) for one in among
        ]
        planned = draft.kind == "talk" and any(one.windows for one in among)
        buttons = []
        if planned:
            payload = f'/{OPEN}{{"{ANSWER}": "{CALL_BACK}"}}'
            buttons.append(Button(title=words.buttons["call_back"], payload=payload))
        if way_of(tracker) != REFERRAL_OFF:
            buttons.append(Button(title=words.buttons["referral"], payload="/referral"))
        buttons.append(Button(title=words.buttons["menu"], payload="/menu"))
        first = words.nobody if draft.kind == "talk" else words.call_back_off
        text = "\n".join([first, *hours, words.now])
        say(dispatcher, Reply(text=text, display="card", contacts=open_now(draft, tracker), buttons=buttons))
        return self.closed(dispatcher, silent=True) if opened else self.end()


class ActionAskHandOffStep(Action):
    """Puts the open question, or shows exactly what staff will see."""

    def name(self) -> str:
        """Name in domain.yml, by which Rasa finds it."""
        return "action_ask_hand_off_step"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask, and have the gateway note that a draft is open."""
        known, offers = state_of(tracker), offers_of(tracker) or Offers(all=[], restricted=[])
        order(dispatcher, DRAFT_OPEN, flow=FLOW)
        step = form().next_step(known.draft, offers)
        if step is not None:
            say(dispatcher, question(known.draft, step, offers))
            known = msgspec.structs.replace(known, asked=step)
        else:
            digest = form().digest(known.draft, offers, spoken_language(tracker))
            step = f"{PREVIEW}:{digest[:16]}"
            say(dispatcher, preview(known.draft, offers, step, spoken_language(tracker)))
            known = msgspec.structs.replace(known, asked=step, shown=digest)
        return [SlotSet(FLOW, msgspec.to_builtins(known))]
