"""Derives from the content what Rasa would otherwise want written twice: an intent and a rule for each topic.

Rasa trains only the first half of an intent with a slash in it, so the topic `right_06/how_long` is the intent
`right_06__how_long`: `bot.rights.answers.intent_of` and `topic_of` map both ways.
"""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import (
    FULL_RETRIEVAL_INTENT_NAME_KEY,
    INTENT,
    INTENT_RESPONSE_KEY,
)
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.rights.answers import intent_of
from bot.rights.facts import load_facts
from bot.rights.phrases import load_phrases

OUT_OF_SCOPE = "oos__"


class ContentImporter(RasaFileImporter):
    """Rasa's file importer, plus the intents and rules that follow from data/code and data/conversation."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        paths = [training_data_paths] if isinstance(training_data_paths, str) else list(training_data_paths or [])
        # Only these folders of data/ are Rasa's. Its own search would parse every fact and answer, too.
        narrowed = [
            str(Path(path) / folder)
            for path in paths
            for folder in (("nlu", "rules", "stories") if _is_data(path) else ("",))
        ]
        super().__init__(config_file, domain_path, narrowed)
        self._data = next((Path(path) for path in paths if _is_data(path)), Path("data"))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Training examples with every topic as one plain intent."""
        data = super().get_nlu_data(language)
        for message in data.training_examples:
            key = message.get(INTENT_RESPONSE_KEY)
            if key:
                message.set(INTENT, intent_of(key), add_to_output=True)
                for name in (INTENT_RESPONSE_KEY, FULL_RETRIEVAL_INTENT_NAME_KEY):
                    message.data.pop(name, None)
        return TrainingData(training_examples=data.training_examples)

    def get_domain(self) -> Domain:
        """The domain of domain.yml with an intent for each topic and signpost."""
        return super().get_domain().merge(Domain.from_dict({"intents": self._derived_intents()}))

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """The rules of data/rules with a rule for each topic and signpost."""
        rules: list[dict[str, Any]] = [
            {
                "rule": f"answer {intent}",
                "steps": [
                    {"intent": intent},
                    {"action": "action_signpost" if intent.startswith(OUT_OF_SCOPE) else "action_answer"},
                ],
            }
            for intent in self._derived_intents()
        ]
        derived = YAMLStoryReader().read_from_string(yaml.safe_dump({"version": "3.1", "rules": rules}))
        return super().get_stories(exclusion_percentage).merge(StoryGraph(derived))

    def _derived_intents(self) -> list[str]:
        topics = [intent_of(topic) for topic in load_facts(self._data).topics]
        return topics + [OUT_OF_SCOPE + name for name in load_phrases(self._data).signposts]


def _is_data(path: str) -> bool:
    return (Path(path) / "nlu").is_dir()
