"""The language of a message: which one it is written in, and which one to answer in."""

from bot.language.identify import Identified, Identifier, identify, load_identifier
from bot.language.languages import direction, names

__all__ = ["Identified", "Identifier", "direction", "identify", "load_identifier", "names"]
