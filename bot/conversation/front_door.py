"""The front door: what someone who does not write in English meets around the checked English answers.

Every text is fixed English of data/conversation/front_door.en.yml, shown in its translation (data/locale). What has no
translation stays English and says so in the reply's `language`; nothing is translated at run time.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from bot.conversation.messages import Button, Contact, Reply
from bot.data_files import load
from bot.directory import Directory
from bot.language.languages import Language, direction, load_languages
from bot.language.translations import Translations
from bot.language.words import fold

RIGHTS, NUMBERS, INTERPRETER, SUPPORT, LANGUAGES, LANGUAGE = (
    f"gateway:door:{what}" for what in ("rights", "numbers", "interpreter", "support", "languages", "language:")
)
_LEAST_NAME = 4


class FrontDoorWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/front_door.en.yml."""

    version: int
    welcome: str
    what_this_is: str
    answers_in_english: str
    english_words: str
    interpreter: str
    rights_heading: str
    rights: dict[int, str]
    numbers_heading: str
    numbers: dict[str, str]
    support: str
    choose_language: str
    language_chosen: str
    go_on_in_this: str
    buttons: dict[str, str]
    phrases: dict[str, str]


class FrontDoor:
    """Words in other languages: around an answer, and what its own buttons open.

    Args:
        words: the English texts.
        translations: the same texts in other languages.
        languages: all languages that are recognised, by tag.
        directory: where the numbers come from.
        topics: titles of topics by id, in English.
    """

    def __init__(
        self,
        words: FrontDoorWords,
        translations: Translations,
        languages: dict[str, Language],
        directory: Directory,
        topics: dict[str, str],
    ) -> None:
        self._words, self._translations, self._languages = words, translations, languages
        self._directory, self._topics = directory, topics

    def serves(self, tag: str) -> bool:
        """Whether there are words in a language that may be shown."""
        return tag in self._translations.tags

    def say(self, english: str, tag: str) -> str:
        """A text in a language, or in English where it is not translated."""
        return self._translations.say(english, tag)

    def translates(self, english: str, tag: str) -> bool:
        """Whether a text is translated, also where the translation reads the same as the English."""
        return tag == "en" or self._translations.find(english, tag) is not None

    def in_language(self, reply: Reply, tag: str) -> Reply:
        """A reply in a language as far as its words are translated: the text wholly or not at all, each button alone.

        Args:
            reply: as the engine or the gateway said it.
            tag: the language of the conversation.
        """
        if reply.language != "en" or not self.serves(tag):
            return reply
        say = self._translations.say
        buttons = [msgspec.structs.replace(button, title=say(button.title, tag)) for button in reply.buttons]
        contacts = [
            msgspec.structs.replace(contact, note=say(contact.note, tag)) if contact.note else contact
            for contact in reply.contacts
        ]
        text = self._text(reply.text, tag)
        if text is None:
            return msgspec.structs.replace(reply, buttons=buttons, contacts=contacts)
        return msgspec.structs.replace(
            reply,
            text=text,
            drawn_text=self._text(reply.drawn_text, tag) or "",
            buttons=buttons,
            contacts=contacts,
            language=tag,
            direction=direction(tag),
        )

    def around(self, replies: list[Reply], tag: str, first: bool) -> list[Reply]:
        """The replies to a message in a language, with what someone who reads it needs around them.

        Args:
            replies: the engine's, in English.
            tag: the language of the message.
            first: nothing was said in this language before.

        Returns:
            A greeting the first time; the title of the topic in the language and that the answer is English; the
            replies; and the first time the interpreter line with the buttons of the front door.
        """
        before: list[str] = [self._words.welcome, self._words.what_this_is] if first else []
        topic = next((reply.topic for reply in replies if reply.topic), None)
        if topic:
            before += [self._topics[topic], self._words.answers_in_english]
        said = [self.in_language(reply, tag) for reply in replies]
        if before:
            said.insert(0, self._reply(before, tag))
        return [*said, self.interpreter(tag)] if first else said

    def interpreter(self, tag: str) -> Reply:
        """The right to an interpreter, how to ask for one in English, and the buttons of the front door."""
        phrase = self._words.phrases["interpreter"].format(language=self._languages[tag].english)
        aloud = self._translations.say(self._words.english_words, tag).replace("{phrase}", f"“{phrase}”")
        line = self._translations.say(self._words.interpreter, tag)
        return Reply(text=f"{line}\n{aloud}", buttons=self._buttons(tag), language=tag, direction=direction(tag))

    def opened(self, payload: str, tag: str) -> Reply | None:
        """What a button of the front door shows, or None if the payload is not one of them."""
        if payload == RIGHTS:
            lines = [f"{number}. {self._translations.say(line, tag)}" for number, line in self._words.rights.items()]
            heading = self._translations.say(self._words.rights_heading, tag)
            return self._plain("\n".join([heading, *lines]), tag, [self._topics_button(tag)])
        if payload == NUMBERS:
            return self._numbers(tag)
        if payload == INTERPRETER:
            return self.interpreter(tag)
        if payload == SUPPORT:
            contact = self._contact("victim_support", self._words.numbers["victim_support"], tag)
            text = self._translations.say(self._words.support, tag)
            reply = self._plain(text, tag, [self._button("person", "/speak_to_human", tag)])
            return msgspec.structs.replace(reply, contacts=[contact])
        if payload == LANGUAGES:
            return self.choices(tag)
        return None

    def languages(self) -> list[tuple[str, str]]:
        """Tag and own name of every language with words of its own, the most spoken first; English before all."""
        tags = sorted(self._translations.tags, key=lambda one: -self._languages[one].speakers)
        return [(one, self._languages[one].name) for one in ["en", *(one for one in tags if one != "en")]]

    def choices(self, tag: str) -> Reply:
        """A button for each of these languages."""
        buttons = [Button(title=name, payload=LANGUAGE + one) for one, name in self.languages()]
        text = self._translations.say(self._words.choose_language, tag)
        return msgspec.structs.replace(self._plain(text, tag, buttons), display="choice")

    def chosen(self, tag: str) -> Reply:
        """Said when somebody has picked a language."""
        return self._reply([self._words.language_chosen], tag)

    def offer(self, tag: str) -> Reply:
        """Ask, in a language, whether to go on in it."""
        button = Button(title=self._languages[tag].name, payload=LANGUAGE + tag)
        return msgspec.structs.replace(self._reply([self._words.go_on_in_this], tag), buttons=[button])

    def named(self, text: str) -> str | None:
        """The language a message names ("in Polish please"), if there is just one that we have words in."""
        words = fold(text.lower()).split()
        found = {
            tag
            for tag, one in self._languages.items()
            if (tag == "en" or self.serves(tag))
            and "-" not in tag
            and any(fold(name.lower()) in words for name in (one.name, one.english) if len(name) >= _LEAST_NAME)
        }
        return next(iter(found)) if len(found) == 1 else None

    def _numbers(self, tag: str) -> Reply:
        contacts = [self._contact(service, what, tag) for service, what in self._words.numbers.items()]
        reply = self._reply([self._words.numbers_heading], tag)
        return msgspec.structs.replace(reply, contacts=[contact for contact in contacts if contact.number])

    def _contact(self, service: str, what: str, tag: str) -> Contact:
        known = self._directory.services[service]
        return Contact(name=known.name, number=known.number or "", note=self._translations.say(what, tag))

    def _buttons(self, tag: str) -> list[Button]:
        return [
            self._button("rights", RIGHTS, tag),
            self._button("support", SUPPORT, tag),
            self._button("person", "/speak_to_human", tag),
            self._button("case", "/case_status", tag),
            self._button("numbers", NUMBERS, tag),
            self._button("language", LANGUAGES, tag),
        ]

    def _topics_button(self, tag: str) -> Button:
        return self._button("topics", "/menu", tag)

    def _button(self, name: str, payload: str, tag: str) -> Button:
        return Button(title=self._translations.say(self._words.buttons[name], tag), payload=payload)

    def _reply(self, lines: Iterable[str], tag: str) -> Reply:
        return self._plain("\n".join(self._translations.say(line, tag) for line in lines), tag)

    def _plain(self, text: str, tag: str, buttons: list[Button] | None = None) -> Reply:
        return Reply(text=text, buttons=buttons or [], language=tag, direction=direction(tag))

    def _text(self, text: str, tag: str) -> str | None:
        whole = self._translations.find(text, tag)
        if whole is not None:
            return whole
        lines = [self._translations.find(line, tag) if line.strip() else "" for line in text.split("\n")]
        return None if any(line is None for line in lines) else "\n".join(line or "" for line in lines)


def load_front_door(data: Path, translations: Translations, directory: Directory, topics: dict[str, str]) -> FrontDoor:
    """The front door with the words under `data`.

    Raises:
        DataError: a file does not fit.
    """
    words = load(data / "conversation" / "front_door.en.yml", FrontDoorWords)
    return FrontDoor(words, translations, load_languages(data), directory, topics)
