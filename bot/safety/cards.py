"""The cards of the safety gate: fixed words and open lines, never anything generated.

What each category says and offers stands in data/safety/cards.yml, whose principles this module keeps: at most three
short lines and three contacts, open lines first, no number that the directory does not allow, no card with closed
lines only, and a quiet card that holds nothing the person beside her could understand.
"""

import re
from datetime import datetime
from pathlib import Path

from bot.conversation.messages import Button, Private, Reply, Verdict
from bot.data_files import DataError, load
from bot.directory import Directory
from bot.language.languages import direction
from bot.language.translations import Translations
from bot.safety.card_file import CardFile, CardWords, Category, Person
from bot.safety.contacts import Contacts, services_of
from bot.safety.patterns import Hints

MOST_LINES = 3
MOST_WORDS = 45
_PHONE = re.compile(r"\{(\w+)\.phone\}")
_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z])")


class Cards:
    """Makes the card that goes with a verdict.

    Args:
        file: data/safety/cards.yml.
        words: data/safety/words.en.yml.
        hints: finds what a message says of the person.
        directory: the services and their hours.
        translations: the same texts in other languages.

    Raises:
        DataError: a card names a service that is not in the directory.
    """

    def __init__(
        self, file: CardFile, words: CardWords, hints: Hints, directory: Directory, translations: Translations
    ) -> None:
        self._categories = {category.id: category for category in file.categories}
        self._health = {line.id: line for line in file.health_lines}
        self._first_words, self._words, self._hints, self._directory = file.first_words, words, hints, directory
        self._translations, self._contacts = translations, Contacts(words, directory, translations)
        named = {service for category in file.categories for service in services_of(category)}
        unknown = named - set(directory.services)
        if unknown:
            raise DataError(f"data/safety/cards.yml: not in the directory: {', '.join(sorted(unknown))}")

    @property
    def categories(self) -> list[Category]:
        """Every kind of danger."""
        return list(self._categories.values())

    def alerts(self, verdict: Verdict) -> bool:
        """Whether staff are to be told: where the category or a health line says so (staff_route)."""
        lines = any(self._health[line].alert for line in verdict.health_lines)
        return verdict.mode == "interrupt" and (verdict.immediate or self._categories[verdict.category].alert or lines)

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
        language: str = "en",
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
            language: the language of the conversation; a card without all its words in it is in English.

        Returns:
            A reply of display `card`, or `quiet` where the person is watched.
        """
        category = self._categories[verdict.category]
        private = Private(safety=verdict.category)
        if verdict.mode == "quiet":
            said, spoken = self._in_language([category.say_first], language)
            buttons = [self._button(name, spoken) for name in ("exit", "numbers", "go_on")]
            return Reply(
                text=said,
                display="quiet",
                buttons=buttons,
                private=private,
                language=spoken,
                direction=direction(spoken),
            )
        person = self._person(under_18, man, deaf, text)
        urgent = verdict.mode == "interrupt" and (category.interrupt_when is None or verdict.now)
        also = self._categories.get(verdict.also or "")
        contacts = self._contacts.of(category, person, urgent, area, now, language, also)
        lines = [self._words.repeated] if repeated else self._lines(category, person, urgent, verdict.health_lines)
        if repeated:
            contacts = self._contacts.emergency_and_first(contacts, now, language)
        said, spoken = self._in_language(lines, language)
        buttons = [self._button("answer", spoken)] if verdict.mode == "interrupt" else []
        return Reply(
            text=said,
            display="card",
            contacts=contacts,
            buttons=[*buttons, self._button("hide", spoken)],
            private=private,
            language=spoken,
            direction=direction(spoken),
        )

    def numbers(self, language: str = "en") -> Reply:
        """The bare numbers behind the quiet card's button: no names and no word about what they are for."""
        lines = [self._translations.say(line, language) for line in self._words.numbers]
        return Reply(text="\n".join(filled for line in lines if (filled := self._filled(line))), display="plain")

    def says_child(self, text: str) -> bool:
        """Whether a message says that a child writes it, or is about one."""
        person = self._person(None, False, False, text)
        return person.child or person.about_child

    def first_words(self, controller: str, staff_console: bool, language: str = "en", *, collects: bool = False) -> str:
        """The first words of every conversation.

        Args:
            controller: who runs the service, from the settings.
            staff_console: staff can be alerted and may read along then.
            language: the language of the page.
            collects: questions that were not answered may be read by staff later.
        """
        kinds = ["with_console" if staff_console else "without_console", *(["unanswered"] if collects else [])]
        said = " ".join(self._translations.say(self._first_words[kind], language) for kind in kinds)
        return said.replace("{controller}", controller)

    def emergency_line(self, language: str = "en") -> str:
        """The one line said when parts of the service fail."""
        return self._translations.say(self._words.emergency, language)

    def _in_language(self, lines: list[str], language: str) -> tuple[str, str]:
        """Lines in a language with their numbers filled in, and the language: English where a sentence is missing."""
        if language != "en":
            spoken = [[self._translations.find(one, language) for one in sentences(line)] for line in lines]
            if all(one is not None for line in spoken for one in line):
                return "\n".join(self._filled(" ".join(filter(None, line))) or "" for line in spoken), language
        return "\n".join(self._filled(line) or "" for line in lines), "en"

    def _person(self, under_18: bool | None, man: bool, deaf: bool, text: str) -> Person:
        hints = self._hints.found(text) | ({"deaf"} if deaf else frozenset())
        child = under_18 is True or (under_18 is None and "under_18" in hints)
        about_child = not child and (under_18 is False or "adult_about_child" in hints)
        return Person(hints=hints, man=man or "man" in hints, child=child, about_child=about_child)

    # ------------------------------------------------------------------ words

    def _lines(self, category: Category, person: Person, urgent: bool, health: list[str]) -> list[str]:
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
            if len(kept) < MOST_LINES and self._count([*kept, line]) <= MOST_WORDS:
                kept.append(line)
        order = [*own[:1], *ranked[: len(signs)], *extra, *own[1:]]
        return sorted(kept, key=order.index)

    def _own_lines(self, category: Category, person: Person) -> list[str]:
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
        shown = [line for line in lines if self._filled(line)]
        while len(shown) > MOST_LINES and self._count(shown[:2]) <= MOST_WORDS // 2:
            shown[:2] = [" ".join(shown[:2])]
        return shown

    def _extra_lines(self, category: Category, person: Person, urgent: bool) -> list[str]:
        lines = [
            category.say_if_airport if "airport" in person.hints else None,
            category.say_if_abroad if "abroad" in person.hints and "airport" not in person.hints else None,
            category.say_if_status if "status" in person.hints and not urgent and not person.child else None,
        ]
        return [line for line in lines if line and self._filled(line)]

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

    def _button(self, name: str, language: str) -> Button:
        return Button(title=self._translations.say(self._words.buttons[name], language), payload=f"gateway:{name}")

    def _count(self, lines: list[str]) -> int:
        return sum(len((self._filled(line) or "").split()) for line in lines)


def load_cards(data: Path, directory: Directory, translations: Translations | None = None) -> Cards:
    """The cards under `data`.

    Args:
        data: the data folder.
        directory: the services.
        translations: the texts in other languages; without them cards are in English.

    Raises:
        DataError: a file does not fit, or a card names an unknown service.
    """
    safety = data / "safety"
    file, words = load(safety / "cards.yml", CardFile), load(safety / "words.en.yml", CardWords)
    return Cards(file, words, Hints(data), directory, translations or Translations({}, ()))


def sentences(text: str) -> list[str]:
    """A card's text, sentence by sentence."""
    return _SENTENCE.split(" ".join(text.split()))


def _said(category: Category, person: Person) -> str:
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
