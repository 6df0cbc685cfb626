"""One turn of Rasa: a request in, events, replies and commands out. Nothing is kept between turns."""

from bot.engine import quiet  # isort: skip  (before Rasa)

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor
from threadpoolctl import ThreadpoolController

from bot.conversation.flows import open_form
from bot.conversation.messages import Command, Opinion, Reply, Request, Response, Understanding
from bot.engine.model import checked_model
from bot.engine.second_opinion import SECOND_OPINION
from bot.engine.topic_classifier import LAST_TOPIC

RANKING = 40
PRIVATE_SLOTS = frozenset({"case", "referral", "sent_referral", "clock", "paper", "happened", "hand_off"})
"""States of forms, and confirmed days: they are carried on as they stand now, and never kept as they stood before."""


class InProcessActions(EndpointConfig):
    """The action "endpoint" of an engine: runs the actions here instead of asking a server."""

    def __init__(self, package: str = "actions") -> None:
        # With selective domains Rasa does not serialise the whole domain for each call.
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, method: str = "post", **kwargs: Any) -> Any:
        """Run the action named in `kwargs["json"]`."""
        return await self._executor.run(kwargs["json"])


class TurnTrackers(TrackerStore):
    """Holds the tracker of the one conversation being worked on; the gateway stores what comes of it."""

    def __init__(self, domain: Domain) -> None:
        super().__init__(domain)
        self.current: DialogueStateTracker | None = None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker for `Brain` to read."""
        self.current = tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of the turn under way."""
        return self.current

    async def keys(self) -> Sequence[str]:
        """Nothing is listed."""
        return []


class Collector(OutputChannel):
    """Collects what actions say, whole, so that our replies keep their metadata."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """Name of the channel inside Rasa."""
        return "gateway"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one response."""
        self.said.append(message)


class Brain:
    """A loaded model that answers requests one at a time.

    Args:
        models: the folder with the model and its manifest.

    Raises:
        bot.engine.model.ModelError: there is no model, or it is not the one the manifest names.
    """

    def __init__(self, models: Path) -> None:
        quiet.silence()
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._trackers = TurnTrackers(Domain.empty())
        self._agent = Agent.load(
            checked_model(models), tracker_store=self._trackers, action_endpoint=InProcessActions()
        )
        self._threads = ThreadpoolController()

    def answer(self, request: Request) -> Response:
        """Work one turn."""
        # The sentence encoder is the only part that uses OpenMP, and what most of a long message's time goes into.
        with self._threads.limit(limits=request.threads, user_api="openmp"):
            return self._loop.run_until_complete(self._answer(request))

    async def _answer(self, request: Request) -> Response:
        domain = self._agent.domain
        history = deserialise_events([*request.carry, *request.events])
        known_before = bool(history)
        if not history:
            # A conversation that starts here: Rasa would otherwise run its own session start first.
            history = [ActionExecuted("action_session_start"), ActionExecuted("action_listen")]
        tracker = DialogueStateTracker.from_events(request.conversation, history, domain.slots, domain=domain)
        if known_before:
            _put_form_away(tracker, request.carry)
        known = len(tracker.events)
        self._trackers.current = tracker
        collector = Collector()
        await self._agent.handle_message(
            UserMessage(
                request.payload or request.text,
                collector,
                request.conversation,
                input_channel=Collector.name(),
                message_id=request.message,
                # The topic of the last answer helps to read a short follow-up.
                metadata={**request.context, LAST_TOPIC: tracker.get_slot(LAST_TOPIC)},
            )
        )
        tracker = self._trackers.current
        # What was said is stored as replies; Rasa's rules never look at it, and each turn would carry it along.
        fresh = list(tracker.events)[known if known_before else 0 :]
        new = [event for event in fresh if not isinstance(event, BotUttered)]
        replies, commands = _said(collector.said)
        return Response(
            events=[_without_words(event) for event in new if not _is_private(event)],
            carry=[event.as_dict() for event in _carry(tracker)],
            replies=replies,
            commands=commands,
            understanding=_understanding(tracker),
        )


def _put_form_away(tracker: DialogueStateTracker, carry: Sequence[Mapping[str, Any]]) -> None:
    """What is carried tells whether a form is open, whatever recent events say: the gateway may have put it away."""
    name = open_form(carry)
    if tracker.active_loop_name == name:
        return
    asked = next((event["value"] for event in carry if event.get("name") == REQUESTED_SLOT), None)
    tracker.update(ActiveLoop(name))
    tracker.update(SlotSet(REQUESTED_SLOT, asked))


def _said(said: list[dict[str, Any]]) -> tuple[list[Reply], list[Command]]:
    """Our replies and commands travel in Rasa's `custom` part; plain Rasa responses become plain replies."""
    replies: list[Reply] = []
    commands: list[Command] = []
    for message in said:
        custom = message.get("custom") or {}
        if "reply" in custom:
            replies.append(msgspec.convert(custom["reply"], Reply))
        elif "command" in custom:
            commands.append(msgspec.convert(custom["command"], Command))
        elif message.get("text"):
            replies.append(Reply(text=message["text"]))
    return replies, commands


def _is_private(event: Event) -> bool:
    return isinstance(event, SlotSet) and event.key in PRIVATE_SLOTS


def _without_words(event: Event) -> dict[str, Any]:
    """An event to be kept: rules look at intents, never at what was typed."""
    kept: dict[str, Any] = event.as_dict()
    if isinstance(event, UserUttered):
        kept["text"] = ""
        kept["parse_data"] = {**kept["parse_data"], "text": "", "entities": []}
    return kept


def _carry(tracker: DialogueStateTracker) -> list[Event]:
    """What still holds when the events it came from are no longer sent: slots and an active form."""
    carry: list[Event] = [
        SlotSet(slot.name, slot.value) for slot in tracker.slots.values() if slot.value != slot.initial_value
    ]
    if tracker.active_loop_name:
        carry.append(ActiveLoop(tracker.active_loop_name))
    return [*carry, ActionExecuted("action_listen")]


def _understanding(tracker: DialogueStateTracker) -> Understanding:
    parsed = tracker.latest_message.parse_data if tracker.latest_message else {}
    intent = parsed.get("intent") or {}
    ranking = [(entry["name"], float(entry["confidence"])) for entry in parsed.get("intent_ranking", [])][:RANKING]
    danger = parsed.get(SECOND_OPINION)
    return Understanding(
        intent=intent.get("name"),
        confidence=float(intent.get("confidence") or 0.0),
        ranking=ranking,
        danger=msgspec.convert(danger, Opinion) if danger else None,
    )
