"""Which language a message is in, and which one to go on with.

Every word gives points to languages, for its script, for being an everyday word, for its letters and for its n-grams;
the sum decides. The language in use is left only on clear evidence. See README.md for the rules in words.
"""

import functools
import math
from collections import defaultdict
from pathlib import Path

import msgspec

from bot.language.detector import LOUDEST, ChatFactory, has_profile, points
from bot.language.languages import DATA, Language, load_languages, load_neutral
from bot.language.words import Word, fold, script_of, words

SCRIPT = 3.0
"""Points of a word in a script other than Latin for each language written in it."""
LISTED = {1: 0.5, 2: 1.2, 3: 2.0}
"""Points of an everyday word by its length: short ones are often a typo or a word of another language."""
LISTED_LONG = 3.0
WEAK = 1.0
"""Points of an everyday word that proves little alone, or may be a name."""
STEM, STEMMED = 5, 1.5
"""Letters that an everyday word shares with an inflected form of it, and the points of that."""
LETTERS = 1.5
"""Points of a word with special letters for each language that has them all."""
PAGE, TELEGRAM, SIBLING = 1.5, 1.0, 1.0
"""Points before the first word: the page's language, Telegram's, and the language in use in its other script."""
SPEAKERS = 0.4
"""Points for each ten times more speakers, up to 300,000: enough to decide between look-alikes, not to win."""
SWITCH = 2.0
"""Lead over the language in use that changes it."""
KNOWN, HEARD = 2.5, 2.0
"""Points from everyday words, or from a script the language in use lacks, to switch to a language or to offer it."""
SWITCH_UNLISTED, UNLISTED_WORDS = 5.0, 3
"""Lead and words it takes on n-grams only: those of names and typos look like anything."""
OFFER = 1.0
"""Lead that makes a language worth offering."""
CLOSE = 1.0
"""Lead under which the second likeliest is offered too."""
MOST_WORDS, MOST_SPELT = 60, 24
"""Words looked at, and those of them whose n-grams are: later ones change nothing but the time it takes."""


