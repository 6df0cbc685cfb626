"""`python -m bot compare`: the pipelines that config.yml might name, measured on the same examples.

Each example is scored by models that have seen neither it nor a near copy of it: near copies form a family, and the folds
are made of whole families. The weights and temperatures under which a fold's scores become chances are fitted on the other
folds' scores. For the held-out file everything is trained on. Linux only: memory is read from /proc.
"""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

import asyncio
import contextlib
import hashlib
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import yaml
from rich.table import Table
from scipy.sparse.csgraph import connected_components
from scipy.special import softmax
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from bot.data_files import DataError, load
from bot.engine.progress import progress
from bot.engine.sentence_features import CACHE, SHIPPED, SentenceEncoder, normalised
from bot.engine.topic_classifier import (
    Linear,
    TopicClassifier,
    Words,
    fit_meaning,
    fit_weights,
    fit_words,
    joined,
)
from bot.evaluation.bench import commit
from bot.evaluation.examples_check import LANGUAGE, Example, likeness, read_examples, trigrams
from bot.evaluation.scores import Labels, Share, right_topics
from bot.rights.answers import intent_of
from bot.settings import ROOT

NEAR_COPY = 0.5
TIMED, WARM_UP = 200, 5
SEED = 0
DIET_EPOCHS, DIET_FOLDS, DIET_LIMIT = 30, 5, 30
DIET_CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "compare-diet",
    "language": LANGUAGE,
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {
            "name": "DIETClassifier",
            "epochs": DIET_EPOCHS,
            "constrain_similarities": True,
            "entity_recognition": False,
            "random_seed": SEED,
        },
    ],
    "policies": [],
}
DIET = f"Rasa's default: DIET, {DIET_EPOCHS} epochs"
COLUMNS = ("Pipeline", "Top-1, folds", "Top-3, folds", "Top-1, held out", "Top-3, held out", "Median", "p95", "Memory")


class CompareError(Exception):
    """The comparison cannot be made; the message says why."""


class Mix(msgspec.Struct, frozen=True):
    """How scores become chances.

    Attributes:
        both: weights of the two models' scores where they are added.
        words, meaning: the weight of each where it stands alone, which is its temperature.
        sure: confidence of the words alone from which on the meaning is not asked.
    """

    both: np.ndarray
    words: float
    meaning: float
    sure: float


Scores = Callable[[], np.ndarray]
"""Scores of texts, len(texts) × labels; computed only when called, so that what is not needed costs nothing."""
Pipeline = Callable[[Scores, Scores, Mix], np.ndarray]
"""Chances of texts, len(texts) × labels, from the scores of their words, of their meaning, and the mix."""


def words_alone(words: Scores, _meaning: Scores, mix: Mix) -> np.ndarray:
    """The yardstick: TF-IDF and a linear SVM."""
    return np.asarray(softmax(words() * mix.words, axis=1))


def meaning_alone(_words: Scores, meaning: Scores, mix: Mix) -> np.ndarray:
    """Sentence vectors and a logistic regression."""
    return np.asarray(softmax(meaning() * mix.meaning, axis=1))


def mean_of_both(words: Scores, meaning: Scores, mix: Mix) -> np.ndarray:
    """The mean of the two models' probabilities."""
    return (words_alone(words, meaning, mix) + meaning_alone(words, meaning, mix)) / 2


def stacked(words: Scores, meaning: Scores, mix: Mix) -> np.ndarray:
    """The two models' logits, weighted."""
    return np.asarray(softmax(joined(words(), meaning(), mix.both), axis=1))


def words_first(words: Scores, meaning: Scores, mix: Mix) -> np.ndarray:
    """The words alone where they are sure; else both, stacked."""
    by_words = words()
    chances = np.asarray(softmax(by_words * mix.words, axis=1))
    unsure = chances.max(axis=1) < mix.sure
    if unsure.any():
        chances[unsure] = softmax(joined(by_words, meaning(), mix.both)[unsure], axis=1)
    return chances


PIPELINES: dict[str, tuple[Pipeline, bool, bool]] = {
    "TF-IDF + linear SVM (yardstick)": (words_alone, True, False),
    "Sentence vectors + logistic regression": (meaning_alone, False, True),
    "Both, mean of probabilities": (mean_of_both, True, True),
    "Both, stacked": (stacked, True, True),
    "Both, words first": (words_first, True, True),
}
"""By name, and whether each needs the words and the meaning."""


class Material(msgspec.Struct, frozen=True):
    """What is trained on: texts with their vectors, the column of the right label, and the family each is of."""

    texts: list[str]
    vectors: np.ndarray
    labels: list[str]
    truth: np.ndarray
    families: np.ndarray


class Models(msgspec.Struct, frozen=True):
    """Both models, fitted."""

    words: Words
    by_words: Linear
    by_meaning: Linear


