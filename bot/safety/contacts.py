"""Whom a card offers: the lists of data/safety/cards.yml, open lines first, never closed ones only."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from bot.conversation.messages import Contact
from bot.directory import LONDON, Directory, Service
from bot.language.languages import english_name
from bot.language.translations import Translations
from bot.safety.card_file import CardWords, Category, Person

MOST_CONTACTS = 3
_EMERGENCY = "emergency_999"


class Contacts:
    """Picks and words the contacts of a card.

    Args:
        words: the short fixed texts.
        directory: the services and their hours.
        translations: the same texts in other languages.
    """

    def __init__(self, words: CardWords, directory: Directory, translations: Translations) -> None:
        self._words, self._directory, self._translations = words, directory, translations

    def of(
        self,
        category: Category,
        person: Person,
        urgent: bool,
        area: str | None,
        now: datetime,
        language: str,
        also: Category | None = None,
    ) -> list[Contact]:
        """At most three contacts for a category and what the person said of themselves.

        Args:
            category: what the card is about.
            person: what they said of themselves.
            urgent: it happens now.
            area: council area, once it is known.
            now: this moment.
            language: of the notes.
            also: a second kind of danger that is about as likely; its helpline takes the last place.
        """
        offers = list(self._offers(category, person, urgent, now))
        notes: dict[str, str] = {}
        for extra in category.offer_if:
            if extra.hint in person.hints:
                offers = _with(offers, extra.add, extra.in_place_of)
                notes[extra.add] = extra.words or ""
        if category.offer_if_status and "status" in person.hints and not urgent and not person.child:
            offers = [category.offer_if_status[0], *(one for one in offers if one != "salvation_army_ms")]
        offers = self._with_local(category, person, offers, area, now)
        offers = self._with_other(also, person, offers, now)
        shown = [one for one in offers if self._directory.may_show_in_danger(one)]
        if offers and not any(self._directory.services[one].is_open(now) for one in shown):
            shown = [_EMERGENCY, *(one for one in shown if one != _EMERGENCY)]
        # Stable: open lines first, in the order of the list; then lines whose hours are not known; then closed ones.
        shown.sort(key=lambda one: {True: 0, None: 1, False: 2}[self._directory.services[one].is_open(now)])
        contacts = [self._contact(one, notes.get(one, ""), now, language) for one in shown[:MOST_CONTACTS]]
        if category.first_line and len(contacts) < MOST_CONTACTS:
            contacts.insert(0, Contact(name=self._translations.say(category.first_line, language)))
        return contacts

    def emergency_and_first(self, contacts: list[Contact], now: datetime, language: str) -> list[Contact]:
        """999 and the first of the others: what a repeated card still shows."""
        emergency = self._contact(_EMERGENCY, "", now, language)
        others = [contact for contact in contacts if contact.number not in ("", emergency.number)]
        return [emergency, *others[:1]]

    def _offers(self, category: Category, person: Person, urgent: bool, now: datetime) -> list[str]:
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

    def _with_other(self, also: Category | None, person: Person, offers: list[str], now: datetime) -> list[str]:
        """The first helpline of a second kind of danger that is open, in the last place."""
        if also is None or person.child:
            return offers
        theirs = (one for one in self._offers(also, person, False, now) if one not in (_EMERGENCY, "police_101"))
        helpline = next((one for one in theirs if self._reachable(one, now)), None)
        if helpline is None or helpline in offers:
            return offers
        return [*offers[: MOST_CONTACTS - 1], helpline]

    def _reachable(self, service: str, now: datetime) -> bool:
        return self._directory.may_show_in_danger(service) and self._directory.services[service].is_open(now) is True

    def _with_local(
        self, category: Category, person: Person, offers: list[str], area: str | None, now: datetime
    ) -> list[str]:
        """Adds the area's own service if somebody answers there now; a child's list never changes."""
        places = category.offer_local_adult if category.offer_local_adult else category.offer_local
        local = places.get(area) if area else None
        if local is None or person.child or (category.offer_local_adult and not person.about_child):
            return offers
        if not self._directory.services[local].is_open(now) or not self._directory.may_show_in_danger(local):
            return offers
        return [*offers[: MOST_CONTACTS - 1], local]

    def _contact(self, service: str, words: str, now: datetime, language: str) -> Contact:
        known = self._directory.services[service]
        state = known.is_open(now)
        said = [self._translations.say(words, language) if words else ""]
        if service == _EMERGENCY:
            said.append(self._aloud(language))
        elif state is None:
            said.append(self._translations.say(self._words.notes["unknown"], language))
        elif state is False:
            said.append(self._closed_note(known, now, language))
        contact = self._directory.contact(service, now)
        return msgspec.structs.replace(contact, note=" ".join(part for part in said if part))

    def _aloud(self, language: str) -> str:
        """The English words to say to the operator, for someone who writes in another language."""
        spoken = english_name(language)
        if language == "en" or spoken is None:
            return ""
        phrase = self._words.aloud_phrase.format(language=spoken)
        return self._translations.say(self._words.aloud, language).replace(
            "{phrase}", f"\N{LEFT DOUBLE QUOTATION MARK}{phrase}\N{RIGHT DOUBLE QUOTATION MARK}"
        )

    def _closed_note(self, service: Service, now: datetime, language: str) -> str:
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
                    say = self._translations.say
                    note = say(self._words.notes["closed"], language).format(
                        day=say(self._day(ahead, day.weekday()), language), time=_clock(opens, language)
                    )
                    return (
                        f"{note} {say(self._words.notes['differ'], language)}" if hours.get("sure") is False else note
                    )
        return self._translations.say(self._words.notes["closed_unknown"], language)

    def _day(self, ahead: int, weekday: int) -> str:
        near = {0: self._words.today, 1: self._words.tomorrow}
        return near.get(ahead, self._words.days[weekday])

    def _closed(self, service: str, now: datetime) -> bool:
        return self._directory.services[service].is_open(now) is False


def _clock(opens: datetime, language: str) -> str:
    if language != "en":
        return f"{opens:%H:%M}"
    hour = opens.strftime("%I").lstrip("0")
    return f"{hour}{opens.strftime(':%M') if opens.minute else ''}{opens.strftime('%p').lower()}"


def _with(offers: list[str], add: str, in_place_of: str | None) -> list[str]:
    if add in offers:
        return offers
    if in_place_of in offers:
        return [add if one == in_place_of else one for one in offers]
    return [*offers, add] if len(offers) < MOST_CONTACTS else offers


def services_of(category: Category) -> list[str]:
    """Every service a category may offer."""
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
