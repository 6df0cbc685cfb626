"""What people tell about their own situation, as entities; domain.yml puts them into slots of the same names.

The patterns are data (data/conversation/situation.en.yml), read by bot.rights.situation.
"""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.rights.situation import SituationReader, load_situation
from bot.settings import load as load_settings


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class SituationExtractor(GraphComponent, EntityExtractorMixin):
    """The component named in config.yml. See the module's docstring."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SituationExtractor":
        """The component with the patterns of data/conversation."""
        return cls(load_situation(load_settings().data_path))

    def __init__(self, reader: SituationReader) -> None:
        self._reader = reader

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what each message tells; a button's payload tells nothing but its own entities."""
        for message in messages:
            text = message.get(TEXT) or ""
            if text.startswith("/"):
                continue
            told = [
                {"entity": one.entity, "value": one.value, "start": one.start, "end": one.end}
                for one in self._reader.read(text)
            ]
            entities = message.get(ENTITIES, []) + self.add_extractor_name(told)
            message.set(ENTITIES, entities, add_to_output=True)
        return messages
