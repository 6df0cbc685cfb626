"""`python -m bot compare`: the pipelines that config.yml might name, measured on the same examples.

Each example is scored by models that have seen neither it nor a near copy of it: near copies form a family, and folds
are made of whole families. The weights and temperatures under which a fold's scores become chances are fitted on the
other folds' scores. For the held-out file everything is trained on. Linux only: memory is read from /proc.
"""

import hashlib
import importlib
import itertools
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
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
from bot.engine.topic_classifier import Linear, TopicClassifier, Words, fit_meaning, fit_weights, fit_words, joined
from bot.evaluation.bench import commit
from bot.evaluation.examples_check import LANGUAGE, Example, likeness, read_examples, trigrams
from bot.evaluation.scores import Labels, Share, right_topics
from bot.rights.answers import intent_of
from bot.settings import ROOT

NEAR_COPY = 0.5
TIMED, WARM_UP = 200, 5
SEED = 0
DIET_EPOCHS, DIET_FOLDS, DIET_LIMIT = 30, 5, 20
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
    """What is trained on: texts with their vectors, the column of the right label, and the fold each is in."""

    texts: list[str]
    vectors: np.ndarray
    labels: list[str]
    truth: np.ndarray
    fold: np.ndarray

    def part(self, inside: np.ndarray) -> "Material":
        """Those for which `inside` is true."""
        texts = [text for text, is_inside in zip(self.texts, inside, strict=True) if is_inside]
        return Material(texts, self.vectors[inside], self.labels, self.truth[inside], self.fold[inside])


class Models(msgspec.Struct, frozen=True):
    """Both models, fitted."""

    vocabulary: Words
    by_words: Linear
    by_meaning: Linear

    def words(self, texts: list[str]) -> np.ndarray:
        """Scores of texts by their words."""
        return self.by_words.scores(self.vocabulary.transform(texts))


class Trained(msgspec.Struct, frozen=True):
    """All that a pipeline of ours needs to answer."""

    models: Models
    mix: Mix
    labels: list[str]


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
    whole = folds + 1 + (DIET_FOLDS + 1 if diet else 0)
    with progress("Comparing") as tell:
        tell(0, whole)
        steps = itertools.count(1)

        def step() -> None:
            tell(next(steps), whole)

        title = f"{len(examples):,} examples in all languages, {folds} folds"
        sections = [Section(title, bench.by_folds(bench.material(examples, folds), step))]
        if diet:
            english = [example for example in every if example.language == LANGUAGE]
            some = bench.material(drawn(english, min(limit or DIET_LIMIT, DIET_LIMIT)), DIET_FOLDS)
            title = f"{len(some.texts):,} English examples, one 80/20 split"
            sections.append(Section(title, [*bench.by_split(some, step), bench.diet(some)]))
            step()
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


def fit(material: Material, settings: dict[str, Any]) -> Models:
    """Both models, as TopicClassifier fits them."""
    vocabulary = Words.fit(material.texts)
    features = vocabulary.transform(material.texts)
    return Models(
        vocabulary,
        fit_words(features, material.truth, settings["word_penalty"]),
        fit_meaning(material.vectors, material.truth, settings["meaning_penalty"]),
    )


