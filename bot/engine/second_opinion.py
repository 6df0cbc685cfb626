"""The second layer of the safety gate: networks on the sentence vector that was computed for the intent anyway.

It says how likely danger is; the gateway joins that with what the first layer thought and may only add a card or raise
its mode (bot.safety.gate). Where the words alone settled the intent there is no vector, and no second opinion.
"""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

import warnings
from pathlib import Path
from typing import Any

import msgspec
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.exceptions import ConvergenceWarning

from bot.engine.progress import progress
from bot.engine.sentence_features import CACHE, SHIPPED, SentenceEncoder, normalised
from bot.engine.topic_classifier import SENTENCE_VECTOR
from bot.safety.network import Network
from bot.safety.training import fit_vectors, training_examples

SECOND_OPINION = "second_opinion"
FILE = "opinion.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SecondOpinion(GraphComponent):
    """The component named in config.yml. See the module's docstring."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Settings that config.yml may change: `data`, the data folder, and where sentence vectors are kept."""
        return {"data": "data", "cache": CACHE, "shipped": SHIPPED}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._network: Network | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SecondOpinion":
        """A new component, untrained."""
        return cls(config, model_storage, resource)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Rasa asks every featurizer for this; there is nothing to refuse."""

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the gate's own examples; Rasa's training data has no danger in it."""
        examples = training_examples(Path(self._config["data"]))
        texts = [normalised(example.text) for example in examples]
        with progress("Sentence vectors of the safety gate") as tell:
            vectors = SentenceEncoder().encode_all(
                texts, Path(self._config["cache"]), Path(self._config["shipped"]), tell=tell
            )
        with self._storage.write_to(self._resource) as folder, warnings.catch_warnings():
            # The number of rounds is fixed, so that "not converged" is no news.
            warnings.simplefilter("ignore", ConvergenceWarning)
            fit_vectors(examples, vectors).save(folder / FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the opinion to messages that have a sentence vector."""
        for message in messages:
            vector = message.get(SENTENCE_VECTOR)
            if vector is not None and self._network is not None:
                message.set(SECOND_OPINION, msgspec.to_builtins(self._network.opinion(vector)), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training data passes through unchanged."""
        return training_data

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> "SecondOpinion":
        """A trained component from a model."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._network = Network.load(folder / FILE)
        return component