class Row(msgspec.Struct, frozen=True):
    """What was measured of one pipeline. `folds`, `held_out`: right first, and right among three."""

    name: str
    folds: tuple[Share, Share]
    held_out: tuple[Share, Share]
    median_ms: float
    p95_ms: float
    memory_mb: float


class Section(msgspec.Struct, frozen=True):
    """Pipelines measured on the same examples."""

    title: str
    rows: list[Row]


class Comparison(msgspec.Struct, frozen=True):
    """A whole run, and on what it was made."""

    day: str
    commit: str
    examples: int
    data_sha256: str
    folds: int
    limit: int | None
    load_before: float
    sections: list[Section]


class _HeldOut(Labels, frozen=True, kw_only=True):
    text: str

    @property
    def right(self) -> set[str]:
        """The intents that are right; none for a line that is out of scope."""
        intents = {intent_of(topic) for topic in right_topics(self)}
        return intents | {self.intent} if self.intent else intents


def compare(
    data: Path,
    config: Path = ROOT / "config.yml",
    *,
    folds: int = 5,
    limit: int | None = None,
    diet: bool = False,
    cache: Path = ROOT / CACHE,
) -> Comparison:
    """Measure every pipeline.

    Args:
        data: the folder that holds `nlu` and `heldout`.
        config: where the settings of TopicClassifier stand.
        folds: how many parts the examples are cut into.
        limit: most examples of an intent, drawn by chance; None for all.
        diet: also train Rasa's default pipeline, on some English examples, beside ours on the same.
        cache: file of sentence vectors.

    Raises:
        CompareError: an intent has too few families for so many folds, or Rasa could not train.
        DataError: a file does not fit.
    """
    load_before = os.getloadavg()[0]
    settings = _settings(config)
    fingerprint = data_hash(data / "nlu")
    every = read_examples(data / "nlu")
    examples = drawn(every, limit)
    bench = Bench(settings, read_held_out(data / "heldout" / f"{LANGUAGE}.jsonl"), cache)
    english = drawn([one for one in every if one.language == LANGUAGE], min(limit or DIET_LIMIT, DIET_LIMIT))
    whole = folds + 1 + (DIET_FOLDS + 2 if diet else 0)
    with progress("Comparing") as tell:
        steps = iter(range(1, whole + 1))

        def step() -> None:
            tell(next(steps), whole)

        tell(0, whole)
        title = f"{len(examples):,} examples in all languages, {folds} folds"
        sections = [Section(title, bench.ours(examples, folds, step))]
        if diet:
            title = f"{len(english):,} English examples, one 80/20 split"
            rows = bench.ours(english, DIET_FOLDS, step, only=0)
            sections.append(Section(title, [*rows, bench.diet(english, step)]))
    return Comparison(
        date.today().isoformat(), commit(), len(examples), fingerprint, folds, limit, load_before, sections
    )


# --- the examples


def data_hash(nlu: Path) -> str:
    """SHA-256 over the names and contents of all training files."""
    digest = hashlib.sha256()
    for file in sorted(nlu.rglob("*.yml")):
        digest.update(file.relative_to(nlu).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def drawn(examples: Sequence[Example], limit: int | None) -> list[Example]:
    """At most so many examples of each intent, drawn by chance but the same each time, in their order."""
    if limit is None:
        return list(examples)
    left: dict[str, int] = {}
    kept = []
    for place in random.Random(SEED).sample(range(len(examples)), len(examples)):  # noqa: S311  (nothing secret)
        intent = examples[place].intent
        left[intent] = left.get(intent, limit) - 1
        if left[intent] >= 0:
            kept.append(place)
    return [examples[place] for place in sorted(kept)]


def families_of(texts: Sequence[str], intents: Sequence[str]) -> np.ndarray:
    """The number of the family of each text.

    A family is what hangs together within an intent by a likeness (of character trigrams) of `NEAR_COPY` or more.
    """
    names = np.array(intents)
    found = np.empty(len(texts), dtype=int)
    count = 0
    for intent in np.unique(names):
        places = np.flatnonzero(names == intent)
        rows = trigrams([texts[place] for place in places])
        here, members = connected_components(likeness(rows, rows) >= NEAR_COPY, directed=False)
        found[places] = members + count
        count += here
    return found


def folds_of(truth: np.ndarray, families: np.ndarray, folds: int) -> np.ndarray:
    """The number of the fold of each example: families whole, intents spread evenly.

    Raises:
        CompareError: a fold would hold all families of an intent.
    """
    found = np.empty(len(truth), dtype=int)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=SEED)
    for fold, (inside, outside) in enumerate(splitter.split(truth, truth, families)):
        if len(np.unique(truth[inside])) < len(np.unique(truth)):
            raise CompareError(f"An intent has too few different examples for {folds} folds.")
        found[outside] = fold
    return found


