"""An engine without a model: it runs the real actions in the order in which Rasa's rules and forms would.

How typed words are understood is given by the test; buttons mean what their payload says. What Rasa itself makes of
forms is tested with the real model (tests/dialogues, tests/engine).
"""

import json
import re
from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.case_status import ActionAskCaseStep, CaseForm
from actions.clock_questions import ActionAskClockStep
from actions.conversation import ActionSay
from actions.forms import ActionFormClosed
from actions.handoff import ActionAskHandOffStep, ActionTalkToAPerson, HandOffForm
from actions.paper_questions import ActionAskPaperStep
from actions.papers import PaperForm
from actions.rights import ActionAnswer, ActionFollowUp, ActionOfferChoices
from actions.rights_clock import ClockForm
from actions.situation import ActionSituation
from bot.conversation.messages import Command, Reply, Request, Response, Understanding
from tests.stand_ins import StandInEngine

FORMS: dict[str, tuple[Action, Action]] = {
    "case_form": (CaseForm(), ActionAskCaseStep()),
    "clock_form": (ClockForm(), ActionAskClockStep()),
    "paper_form": (PaperForm(), ActionAskPaperStep()),
    "hand_off_form": (HandOffForm(), ActionAskHandOffStep()),
}
OPENS = {
    "case_status": "case_form",
    "rights_clock": "clock_form",
    "complain": "paper_form",
    "statement_outline": "paper_form",
    "rights_sheet": "paper_form",
}
RULES: dict[str, Action] = {
    "form": ActionFormClosed(),
    "speak_to_human": ActionTalkToAPerson(),
    "nlu_fallback": ActionOfferChoices(),
    "situation_told": ActionSituation(),
    "how_long_followup": ActionFollowUp(),
    "tell_me_more": ActionFollowUp(),
}
_PAYLOAD = re.compile(r"/(?P<intent>\w+)(?P<entities>\{.*\})?", re.DOTALL)


class ActionEngine(StandInEngine):
    """See the module's docstring. `intents` says how whole messages are understood; all others are not understood."""

    def __init__(self, intents: dict[str, str] | None = None) -> None:
        super().__init__()
        self.intents = intents or {}

    async def answer(self, request: Request) -> Response:
        turn = _Turn(request, self.intents)
        turn.work()
        carry: list[dict[str, Any]] = [
            {"event": "slot", "name": name, "value": value} for name, value in turn.slots.items() if value is not None
        ]
        carry += [{"event": "active_loop", "name": turn.loop}] if turn.loop else []
        said = [message["custom"] for message in turn.dispatcher.messages if message.get("custom")]
        return Response(
            # As the engine does: what is typed into a form never stands in the events.
            events=[{"event": "user", "intent": turn.intent}],
            carry=carry,
            replies=[msgspec.convert(one["reply"], Reply) for one in said if "reply" in one],
            commands=[msgspec.convert(one["command"], Command) for one in said if "command" in one],
            understanding=Understanding(intent=turn.intent, confidence=0.9),
        )


class _Turn:
    """One message, and what has been done about it."""

    def __init__(self, request: Request, intents: dict[str, str]) -> None:
        self.text = request.payload or request.text
        self.slots = {one["name"]: one["value"] for one in request.carry if one["event"] == "slot"}
        self.loop = next((one["name"] for one in request.carry if one["event"] == "active_loop"), None)
        self.intent, entities = intents.get(self.text, "nlu_fallback"), {}
        if request.payload and (found := _PAYLOAD.fullmatch(request.payload)):
            self.intent, entities = found["intent"], json.loads(found["entities"] or "{}")
        self.latest = {
            "text": self.text,
            "intent": {"name": self.intent, "confidence": 0.9},
            "intent_ranking": [],
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
            "metadata": request.context,
        }
        self.events: list[dict[str, Any]] = [{"event": "user"}]
        self.dispatcher = CollectingDispatcher()

    def work(self) -> None:
        if self.loop and self._form(self.loop):
            return
        if self.intent in OPENS:
            self._form(OPENS[self.intent], opened=self.loop != OPENS[self.intent])
            return
        action = RULES.get(self.intent) or (ActionAnswer() if "__" in self.intent else ActionSay())
        follow_up = self._run(action, "action_rule")
        if self.loop:
            self._form(self.loop)
        elif follow_up:
            self._form(follow_up, opened=True)

    def _form(self, name: str, *, opened: bool = False) -> bool:
        """Run a form; False where it leaves the message to the rules."""
        validate, ask = FORMS[name]
        back = len(self.events) > 1 and not opened
        if opened:
            # To the form that is being opened Rasa says that it is active, and that nothing was asked yet.
            self.slots["requested_slot"] = None
        before, self.loop = dict(self.slots), name
        events = self._events(validate)
        self._apply(events)
        if any(one["name"] == "requested_slot" and one["value"] is None for one in events):
            self.loop = None
            return True
        if not events and not opened and not back:
            self.slots = before
            return False
        self._apply(self._events(ask))
        self.slots["requested_slot"] = name.replace("_form", "_step")
        return True

    def _run(self, action: Action, name: str) -> str | None:
        events = self._events(action)
        self._apply([one for one in events if one["event"] == "slot"])
        self.events.append({"event": "action", "name": name})
        return next((one["name"] for one in events if one["event"] == "followup"), None)

    def _events(self, action: Action) -> list[dict[str, Any]]:
        loop = {"name": self.loop} if self.loop else {}
        tracker = Tracker("c", dict(self.slots), self.latest, self.events, False, None, loop, "action_listen")
        return list(action.run(self.dispatcher, tracker, {}))

    def _apply(self, events: list[dict[str, Any]]) -> None:
        self.slots.update({one["name"]: one["value"] for one in events if one["event"] == "slot"})
