"""Patterns of danger as data: reading data/safety/patterns/*.yml and making them fast to look for.

A pattern is a regular expression over bare words (`normalise.flatten`), with these shorthands:

- `{name}` stands for a word group defined at the top of the file;
- ` ~ ` between words stands for up to two other words, ` ~~ ` for up to six, never across a sentence end;
- `together:` lists expressions that must all stand in one sentence, in any order;
- letters of the Arabic script that people type for each other may be written either way (`normalise.fold_arabic`);
- `^` and `$` are the start and the end of the message, `<end>` that of a sentence.
"""

import functools
import itertools
import operator
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import ahocorasick
import msgspec

from bot.data_files import DataError, load
from bot.safety.normalise import flatten, fold_arabic, forms, without_vowels

_GROUP = re.compile(r"\{([a-z][a-z_0-9]*)\}")
_WORD = r"(?: [^ .?]+)"
_START, _END, _SENTENCE_END = "(?<=\\A )", "(?= (?:[.?] )*\\Z)", "(?= (?:[.?] |\\Z))"
_SHORTEST_TYPO = 5
_MOST_LOOKS = 40
_NEAR = 100
_AFTER_LATIN = 0x370
_WORDS_KEPT = 20_000
_MOST_NEEDS = 3
_TURNS = re.compile(r" (?:and|but|yet|so|then)(?= )")
_SENTENCES = re.compile(r"[^ .?][^.?]*(?<! )")
# The parser of `re` has two names: sre_parse up to Python 3.10, re._parser from 3.11.
_parser: Any = getattr(re, "_parser", None) or getattr(re, "sre_parse")  # noqa: B009


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pattern as written in the file."""

    id: str
    category: str
    why: str
    examples: list[str]
    pattern: str | list[str] = []
    together: list[list[str]] = []
    now: bool = False
    never_now: bool = False
    by_clause: bool = False
    unless: str | list[str] = []
    unless_anywhere: str | list[str] = []


class Sign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pattern that adds to a finding and never makes one: a health line, a hint for the card, or that it is now."""

    pattern: str | list[str] = []
    together: list[list[str]] = []
    unless: str | list[str] = []
    unless_anywhere: str | list[str] = []


class PatternFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One language's file."""

    version: int
    groups: dict[str, str | list[str]]
    patterns: list[Rule]
    spellings: dict[str, str] = {}
    typo_words: list[str] = []
    typo_keep: list[str] = []
    now_when: dict[str, Sign] = {}
    health: dict[str, Sign] = {}
    hints: dict[str, Sign] = {}


class Looks:
    """Makes the expressions of one file, each only once: many patterns are cancelled by the same words.

    It also knows which of them a text can hold at all. Each expression has sets of words, of each of which one must
    stand in the text (`_needs`): a bit for every set. One pass over the text finds them all (Aho and Corasick).

    Args:
        groups: the word groups of the file.
    """

    def __init__(self, groups: dict[str, str]) -> None:
        self._groups = groups
        self._made: dict[str, _Look] = {}
        self._bits = self._always = 0
        self._needed: dict[str, int] = {}
        self._finder = ahocorasick.Automaton()

    def one(self, text: str) -> "_Look":
        """The expression for a pattern's text.

        Raises:
            ValueError: a group is unknown or the expression is not valid.
        """
        if text not in self._made:
            look = self._made[text] = _Look(text, self._groups)
            for words in look.needs or [frozenset[str]()]:
                bit = 1 << self._bits
                self._bits += 1
                look.bit |= bit
                look.rarest = look.rarest or bit
                # An expression that needs no word may stand in any text.
                self._always |= 0 if words else bit
                for need in words:
                    self._needed[need] = self._needed.get(need, 0) | bit
        return self._made[text]

    def live(self, text: str) -> int:
        """The sets of words of which the text holds one, as one bit each."""
        live = self._always
        if not self._needed:
            return live
        if len(self._finder) < len(self._needed):
            for need, bits in self._needed.items():
                self._finder.add_word(need, bits)
            self._finder.make_automaton()
        for _, bits in self._finder.iter(text):
            live |= bits
        return live


class Matcher:
    """A compiled pattern with what cancels it.

    Args:
        sign: the pattern.
        looks: makes its expressions.

    Raises:
        ValueError: a group is unknown or an expression is not valid.
    """

    def __init__(self, sign: Sign | Rule, looks: "Looks") -> None:
        self._cut = _clause if isinstance(sign, Rule) and sign.by_clause else _sentence
        self._looks: list[_Look | _Together] = [looks.one(text) for text in _listed(sign.pattern)]
        self._looks += [_Together([looks.one(text) for text in texts]) for texts in sign.together]
        self.bits = functools.reduce(operator.or_, (look.rarest for look in self._looks), 0)
        self._unless = [looks.one(text) for text in _listed(sign.unless)]
        self._unless_anywhere = [looks.one(text) for text in _listed(sign.unless_anywhere)]

    def found(self, text: str, live: int) -> bool:
        """Whether the words hold it in a sentence where nothing cancels it.

        Args:
            text: the words of a reading.
            live: the words it holds, from `Looks.live`.
        """
        for look in self._looks:
            if live & look.bit != look.bit:
                continue
            for start, end in look.places(text):
                if any(cancel.in_(text, live) for cancel in self._unless_anywhere):
                    return False
                around = self._cut(text, start, end)
                if not any(cancel.in_(around, live) for cancel in self._unless):
                    return True
        return False


