"""Approved examples as a file of training examples, in the form of data/nlu."""

import io
from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.rights.answers import intent_of
from bot.unanswered.model import Example


def as_nlu(examples: Iterable[Example]) -> str:
    """A YAML file with a block for each topic, in the order of the topics; an example that stands twice stands once."""
    by_topic: dict[str, dict[str, None]] = {}
    for example in examples:
        by_topic.setdefault(example.topic, {})[example.text] = None
    yaml: Any = YAML()
    yaml.width = 1_000_000
    blocks = [
        {"intent": intent_of(topic), "examples": LiteralScalarString("".join(f"- {text}\n" for text in texts))}
        for topic, texts in sorted(by_topic.items())
    ]
    out = io.StringIO()
    yaml.dump({"version": "3.1", "nlu": blocks}, out)
    return out.getvalue()
