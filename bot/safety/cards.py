"""Safety cards: the fixed text of a category with contacts that answer now.

Texts, lists and rules are those of data/safety/cards.yml; numbers come from the directory. A card is an ordinary bubble:
at most three contacts, an open line first, never only closed ones, and a control to hide it.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from bot.conversation.messages import Button, Contact, Private, Reply, Verdict
from bot.data_files import load
from bot.directory import Directory

MOST_CONTACTS = 3
ALWAYS_OPEN_FIRST = "emergency_999"
QUIET_BUTTONS = {"Exit": "gateway:exit", "Numbers": "gateway:numbers", "Go on": "gateway:go_on"}
_PLACE = re.compile(r"\{(\w+)\.phone\}")


class _Category(msgspec.Struct, frozen=True):
    id: str
    mode: str
    say_first: str
    offer_first: list[str]
    offer_interrupt: list[str]
    never_say: list[str]
    offer_night: list[str] = []
    offer_first_men: list[str] = []
    offer_interrupt_men: list[str] = []
    offer_first_under_18: list[str] = []
    offer_interrupt_under_18: list[str] = []
    offer_first_adult: list[str] = []
    offer_interrupt_adult: list[str] = []
    say_first_adult: str = ""
    say_unknown_age: str = ""


class _HealthLine(msgspec.Struct, frozen=True):
    id: str
    text: str
    signed_by: str | None
    signed_on: str | None


class _File(msgspec.Struct, frozen=True):
    first_words: dict[str, str]
    health_lines: list[_HealthLine]
    categories: list[_Category]


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """data/safety/words.en.yml: what stands around a card."""

    version: int
    emergency: str
    reminder: str
    hide: str
    answer: str
    numbers: str


class Cards:
    """Makes cards.

    Args:
        file: data/safety/cards.yml.
        words: data/safety/words.en.yml.
        directory: the services, with their numbers and hours.
    """

    def __init__(self, file: _File, words: _Words, directory: Directory) -> None:
        self._categories = {category.id: category for category in file.categories}
        self._health = {line.id: line.text for line in file.health_lines}
        self._first_words, self._words, self._directory = file.first_words, words, directory

    def card(
        self,
        verdict: Verdict,
        *,
        now: datetime,
        repeated: bool = False,
        under_18: bool | None = None,
        man: bool = False,
        text: str = "",
    ) -> Reply:
        """The card for what the gate found.

        Args:
            verdict: the category, how to show it, and whether it is happening now.
            now: decides which lines are open.
            repeated: a full card of this kind has been shown; one line is enough.
            under_18, man: what the person has said about themselves, where they have.
            text: the message, for what depends on its words.
        """
        category = self._categories[verdict.category]
        private = Private(safety=category.id)
        if verdict.mode == "quiet":
            buttons = [Button(title=title, payload=payload) for title, payload in QUIET_BUTTONS.items()]
            return Reply(text=category.say_first, display="quiet", buttons=buttons, private=private)
        contacts = self._contacts(self._offer(category, verdict, now, under_18, man), now)
        hide = Button(title=self._words.hide, payload="gateway:hide")
        buttons = [Button(title=self._words.answer, payload="gateway:answer"), hide]
        if verdict.mode != "interrupt":
            buttons = [hide]
        if repeated:
            return Reply(
                text=self._words.reminder, display="card", contacts=contacts[:2], buttons=buttons, private=private
            )
        lines = [self._health[line] for line in verdict.health_lines[:1]] + [self._say(category, under_18)]
        return Reply(text="\n\n".join(lines), display="card", contacts=contacts, buttons=buttons, private=private)

    def numbers(self, now: datetime) -> Reply:
        """What stands behind "Numbers" on the quiet card: bare numbers, no names."""
        return Reply(text=self._fill(self._words.numbers), display="plain")

    def first_words(self, controller: str, staff_console: bool) -> str:
        """What is said before anything is typed."""
        words = self._first_words["with_console" if staff_console else "without_console"]
        return words.replace("{controller}", controller)

    def emergency_line(self) -> str:
        """The one honest line that goes with every failure."""
        return self._words.emergency

    def _say(self, category: _Category, under_18: bool | None) -> str:
        text = category.say_first
        if category.say_unknown_age and under_18 is None:
            text = category.say_unknown_age
        elif category.say_first_adult and under_18 is False:
            text = category.say_first_adult
        return self._fill(text)

    def _fill(self, text: str) -> str:
        """Numbers in place of `{id.phone}`; a sentence whose number may not be shown is left out."""
        kept = []
        for sentence in re.split(r"(?<=[.!?]) ", text):
            services = _PLACE.findall(sentence)
            if all(self._directory.services[s].number and self._directory.may_show_in_danger(s) for s in services):
                kept.append(_PLACE.sub(lambda m: str(self._directory.services[m[1]].number), sentence))
        return " ".join(kept)

    def _offer(
        self, category: _Category, verdict: Verdict, now: datetime, under_18: bool | None, man: bool
    ) -> list[str]:
        """The list of cards.yml that fits: how urgent, who, and what is open."""
        urgent = verdict.now or (category.mode == "interrupt" and category.id != "suicide_self_harm")
        kind = "offer_interrupt" if urgent else "offer_first"
        who = "_under_18" if under_18 else "_adult" if under_18 is False else "_men" if man else ""
        offer: list[str] = getattr(category, kind + who, []) or getattr(category, kind)
        if category.id == "child_at_risk" and under_18 is None:
            offer = list(dict.fromkeys([*category.offer_interrupt, *category.offer_interrupt_adult]))
        if kind == "offer_first" and category.offer_night and not who and self._some_closed(offer, now):
            offer = category.offer_night
        return offer

    def _some_closed(self, offer: list[str], now: datetime) -> bool:
        return any(self._directory.services[service].is_open(now) is False for service in offer)

    def _contacts(self, offer: list[str], now: datetime) -> list[Contact]:
        shown = [service for service in offer if self._directory.may_show_in_danger(service)]
        is_open = {service: self._directory.services[service].is_open(now) for service in shown}
        ordered = sorted(shown, key=lambda service: not is_open[service])
        if not any(is_open.values()):
            ordered.insert(0, ALWAYS_OPEN_FIRST)
        return [self._directory.contact(service, now) for service in ordered[:MOST_CONTACTS]]


def load_cards(data: Path, directory: Directory) -> Cards:
    """Read the cards.

    Raises:
        DataError: a file does not fit.
    """
    safety = data / "safety"
    return Cards(load(safety / "cards.yml", _File), load(safety / "words.en.yml", _Words), directory)


def unsigned(data: Path) -> list[str]:
    """Ids of the health lines that nobody has signed (principle medical_not_hedged)."""
    lines: list[Any] = load(data / "safety" / "cards.yml", _File).health_lines
    return [line.id for line in lines if not (line.signed_by and line.signed_on)]
