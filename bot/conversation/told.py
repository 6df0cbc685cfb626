"""What the person has told so far, as far as a safety card goes by it: their age and their council area.

Both stand in Rasa's slots, which are carried from turn to turn: the situation (`bot.rights.situation`) and the answers
to the referral form. Nothing is asked for a card's sake.
"""

import msgspec

from bot.store.conversations import Memory

_YOUNG, _GROWN = ("under_13", "under_18", "13_to_17"), ("adult", "18_or_over")


class Told(msgspec.Struct, frozen=True):
    """`under_18`: the person's own age; None where it is not known. `area`: a council area as cards name it, or any
    other place, which they have no line for."""

    under_18: bool | None = None
    area: str | None = None


def told(memory: Memory) -> Told:
    """What a conversation's memory holds of it."""
    slots = {event.get("name"): event.get("value") for event in memory.carry if event.get("event") == "slot"}
    answers = ((slots.get("referral") or {}).get("draft") or {}).get("answers", {})
    area = answers.get("area")
    return Told(_under_18(slots.get("about"), slots.get("age_group"), answers), area.lower() if area else None)


def _under_18(about: str | None, age_group: str | None, answers: dict[str, str]) -> bool | None:
    # The form asks for the person's own age; the situation holds that of whoever it happened to.
    own = answers.get("age_group")
    if own is None and about in (None, "me"):
        own = age_group
    if own in _YOUNG:
        return True
    return False if own in _GROWN or about == "my_child" else None