def out_of_fold(
    material: Material, settings: dict[str, Any], step: Callable[[], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of each example, by words and by meaning, from models that have not seen its fold.

    Args:
        material: all examples.
        settings: those of TopicClassifier.
        step: called after each fold.
    """
    shape = len(material.texts), len(material.labels)
    words, meaning = np.empty(shape, np.float32), np.empty(shape, np.float32)
    for fold in np.unique(material.fold):
        models = fit(material.part(material.fold != fold), settings)
        unseen = material.part(material.fold == fold)
        words[material.fold == fold] = models.words(unseen.texts)
        meaning[material.fold == fold] = models.by_meaning.scores(unseen.vectors)
        step()
    return words, meaning


def fit_mix(words: np.ndarray, meaning: np.ndarray, truth: np.ndarray, sure: float) -> Mix:
    """Weights and temperatures from scores of examples that the models have not seen."""
    none = np.zeros_like(words)
    return Mix(
        fit_weights(words, meaning, truth),
        float(fit_weights(words, none, truth)[0]),
        float(fit_weights(none, meaning, truth)[1]),
        sure,
    )


def hits(chances: np.ndarray, right: Sequence[set[int]]) -> tuple[Share, Share]:
    """For how many texts a right column is first, and among the first three.

    Args:
        chances: len(right) × labels.
        right: the columns that are right, for each text.
    """
    best = np.argsort(-chances, axis=1, kind="stable").tolist()
    first, three = (
        Share(
            f"top-{count}",
            sum(not wanted.isdisjoint(row[:count]) for wanted, row in zip(right, best, strict=True)),
            len(right),
        )
        for count in (1, 3)
    )
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
        # It keeps no vectors, so that the meaning of each message timed is computed.
        self._encoder = SentenceEncoder(remember=0)
        self._vectors = np.stack([self._encoder.encode(text) for text in self._held_out])
        self._timed = random.Random(SEED).sample(self._held_out, min(TIMED, len(held_out)))  # noqa: S311
        self._encoder_mb = _in_new_process(_encoder_mb, self._timed)

    def material(self, examples: Sequence[Example], folds: int) -> Material:
        """Examples made ready to train on.

        Raises:
            CompareError: an intent has too few families for so many folds.
        """
        texts = [normalised(example.text) for example in examples]
        intents = [example.intent for example in examples]
        labels, truth = np.unique(intents, return_inverse=True)
        fold = folds_of(truth, families_of(texts, intents), folds)
        vectors = self._encoder.encode_all(texts, self._cache, ROOT / SHIPPED)
        return Material(texts, vectors, labels.tolist(), truth, fold)

    def by_folds(self, material: Material, step: Callable[[], None]) -> list[Row]:
        """Every pipeline of ours, all examples scored by folds; what answers the held-out file is trained on all.

        Args:
            material: the examples.
            step: called after each fold and at the end.
        """
        words, meaning = out_of_fold(material, self._settings, step)
        sure = self._settings["sure"]
        chances = {name: np.empty_like(words) for name in PIPELINES}
        for fold in np.unique(material.fold):
            own, others = material.fold == fold, material.fold != fold
            mix = fit_mix(words[others], meaning[others], material.truth[others], sure)
            for name, (pipeline, _, _) in PIPELINES.items():
                chances[name][own] = pipeline(_given(words[own]), _given(meaning[own]), mix)
        trained = Trained(fit(material, self._settings), fit_mix(words, meaning, material.truth, sure), material.labels)
        right = [{column} for column in material.truth.tolist()]
        rows = self._rows(trained, {name: hits(chances[name], right) for name in PIPELINES})
        step()
        return rows

    def by_split(self, material: Material, step: Callable[[], None]) -> list[Row]:
        """Every pipeline of ours, trained on all folds but the first and scored on that."""
        inside, outside = material.part(material.fold != 0), material.part(material.fold == 0)
        mix = fit_mix(*out_of_fold(inside, self._settings, step), inside.truth, self._settings["sure"])
        trained = Trained(fit(inside, self._settings), mix, material.labels)
        words = _given(trained.models.words(outside.texts))
        meaning = _given(trained.models.by_meaning.scores(outside.vectors))
        right = [{column} for column in outside.truth.tolist()]
        found = {name: hits(pipeline(words, meaning, mix), right) for name, (pipeline, _, _) in PIPELINES.items()}
        rows = self._rows(trained, found)
        step()
        return rows

    def diet(self, material: Material) -> Row:
        """Rasa's default pipeline on the same split.

        Raises:
            CompareError: Rasa could not train.
        """
        inside, outside = material.part(material.fold != 0), material.part(material.fold == 0)
        with tempfile.TemporaryDirectory() as folder:
            model = train_diet(inside, Path(folder))
            said = _in_new_process(_ask_diet, model, [*outside.texts, *self._held_out], self._timed)
        columns = {label: column for column, label in enumerate(material.labels)}
        chances = np.zeros((len(said.rankings), len(columns)))
        for row, ranking in zip(chances, said.rankings, strict=True):
            for label, chance in ranking:
                row[columns[label]] = chance
        right = [*({column} for column in outside.truth.tolist()), *self._right_columns(material.labels)]
        cut = len(outside.texts)
        shares = hits(chances[:cut], right[:cut]), hits(chances[cut:], right[cut:])
        return Row(DIET, *shares, *_median_and_p95(said.milliseconds), said.memory_mb)

    def _rows(self, trained: Trained, found: dict[str, tuple[Share, Share]]) -> list[Row]:
        """What is found on the examples, with the score on the held-out file, time and memory."""
        models, mix = trained.models, trained.mix
        words, meaning = _given(models.words(self._held_out)), _given(models.by_meaning.scores(self._vectors))
        right = self._right_columns(trained.labels)
        words_mb = _words_mb(models)
        meaning_mb = _linear_mb(models.by_meaning) + self._encoder_mb
        return [
            Row(
                name,
                found[name],
                hits(pipeline(words, meaning, mix), right),
                *_median_and_p95(self._milliseconds(trained, pipeline)),
                needs_words * words_mb + needs_meaning * meaning_mb,
            )
            for name, (pipeline, needs_words, needs_meaning) in PIPELINES.items()
        ]

    def _milliseconds(self, trained: Trained, pipeline: Pipeline) -> list[float]:
        """How long each message takes, in one thread."""
        models = trained.models

        def answer(text: str) -> None:
            pipeline(
                lambda: models.words([text]),
                lambda: models.by_meaning.scores(self._encoder.encode(text)[None, :]),
                trained.mix,
            )

        with threadpool_limits(1):
            return _timed(answer, self._timed)

    def _right_columns(self, labels: list[str]) -> list[set[int]]:
        columns = {label: column for column, label in enumerate(labels)}
        return [{columns[intent] for intent in right if intent in columns} for right in self._right]


def _given(scores: np.ndarray) -> Scores:
    return lambda: scores


def _timed(answer: Callable[[str], Any], texts: Sequence[str]) -> list[float]:
    """Milliseconds for each text, after a few that only warm up."""
    for text in texts[:WARM_UP]:
        answer(text)
    took = []
    for text in texts:
        start = time.perf_counter()
        answer(text)
        took.append((time.perf_counter() - start) * 1000)
    return took


def _median_and_p95(milliseconds: Sequence[float]) -> tuple[float, float]:
    return float(np.median(milliseconds)), float(np.percentile(milliseconds, 95))


def _words_mb(models: Models) -> float:
    """Memory of the word model: vocabularies, their weights, and the linear model."""
    views = models.vocabulary.to_plain()
    terms = sum(sys.getsizeof(dict.fromkeys(view["terms"])) + sum(map(sys.getsizeof, view["terms"])) for view in views)
    return (terms + sum(8 * len(view["idf"]) for view in views)) / 1e6 + _linear_mb(models.by_words)


def _linear_mb(model: Linear) -> float:
    return float(model.weights.nbytes + model.bias.nbytes) / 1e6


# --- in processes of their own, where memory can be told apart


class _Said(msgspec.Struct, frozen=True):
    """What a DIET model said: for each text its intents with their chances."""

    rankings: list[list[tuple[str, float]]]
    milliseconds: list[float]
    memory_mb: float


def _in_new_process(work: Callable[..., Any], *args: Any) -> Any:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(work, *args).result()


def _resident_mb() -> float:
    """Memory of this process that is really there."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _encoder_mb(texts: list[str]) -> float:
    """How much memory the sentence encoder takes; it reads in what its texts need."""
    before = _resident_mb()
    encoder = SentenceEncoder(remember=0)
    for text in texts:
        encoder.encode(text)
    return _resident_mb() - before


def train_diet(material: Material, folder: Path) -> Path:
    """Train Rasa's default pipeline.

    Args:
        material: what on.
        folder: where to.

    Returns:
        The model's path.

    Raises:
        CompareError: Rasa could not train.
    """
    by_label: dict[str, list[str]] = {label: [] for label in material.labels}
    for text, column in zip(material.texts, material.truth, strict=True):
        by_label[material.labels[column]].append(text)
    blocks = [
        {"intent": label, "examples": "".join(f"- {text}\n" for text in texts)} for label, texts in by_label.items()
    ]
    config, nlu = folder / "config.yml", folder / "nlu.yml"
    config.write_text(yaml.safe_dump(DIET_CONFIG, sort_keys=False), encoding="utf-8")
    nlu.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8")
    model = importlib.import_module("bot.engine.diet").train(config, nlu, folder)
    if model is None:
        raise CompareError("Rasa could not train its default pipeline. What it said stands above.")
    return Path(model)


def _ask_diet(model: Path, texts: list[str], timed: list[str]) -> _Said:
    """Load a model and put texts through it, in one thread."""
    diet = importlib.import_module("bot.engine.diet")
    before = _resident_mb()
    ask = diet.parser(model)
    milliseconds = _timed(ask, timed)
    memory = _resident_mb() - before
    return _Said([ask(text) for text in texts], milliseconds, memory)


# --- what is shown


def cells(row: Row) -> list[str]:
    """A row in words, under `COLUMNS`."""
    shares = [
        f"{one.value:.1%} ({one.interval[0]:.1%} to {one.interval[1]:.1%})" for one in (*row.folds, *row.held_out)
    ]
    return [row.name, *shares, f"{row.median_ms:.1f} ms", f"{row.p95_ms:.1f} ms", f"{row.memory_mb:.0f} MB"]


def as_tables(comparison: Comparison) -> list[Table]:
    """For the terminal, a table for each section."""
    tables = []
    for section in comparison.sections:
        table = Table(*COLUMNS, title=section.title)
        for row in section.rows:
            table.add_row(*cells(row))
        tables.append(table)
    return tables


def as_page(comparison: Comparison) -> str:
    """As Markdown, with what it was measured on and what the columns mean."""
    drawn_from = "" if comparison.limit is None else f", at most {comparison.limit} of an intent"
    lines = [
        "# Which pipeline",
        "",
        "Written by `make compare`, which says more in `bot/evaluation/compare.py`. Do not edit.",
        "",
        "| | |",
        "| --- | --- |",
        f"| date | {comparison.day} |",
        f"| commit | {comparison.commit} |",
        f"| examples | {comparison.examples:,}{drawn_from} |",
        f"| SHA-256 of data/nlu | `{comparison.data_sha256}` |",
        f"| load average before | {comparison.load_before:.1f} on {os.cpu_count()} cores |",
        "",
        "*Folds*: examples scored by models that have seen neither them nor a near copy. *Held out*: those lines of",
        "`data/heldout/en.jsonl` for which a topic or service intent is right, or several. Intervals: 95 %, Wilson.",
        "Times: one message in one thread, its vector not kept. Memory: weights and vocabulary and, where it is",
        "needed, the sentence encoder; of DIET what loading it and its first messages take.",
    ]
    for section in comparison.sections:
        lines += [
            "",
            f"## {section.title}",
            "",
            f"| {' | '.join(COLUMNS)} |",
            "| --- |" + " ---: |" * (len(COLUMNS) - 1),
        ]
        lines += [f"| {' | '.join(cells(row))} |" for row in section.rows]
    return "\n".join(lines) + "\n"


def _settings(config: Path) -> dict[str, Any]:
    """The settings of TopicClassifier: its own, and over them those of a config.yml."""
    name = f"{TopicClassifier.__module__}.{TopicClassifier.__name__}"
    own: dict[str, Any] = next((one for one in load(config, dict)["pipeline"] if one["name"] == name), {})
    return {**TopicClassifier.get_default_config(), **own}
