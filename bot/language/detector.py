"""langdetect made fit for chat: restricted to our languages, the same answer every time, without accents or capitals.

Stock langdetect draws n-grams at random until it is sure, which makes it change its mind, and raises on text without
letters. Here every n-gram of every word counts once, and no single word can outvote the others.
"""

import functools
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import langdetect
from langdetect.detector import Detector
from langdetect.detector_factory import DetectorFactory
from langdetect.utils.lang_profile import LangProfile

from bot.language.words import fold

PROFILES = Path(langdetect.__file__).parent / "profiles"
SCALE = 0.1
"""How much of an n-gram's log likelihood counts: the n-grams of a word overlap, so it is told several times over."""
WORDS_KEPT = 20_000
LOUDEST = 2.0
"""Points one word can put between two languages."""
# langdetect writes every Vietnamese vowel with a tone as this letter, which says nothing once accents are gone.
_ANY_TONE = "\u1ec3"


class ChatFactory(DetectorFactory):
    """The n-gram tables of the languages of one script.

    Args:
        samples: by tag: running text for a language langdetect does not know, else None.
    """

    def __init__(self, samples: dict[str, str | None]) -> None:
        super().__init__()
        for index, (tag, sample) in enumerate(samples.items()):
            profile = _shipped(tag) if sample is None else _from_sample(tag, sample)
            self.add_profile(profile, index, len(samples))
        floor = Detector.ALPHA_DEFAULT / Detector.BASE_FREQ
        self.rows = {
            gram: tuple(SCALE * math.log(floor + chance) for chance in chances)
            for gram, chances in self.word_lang_prob_map.items()
        }
        # The same few thousand words come again and again.
        self.points_of = functools.lru_cache(maxsize=WORDS_KEPT)(self._word)

    def _word(self, word: str) -> list[float]:
        """Points for one word: 0 for its likeliest language, down to -LOUDEST."""
        padded = f" {word} "
        ends = range(len(padded))
        grams = [padded[start : start + size] for size in (1, 2, 3) for start in ends[: len(padded) - size + 1]]
        rows = [row for gram in grams if (row := self.rows.get(gram))]
        if not rows:
            return []
        sums = [sum(column) for column in zip(*rows, strict=True)]
        top = max(sums)
        return [max(one - top, -LOUDEST) for one in sums]

    def _create_detector(self) -> "ChatDetector":
        return ChatDetector(self)


class ChatDetector(Detector):
    """Points of each language for the words of a message, from all their n-grams."""

    def __init__(self, factory: ChatFactory) -> None:
        super().__init__(factory)
        self._points_of = factory.points_of
        self.points: list[float] = [0.0] * len(self.langlist)

    def append(self, text: str) -> None:
        """Add words in lower case without accents; nothing else is done to them."""
        self.text += f" {text}"

    def _detect_block(self) -> None:
        by_word = [points for word in self.text.split() if (points := self._points_of(word))]
        if by_word:
            self.points = [sum(column) for column in zip(*by_word, strict=True)]
        prior = self._init_probability()
        weights = [chance * math.exp(points) for chance, points in zip(prior, self.points, strict=True)]
        self._normalize_prob(weights)
        self.langprob = weights


def _shipped(tag: str) -> LangProfile:
    raw = json.loads((PROFILES / tag).read_text(encoding="utf-8"))
    freq: Counter[str] = Counter()
    for gram, count in raw["freq"].items():
        if _ANY_TONE not in gram:
            freq[fold(gram.lower())] += count
    return LangProfile(tag, dict(freq), raw["n_words"])


def _from_sample(tag: str, sample: str) -> LangProfile:
    freq = Counter(grams(sample.split()))
    totals = [sum(count for gram, count in freq.items() if len(gram) == size) for size in (1, 2, 3)]
    return LangProfile(tag, dict(freq), totals)


def grams(plain_words: Iterable[str]) -> list[str]:
    """The n-grams langdetect would count in some words."""
    found = []
    for word in plain_words:
        padded = f" {word} "
        found += [padded[start : start + size] for size in (1, 2, 3) for start in range(len(padded) - size + 1)]
    return [gram for gram in found if gram != " "]


def has_profile(tag: str) -> bool:
    """Whether langdetect ships a profile for a language."""
    return (PROFILES / tag).is_file()


def points(factory: ChatFactory, plain_words: Sequence[str]) -> dict[str, float]:
    """Points by language for words in lower case without accents."""
    detector = factory.create()
    detector.append(" ".join(plain_words))
    detector.get_probabilities()
    return dict(zip(detector.langlist, detector.points, strict=True))
