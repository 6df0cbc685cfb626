"""Answers about rights: the answer itself, follow-ups on the last one, and choices when a question was not clear."""

from typing import Any

import msgspec
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import LAST_TOPIC, answers, buttons, intent, recognised, say, situation
from actions.enhanced import closed, go_on, typed_answer
from actions.referral import form
from actions.referral_words import offered
from actions.rights_clock import offer
from bot.conversation.messages import Button, Reply
from bot.rights.answers import FollowUp, Situation, intent_of, topic_of

FOLLOW_UPS: dict[str, FollowUp] = {
    "how_long_followup": "how_long",
    "who_followup": "who",
    "what_if_not_followup": "what_if_not",
    "source_followup": "source",
    "tell_me_more": "more",
}
SELF_REFERRAL = "right_04/self_referral"
CHOICES = 3
LEAST_CHANCE = 0.15
MOST_WORDS_OF_A_FOLLOW_UP = 9


class ActionAnswer(Action):
    """Answer a question about a topic and remember the topic for follow-ups."""

    def name(self) -> str:
        """Name in domain.yml."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the answer to the topic that was asked about."""
        topic = topic_of(intent(tracker))
        two = [topic_of(name) for name in tracker.latest_message.get("two_topics") or []]
        replies = both(two, situation(tracker)) if topic in two else answers().answer(topic, situation(tracker))
        if topic == SELF_REFERRAL:
            replies = offered(replies, form(tracker).words.buttons["ask"], tracker)
        replies, remembered = recognised(tracker, replies)
        for reply in replies:
            say(dispatcher, reply)
        return [SlotSet(LAST_TOPIC, topic), *remembered, *closed(tracker), *offer(tracker)]


def both(topics: list[str], known: Situation) -> list[Reply]:
    """The answers to two questions in one message: the first bubble of each, and a button to the rest of each."""
    edition = answers().catalogue.edition(known.today)
    titles = {topic: answers().catalogue.title(topic, edition) for topic in topics}
    more = [Button(title=title, payload="/" + intent_of(topic)) for topic, title in titles.items()]
    first = [answers().answer(topic, known)[0] for topic in topics]
    said = [
        msgspec.structs.replace(reply, text=f"{titles[topic]}\n\n{reply.text}", buttons=[])
        for topic, reply in zip(topics, first, strict=True)
    ]
    return [*said[:-1], msgspec.structs.replace(said[-1], buttons=more)]


class ActionFollowUp(Action):
    """Answer "how long?", "who?", "what if not?", "where from?" and "tell me more" about the last topic."""

    def name(self) -> str:
        """Name in domain.yml."""
        return "action_follow_up"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say more about the last topic, or ask which one is meant."""
        topic = tracker.get_slot(LAST_TOPIC)
        if topic:
            replies = answers().follow_up(topic, FOLLOW_UPS[intent(tracker)], situation(tracker))
        else:
            phrases = answers().phrases
            replies = [Reply(text=phrases.no_topic_yet, buttons=buttons(phrases.service["greet"].buttons))]
        for reply in replies:
            say(dispatcher, reply)
        return offer(tracker)


class ActionOfferChoices(Action):
    """When a question was not clear: up to three named topics and "none of these"; never a guess."""

    def name(self) -> str:
        """Name in domain.yml."""
        return "action_offer_choices"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Offer the best-ranked topics; without any, say what can be asked. "Not sure" may answer an open question."""
        if answer := typed_answer(tracker):
            return go_on(dispatcher, tracker, answer)
        known = answers().catalogue.base.topics
        ranked = {topic_of(e["name"]): e["confidence"] for e in tracker.latest_message.get("intent_ranking", [])}
        topics = [topic for topic in ranked if topic in known][:CHOICES]
        phrases = answers().phrases
        last = tracker.get_slot(LAST_TOPIC)
        events: list[dict[str, Any]] = []
        # A question that is hardly about a right at all gets no list of rights that do not fit.
        fits = sum(ranked[topic] for topic in topics) >= LEAST_CHANCE
        if last and len((tracker.latest_message.get("text") or "").split()) <= MOST_WORDS_OF_A_FOLLOW_UP:
            # "Does that cost?" is no question by itself: after an answer it is one about that answer.
            replies = still_about(last, topics if fits else [], situation(tracker))
        elif fits:
            replies = [answers().choices(topics, phrases.did_you_mean, situation(tracker))]
            # "How long?" without a choice made is about the likeliest of them.
            events = [SlotSet(LAST_TOPIC, last or topics[0])]
        else:
            replies = [Reply(text=phrases.nothing_fits, buttons=buttons(phrases.service["greet"].buttons))]
        replies, remembered = recognised(tracker, replies)
        for reply in replies:
            say(dispatcher, reply)
        return [*events, *remembered, *offer(tracker)]


def still_about(topic: str, others: list[str], known: Situation) -> list[Reply]:
    """More on the last topic, named, and a choice between what else may have been meant.

    Args:
        topic: the topic last answered.
        others: topics that the message may be about instead; the last one is left out.
        known: the person's situation.
    """
    words = answers()
    title = words.catalogue.title(topic, words.catalogue.edition(known.today))
    first, *rest = words.follow_up(topic, "more", known)
    said = [
        msgspec.structs.replace(first, text=f"{words.phrases.still_about.format(title=title)}\n\n{first.text}"),
        *rest,
    ]
    others = [one for one in others if one != topic]
    return [*said, words.choices(others, words.phrases.something_else, known)] if others else said
