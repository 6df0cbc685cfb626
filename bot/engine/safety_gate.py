"""The gate's first layer inside Rasa, for `rasa shell` only: behind the gateway every message has passed it already."""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.safety.gate import Gate, load_gate
from bot.settings import load as load_settings

FROM_GATEWAY = "gate_passed"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyGate(GraphComponent, IntentClassifier):
    """Gives a message that shows danger the intent `safety`, unless the gateway says that it has looked."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SafetyGate":
        """The component with the patterns of data/safety."""
        return cls()

    def __init__(self) -> None:
        # Built for the first message that needs it: behind the gateway none does, and the patterns take a second.
        self._gate: Gate | None = None

    def process(self, messages: list[Message]) -> list[Message]:
        """Look at each message that the gateway has not looked at."""
        for message in messages:
            if (message.get(METADATA) or {}).get(FROM_GATEWAY) or not message.get(TEXT):
                continue
            if self._gate is None:
                settings = load_settings()
                self._gate = load_gate(settings.data_path, settings.models_path)
            verdict = self._gate.check(message.get(TEXT))
            if verdict is not None and verdict.mode != "boundary":
                found = {"name": "safety", "confidence": 1.0}
                message.set(INTENT, found, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [found], add_to_output=True)
        return messages

    def process_training_data(self, training_data: Any) -> Any:
        """Training data passes through: examples are not messages."""
        return training_data
