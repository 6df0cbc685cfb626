"""Everything said that is not a right: greetings, the menu, starting again, signposts, and the gate in `rasa shell`."""

import functools
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher

from actions.context import answers, buttons, directory, intent, say, settings, situation
from actions.enhanced import closed, go_on, typed_answer
from actions.forms import order
from bot.conversation.erasing import ASK as ERASE_ASK
from bot.conversation.messages import OUT_OF_SCOPE, Button, Link, Reply
from bot.directory import LONDON
from bot.rights.answers import intent_of
from bot.safety.cards import load_cards
from bot.safety.gate import Gate, load_gate


class ActionSay(Action):
    """Say the fixed words for a service intent."""

    def name(self) -> str:
        """Name in domain.yml."""
        return "action_say"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say them; the menu lists the rights. A "yes" or "no" may answer an open question."""
        if answer := typed_answer(tracker):
            return go_on(dispatcher, tracker, answer)
        name = intent(tracker)
        words = answers().phrases.service[name]
        choices = _menu(tracker) if name == "menu" else buttons(words.buttons)
        say(dispatcher, Reply(text=words.text, buttons=choices, display="choice" if name == "menu" else "plain"))
        if name == "delete_my_data":
            # The gateway knows what was sent and what must be kept, and puts its own words here.
            order(dispatcher, ERASE_ASK)
        return closed(tracker) if name == "deny" else []


class ActionRestart(ActionSay):
    """Start again: say so, and forget the topic and what the person chose to tell."""

    def name(self) -> str:
        """Name in domain.yml; it overrides Rasa's own."""
        return "action_restart"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say it and forget."""
        super().run(dispatcher, tracker, domain)
        return [AllSlotsReset()]


def _menu(tracker: Tracker) -> list[Button]:
    """A button for the Code and for each right, its first topic, and for what can be done here besides."""
    catalogue = answers().catalogue
    first: dict[int | None, str] = {}
    for topic in catalogue.base.topics.values():
        first.setdefault(topic.right, topic.id)
    edition = catalogue.edition(situation(tracker).today)
    rights = [Button(title=catalogue.title(topic, edition), payload="/" + intent_of(topic)) for topic in first.values()]
    besides = [choice for choice in answers().phrases.with_topics if choice.in_menu]
    return [*rights, *buttons(besides)]


class ActionSignpost(Action):
    """Say that this is not what we can help with, and who can."""

    def name(self) -> str:
        """Name in domain.yml."""
        return "action_signpost"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the signpost of the class that was understood, and what we can do."""
        phrases = answers().phrases
        signpost = phrases.signposts[intent(tracker).removeprefix(OUT_OF_SCOPE)]
        now = datetime.now(LONDON)
        services = directory(situation(tracker).demo)
        say(
            dispatcher,
            Reply(
                text=f"{signpost.text} {phrases.signpost_end}",
                links=[Link(title=signpost.link, url=signpost.url)] if signpost.url else [],
                contacts=[services.contact(service, now) for service in signpost.services],
                buttons=buttons(phrases.service["greet"].buttons),
            ),
        )
        return []


class ActionSafetyCard(Action):
    """The safety card in `rasa shell`. Behind the gateway the card has been shown before Rasa is asked."""

    def name(self) -> str:
        """Name in domain.yml."""
        return "action_safety_card"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Show the card for what the latest message says."""
        verdict = _gate().check(tracker.latest_message.get("text") or "")
        if verdict:
            cards = load_cards(settings().data_path, directory(settings().demo))
            say(dispatcher, cards.card(verdict, now=datetime.now(LONDON)))
        return []


@functools.cache
def _gate() -> Gate:
    return load_gate(settings().data_path, settings().models_path)
