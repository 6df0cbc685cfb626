"""The one answer that is given before anything is read: a request that is too large."""

from bot.gateway.api import Problem, encode


def too_large() -> bytes:
    """Body of a 413, with the emergency number."""
    text = "That message is too long. Please send it in shorter parts. In danger now? Call 999."
    return encode(Problem(error="too_large", text=text))
