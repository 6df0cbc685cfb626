"""A vault whose outer keys can be changed: every row's own key is wrapped anew with the newest, its words untouched."""

from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Engine

from bot.store.encryption import Vault
from bot.store.privacy_tables import data_complaints, holds, subject_exports
from bot.store.referral_tables import referrals
from bot.store.staff_tables import staff
from bot.store.tables import feedback
from bot.store.unanswered_tables import unanswered

SEALED = (referrals, holds, subject_exports, data_complaints, feedback, unanswered, staff)
"""Tables with a wrapped key in each row, or in some."""


class RotatingVault(Vault):
    """Seals and opens what is stored, and changes the service's keys.

    Args:
        keys: Fernet keys, newest first (setting `keys`).
    """

    def rewrap(self, wrapped: bytes) -> bytes:
        """The same row key, wrapped with the newest of the service's keys.

        Raises:
            cryptography.fernet.InvalidToken: none of the service's keys opens it.
        """
        return self._master.rotate(wrapped)


def rewrap_all(engine: Engine, vault: RotatingVault) -> int:
    """Wrap the keys of referrals, data protection records and accounts of staff with the newest. Returns how many.

    After it, the older keys can be taken out of the setting `keys` as far as these tables go.

    Raises:
        ValueError: a row can be opened with none of the keys; nothing is changed.
    """
    count = 0
    with engine.begin() as db:
        for table in SEALED:
            for row in db.execute(table.select().where(table.c.key.is_not(None))).all():
                try:
                    key = vault.rewrap(row.key)
                except InvalidToken as error:
                    raise ValueError(f"A row of {table.name} can be opened with none of the keys given.") from error
                db.execute(table.update().where(table.c.id == row.id).values(key=key))
                count += 1
    return count
