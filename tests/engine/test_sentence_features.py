"""Sentence vectors are the same every time, and computed once."""

import numpy as np
import pytest

pytestmark = pytest.mark.model


def test_a_vector_is_of_length_one_and_repeatable():
    from bot.engine.sentence_features import DIMENSIONS, SentenceEncoder

    first, second = (SentenceEncoder().encode("when do i get my phone back") for _ in range(2))
    assert first.shape == (DIMENSIONS,)
    assert np.array_equal(first, second)
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-3)


def test_known_texts_come_from_the_cache_file(tmp_path, monkeypatch):
    from bot.engine.sentence_features import SentenceEncoder

    cache = tmp_path / "vectors.npz"
    encoder = SentenceEncoder()
    first = encoder.encode_all(["one", "two"], cache)
    monkeypatch.setattr(encoder._model, "query", lambda text: pytest.fail(f"{text} was computed again"))
    assert np.array_equal(encoder.encode_all(["two", "one"], cache)[::-1], first)
