"""A form that a card has interrupted: its next question is put away until the person asks for it.

data/safety/cards.yml, "Stop any form. Offer one button to leave the page, one to go on." What was answered stays where
it is, in the form's slot. Until the person goes on, words are no answers to a question that nobody sees any more.
"""

from typing import Any

import msgspec

from bot.conversation.flows import open_form
from bot.conversation.messages import Button
from bot.conversation.turn import Turn
from bot.store.conversations import Memory

GO_ON = "gateway:go_on"
FORM = "/form{"
"""How the payload of every button of a form begins."""
AGAIN = FORM + '"form_step": "none", "form_answer": "again"}'
"""A button of a step that is not open: the form puts its open question again."""
_NAME, _EVENTS = "paused", "events"


def under_way(event: dict[str, Any]) -> bool:
    """Whether a carried Rasa event says that a form is asking something."""
    return event.get("event") == "active_loop" or event.get("name") == "requested_slot"


def without_form(memory: Memory) -> Memory:
    """The memory with no form under way, and none that is put away; what was answered is kept."""
    services = {name: kept for name, kept in memory.services.items() if name != _NAME}
    carry = [event for event in memory.carry if not under_way(event)]
    return msgspec.structs.replace(memory, carry=carry, services=services)


def paused(memory: Memory) -> Memory:
    """The memory with its open form put away; without one as it was."""
    if open_form(memory.carry) is None:
        return memory
    away = {_EVENTS: [event for event in memory.carry if under_way(event)]}
    memory = without_form(memory)
    return msgspec.structs.replace(memory, services={**memory.services, _NAME: away})


def is_paused(memory: Memory) -> bool:
    """Whether a form is put away."""
    return _NAME in memory.services


def with_way_back(turn: Turn, title: str) -> Turn:
    """A turn while a form is put away: with a button that goes back to it, unless another form was opened instead.

    Args:
        turn: what the engine said.
        title: of the button.
    """
    if open_form(turn.memory.carry) is not None:
        services = {name: kept for name, kept in turn.memory.services.items() if name != _NAME}
        return msgspec.structs.replace(turn, memory=msgspec.structs.replace(turn.memory, services=services))
    if not turn.replies:
        return turn
    *before, last = turn.replies
    back = Button(title=title, payload=GO_ON, control=True)
    last = msgspec.structs.replace(last, buttons=[*last.buttons, back])
    return msgspec.structs.replace(turn, replies=[*before, last])


def resumed(memory: Memory) -> Memory:
    """The memory with the form open again that was put away; without one as it was."""
    away = memory.services.get(_NAME, {}).get(_EVENTS, [])
    if not away:
        return memory
    memory = without_form(memory)
    return msgspec.structs.replace(memory, carry=[*away, *memory.carry])
