"""What components share that know a message by its form: no example could teach it to the classifier."""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.settings import load as load_settings

Read = Callable[[str], str | None]
"""The intent that a message has by its form, or None."""


class Recogniser(GraphComponent, IntentClassifier, ABC):
    """Gives each message that it knows its intent; others, and buttons, are left as they are understood."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "Recogniser":
        """The component with what the data folder says."""
        return cls(cls.reader(load_settings().data_path))

    @classmethod
    @abstractmethod
    def reader(cls, data: Path) -> Read:
        """What knows messages, made from the data folder."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intents."""
        for message in messages:
            text = message.get(TEXT) or ""
            known = None if text.startswith("/") else self._read(text)
            if known is not None:
                found = {"name": known, "confidence": 1.0}
                message.set(INTENT, found, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [found], add_to_output=True)
        return messages

    def process_training_data(self, training_data: Any) -> Any:
        """Training data passes through: examples are not messages."""
        return training_data
