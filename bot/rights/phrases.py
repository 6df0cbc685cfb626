"""Headings, buttons, units and the words of the conversation itself (data/conversation/<language>.yml)."""

from pathlib import Path

import msgspec

from bot.data_files import load


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A button: what it says and what pressing it means."""

    title: str
    payload: str


class TopicChoice(Choice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A button that goes with the answers to some topics, before all others; `in_menu` also with the menu."""

    topics: list[str]
    in_menu: bool = False


class ServiceReply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said to an intent that is not a question about a right."""

    text: str
    buttons: list[Choice] = []


class Signpost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to go with something we cannot help with: the body named, its page, and services by id."""

    text: str
    url: str = ""
    link: str = ""
    services: list[str] = []


class EnhancedCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The three short questions about enhanced rights: what is asked, what is answered, and what comes of it.

    Attributes:
        before: said before the first question.
        questions: asked in order until the first yes.
        answers: titles of the three buttons: yes, no, unsure.
        typed: for each of these, whole messages that mean it.
        likely, unsure: the outcomes.
    """

    before: str
    questions: list[str]
    answers: dict[str, str]
    typed: dict[str, list[str]]
    likely: str
    unsure: str


class SituationWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said to someone who told about their situation without asking anything.

    Attributes:
        noted: with `{what}`, the things told.
        heard: where nothing was told that changes an answer.
        told: for each thing that may be told, words for its values.
        joined: between the last two things.
    """

    noted: str
    heard: str
    told: dict[str, dict[str, str]]
    joined: str


class Phrases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/<language>.yml."""

    version: int
    means: str
    if_not_met: str
    who_it_is_for: str
    tell_me_more: str
    who_to_ask: str
    talk_to_a_person: str
    menu: str
    none_of_these: str
    both_times: str
    both_times_enhanced_first: str
    ask_to_confirm: str
    no_fixed_time: str
    not_served: str
    right: str
    introduction: str
    paragraphs: str
    source: str
    partly_confirmed: str
    did_you_mean: str
    still_about: str
    something_else: str
    nothing_fits: str
    no_topic_yet: str
    signpost_end: str
    with_topics: list[TopicChoice]
    recognition: str
    harm: str
    situation: SituationWords
    enhanced_check: EnhancedCheck
    units: dict[str, dict[str, str]]
    service: dict[str, ServiceReply]
    signposts: dict[str, Signpost]


def load_phrases(data: Path, language: str = "en") -> Phrases:
    """Read the words of one language.

    Raises:
        DataError: the file is missing or does not fit.
    """
    return load(data / "conversation" / f"{language}.yml", Phrases)
