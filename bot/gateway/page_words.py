"""The words of the chat page and of the page about devices, in each language that is served."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from bot.conversation.front_door import FrontDoor
from bot.data_files import load
from bot.language.languages import Direction, direction


class PageWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/widget.en.yml: what each text is for stands there."""

    version: int
    title: str
    heading: str
    demo: str
    emergency: str
    no_script: str
    read_rights: str
    exit: str
    exit_again_two: str
    exit_again_one: str
    exit_cancelled: str
    exit_leaving: str
    exit_limits: str
    open: str
    close: str
    frame: str
    log: str
    you: str
    assistant: str
    ask: str
    answer: str
    send: str
    not_sent: str
    connecting: str
    sending: str
    too_long: str
    answering: str
    typing: str
    offline: str
    ended: str
    start_again: str
    source: str
    time_limit: str
    website: str
    new_tab: str
    # "continue" is a word of Python's own.
    go_on: str = msgspec.field(name="continue")
    pick_one: str
    alone: str
    day: str
    month: str
    year: str
    date_help: str
    date_wrong: str
    change: str
    change_what: str
    preview: str
    timeline: str
    by_whom: str
    paper_show: str
    paper_hide: str
    paper_copy: str
    paper_copied: str
    paper_download: str
    paper_failed: str
    waiting: str
    waiting_place: str
    talking: str
    talking_to: str
    talk_ended: str
    helped: str
    helped_yes: str
    helped_no: str
    why: str
    why_other_question: str
    why_hard: str
    why_not_enough: str
    why_wrong: str
    why_skip: str
    helped_thanks: str
    options: str
    language: str
    text_size: str
    text_normal: str
    text_large: str
    text_largest: str
    contrast: str
    print: str
    hide_now: str
    pin_set: str
    pin_help: str
    pin_save: str
    pin_saved: str
    pin_saved_back: str
    pin_wrong_form: str
    locked: str
    locked_why: str
    unlock: str
    pin: str
    pin_wrong: str
    resume_why: str
    resume_failed: str
    pin_lost: str
    erase: str
    erase_heading: str
    erase_what: str
    erase_stays: str
    erase_yes: str
    erase_no: str
    erase_failed: str


class DeviceWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/device.en.yml: what Exit does, and what no page can hide."""

    version: int
    title: str
    heading: str
    does_heading: str
    does: list[str]
    cannot_heading: str
    cannot: list[str]
    safer_heading: str
    safer: list[str]
    emergency: str
    back: str


class LanguageName(msgspec.Struct, frozen=True, kw_only=True):
    """A language to pick, by its own name and in its own script."""

    tag: str
    name: str
    direction: Direction


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The page's words in a language. A text without a translation is English and named in `english`."""

    language: str
    direction: Direction
    words: dict[str, str]
    english: list[str]


class PageTexts:
    """The texts of the pages, in every language.

    Args:
        data: the data folder.
        front_door: which languages are served, their names, and their translations.
        kept: what to fill in for how long something is kept, by the name in the text.

    Raises:
        bot.data_files.DataError: a file does not fit.
    """

    def __init__(self, data: Path, front_door: FrontDoor, kept: Mapping[str, int]) -> None:
        self._page = load(data / "conversation" / "widget.en.yml", PageWords)
        self._device = load(data / "conversation" / "device.en.yml", DeviceWords)
        self._door, self._kept = front_door, kept

    @property
    def languages(self) -> list[LanguageName]:
        """The languages to pick from, English first, then the most spoken."""
        return [LanguageName(tag=tag, name=name, direction=direction(tag)) for tag, name in self._door.languages()]

    def page(self, tag: str) -> Words:
        """The words of the chat page.

        Args:
            tag: a language; one that is not served gives English.
        """
        tag = tag if self._door.serves(tag) else "en"
        words, english = {}, []
        for name, text in msgspec.to_builtins(self._page).items():
            if name == "version":
                continue
            said = self._door.say(text, tag)
            if not self._door.translates(text, tag):
                english.append(name)
            for what, long in self._kept.items():
                said = said.replace(f"{{{what}}}", str(long))
            words[name] = said
        return Words(language=tag, direction=direction(tag), words=words, english=english)

    def device(self, tag: str) -> tuple[Words, dict[str, Any]]:
        """The words of the page about devices: the chat page's words in the language, and its own."""
        page = self.page(tag)
        said = {
            name: [self._door.say(line, page.language) for line in text]
            if isinstance(text, list)
            else self._door.say(str(text), page.language)
            for name, text in msgspec.to_builtins(self._device).items()
        }
        return page, said
