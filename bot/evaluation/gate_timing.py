"""How long the part before any engine takes: the gate's first layer and telling the language, together."""

import time
from collections.abc import Sequence

from bot.language import load_identifier
from bot.safety.gate import load_gate
from bot.settings import Settings

WARM_UP = 50


def gate_times(settings: Settings, texts: Sequence[str]) -> list[float]:
    """Milliseconds that the gate's first layer and identification take for each text, on one thread.

    Args:
        settings: those of the assistant; its model must be trained.
        texts: messages, each looked at once; the first few are looked at beforehand, too, so that nothing is cold.
    """
    gate, identifier = load_gate(settings.data_path, settings.models_path), load_identifier(settings.data_path)

    def look(text: str) -> float:
        began = time.perf_counter()
        gate.look(text)
        identifier.identify(text, in_use="en", chosen=None, page=None)
        return 1000 * (time.perf_counter() - began)

    for text in texts[:WARM_UP]:
        look(text)
    return [look(text) for text in texts]
