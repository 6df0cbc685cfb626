"""What people tell about their own situation, read from their messages by patterns (data/conversation/situation.*.yml).

Only clear statements count, never a bare question: what is not read stays unknown, and an unknown changes no answer.
"""

import re
from pathlib import Path

import msgspec

from bot.data_files import DataError, load

# A question or a condition reaches no further than this; a pattern may span commas, never one of the others.
_SENTENCE = re.compile(r"[^.!?;\n]+")
_PART = re.compile(r",|\b(?:but|cos|because)\b", re.IGNORECASE)
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")


class Guards(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes a statement none.

    Attributes:
        question: what a question begins with.
        asked: words right before a statement that turn it into a question.
        condition: words somewhere before a statement that make it a mere case.
    """

    question: str
    asked: str
    condition: str


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Patterns that tell one value of one thing.

    Attributes:
        entity, value: what is told.
        why: what the patterns look for, in a line.
        patterns: regular expressions; a space stands for any blanks, ` ?` for blanks or none,
            `{name}` for a word group.
        in_questions: whether it also counts inside a question ("im 15, do they tell my mum?").
        unless: what must not stand in the same sentence.
        examples, not_examples: messages that tell it, and some that do not although they look like it.
    """

    entity: str
    value: str
    why: str
    patterns: list[str]
    in_questions: bool = False
    unless: str = ""
    examples: list[str]
    not_examples: list[str]


class Readings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """data/conversation/situation.<language>.yml; of each entity the first reading that fits a message counts."""

    version: int
    guards: Guards
    groups: dict[str, str]
    readings: list[Reading]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a message tells, and where it stands there."""

    entity: str
    value: str
    start: int
    end: int


class SituationReader:
    """Reads messages.

    Args:
        readings: the patterns of one language.

    Raises:
        re.error, KeyError: a pattern is no regular expression, or names a group that does not exist.
    """

    def __init__(self, readings: Readings) -> None:
        self.readings = readings
        self._groups: dict[str, str] = {}
        for name, words in readings.groups.items():
            self._groups[name] = f"(?:{self._filled(words)})"
        guards = readings.guards
        self._question = re.compile(rf"\s*(?:{self._spaced(guards.question)})\b", re.IGNORECASE)
        self._asked = re.compile(rf"\b(?:{self._spaced(guards.asked)})\s+$", re.IGNORECASE)
        self._condition = re.compile(rf"\b(?:{self._spaced(guards.condition)})\b", re.IGNORECASE)
        self._patterns = [([self._compiled(p) for p in one.patterns], one) for one in readings.readings]
        self._unless = {one.unless: self._compiled(one.unless) for one in readings.readings if one.unless}

    def read(self, text: str) -> list[Told]:
        """What a message tells, in the order in which it stands there; each thing at most once."""
        plain = text.translate(_APOSTROPHES)
        sentences = list(_SENTENCE.finditer(plain))
        found: dict[str, Told] = {}
        for patterns, reading in self._patterns:
            if reading.entity in found:
                continue
            for sentence in sentences:
                told = self._told(plain, sentence, patterns, reading)
                if told is not None:
                    found[reading.entity] = told
                    break
        return sorted(found.values(), key=lambda told: told.start)

    def _told(
        self, text: str, sentence: re.Match[str], patterns: list[re.Pattern[str]], reading: Reading
    ) -> Told | None:
        if reading.unless and self._unless[reading.unless].search(sentence[0]):
            return None
        for pattern in patterns:
            for match in pattern.finditer(sentence[0]):
                if not self._doubted(text, sentence, match, reading.in_questions):
                    start = sentence.start() + match.start()
                    return Told(entity=reading.entity, value=reading.value, start=start, end=start + len(match[0]))
        return None

    def _doubted(self, text: str, sentence: re.Match[str], match: re.Match[str], in_questions: bool) -> bool:
        """Whether a match is asked or supposed rather than stated."""
        before = _PART.split(sentence[0][: match.start()])[-1]
        if self._condition.search(before) or self._asked.search(before):
            return True
        if in_questions:
            return False
        asked_at_once = text[sentence.start() + match.end() :].lstrip().startswith("?")
        return asked_at_once or bool(self._question.match(before + match[0]))

    def _compiled(self, pattern: str) -> re.Pattern[str]:
        return re.compile(self._filled(pattern), re.IGNORECASE)

    def _filled(self, pattern: str) -> str:
        # Only names in braces: {2,3} is a count.
        return self._spaced(re.sub(r"\{([a-z]\w*)\}", lambda name: self._groups[name[1]], pattern))

    @staticmethod
    def _spaced(pattern: str) -> str:
        return pattern.replace(" ?", r"\s*").replace(" ", r"\s+")


def load_situation(data: Path, language: str = "en") -> SituationReader:
    """The reader of one language.

    Raises:
        DataError: the file is missing, does not fit, or holds a pattern that cannot be read.
    """
    file = data / "conversation" / f"situation.{language}.yml"
    readings = load(file, Readings)
    try:
        return SituationReader(readings)
    except (re.error, KeyError) as error:
        raise DataError(f"{file}: a pattern cannot be read: {error}") from error
