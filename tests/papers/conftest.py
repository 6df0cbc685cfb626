"""The words and facts the papers are made from."""

from datetime import date

import pytest

from bot.language.translations import Translation, Translations
from bot.papers import PapersPhrases, load_papers_phrases
from bot.rights.answers import Answers
from bot.rights.catalogue import load_catalogue
from bot.rights.clock_words import ClockPhrases, load_clock_phrases
from bot.rights.facts import FactBase
from bot.rights.phrases import load_phrases
from bot.settings import ROOT

DATA = ROOT / "data"
TODAY = date(2026, 11, 25)


@pytest.fixture(scope="session")
def phrases() -> PapersPhrases:
    return load_papers_phrases(DATA)


@pytest.fixture(scope="session")
def clock() -> ClockPhrases:
    return load_clock_phrases(DATA)


@pytest.fixture(scope="session")
def answers() -> Answers:
    return Answers(load_catalogue(DATA), load_phrases(DATA))


@pytest.fixture(scope="session")
def base(answers: Answers) -> FactBase:
    return answers.catalogue.base


def translated(tag: str, **texts: str) -> Translations:
    """Translations of a few texts, by their English."""
    return Translations({tag: Translation(tag=tag, texts=texts, digest="")}, [tag])