class Spelling:
    """Common misspellings, text-speak and short forms of one language, made plain.

    Args:
        words: what each odd word stands for.
        typo_words: words that matter so much that one wrong, missing, extra or swapped letter is forgiven.
        keep: ordinary words one letter away from those, which are left as they are.
    """

    def __init__(self, words: dict[str, str], typo_words: list[str], keep: list[str]) -> None:
        # As the readings are. Of words that are folded into one the first counts.
        words = {fold_arabic(odd): fold_arabic(plain) for odd, plain in reversed(words.items())}
        self._words = words
        self._known = set(words) | set(typo_words) | set(keep)
        self._near: dict[str, str] = {}
        # The same few thousand words come again and again.
        self._plain = functools.lru_cache(maxsize=_WORDS_KEPT)(self._word)
        for word in typo_words:
            for near in {word, *_one_less(word)}:
                self._near.setdefault(near, word)

    def plain(self, text: str) -> str:
        """Flattened words with known misspellings put right."""
        if not self._words and not self._near:
            return text
        return f" {' '.join(map(self._plain, text.split()))} "

    def _word(self, word: str) -> str:
        if word in self._known:
            return self._words.get(word, word)
        if len(word) < _SHORTEST_TYPO - 1 or not word.isascii() or not word.isalpha() or len(word) > 16:
            return word
        meant = self._near.get(word)
        if meant is None:
            meant = next((self._near[near] for near in _one_less(word) if near in self._near), None)
        # A first letter is hardly ever the wrong one, and "right" is not "fight".
        if meant is None or meant[0] != word[0]:
            return word
        return self._words.get(meant, meant)


class Language:
    """The compiled patterns of one language.

    Args:
        path: its file.
        hints_only: compile the hints and leave the rest, which takes a second.

    Raises:
        DataError: the file does not fit, or a pattern in it is not valid.
    """

    def __init__(self, path: Path, hints_only: bool = False) -> None:
        self.file = load(path, PatternFile)
        looks = Looks({name: "|".join(_listed(words)) for name, words in self.file.groups.items()})
        self._letters = _own_letters(self.file)
        self.spelling = Spelling(self.file.spellings, self.file.typo_words, self.file.typo_keep)
        try:
            self.live = looks.live
            self.hints = {name: Matcher(sign, looks) for name, sign in self.file.hints.items()}
            if hints_only:
                return
            self.rules = [(rule, Matcher(rule, looks)) for rule in self.file.patterns]
            self.now_when = {name: Matcher(sign, looks) for name, sign in self.file.now_when.items()}
            self.health = {name: Matcher(sign, looks) for name, sign in self.file.health.items()}
        except ValueError as error:
            raise DataError(f"{path}:1: {error}") from error

    def readings(self, flat: Iterable[str]) -> list[str]:
        """Flattened readings with this language's misspellings put right, without repeats.

        None of a text without a single letter of the language's own script, if it has one.
        """
        own = [text for text in flat if self._letters is None or not self._letters.isdisjoint(text)]
        return list(dict.fromkeys(self.spelling.plain(text) for text in own))


class Hints:
    """Finds what a message says of the person, for the choice between a card's fixed texts.

    Args:
        data: the data folder.

    Raises:
        DataError: a pattern file does not fit.
    """

    def __init__(self, data: Path) -> None:
        self._languages = [Language(path, hints_only=True) for path in _paths(data)]

    def found(self, text: str) -> frozenset[str]:
        """The hints in a message; a hint that cannot be looked for is one not given."""
        try:
            flat = flat_readings(text)
            return frozenset(
                name
                for language in self._languages
                for words in language.readings(flat)
                for live in [language.live(words)]
                for name, sign in language.hints.items()
                if sign.found(words, live)
            )
        except (MemoryError, RecursionError, ValueError):
            # As in the gate; here the card without hints, which is whole in itself, is the safe way out.
            return frozenset()


def load_languages(data: Path) -> list[Language]:
    """All pattern files of data/safety/patterns: every message is looked at in every language.

    Raises:
        DataError: there is none, or one does not fit.
    """
    return [Language(path) for path in _paths(data)]


def _paths(data: Path) -> list[Path]:
    paths = sorted((data / "safety" / "patterns").glob("*.yml"))
    if not paths:
        raise DataError(f"{data / 'safety' / 'patterns'}:1: no pattern files")
    return paths


def flat_readings(text: str) -> list[str]:
    """A message's readings as bare words, without repeats; letters of the Arabic script folded, as in the patterns."""
    return list(dict.fromkeys(fold_arabic(without_vowels(flatten(form))) for form in forms(text)))


