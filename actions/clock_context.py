"""What the actions of the rights clock share: its words, the clock itself, readers, and what the person confirmed."""

import functools
from datetime import date

import msgspec
from rasa_sdk import Tracker

from actions.context import answers, language, settings, situation
from bot.rights.clock import Clock
from bot.rights.clock_form import Confirmed
from bot.rights.clock_form_words import ClockFormWords, load_clock_form_words
from bot.rights.clock_words import ClockPhrases, load_clock_phrases
from bot.rights.dates import DateReader, load_date_reader, said
from bot.rights.events_told import EventReader, load_event_reader
from bot.rights.facts import Edition
from bot.rights.happened import Told, told_in

HAPPENED = "happened"


@functools.cache
def words() -> ClockFormWords:
    """What is said around the clock, read once."""
    return load_clock_form_words(settings().data_path)


@functools.cache
def phrases() -> ClockPhrases:
    """The words of what is owed, read once."""
    return load_clock_phrases(settings().data_path)


@functools.cache
def clock() -> Clock:
    """The clock, made once."""
    return Clock(answers().catalogue.base)


@functools.cache
def readers() -> tuple[EventReader, DateReader]:
    """What reads events and days from messages, made once."""
    return load_event_reader(settings().data_path), load_date_reader(settings().data_path)


def edition(tracker: Tracker) -> Edition:
    """The edition of the Code in force."""
    return answers().catalogue.edition(situation(tracker).today)


def confirmed(tracker: Tracker) -> Confirmed:
    """What the person has confirmed so far in this conversation."""
    return msgspec.convert(tracker.get_slot(HAPPENED) or {}, Confirmed)


def told_by(tracker: Tracker, text: str) -> list[Told]:
    """What a message says has happened, with the days it names."""
    events, dates = readers()
    return told_in(text, language(tracker), situation(tracker).today, events, dates)


def days_for(tracker: Tracker, text: str, current: Told) -> list[Told]:
    """What is asked about, on the days that a message names."""
    _, dates = readers()
    return [current.on(found) for found in dates.dates_in(text, language(tracker), situation(tracker).today)]


def day_in_words(tracker: Tracker, day: date) -> str:
    """A day in words, and again in the language of the conversation."""
    english, other = said(day, "en"), said(day, language(tracker))
    return english if other == english else words().day_in_both.format(day=english, other=other)


def sentence(text: str) -> str:
    """Words as the beginning of a sentence."""
    return text[:1].upper() + text[1:]
