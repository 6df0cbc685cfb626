"""What is said beside the referral form: who else can help, where the form ends, and when to ring oneself."""

from datetime import datetime

import msgspec
from rasa_sdk import Tracker

from actions.context import directory, situation
from bot.conversation.messages import Button, Contact, Reply
from bot.directory import LONDON
from bot.referrals.draft import Draft, Form
from bot.referrals.routes import Route

REFERRAL_OFF = "off"
GUARDED = "honour_based"
"""The words for people whose family or community may be part of it are those for this kind of crime."""


def way_of(tracker: Tracker) -> str:
    """How referrals leave: `webhook`, `email`, `demo` or `off`; without a gateway (`rasa shell`) nothing does."""
    return str((tracker.latest_message.get("metadata") or {}).get("referral", "demo"))


def offered(replies: list[Reply], title: str, tracker: Tracker) -> list[Reply]:
    """An answer on contacting support yourself, with a button that opens the form, where there is one."""
    if way_of(tracker) == REFERRAL_OFF or not replies:
        return replies
    ask = Button(title=title, payload="/referral")
    return [*replies[:-1], msgspec.structs.replace(replies[-1], buttons=[ask, *replies[-1].buttons])]


def contacts(services: list[str], tracker: Tracker) -> list[Contact]:
    """Services as lines of a card; one that may not be shown is left out, 999 never."""
    known, now = directory(situation(tracker).demo), datetime.now(LONDON)
    return [known.contact(one, now) for one in services if known.services[one].showable]


def ring_yourself(tracker: Tracker) -> list[Contact]:
    """The number of Victim Support."""
    return contacts(["victim_support"], tracker)


def ended(form: Form, route: Route, tracker: Tracker) -> list[Reply]:
    """What is said where the answers lead to no form: numbers, or a person and numbers meanwhile."""
    text = form.words.nowhere_safe if route.do_not_send else form.words.routes[route.reason]
    person = [Button(title=form.words.buttons["person"], payload="/speak_to_human")] if route.way == "person" else []
    return [Reply(text=text, display="card", contacts=contacts(route.services, tracker), buttons=person)]


def beside(
    form: Form, draft: Draft, route: Route | None, told: list[str], tracker: Tracker
) -> tuple[Reply | None, list[str]]:
    """Whom to ring oneself while the form goes on, each said once: with the route, the crime and the family told.

    Args:
        form: the questions.
        draft: the answers.
        route: where they lead; None while that is open.
        told: what was said already.
        tracker: for the day and mode.

    Returns:
        What to say, if anything, and what is said then.
    """
    if route is None:
        return None, told
    crime = draft.answers.get("crime")
    groups = {route.reason: (form.words.routes[route.reason], form.routes.routes[route.reason].services)}
    if route.guarded:
        groups[GUARDED] = (form.words.crimes[GUARDED], form.routes.guarded)
    if isinstance(crime, str) and crime in form.routes.crimes:
        groups[crime] = (form.words.crimes[crime], form.routes.crimes[crime])
    fresh = [name for name in groups if name not in told]
    if not fresh:
        return None, told
    lines = [groups[name][0] for name in fresh]
    services = list(dict.fromkeys(one for name in fresh for one in groups[name][1]))
    return Reply(text="\n".join(lines), display="card", contacts=contacts(services, tracker)), [*told, *fresh]