class _Look:
    """One expression, with the sets of words of which a text must hold one each."""

    def __init__(self, text: str, groups: dict[str, str]) -> None:
        source = _source(text, groups)
        try:
            self._search = re.compile(source)
        except re.error as error:
            raise ValueError(f"pattern {text!r}: {error}") from error
        self.needs = sorted(_needs(_parser.parse(source)), key=_worth, reverse=True)[:_MOST_NEEDS]
        # The bits of all its sets of words, and of the one that is the least likely to be met.
        self.bit = self.rarest = 0

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands, the first forty times."""
        for count, match in enumerate(self._search.finditer(text)):
            if count == _MOST_LOOKS:
                return
            yield match.span()

    def in_(self, text: str, live: int) -> bool:
        """Whether it stands there at all."""
        return live & self.bit == self.bit and self._search.search(text) is not None


class _Together:
    """Several expressions that must stand in one sentence, in any order and not far from each other."""

    def __init__(self, looks: list[_Look]) -> None:
        # The one with the most to ask for first: it is the likeliest to be missing.
        self._looks = sorted(looks, key=lambda look: min(map(len, look.needs), default=0))
        self.bit, self.rarest = 0, self._looks[0].rarest
        for look in looks:
            self.bit |= look.bit

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Each sentence, or near part of one, that holds them all."""
        for match in _SENTENCES.finditer(text):
            sentence = f" {match[0]} "
            spans: list[tuple[int, int]] = []
            for look in self._looks:
                span = next(look.places(sentence), None)
                if span is None:
                    break
                spans.append(span)
            else:
                if max(spans)[0] - min(spans)[0] <= _NEAR:
                    start = match.start() - 1
                    yield start + min(spans)[0], start + max(span[1] for span in spans)


def _source(text: str, groups: dict[str, str], depth: int = 0) -> str:
    """The regular expression that a pattern's text stands for."""
    text = fold_arabic(text)
    if depth == 0:
        text = text.replace("^", _START).replace("$", _END).replace("<end>", _SENTENCE_END)
        return f" (?:{_source(text, groups, 1)})(?= )"
    if depth > 8:
        raise ValueError(f"pattern {text!r}: groups stand for each other")

    def group(match: re.Match[str]) -> str:
        if match[1] not in groups:
            raise ValueError(f"pattern {text!r}: no group {match[1]!r}")
        return f"(?:{_source(groups[match[1]], groups, depth + 1)})"

    text = text.replace(" ~~ ", f"{_WORD}{{0,6}} ").replace(" ~ ", f"{_WORD}{{0,2}} ")
    return _GROUP.sub(group, text)


def _needs(parsed: Any) -> list[frozenset[str]]:
    """Sets of words: of each at least one stands in every text the expression finds."""
    found: list[frozenset[str]] = []
    run = ""
    for kind, value in parsed:
        name = str(kind)
        if name == "LITERAL":
            run += chr(value)
            continue
        found, run = [*found, frozenset([run])] if run else found, ""
        if name == "SUBPATTERN":
            found += _needs(value[-1])
        elif name == "BRANCH":
            # Of a choice all ways need something, and what is needed is one of those things.
            ways = [max(_needs(way), key=_worth, default=None) for way in value[1]]
            if all(ways):
                found.append(frozenset().union(*(way for way in ways if way)))
        elif name in ("MAX_REPEAT", "MIN_REPEAT") and value[0] > 0:
            found += _needs(value[2])
    return [*found, frozenset([run])] if run else found


def _worth(needs: frozenset[str]) -> tuple[int, int]:
    # Long words are rare words; a short one in the set lets everything through.
    return min(min(len(need.strip()) for need in needs), 5), -len(needs)


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence (or two) in which a match stands, with a space at each end."""
    first = max(text.rfind(" . ", 0, start + 1), text.rfind(" ? ", 0, start + 1), 0)
    stop = text.find(" . ", end)
    return text[first : stop + 1 if stop >= 0 else len(text)]


def _clause(text: str, start: int, end: int) -> str:
    """The part of the sentence around a match: "he was arrested but he is outside" is two things."""
    sentence = _sentence(text, start, end)
    first = text.rfind(sentence, 0, end + len(sentence))
    before, after = sentence[: max(start - first, 0) + 1], sentence[max(end - first, 0) :]
    turn = max((match.start() for match in _TURNS.finditer(before)), default=0)
    stop = _TURNS.search(after)
    return sentence[turn : len(sentence) - len(after) + (stop.start() + 1 if stop else len(after))]


def _own_letters(file: PatternFile) -> frozenset[str] | None:
    """The letters of a language that is not written in Latin ones; None for one that is."""
    texts = [word for words in file.groups.values() for word in _listed(words)]
    for rule in file.patterns:
        texts += [*_listed(rule.pattern), *itertools.chain(*rule.together)]
    letters = [letter for letter in "".join(texts) if letter.isalpha()]
    own = [fold_arabic(letter) for letter in letters if ord(letter) >= _AFTER_LATIN]
    return frozenset(own) if 2 * len(own) > len(letters) else None


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _one_less(word: str) -> Iterator[str]:
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
