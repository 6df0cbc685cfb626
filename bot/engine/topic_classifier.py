"""Which intent a message means: a linear model on words and letters, joined with one on sentence vectors.

Each knows what the other does not: the first the exact words of letters and forms, the second the meaning behind slang
and second-language English. Their logits are added with weights and a temperature fitted on held-out examples, so the
confidence can be read as a probability. What is stored are plain arrays and a vocabulary, nothing pickled.
"""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack
from scipy.special import log_softmax, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.svm import LinearSVC

from bot.engine.context import CASE, Neighbours, parts_of, two_topics
from bot.engine.progress import progress
from bot.engine.sentence_features import CACHE, SHIPPED, SentenceEncoder, normalised
from bot.settings import ROOT

# Enough that three topics stand among them, whatever service intents and signposts come first.
RANKING = 40
FEW = 1_000
SENTENCE_VECTOR = "sentence_vector"
TWO_TOPICS = "two_topics"
LAST_TOPIC = "last_topic"
DOUBT = "doubt"
# \w alone would cut Indic words at each vowel sign and Arabic ones at each mark.
WORD = r"(?u)[\w\u0300-\u036f\u064b-\u065f\u0900-\u0dff]+"
VIEWS: tuple[dict[str, Any], ...] = (
    {"analyzer": "word", "ngram_range": (1, 2), "sublinear_tf": True, "token_pattern": WORD},
    {"analyzer": "char_wb", "ngram_range": (2, 4), "sublinear_tf": True},
)


class Words:
    """TF-IDF over words and letters, kept as vocabularies and weights."""

    def __init__(self, vectorizers: list[TfidfVectorizer]) -> None:
        self._vectorizers = vectorizers

    @classmethod
    def fit(cls, texts: list[str]) -> "Words":
        """Learn the vocabulary of the training texts."""
        # What stands in one text only teaches little and doubles the memory; a handful of texts has nothing else.
        seen = 2 if len(texts) >= FEW else 1
        return cls([TfidfVectorizer(**view, min_df=seen, dtype=np.float32).fit(texts) for view in VIEWS])

    def transform(self, texts: list[str]) -> csr_matrix:
        """Features of texts, len(texts) × vocabulary."""
        # Single precision throughout: otherwise each product first copies all weights to double.
        return hstack([v.transform(texts) for v in self._vectorizers], format="csr").astype(np.float32)

    def to_plain(self) -> list[dict[str, Any]]:
        """What is stored: per view its terms, in order of their column, and their weights."""
        return [
            {"terms": sorted(v.vocabulary_, key=v.vocabulary_.get), "idf": v.idf_.astype(float).tolist()}
            for v in self._vectorizers
        ]

    @classmethod
    def from_plain(cls, plain: list[dict[str, Any]]) -> "Words":
        """The reverse of `to_plain`."""
        vectorizers = []
        for view, stored in zip(VIEWS, plain, strict=True):
            vocabulary = {term: column for column, term in enumerate(stored["terms"])}
            vectorizer = TfidfVectorizer(**view, dtype=np.float32, vocabulary=vocabulary)
            vectorizer.idf_ = np.array(stored["idf"])
            vectorizers.append(vectorizer)
        return cls(vectorizers)


class Linear(msgspec.Struct, frozen=True):
    """Scores = features · weights + bias."""

    weights: Any
    bias: Any

    def scores(self, features: Any) -> np.ndarray:
        """One score for each label, len(features) × labels."""
        return np.asarray(features @ self.weights + self.bias)


def fit_words(features: csr_matrix, labels: np.ndarray, penalty: float) -> Linear:
    """Linear SVM, one label against the rest."""
    svm = LinearSVC(C=penalty, random_state=0).fit(features, labels)
    return Linear(svm.coef_.T.astype(np.float32), svm.intercept_.astype(np.float32))


def fit_meaning(features: np.ndarray, labels: np.ndarray, penalty: float) -> Linear:
    """Multinomial logistic regression."""
    model = LogisticRegression(C=penalty, max_iter=300, random_state=0).fit(features, labels)
    return Linear(model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))


