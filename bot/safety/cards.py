"""The cards of the safety gate: fixed words and open lines, never anything generated.

What each category says and offers stands in data/safety/cards.yml, whose principles this module keeps: at most three
short lines and three contacts, open lines first, no number that the directory does not allow, no card with closed
lines only, and a quiet card that holds nothing the person beside her could understand.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from bot.conversation.messages import Button, Contact, Private, Reply, Verdict
from bot.data_files import DataError, load
from bot.directory import LONDON, Directory, Service
from bot.safety.patterns import Hints

MOST_LINES = 3
MOST_WORDS = 45
MOST_CONTACTS = 3
_EMERGENCY = "emergency_999"
_PHONE = re.compile(r"\{(\w+)\.phone\}")
_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z])")


class _OfferIf(msgspec.Struct, frozen=True):
    hint: str
    add: str
    in_place_of: str | None = None
    words: str | None = None


class _HealthLine(msgspec.Struct, frozen=True):
    id: str
    text: str
    medical: bool = False
    signed_by: str | None = None
    signed_on: str | None = None


class _Category(msgspec.Struct, frozen=True):
    id: str
    say_first: str
    offer_first: list[str]
    offer_interrupt: list[str]
    interrupt_when: str | None = None
    offer_first_men: list[str] | None = None
    offer_first_under_18: list[str] | None = None
    offer_first_adult: list[str] | None = None
    offer_interrupt_men: list[str] | None = None
    offer_interrupt_under_18: list[str] | None = None
    offer_interrupt_adult: list[str] | None = None
    offer_night: list[str] | None = None
    offer_local: dict[str, str] = {}
    offer_local_adult: dict[str, str] = {}
    offer_if: list[_OfferIf] = []
    offer_if_status: list[str] = []
    offer_first_accused_victim: list[str] | None = None
    offer_first_wants_to_stop: list[str] | None = None
    first_line: str | None = None
    card: list[str] | None = None
    card_men: list[str] | None = None
    card_under_18: list[str] | None = None
    child_words: str | None = None
    say_first_adult: str | None = None
    say_unknown_age: str | None = None
    say_for_someone_else: str | None = None
    say_if_fgm: str | None = None
    say_if_airport: str | None = None
    say_if_abroad: str | None = None
    say_if_status: str | None = None
    say_accused_victim: str | None = None
    say_wants_to_stop: str | None = None


class _CardFile(msgspec.Struct, frozen=True):
    first_words: dict[str, str]
    health_lines: list[_HealthLine]
    categories: list[_Category]


class _Words(msgspec.Struct, frozen=True):
    emergency: str
    repeated: str
    numbers: list[str]
    buttons: dict[str, str]
    notes: dict[str, str]
    days: list[str]
    today: str
    tomorrow: str


class _Person(msgspec.Struct, frozen=True):
    """What the person has said of themselves, as far as it changes a card."""

    hints: frozenset[str]
    man: bool
    child: bool
    about_child: bool


class Cards:
    """Makes the card that goes with a verdict.

    Args:
        file: data/safety/cards.yml.
        words: data/safety/words.en.yml.
        hints: finds what a message says of the person.
        directory: the services and their hours.

    Raises:
        DataError: a card names a service that is not in the directory.
    """

    def __init__(self, file: _CardFile, words: _Words, hints: Hints, directory: Directory) -> None:
        self._categories = {category.id: category for category in file.categories}
        self._health = {line.id: line for line in file.health_lines}
        self._first_words, self._words, self._hints, self._directory = file.first_words, words, hints, directory
        named = {service for category in file.categories for service in _services(category)}
        unknown = named - set(directory.services)
        if unknown:
            raise DataError(f"data/safety/cards.yml: not in the directory: {', '.join(sorted(unknown))}")

    @property
    def unsigned(self) -> list[str]:
        """Medical lines that the safeguarding lead and a clinician have not signed; none may be left at launch."""
        return [line.id for line in self._health.values() if line.medical and not (line.signed_by and line.signed_on)]

    def card(
        self,
        verdict: Verdict,
        *,
        now: datetime,
        repeated: bool = False,
        under_18: bool | None = None,
        man: bool = False,
        deaf: bool = False,
        area: str | None = None,
        text: str = "",
    ) -> Reply:
        """The card for a verdict.

        Args:
            verdict: what the gate found.
            now: this moment, with its time zone.
            repeated: this kind of card was shown before in the conversation; then one line only.
            under_18: the person's age where it is known.
            man: the person has said that he is a man.
            deaf: the person is deaf or cannot speak at all.
            area: council area, once it is known.
            text: the message, for what it says of the person ("I'm 12", "from prison"); nothing of it is shown.

        Returns:
            A reply of display `card`, or `quiet` where the person is watched.
        """
        category = self._categories[verdict.category]
        private = Private(safety=verdict.category)
        if verdict.mode == "quiet":
            buttons = [self._button(name) for name in ("exit", "numbers", "go_on")]
            return Reply(text=category.say_first, display="quiet", buttons=buttons, private=private)
        person = self._person(under_18, man, deaf, text)
        urgent = verdict.mode == "interrupt" and (category.interrupt_when is None or verdict.now)
        contacts = self._contacts(category, person, urgent, area, now)
        if repeated:
            said = self._words.repeated
            contacts = self._emergency_and_first(contacts, now)
        else:
            said = "\n".join(self._lines(category, person, urgent, verdict.health_lines))
        buttons = [self._button("answer")] if verdict.mode == "interrupt" else []
        return Reply(
            text=said, display="card", contacts=contacts, buttons=[*buttons, self._button("hide")], private=private
        )

    def numbers(self, now: datetime) -> Reply:
        """The bare numbers behind the quiet card's button: no names and no word about what they are for."""
        lines = [line for line in map(self._filled, self._words.numbers) if line]
        return Reply(text="\n".join(lines), display="plain")

    def first_words(self, controller: str, staff_console: bool) -> str:
        """The first words of every conversation.

        Args:
            controller: who runs the service, from the settings.
            staff_console: staff can be alerted and may read along then.
        """
        kind = "with_console" if staff_console else "without_console"
        return self._first_words[kind].replace("{controller}", controller)

    def emergency_line(self) -> str:
        """The one line said when parts of the service fail."""
        return self._words.emergency

    def _person(self, under_18: bool | None, man: bool, deaf: bool, text: str) -> _Person:
        hints = self._hints.found(text) | ({"deaf"} if deaf else frozenset())
        child = under_18 is True or (under_18 is None and "under_18" in hints)
        about_child = not child and (under_18 is False or "adult_about_child" in hints)
        return _Person(hints=hints, man=man or "man" in hints, child=child, about_child=about_child)

    # ------------------------------------------------------------------ words

    def _lines(self, category: _Category, person: _Person, urgent: bool, health: list[str]) -> list[str]:
        """At most three lines and 45 words: health first, then 999, then what the situation asks for, then the rest."""
        own = self._own_lines(category, person)
        extra = self._extra_lines(category, person, urgent)
        signs = [sign for sign in health if not (sign == "strangled" and "strangling_now" in health)]
        ranked = [
            *(self._health[sign].text for sign in signs),
            *extra,
            *(line for line in own if "999" in line),
            *(line for line in own if "999" not in line),
        ]
        kept: list[str] = []
        for line in ranked:
            if len(kept) < MOST_LINES and _count([*kept, line]) <= MOST_WORDS:
                kept.append(line)
        order = [*own[:1], *ranked[: len(signs)], *extra, *own[1:]]
        return sorted(kept, key=order.index)

    def _own_lines(self, category: _Category, person: _Person) -> list[str]:
        if category.child_words and (person.child or person.about_child):
            category = self._categories[category.child_words]
        lines = category.card
        if person.child and category.card_under_18:
            lines = category.card_under_18
        elif person.man and category.card_men:
            lines = category.card_men
        said = _said(category, person)
        if lines is None or said is not category.say_first:
            lines = _SENTENCE.split(said)
        filled = [line for line in map(self._filled, lines) if line]
        while len(filled) > MOST_LINES and _count(filled[:2]) <= MOST_WORDS // 2:
            filled[:2] = [" ".join(filled[:2])]
        return filled

    def _extra_lines(self, category: _Category, person: _Person, urgent: bool) -> list[str]:
        lines = [
            category.say_if_airport if "airport" in person.hints else None,
            category.say_if_abroad if "abroad" in person.hints and "airport" not in person.hints else None,
            category.say_if_status if "status" in person.hints and not urgent and not person.child else None,
        ]
        return [filled for line in lines if line and (filled := self._filled(line))]

    def _filled(self, line: str) -> str | None:
        """The line with the numbers filled in; None where one of them may not be shown."""
        for service in _PHONE.findall(line):
            number = self._number(service)
            if number is None:
                return None
            line = line.replace(f"{{{service}.phone}}", number)
        return line

    def _number(self, service: str) -> str | None:
        known = self._directory.services[service]
        return known.number if self._directory.may_show_in_danger(service) else None

    def _button(self, name: str) -> Button:
        return Button(title=self._words.buttons[name], payload=f"gateway:{name}")

    # ------------------------------------------------------------------ contacts

    def _contacts(
        self, category: _Category, person: _Person, urgent: bool, area: str | None, now: datetime
    ) -> list[Contact]:
        offers = list(self._offers(category, person, urgent, now))
        notes: dict[str, str] = {}
        for extra in category.offer_if:
            if extra.hint in person.hints:
                offers = _with(offers, extra.add, extra.in_place_of)
                notes[extra.add] = extra.words or ""
        if category.offer_if_status and "status" in person.hints and not urgent and not person.child:
            offers = [category.offer_if_status[0], *(one for one in offers if one != "salvation_army_ms")]
        offers = self._with_local(category, person, offers, area, now)
        shown = [one for one in offers if self._directory.may_show_in_danger(one)]
        if offers and not any(self._directory.services[one].is_open(now) for one in shown):
            shown = [_EMERGENCY, *(one for one in shown if one != _EMERGENCY)]
        # Stable: open lines first, in the order of the list; then lines whose hours are not known; then closed ones.
        shown.sort(key=lambda one: {True: 0, None: 1, False: 2}[self._directory.services[one].is_open(now)])
        contacts = [self._contact(one, notes.get(one, ""), now) for one in shown[:MOST_CONTACTS]]
        if category.first_line and len(contacts) < MOST_CONTACTS:
            contacts.insert(0, Contact(name=category.first_line))
        return contacts

    def _offers(self, category: _Category, person: _Person, urgent: bool, now: datetime) -> list[str]:
        if category.say_wants_to_stop and "wants_to_stop" in person.hints:
            return category.offer_first_wants_to_stop or []
        if category.say_accused_victim and "accused_victim" in person.hints:
            return category.offer_first_accused_victim or []
        if urgent:
            usual, men = category.offer_interrupt, category.offer_interrupt_men
            child, adult = category.offer_interrupt_under_18, category.offer_interrupt_adult
        else:
            usual, men = category.offer_first, category.offer_first_men
            child, adult = category.offer_first_under_18, category.offer_first_adult
        if person.child and child:
            return child
        if person.about_child and adult:
            return adult
        if person.man and men:
            return men
        if not urgent and category.offer_night and any(self._closed(one, now) for one in usual):
            return category.offer_night
        return usual

    def _with_local(
        self, category: _Category, person: _Person, offers: list[str], area: str | None, now: datetime
    ) -> list[str]:
        """Adds the area's own service if somebody answers there now; a child's list never changes."""
        places = category.offer_local_adult if category.offer_local_adult else category.offer_local
        local = places.get(area) if area else None
        if local is None or person.child or (category.offer_local_adult and not person.about_child):
            return offers
        if not self._directory.services[local].is_open(now) or not self._directory.may_show_in_danger(local):
            return offers
        return [*offers[: MOST_CONTACTS - 1], local]

    def _contact(self, service: str, words: str, now: datetime) -> Contact:
        contact = self._directory.contact(service, now)
        known = self._directory.services[service]
        note = self._closed_note(known, now) if known.is_open(now) is False else contact.note
        return msgspec.structs.replace(contact, note=" ".join(part for part in (words, note) if part))

    def _closed_note(self, service: Service, now: datetime) -> str:
        """When a closed line opens again."""
        hours: dict[str, Any] = service.open if isinstance(service.open, dict) else {}
        local = now.astimezone(LONDON)
        for ahead in range(15):
            day = local.date() + timedelta(days=ahead)
            for span in hours.get("weekly", {}).get(
                ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()], []
            ):
                hour, _, minute = span.partition("-")[0].partition(":")
                opens = datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=LONDON)
                if opens > local and service.is_open(opens):
                    name = self._day(ahead, day.weekday())
                    note = self._words.notes["closed"].format(day=name, time=_clock(opens))
                    return f"{note} {self._words.notes['differ']}" if hours.get("sure") is False else note
        return self._words.notes["closed_unknown"]

    def _day(self, ahead: int, weekday: int) -> str:
        near = {0: self._words.today, 1: self._words.tomorrow}
        return near.get(ahead, self._words.days[weekday])

    def _closed(self, service: str, now: datetime) -> bool:
        return self._directory.services[service].is_open(now) is False

    def _emergency_and_first(self, contacts: list[Contact], now: datetime) -> list[Contact]:
        emergency = self._contact(_EMERGENCY, "", now)
        others = [contact for contact in contacts if contact.number not in ("", emergency.number)]
        return [emergency, *others[:1]]


