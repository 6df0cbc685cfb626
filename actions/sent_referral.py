"""What happened to my referral, and cancelling it: asks for its number, and leaves the rest to the gateway.

What became of it is only sent, received, or did not get through (shared/protection.md, "Referral and hand-off").
Whoever holds the phone can cancel it, so the provider is told that nobody checked who did.
"""

import functools
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import intent, say, settings
from actions.forms import ANSWER, FormAction, Heard, asks_something_else, choice, control, order, yes_or_no
from actions.referral import form
from actions.referral_words import ring_yourself
from bot.conversation.messages import Button, Field, Reply
from bot.conversation.referral import STATUS, WITHDRAW
from bot.referrals.requests import Requests, load_requests
from bot.referrals.rows import normal_reference

FLOW = "sent_referral"
REFERENCE, CONFIRM = "reference", "confirm"
MOST = 40
POLICE = "/right_04__support_referral"


@functools.cache
def requests() -> Requests:
    """The reader of messages about a referral, made once."""
    return load_requests(settings().data_path)


class SentReferralForm(FormAction):
    """Asks for the number of a referral, and for a yes before it is cancelled."""

    flow = FLOW

    def begin(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """Go by the button or the message that asked, if the number is in it."""
        pressed = next(tracker.get_latest_entity_values(ANSWER), None)
        given = pressed or requests().reference_in(tracker.latest_message.get("text") or "")
        return self._given(dispatcher, tracker, {"about": intent(tracker)}, given)

    def step(self, state: dict[str, Any]) -> str:
        """`reference` or `confirm`."""
        return CONFIRM if state.get("reference") else REFERENCE

    def takes_words(self, tracker: Tracker, state: dict[str, Any]) -> bool:
        """A number, or a yes or no."""
        text = tracker.latest_message.get("text") or ""
        return any(char.isdigit() for char in text) or bool(yes_or_no(text)) or not asks_something_else(tracker)

    def take(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, state: dict[str, Any], heard: Heard
    ) -> list[dict[str, Any]]:
        """Take the number, or the yes to cancelling."""
        words = form(tracker).words
        if heard.kind == "control" or heard == Heard(kind="choice", value=""):
            return self.go_on({"about": state["about"]} if heard.value in ("back", "over") else state)
        if self.step(state) == CONFIRM:
            answer = heard.value if heard.kind == "choice" else yes_or_no(heard.value)
            if answer == "yes":
                return self._ask(dispatcher, tracker, WITHDRAW, state["reference"])
            return self.stop(dispatcher, tracker) if answer == "no" else self.go_on(state)
        if normal_reference(heard.value) is None:
            say(dispatcher, Reply(text=words.reference["not_one"]))
            return self.go_on(state)
        return self._given(dispatcher, tracker, state, heard.value)

    def _given(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, state: dict[str, Any], given: str | None
    ) -> list[dict[str, Any]]:
        if given is None:
            return self.go_on(state)
        if state["about"] == WITHDRAW:
            return self.go_on({**state, "reference": given})
        return self._ask(dispatcher, tracker, STATUS, given)

    def _ask(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, kind: str, reference: str
    ) -> list[dict[str, Any]]:
        order(dispatcher, kind, reference=reference)
        # The gateway puts its own words here.
        say(dispatcher, Reply(text=form(tracker).words.not_offered, contacts=ring_yourself(tracker)))
        return self.end()


class ActionAskSentReferralStep(Action):
    """Puts the open question about a referral that was sent."""

    def name(self) -> str:
        """Name in domain.yml, by which Rasa finds it."""
        return "action_ask_sent_referral_step"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask for the number, or whether to cancel."""
        state, words = tracker.get_slot(FLOW) or {}, form(tracker).words
        if state.get("reference"):
            text = words.withdraw["question"].format(recipient=words.recipient)
            buttons = [
                choice(words.buttons["withdraw"], CONFIRM, "yes"),
                choice(words.buttons["withdraw_no"], CONFIRM, "no"),
            ]
        else:
            text = words.reference["question"]
            police = Button(title=words.reference["police"], payload=POLICE)
            buttons = [police, control("stop", REFERENCE)]
        field = Field(kind="choice") if state.get("reference") else Field(kind="text", most=MOST)
        say(dispatcher, Reply(text=text, display="form", buttons=buttons, field=field))
        return []
