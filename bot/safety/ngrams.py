"""A linear model on n-grams of characters and words: the part of the first layer that goes beyond the patterns.

It is kept as plain arrays, needs numpy only, and looks at the same readings of a message as the patterns do. Each
n-gram falls into one of 131,072 buckets. Three questions are answered from the same features: is there danger, of which
kind, and does it happen now.
"""

import itertools
import zlib
from pathlib import Path

import msgspec
import numpy as np

from bot.conversation.messages import Opinion
from bot.safety.normalise import flatten, forms

BITS = 17
BUCKETS = 1 << BITS
LENGTHS = range(2, 7)
"""Lengths of character n-grams; spaces count, so that the end of one word and the start of the next are seen."""
MOST_CHARS = 600
"""Characters read of a reading: its first and its last half of this."""
FILE = "safety.npz"
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


class Linear(msgspec.Struct, frozen=True):
    """A linear model for the three questions, on any features.

    Attributes:
        categories: kinds of danger, in the order of their columns.
        weights: features × (danger, now, a column for each kind).
        bias: one number a column.
    """

    categories: list[str]
    weights: np.ndarray
    bias: np.ndarray

    def opinion(self, scores: np.ndarray) -> Opinion:
        """What the scores of one message mean.

        Args:
            scores: features × weights, without the bias.
        """
        whole = scores + self.bias
        kinds = dict(zip(self.categories, map(float, whole[2:]), strict=True))
        return Opinion(danger=float(whole[0]), now=float(whole[1]), kinds=kinds)


class NgramModel:
    """A trained model of the first layer.

    Args:
        linear: its weights, rounded to half precision.
    """

    def __init__(self, linear: Linear) -> None:
        self.linear = linear

    def opinion(self, text: str) -> Opinion:
        """What the model makes of a message: of its readings, the one that looks most like danger counts.

        Args:
            text: what was typed, anything at all.
        """
        return max((self._one(reading) for reading in readings(text)), key=lambda one: one.danger)

    def _one(self, reading: str) -> Opinion:
        buckets, weights = features(reading)
        return self.linear.opinion(weights @ self.linear.weights[buckets].astype(np.float32))

    def save(self, path: Path) -> None:
        """Write the arrays to a file."""
        np.savez_compressed(
            path,
            categories=np.array(self.linear.categories),
            weights=self.linear.weights.astype(np.float16),
            bias=self.linear.bias.astype(np.float32),
        )

    @classmethod
    def load(cls, path: Path) -> "NgramModel":
        """Read the arrays of a file; nothing in it is run.

        Raises:
            OSError, ValueError, KeyError: there is no such file, or it is something else.
        """
        with np.load(path, allow_pickle=False) as stored:
            categories = [str(one) for one in stored["categories"]]
            return cls(Linear(categories, stored["weights"], stored["bias"]))


def readings(text: str) -> list[str]:
    """The plainest reading of a message and the one with every disguise undone."""
    found = forms(text)
    return list(dict.fromkeys(_cut(flatten(one)) for one in (found[0], found[-1])))


def features(reading: str) -> tuple[np.ndarray, np.ndarray]:
    """The buckets a reading's n-grams fall into and the weight of each, as two arrays of one length.

    Characters and words count the same in all; within each, a repeated n-gram counts a little more.

    Args:
        reading: from `readings`, with a space at each end.
    """
    parts = [_weighted(_character_buckets(reading)), _weighted(_word_buckets(reading.split()))]
    return np.concatenate([buckets for buckets, _ in parts]), np.concatenate([weights for _, weights in parts])


def _weighted(hashed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(hashed):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    buckets, counts = np.unique(hashed, return_counts=True)
    weights = 1.0 + np.log(counts)
    return buckets, (weights / np.linalg.norm(weights)).astype(np.float32)


def _character_buckets(reading: str) -> np.ndarray:
    """Buckets of all character n-grams, by a rolling hash computed for the whole reading at once."""
    codes = np.frombuffer(reading.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    hashes = [np.zeros(0, dtype=np.int64)]
    with np.errstate(over="ignore"):
        for length in LENGTHS:
            count = len(codes) - length + 1
            if count < 1:
                break
            rolled = np.full(count, length, dtype=np.uint64)
            for place in range(length):
                rolled = (rolled ^ codes[place : count + place]) * _STEP
                rolled ^= rolled >> np.uint64(29)
            hashes.append(((rolled * _MIX) >> np.uint64(64 - BITS)).astype(np.int64))
    return np.concatenate(hashes)


def _word_buckets(words: list[str]) -> np.ndarray:
    """Buckets of single words, pairs, and pairs with one word between them."""
    pairs = [f"{one} {two}" for one, two in itertools.pairwise(words)]
    apart = [f"{one} _ {two}" for one, two in zip(words, words[2:], strict=False)]
    found = [zlib.crc32(f"{gram}#".encode("utf-8", "replace")) % BUCKETS for gram in [*words, *pairs, *apart]]
    return np.array(found, dtype=np.int64)


def _cut(text: str) -> str:
    half = MOST_CHARS // 2
    return text if len(text) <= MOST_CHARS else text[:half] + text[-half:]
