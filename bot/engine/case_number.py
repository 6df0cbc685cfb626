"""A message that is a case number and little else asks where that case stands.

What tells a number from a date or a telephone number is its form (bot.cases.references).
"""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

from pathlib import Path

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.cases.references import CERTAIN, load_references
from bot.engine.recogniser import Read, Recogniser

CASE_STATUS = "case_status"
MOST_OTHER_WORDS = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CaseNumber(Recogniser):
    """The component named in config.yml. See the module's docstring."""

    @classmethod
    def reader(cls, data: Path) -> Read:
        """What knows case numbers, by data/cases/references.yml."""
        recognise = load_references(data)

        def read(text: str) -> str | None:
            others = [word for word in text.split() if not any(char.isdigit() for char in word)]
            little_else = len(others) <= MOST_OTHER_WORDS and "?" not in text
            numbered = little_else and any(char.isdigit() for char in text)
            return CASE_STATUS if numbered and recognise(text).kind in CERTAIN else None

        return read
