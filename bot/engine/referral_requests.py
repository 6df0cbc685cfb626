"""A message that asks about a referral sent from here (bot.referrals.requests)."""

from bot.engine import quiet  # isort: skip  # noqa: F401  (before Rasa)

from pathlib import Path

from rasa.engine.recipes.default_recipe import DefaultV1Recipe

from bot.engine.recogniser import Read, Recogniser
from bot.referrals.requests import load_requests


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ReferralRequests(Recogniser):
    """The component named in config.yml. See the module's docstring."""

    @classmethod
    def reader(cls, data: Path) -> Read:
        """What knows them, by the patterns of data/conversation."""
        return load_requests(data).read
