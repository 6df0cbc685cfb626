"""A linear model on character n-grams: the part of the gate's first layer that generalises beyond the patterns.

It is kept as plain arrays, needs numpy only, and looks at the same readings of a message as the patterns do. Each
n-gram falls into one of 131,072 buckets by a rolling hash that is computed for the whole message at once.
"""

from pathlib import Path

import msgspec
import numpy as np

from bot.safety.normalise import flatten, forms

BUCKETS = 1 << 17
LENGTHS = range(1, 6)
"""Lengths of n-grams, in characters; spaces count, so that the end of one word and the start of the next are seen."""
MOST_CHARS = 600
"""Characters read of a reading: its first and its last half of this."""
FILE = "safety.npz"
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


class Chances(msgspec.Struct, frozen=True):
    """How likely each label is, from 0 to 1; together they make 1."""

    by_label: dict[str, float]

    def of(self, labels: frozenset[str]) -> float:
        """How likely it is that one of some labels fits."""
        return sum(chance for label, chance in self.by_label.items() if label in labels)


class NgramModel:
    """A trained model.

    Args:
        labels: `none`, categories, and categories with `:now`.
        weights: buckets × labels, as whole numbers of `scale`.
        bias: one number a label.
        scale: what a whole number of each label's weights is worth.
    """

    def __init__(self, labels: list[str], weights: np.ndarray, bias: np.ndarray, scale: np.ndarray) -> None:
        self.labels, self._weights, self._bias, self._scale = labels, weights, bias, scale

    def chances(self, text: str) -> Chances:
        """How likely each label is for a message: of all its readings, the one that looks most like danger counts.

        Args:
            text: what was typed, anything at all.
        """
        return self.of_readings(readings(text))

    def of_readings(self, texts: list[str]) -> Chances:
        """As `chances`, for readings that are known already."""
        ordinary = self.labels.index("none")
        best = min((self._one(text) for text in texts), key=lambda one: one[ordinary])
        return Chances({label: float(chance) for label, chance in zip(self.labels, best, strict=True)})

    def _one(self, text: str) -> np.ndarray:
        buckets, counts = features(text)
        scores = counts @ self._weights[buckets].astype(np.float32) * self._scale + self._bias
        raised = np.exp(scores - scores.max())
        return np.asarray(raised / raised.sum())

    def save(self, path: Path) -> None:
        """Write the arrays to a file."""
        np.savez_compressed(
            path, labels=np.array(self.labels), weights=self._weights, bias=self._bias, scale=self._scale
        )

    @classmethod
    def load(cls, path: Path) -> "NgramModel":
        """Read the arrays of a file; nothing in it is run.

        Raises:
            OSError, ValueError: there is no such file, or it is something else.
        """
        with np.load(path, allow_pickle=False) as stored:
            return cls([str(one) for one in stored["labels"]], stored["weights"], stored["bias"], stored["scale"])


def readings(text: str) -> list[str]:
    """The plainest reading of a message and the one with every disguise undone."""
    found = forms(text)
    return list(dict.fromkeys(_cut(flatten(one)) for one in (found[0], found[-1])))


def features(text: str) -> tuple[np.ndarray, np.ndarray]:
    """The buckets a text's n-grams fall into and the weight of each, as two arrays of one length.

    Args:
        text: a reading, with a space at each end.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    hashes: list[np.ndarray] = []
    with np.errstate(over="ignore"):
        for length in LENGTHS:
            if len(codes) < length:
                break
            rolled = np.full(len(codes) - length + 1, length, dtype=np.uint64)
            for place in range(length):
                rolled = (rolled ^ codes[place : len(codes) - length + 1 + place]) * _STEP
                rolled ^= rolled >> np.uint64(29)
            hashes.append((rolled * _MIX) >> np.uint64(64 - 17))
    if not hashes:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    buckets, counts = np.unique(np.concatenate(hashes).astype(np.int64), return_counts=True)
    weights = 1.0 + np.log(counts)
    return buckets, (weights / np.linalg.norm(weights)).astype(np.float32)


def _cut(text: str) -> str:
    half = MOST_CHARS // 2
    return text if len(text) <= MOST_CHARS else text[:half] + text[-half:]
