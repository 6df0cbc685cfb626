"""The words of the referral and of erasing keep to the house style (shared/content-guide.md)."""

import re
from statistics import median

import msgspec
import pytest
import textstat

from bot.data_files import load
from bot.settings import ROOT

FILES = ["referral.en.yml", "privacy.en.yml"]
NEVER = [
    "too late",
    "confidential",
    "help is on its way",
    "you are safe",
    "alleged",
    "did you",
    "you should have",
    "nobody is watching",
    "deleted everywhere",
]


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)


def said(file: str) -> list[str]:
    return list(texts(load(ROOT / "data" / "conversation" / file, dict)))


@pytest.mark.parametrize("file", FILES)
def test_a_child_of_eleven_can_read_them(file):
    grades = [textstat.flesch_kincaid_grade(text) for text in said(file) if len(text.split()) > 8]
    assert median(grades) <= 6
    assert max(grades) <= 9


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_said_that_is_never_said(file):
    for text in said(file):
        assert "!" not in text
        assert not [phrase for phrase in NEVER if phrase in text.lower()], text


@pytest.mark.parametrize("file", FILES)
def test_no_number_is_written_by_hand_but_999(file):
    assert {number for text in said(file) for number in re.findall(r"\d{3,}", text)} <= {"999"}


def test_every_problem_that_can_arise_has_words(form):
    code = "".join((ROOT / "bot" / "referrals" / name).read_text() for name in ("fields.py", "preview.py", "draft.py"))
    raised = set(re.findall(r'(?:NotTaken|ConsentVoid)\("(\w+)"\)', code)) | {"closed", "choice", "needed", "not_asked"}
    assert raised <= set(form.words.problems)


def test_the_consent_wording_has_a_version(form):
    assert msgspec.to_builtins(form.words.consent)["version"]