class Identified(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        language: the language to go on with.
        confident: it stands out from all others.
        offer: another likely language, to offer as a button.
    """

    language: str
    confident: bool
    offer: str | None = None


class Identifier:
    """Identifies the language of messages; holds no state of any conversation.

    Args:
        languages: those we serve, by tag.
        neutral: words that say nothing about the language.
    """

    def __init__(self, languages: dict[str, Language], neutral: str) -> None:
        self._tags = {tag.lower(): tag for tag in languages}
        self._neutral = {fold(word.lower()) for word in neutral.split()}
        self._common = {tag: SPEAKERS * math.log10(min(max(one.speakers, 1), 300)) for tag, one in languages.items()}
        self._written: dict[str, list[str]] = defaultdict(list)
        self._listed: dict[str, dict[str, float]] = defaultdict(dict)
        self._letters: dict[str, dict[str, set[str]]] = defaultdict(dict)
        for tag, one in languages.items():
            for script in one.scripts:
                self._written[script].append(tag)
                self._letters[script][tag] = {letter for letter in one.letters if script_of(letter) == script}
            self._list(tag, one)
        self._special = {script: set().union(*of.values()) for script, of in self._letters.items()}
        self._factories = {
            script: ChatFactory({tag: _sample(tag, languages[tag], script) for tag in tags})
            for script, tags in self._written.items()
            if len(tags) > 1
        }

    def _list(self, tag: str, language: Language) -> None:
        for word in words_of(language.words):
            self._listed[word][tag] = LISTED.get(len(word), LISTED_LONG)
        for word in words_of(language.weak):
            self._listed[word][tag] = min(WEAK, LISTED.get(len(word), LISTED_LONG))

    def identify(
        self,
        text: str,
        *,
        in_use: str,
        chosen: str | None = None,
        page: str | None = None,
        telegram: str | None = None,
    ) -> Identified:
        """The language to go on with after a message.

        Args:
            text: the message, anything at all.
            in_use: the language of the conversation so far.
            chosen: the language the person picked, which wins until they pick another.
            page: the language of the page the chat is on.
            telegram: Telegram's `language_code`.
        """
        picked = self._tag(chosen)
        current = picked or self._tag(in_use) or self._tag(page) or "en"
        found = self._telling(words(text))
        if not found:
            return Identified(current, picked is not None)
        score, known = self._score(found[:MOST_WORDS], current)
        for tag in self._common:
            score[tag] += self._prior(tag, current, self._tag(page), self._tag(telegram))
        guess = self._decide(score, known, current, len(found))
        if picked is None:
            return guess
        other = guess.language if guess.language != picked else guess.offer
        return Identified(picked, True, None if guess.language == picked else other)

    def _telling(self, found: list[Word]) -> list[Word]:
        """The words that can say something about the language."""
        # Chinese signs among Japanese ones are Japanese, which we do not serve.
        silent = {"Hani"} if any(word.script == "Kana" for word in found) else set()
        return [
            word
            for word in found
            if word.script in self._written and word.script not in silent and word.plain not in self._neutral
        ]

    def _score(self, found: list[Word], current: str) -> tuple[dict[str, float], dict[str, float]]:
        """Points by language, and how many of them are for everyday words or a script the current one lacks."""
        score = dict.fromkeys(self._common, -LOUDEST * len(found))
        known = dict.fromkeys(self._common, 0.0)
        unnamed: dict[str, list[str]] = defaultdict(list)
        for word in found:
            written = self._written[word.script]
            for tag in written:
                score[tag] += LOUDEST
            if word.script == "Latn" and current not in written:
                score[current] += LOUDEST  # everyone types names in Latin letters
            if word.script != "Latn":
                # Chinese has no spaces: two characters are about a word.
                size = (len(word.plain) + 1) // 2 if word.script == "Hani" else 1
                for tag in written:
                    score[tag] += SCRIPT * size
                    known[tag] += SCRIPT * (current not in written and not word.capital)
            everyday = self._everyday(word)
            for tag, weight in everyday.items():
                weight = min(weight, WEAK) if word.name else weight
                score[tag] += weight
                known[tag] += weight
            for tag in self._lettered(word):
                score[tag] += LETTERS
            if not everyday and not word.name and word.script in self._factories:
                unnamed[word.script] += word.parts or (word.plain,)
        for script, plain in unnamed.items():
            for tag, sum_ in points(self._factories[script], plain[:MOST_SPELT]).items():
                score[tag] += sum_
        return score, known

    def _everyday(self, word: Word) -> dict[str, float]:
        """Points by language if a word, one of its parts or its beginning is listed."""
        for piece in (word.plain, *word.parts):
            if piece in self._listed:
                return self._listed[piece]
        for end in range(len(word.plain) - 1, STEM - 1, -1):
            if word.plain[:end] in self._listed:
                return {tag: min(weight, STEMMED) for tag, weight in self._listed[word.plain[:end]].items()}
        return {}

    def _lettered(self, word: Word) -> list[str]:
        special = self._special[word.script].intersection(word.text)
        if not special:
            return []
        return [tag for tag, letters in self._letters[word.script].items() if special <= letters]

    def _prior(self, tag: str, current: str, page: str | None, telegram: str | None) -> float:
        # Everyone sees the English page first and most phones are set to English: that says nothing.
        prior = self._common[tag]
        base = tag.partition("-")[0]
        if page and page != "en" and page.partition("-")[0] == base:
            prior += PAGE
        if telegram and telegram != "en" and telegram.partition("-")[0] == base:
            prior += TELEGRAM
        if tag != current and current.partition("-")[0] == base:
            prior += SIBLING
        return prior

    @staticmethod
    def _decide(score: dict[str, float], known: dict[str, float], current: str, count: int) -> Identified:
        ranked = sorted(score, key=lambda tag: (-score[tag], tag))
        best = ranked[0]
        if best == current:
            lead = score[best] - score[ranked[1]]
            return Identified(current, lead >= SWITCH)
        lead = score[best] - score[current]
        sure = known[best] >= KNOWN
        if lead >= (SWITCH if sure else SWITCH_UNLISTED) and (sure or count >= UNLISTED_WORDS):
            second = next((tag for tag in ranked[1:] if tag != current), None)
            if second and score[best] - score[second] < CLOSE:
                return Identified(best, False, second)
            return Identified(best, True)
        return Identified(current, False, best if lead >= OFFER and known[best] >= HEARD else None)

    def tag_of(self, code: str | None) -> str | None:
        """Our tag for a language code such as "pt-BR" or "zh-hans"; None where we do not serve it."""
        return self._tag(code)

    def _tag(self, code: str | None) -> str | None:
        """Our tag for a language code ("pt-BR", "zh-hans", "en_GB"), None if we do not serve it."""
        if not code:
            return None
        code = code.lower().replace("_", "-")
        return self._tags.get(code) or self._tags.get(code.partition("-")[0])


def words_of(listing: str) -> list[str]:
    """The plain words of a list as data files have it."""
    return [fold(word.replace("'", "").replace("\u200c", "")) for word in listing.lower().split()]


def _sample(tag: str, language: Language, script: str) -> str | None:
    """Text of one script to count n-grams in, where langdetect has none: the sample and each listed word."""
    if has_profile(tag):
        return None
    both = f"{language.sample} {language.words}"
    return " ".join(word.plain for word in words(both, limit=None) if word.script == script)


def load_identifier(data: Path) -> Identifier:
    """The identifier for the languages under `data`.

    Args:
        data: the data folder.

    Raises:
        DataError: a file does not fit.
    """
    return Identifier(load_languages(data), load_neutral(data))


@functools.cache
def _default() -> Identifier:
    return load_identifier(DATA)


def identify(
    text: str, *, in_use: str, chosen: str | None = None, page: str | None = None, telegram: str | None = None
) -> Identified:
    """Identifier.identify with the languages of this project; the first call loads them."""
    return _default().identify(text, in_use=in_use, chosen=chosen, page=page, telegram=telegram)
