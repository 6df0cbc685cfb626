"""Talks as holds know them: by the conversation, which staff know by the number of its talk."""

from collections.abc import Collection

from sqlalchemy.engine import Engine

from bot.handoff.queue import may_see
from bot.handoff.store import HandOffStore
from bot.staff.roles import Staff
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.handoff_tables import hand_offs


def conversation_of(engine: Engine, vault: Vault, staff: Staff, talk: int) -> str | None:
    """The conversation of a talk that staff may see; None where there is none, or it is erased.

    Args:
        engine: an opened database.
        vault: the keys that seal words.
        staff: who asks.
        talk: number of the hand-off.
    """
    with reading(engine) as db:
        found = HandOffStore(engine, vault).get(db, talk)
    return found.conversation if found is not None and may_see(staff, found) else None


def talks_of(engine: Engine, vault: Vault, staff: Staff, conversations: Collection[str]) -> dict[str, int]:
    """The last talk of each conversation that staff may see, by conversation; others are missing.

    Args:
        engine: an opened database.
        vault: the keys that seal words.
        staff: who asks.
        conversations: ids.
    """
    store = HandOffStore(engine, vault)
    with reading(engine) as db:
        rows = db.execute(
            hand_offs.select().where(hand_offs.c.conversation.in_(list(conversations))).order_by(hand_offs.c.id)
        ).all()
        found = [one for row in rows if (one := store.get(db, row.id)) is not None and may_see(staff, one)]
    return {one.conversation: one.id for one in found if one.conversation is not None}