def joined(words: np.ndarray, meaning: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Logits of both models together. `weights`: how much the SVM's scores and the regression's logits count."""
    return words * weights[0] + meaning * weights[1]


def fit_weights(words: np.ndarray, meaning: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Weights under which held-out labels are most likely; they include the temperature.

    Args:
        words, meaning: held-out scores of the two models, n × labels.
        truth: the right columns, n.
    """

    def loss(log_weights: np.ndarray) -> float:
        logs = log_softmax(joined(words, meaning, np.exp(log_weights)), axis=1)
        return float(-logs[np.arange(len(truth)), truth].mean())

    return np.exp(minimize(loss, np.log([3.0, 1.0]), method="Nelder-Mead").x)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """The component named in config.yml. See the module's docstring."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Settings that config.yml may change.

        `word_penalty`, `meaning_penalty`: inverse strength of regularisation. `held_out`: share to fit the weights on.
        `sure`: confidence of the word model alone above which no sentence vector is computed; 1 means always compute.
        `sure_of_two`: how sure it must be of each of two questions in one message to answer both. `data`: data folder.
        `cache`: file that keeps sentence vectors from one training to the next. `shipped`: folder of those that come
        with the project.
        """
        return {
            "word_penalty": 0.5,
            "meaning_penalty": 100.0,
            "held_out": 0.2,
            "sure": 1.0,
            "sure_of_two": 0.7,
            "data": "data",
            "cache": CACHE,
            "shipped": SHIPPED,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._encoder = SentenceEncoder()
        self._labels: list[str] = []
        self._neighbours: Neighbours | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TopicClassifier":
        """A new component, untrained."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the weights on a part held out, then both models on all examples."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        texts = [normalised(e.get(TEXT)) for e in examples]
        names = np.array([e.get(INTENT) for e in examples])
        labels, truth = np.unique(names, return_inverse=True)
        self._labels = [str(label) for label in labels]
        with progress("Sentence vectors") as tell:
            vectors = self._encoder.encode_all(
                texts, Path(self._config["cache"]), Path(self._config["shipped"]), tell=tell
            )
        self._words = Words.fit(texts)
        features = self._words.transform(texts)
        self._fit_weights(texts, vectors, truth)
        self._by_words = fit_words(features, truth, self._config["word_penalty"])
        self._by_meaning = fit_meaning(vectors, truth, self._config["meaning_penalty"])
        self._persist()
        return self._resource

    def _fit_weights(self, texts: list[str], vectors: np.ndarray, truth: np.ndarray) -> None:
        """Fit the two weights on a fifth of the examples that both models have not seen: plenty for two numbers."""
        inside, outside = train_test_split(
            np.arange(len(texts)), test_size=self._config["held_out"], stratify=truth, random_state=0
        )
        vocabulary = Words.fit([texts[i] for i in inside])
        train = vocabulary.transform([texts[i] for i in inside])
        held = vocabulary.transform([texts[i] for i in outside])
        words = fit_words(train, truth[inside], self._config["word_penalty"]).scores(held)
        meaning = fit_meaning(vectors[inside], truth[inside], self._config["meaning_penalty"]).scores(vectors[outside])
        self._weights = fit_weights(words, meaning, truth[outside])
        # For the first stage alone: the temperature under which the word model's confidence is a probability.
        self._word_weight = fit_weights(words, np.zeros_like(meaning), truth[outside])[0]

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of messages that have none yet (the safety gate may have set one)."""
        for message in messages:
            text = message.get(TEXT) or ""
            if message.get(INTENT, {}).get("name"):
                continue
            if not text or text.startswith("/"):
                # A slash is a button's payload, which Rasa reads itself afterwards.
                message.set(INTENT, {"name": None, "confidence": 1.0}, add_to_output=True)
                continue
            given = message.get(METADATA) or {}
            last_topic = given.get(LAST_TOPIC)
            case = given.get(CASE)
            nudge = self._neighbours.nudge(text, last_topic, case) if self._neighbours else None
            found, vector = self._ranking(normalised(text), nudge, bool(given.get(DOUBT)), case)
            ranking = [{"name": self._labels[column], "confidence": confidence} for column, confidence in found]
            two = self._two_topics(text)
            if two:
                # Both are answered: they stand first, as sure as the less sure of them.
                ranking = [*two, *(one for one in ranking if one["name"] not in {each["name"] for each in two})]
            message.set(TWO_TOPICS, [one["name"] for one in two], add_to_output=True)
            message.set(SENTENCE_VECTOR, vector)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _two_topics(self, text: str) -> list[dict[str, Any]]:
        """Two different topics that a message asks about as entries of a ranking, or nothing."""
        tops = [self._ranking(normalised(part))[0][0] for part in parts_of(text)]
        readings = [(self._labels[column], chance) for column, chance in tops]
        names = two_topics(readings, self._config["sure_of_two"])
        least = min((chance for name, chance in readings if name in names), default=0.0)
        return [{"name": name, "confidence": least} for name in names]

    def _ranking(
        self, text: str, nudge: np.ndarray | None = None, doubt: bool = False, case: str | None = None
    ) -> tuple[list[tuple[int, float]], np.ndarray | None]:
        """The best columns with their chances, and the sentence vector if it was needed.

        Args:
            text: the message, normalised.
            nudge: what the conversation so far adds to the log odds of each column.
            doubt: the safety gate wants the sentence vector looked at, so it is computed in any case.
            case: whether a case may be shown (`Neighbours.with_case`).
        """
        vector = None
        by_words = self._by_words.scores(self._words.transform([text]))
        chances = softmax(by_words[0] * self._word_weight)
        if doubt or chances.max() < self._config["sure"]:
            vector = self._encoder.encode(text)
            by_meaning = self._by_meaning.scores(vector[None, :])
            odds = joined(by_words, by_meaning, self._weights)[0]
            chances = softmax(odds if nudge is None else odds + nudge)
        if self._neighbours is not None:
            chances = self._neighbours.with_case(chances, text, case)
        best = np.argsort(chances)[::-1][:RANKING]
        return [(int(column), float(chances[column])) for column in best], vector

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training data passes through unchanged: nothing after this learns from our predictions."""
        return training_data

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            np.savez(
                folder / "weights.npz",
                word_weights=self._by_words.weights,
                word_bias=self._by_words.bias,
                meaning_weights=self._by_meaning.weights,
                meaning_bias=self._by_meaning.bias,
                joined=self._weights,
                word_weight=self._word_weight,
            )
            (folder / "labels.json").write_bytes(msgspec.json.encode(self._labels))
            (folder / "words.json").write_bytes(msgspec.json.encode(self._words.to_plain()))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> "TopicClassifier":
        """A trained component from a model."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / "weights.npz") as stored:
            component._by_words = Linear(stored["word_weights"], stored["word_bias"])
            component._by_meaning = Linear(stored["meaning_weights"], stored["meaning_bias"])
            component._weights = stored["joined"]
            component._word_weight = float(stored["word_weight"])
            component._labels = msgspec.json.decode((folder / "labels.json").read_bytes())
            component._words = Words.from_plain(msgspec.json.decode((folder / "words.json").read_bytes()))
        component._neighbours = Neighbours(component._labels, ROOT / config["data"])
        return component
