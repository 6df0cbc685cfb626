"""Sets the intent of a message that asks about a referral sent from here (bot.referrals.requests)."""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.referrals.requests import Requests, load_requests
from bot.settings import load as load_settings


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ReferralRequests(GraphComponent):
    """The component named in config.yml. See the module's docstring."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ReferralRequests":
        """The component with the patterns of data/conversation."""
        return cls(load_requests(load_settings().data_path))

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def process(self, messages: list[Message]) -> list[Message]:
        """Name what a message asks; others, and buttons, are left as they are understood."""
        for message in messages:
            text = message.get(TEXT) or ""
            asked = None if text.startswith("/") else self._requests.read(text)
            if asked is not None:
                message.set(INTENT, {"name": asked, "confidence": 1.0}, add_to_output=True)
        return messages