def read_held_out(file: Path) -> list[_HeldOut]:
    """The lines of a held-out file for which one intent or some are right; out-of-scope ones are left out.

    Raises:
        DataError: it cannot be read, or a line does not fit.
    """
    try:
        lines = msgspec.json.Decoder(_HeldOut).decode_lines(file.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"{file}: not a file of held-out lines: {error}") from error
    return [line for line in lines if line.right]


# --- fitting


def fit(material: Material, inside: np.ndarray, settings: dict[str, Any]) -> Models:
    """Both models, from the examples at some places."""
    texts = [material.texts[place] for place in inside]
    words = Words.fit(texts)
    return Models(
        words,
        fit_words(words.transform(texts), material.truth[inside], settings["word_penalty"]),
        fit_meaning(material.vectors[inside], material.truth[inside], settings["meaning_penalty"]),
    )


def fit_mix(words: np.ndarray, meaning: np.ndarray, truth: np.ndarray, sure: float) -> Mix:
    """Weights and temperatures from scores of examples that the models have not seen."""
    none = np.zeros_like(words)
    return Mix(
        fit_weights(words, meaning, truth),
        float(fit_weights(words, none, truth)[0]),
        float(fit_weights(none, meaning, truth)[1]),
        sure,
    )


def hits(chances: np.ndarray, right: Sequence[set[int]], count: int) -> int:
    """For how many texts a right label is among the first so many."""
    best = np.argsort(-chances, axis=1, kind="stable")[:, :count]
    return sum(not wanted.isdisjoint(row) for wanted, row in zip(right, best.tolist(), strict=True))


def both_hits(chances: np.ndarray, right: Sequence[set[int]]) -> tuple[Share, Share]:
    """Right first, and right among three."""
    first, three = (Share(f"top-{count}", hits(chances, right, count), len(right)) for count in (1, 3))
    return first, three


# --- measuring


class Bench:
    """What all pipelines are measured with.

    Args:
        settings: those of TopicClassifier.
        held_out: lines never trained on.
        cache: file of sentence vectors.
    """

    def __init__(self, settings: dict[str, Any], held_out: Sequence[_HeldOut], cache: Path) -> None:
        self._settings = settings
        self._held_out = [normalised(line.text) for line in held_out]
        self._right = [line.right for line in held_out]
        self._cache = cache
        # It keeps no vectors, so that each message timed is computed.
        self._encoder = SentenceEncoder(remember=0)
        self._held_out_vectors = np.stack([self._encoder.encode(text) for text in self._held_out])
        self._timed = self._held_out[:: max(1, len(self._held_out) // TIMED)][:TIMED]
        self._encoder_mb = _in_new_process(_encoder_mb)

    def ours(
        self, examples: Sequence[Example], folds: int, step: Callable[[], None], only: int | None = None
    ) -> list[Row]:
        """Every pipeline but DIET.

        Args:
            examples: what to train on and, by folds, to score.
            folds: how many.
            step: called after each fold and at the end.
            only: the number of a fold, to score that one alone, as on a single split; the held-out file is then
                scored by what that split has trained.

        Raises:
            CompareError: an intent has too few families.
        """
        material = self._material(examples)
        fold_of = folds_of(material.truth, material.families, folds)
        words, meaning = (np.empty((len(examples), len(material.labels)), np.float32) for _ in range(2))
        models = None
        for fold in range(folds):
            fitted = fit(material, np.flatnonzero(fold_of != fold), self._settings)
            models = fitted if fold == only else models
            outside = np.flatnonzero(fold_of == fold)
            words[outside] = fitted.by_words.scores(fitted.words.transform([material.texts[i] for i in outside]))
            meaning[outside] = fitted.by_meaning.scores(material.vectors[outside])
            step()
        mixes = {
            fold: fit_mix(
                words[fold_of != fold],
                meaning[fold_of != fold],
                material.truth[fold_of != fold],
                self._settings["sure"],
            )
            for fold in (range(folds) if only is None else [only])
        }
        if models is None:
            models = fit(material, np.arange(len(examples)), self._settings)
            mix = fit_mix(words, meaning, material.truth, self._settings["sure"])
        else:
            mix = mixes[fold_of.dtype.type(only)]
        rows = []
        for name, (pipeline, uses_words, uses_meaning) in PIPELINES.items():
            places = np.concatenate([np.flatnonzero(fold_of == fold) for fold in mixes])
            chances = np.concatenate(
                [
                    pipeline(_given(words[fold_of == fold]), _given(meaning[fold_of == fold]), one)
                    for fold, one in mixes.items()
                ]
            )
            median, p95 = self._milliseconds(models, pipeline, mix)
            rows.append(
                Row(
                    name,
                    both_hits(chances, [{int(column)} for column in material.truth[places]]),
                    self._on_held_out(models, pipeline, mix, material.labels),
                    median,
                    p95,
                    uses_words * _words_mb(models) + uses_meaning * (_linear_mb(models.by_meaning) + self._encoder_mb),
                )
            )
        step()
        return rows
