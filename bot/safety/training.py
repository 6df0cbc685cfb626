"""Training the gate's models from data/safety/examples: the n-grams of the first layer, and the second on vectors.

The ordinary questions of data/nlu are examples of what is no danger, but for those the patterns fire on: people do ask
about their rights in the middle of it.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from bot.data_files import DataError
from bot.safety.examples import NOW, ORDINARY, Example, category_of, load_examples
from bot.safety.gate import load_gate
from bot.safety.network import Neighbours, Network
from bot.safety.ngrams import BUCKETS, Linear, NgramModel, features, readings

NGRAM_PENALTY = 4.0
NOW_PENALTY = 0.01
ORDINARY_SHARE = 3.0
"""Ordinary examples for one of danger, in every language; English and those of data/nlu have more."""
AXES, ONE_QUESTION_OF = 128, 3
DANGER_UNITS, DANGER_NETWORKS, KIND_UNITS, ROUNDS = 64, 9, 256, 12


def training_examples(data: Path) -> list[Example]:
    """Everything the models learn from: the gate's own examples and the ordinary questions.

    Raises:
        DataError: a file does not fit.
    """
    own = load_examples(data / "safety" / "examples")
    known = {example.text for example in own}
    patterns = load_gate(data)
    questions = [one for one in ordinary_questions(data) if one.text not in known and patterns.check(one.text) is None]
    return own + questions


def fit_ngrams(examples: list[Example]) -> NgramModel:
    """The first layer's model."""
    rows = ngram_rows([one.text for one in examples])
    places = balanced(examples)
    return NgramModel(_fit([examples[place] for place in places], rows[places], NGRAM_PENALTY))


def fit_vectors(examples: list[Example], vectors: np.ndarray) -> Network:
    """The second layer's model.

    Args:
        examples: from `training_examples`.
        vectors: their sentence vectors, examples × dimensions.
    """
    near = neighbours(examples, vectors)
    places = balanced(examples)
    examples, vectors = [examples[place] for place in places], vectors[places]
    labels = np.array([one.label for one in examples])
    danger = labels != ORDINARY
    kinds = np.array([category_of(label) for label in labels])
    categories = sorted({str(kind) for kind in kinds[danger]})
    mean, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    scaled = (vectors - mean) / spread
    several = [_hidden_layer(DANGER_UNITS, 1e-3, seed).fit(scaled, danger) for seed in range(DANGER_NETWORKS)]
    sort = _hidden_layer(KIND_UNITS, 1e-2, 0).fit(scaled, np.stack([kinds == one for one in categories], axis=1))
    now = _binary(scaled[danger], np.array([label.endswith(NOW) for label in labels[danger]]), NOW_PENALTY)
    return Network(
        categories,
        mean,
        spread,
        # Side by side, several networks are one, whose output is their mean.
        np.concatenate([one.coefs_[0] for one in several], axis=1),
        np.concatenate([one.intercepts_[0] for one in several]),
        np.concatenate([one.coefs_[1][:, 0] for one in several]) / len(several),
        np.mean([one.intercepts_[1][0] for one in several]),
        sort.coefs_[0],
        sort.intercepts_[0],
        sort.coefs_[1],
        sort.intercepts_[1],
        now.coef_[0],
        now.intercept_[0],
        near,
    )


def neighbours(examples: list[Example], vectors: np.ndarray) -> Neighbours:
    """The gate's own examples, on the main axes, and every third question of data/nlu.

    Without questions too many of them look like danger, the nearest thing to them; with all, danger looks like them.

    Args:
        examples: from `training_examples`.
        vectors: their sentence vectors, examples × dimensions.
    """
    kept = [place for place, one in enumerate(examples) if not one.question]
    kept += [place for place, one in enumerate(examples) if one.question][::ONE_QUESTION_OF]
    kept.sort(key=lambda place: examples[place].label)
    labels, starts = np.unique([examples[place].label for place in kept], return_index=True)
    axes = PCA(min(AXES, *vectors[kept].shape), random_state=0).fit(vectors[kept])
    places = axes.transform(vectors[kept])
    return Neighbours(
        axes.mean_.astype(np.float32),
        axes.components_.T.astype(np.float32),
        (places / np.linalg.norm(places, axis=1, keepdims=True)).astype(np.float32),
        [str(label) for label in labels],
        starts,
    )


def balanced(examples: list[Example]) -> np.ndarray:
    """Places of examples, ordinary ones repeated in languages that have few of them.

    Otherwise a model would take a language it knows from danger alone for danger itself.
    """
    danger = Counter(one.language for one in examples if one.label != ORDINARY)
    ordinary = Counter(one.language for one in examples if one.label == ORDINARY)
    repeats = [
        max(1, round(ORDINARY_SHARE * danger[one.language] / ordinary[one.language])) if one.label == ORDINARY else 1
        for one in examples
    ]
    return np.repeat(np.arange(len(examples)), repeats)


def ngram_rows(texts: list[str]) -> sparse.csr_matrix:
    """The features of texts as a sparse array of texts × buckets."""
    found = [features(readings(text)[0]) for text in texts]
    ends = np.cumsum([0, *(len(buckets) for buckets, _ in found)])
    return sparse.csr_matrix(
        (np.concatenate([weights for _, weights in found]), np.concatenate([buckets for buckets, _ in found]), ends),
        shape=(len(texts), BUCKETS),
    )


def _fit(examples: list[Example], rows: Any, penalty: float) -> Linear:
    labels = np.array([one.label for one in examples])
    danger = labels != ORDINARY
    inside = rows[danger]
    now = np.array([label.endswith(NOW) for label in labels[danger]])
    kinds = np.array([category_of(label) for label in labels[danger]])
    categories = sorted({str(kind) for kind in kinds})
    columns = [_binary(rows, danger, penalty), _binary(inside, now, penalty)]
    columns += [_binary(inside, kinds == category, penalty) for category in categories]
    weights = np.stack([column.coef_[0] for column in columns], axis=1)
    bias = np.array([column.intercept_[0] for column in columns], dtype=np.float32)
    return Linear(categories, weights.astype(np.float16), bias)


def _hidden_layer(units: int, penalty: float, seed: int) -> MLPClassifier:
    # A fixed number of rounds: what is looked for is a rough shape, not the last bit of likelihood.
    return MLPClassifier((units,), alpha=penalty, batch_size=256, max_iter=ROUNDS, random_state=seed)


def _binary(rows: Any, truth: np.ndarray, penalty: float) -> LogisticRegression:
    return LogisticRegression(C=penalty, solver="liblinear", random_state=0).fit(rows, truth)


def ordinary_questions(data: Path) -> list[Example]:
    """Every training example of data/nlu, with the language of its folder.

    Raises:
        DataError: a file does not fit.
    """
    found = []
    for path in sorted((data / "nlu").glob("*/*.yml")):
        try:
            blocks = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            raise DataError(f"{path}: not a file of training examples: {error}") from error
        for block in blocks:
            lines = [line[2:].strip() for line in block["examples"].splitlines() if line.startswith("- ")]
            found += [Example(line, ORDINARY, path.parent.name, question=True) for line in lines]
    return found
