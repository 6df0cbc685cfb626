"""A message that is a case number and little else asks where that case stands.

No example could teach this: what tells a number from a date or a telephone number is its form (bot.cases.references).
"""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.cases.references import CERTAIN, Recognise, load_references
from bot.settings import load as load_settings

CASE_STATUS = "case_status"
MOST_OTHER_WORDS = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CaseNumber(GraphComponent, IntentClassifier):
    """The component named in config.yml. See the module's docstring."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "CaseNumber":
        """The component with the forms of data/cases/references.yml."""
        return cls(load_references(load_settings().data_path))

    def __init__(self, recognise: Recognise) -> None:
        self._recognise = recognise

    def process(self, messages: list[Message]) -> list[Message]:
        """Give each message that is a case number the intent `case_status`."""
        for message in messages:
            text = message.get(TEXT) or ""
            if text.startswith("/") or not any(char.isdigit() for char in text):
                continue
            words = [word for word in text.split() if not any(char.isdigit() for char in word)]
            if len(words) <= MOST_OTHER_WORDS and "?" not in text and self._recognise(text).kind in CERTAIN:
                found = {"name": CASE_STATUS, "confidence": 1.0}
                message.set(INTENT, found, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [found], add_to_output=True)
        return messages

    def process_training_data(self, training_data: Any) -> Any:
        """Training data passes through: examples are not messages."""
        return training_data