def load_cards(data: Path, directory: Directory) -> Cards:
    """The cards under `data`.

    Args:
        data: the data folder.
        directory: the services.

    Raises:
        DataError: a file does not fit, or a card names an unknown service.
    """
    safety = data / "safety"
    return Cards(load(safety / "cards.yml", _CardFile), load(safety / "words.en.yml", _Words), Hints(data), directory)


def _said(category: _Category, person: _Person) -> str:
    """Which of a category's fixed texts fits what the person said of themselves."""
    choices = [
        (category.say_wants_to_stop, "wants_to_stop" in person.hints),
        (category.say_accused_victim, "accused_victim" in person.hints),
        (category.say_if_fgm, "cutting" in person.hints),
        (category.say_first_adult, person.about_child),
        (category.say_unknown_age, not person.child),
        (category.say_for_someone_else, "someone_else" in person.hints),
    ]
    return next((text for text, fits in choices if text and fits), category.say_first)


def _with(offers: list[str], add: str, in_place_of: str | None) -> list[str]:
    if add in offers:
        return offers
    if in_place_of in offers:
        return [add if one == in_place_of else one for one in offers]
    return [*offers, add] if len(offers) < MOST_CONTACTS else offers


def _services(category: _Category) -> list[str]:
    lists: list[str] = []
    for name in category.__struct_fields__:
        value = getattr(category, name)
        if name.startswith("offer_local"):
            lists += value.values()
        elif name == "offer_if":
            lists += [extra.add for extra in value] + [extra.in_place_of for extra in value if extra.in_place_of]
        elif name.startswith("offer_") and value:
            lists += value
    return lists


def _count(lines: list[str]) -> int:
    return sum(len(line.split()) for line in lines)


def _clock(opens: datetime) -> str:
    hour = opens.strftime("%I").lstrip("0")
    return f"{hour}{opens.strftime(':%M') if opens.minute else ''}{opens.strftime('%p').lower()}"
