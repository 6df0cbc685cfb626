"""The bot's commands: most mean what a button of the front door does, and two the channel carries out itself."""

from typing import Literal

from bot.conversation.front_door import LANGUAGES, RIGHTS, SUPPORT
from bot.rights.answers import intent_of

Own = Literal["exit", "erase"]
OWN: frozenset[str] = frozenset({"exit", "erase"})
START = "start"
PAYLOADS = {
    START: "/menu",
    "help": "/about_bot",
    "rights": RIGHTS,
    "case": "/case_status",
    "support": SUPPORT,
    "person": "/speak_to_human",
    "language": LANGUAGES,
    "privacy": "/privacy",
}
COMMANDS = ("start", "help", "rights", "case", "support", "person", "language", "exit", "erase", "privacy")


def deep_links(topics: list[str]) -> dict[str, str]:
    """What `t.me/<bot>?start=<name>` may open, as payload by name.

    Args:
        topics: ids of all topics in the order of the Code, such as `right_06/how_long`.

    Returns:
        A name for each topic (`right_06__how_long`) and for each right (`right_06`: its first topic), and those
        commands that only open something (`rights`, `support`).
    """
    found = {name: payload for name, payload in PAYLOADS.items() if name != START}
    for topic in topics:
        payload = "/" + intent_of(topic)
        found.setdefault(topic.partition("/")[0], payload)
        found[intent_of(topic)] = payload
    return found
