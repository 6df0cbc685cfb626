"""What the fork server imports once, so that each engine starts in seconds: Rasa, without model or thread pool."""

import bot.engine.agent
import bot.engine.topic_classifier  # noqa: F401
