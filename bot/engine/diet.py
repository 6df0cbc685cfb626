"""Rasa's default pipeline, trained and asked for comparison only (`python -m bot compare --diet`)."""

from bot.engine import quiet  # isort: skip

import asyncio
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf
from rasa.core.agent import Agent
from rasa.model_training import train_nlu


def train(config: Path, nlu: Path, folder: Path) -> Path | None:
    """Train a pipeline on a file of examples.

    Args:
        config: Rasa's config.yml.
        nlu: the examples.
        folder: where the model goes.

    Returns:
        The model's path, or None where Rasa could not train; what it said stands on standard error.
    """
    with contextlib.redirect_stdout(sys.stderr):
        model = train_nlu(str(config), str(nlu), str(folder))
    return Path(model) if model else None


def parser(model: Path) -> Callable[[str], list[tuple[str, float]]]:
    """Load a model, in one thread.

    Returns:
        A function from a text to its intents with their chances, the likeliest first.
    """
    quiet.silence()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    agent = Agent.load(str(model))

    def ask(text: str) -> list[tuple[str, float]]:
        parsed = asyncio.run(agent.parse_message(text))
        return [(one["name"], one["confidence"]) for one in parsed["intent_ranking"]]

    return ask
