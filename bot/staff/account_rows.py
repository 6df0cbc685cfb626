"""Rows of accounts: found, written and sealed, for the modules of this package."""

import uuid
from collections.abc import Collection

import msgspec
from sqlalchemy.engine import Connection, Row

from bot.cases.hashing import LookupHash
from bot.staff.account import Kind, Secrets, State
from bot.staff.roles import ROLES, OrganisationId, Role
from bot.store.encryption import Vault
from bot.store.staff_tables import staff, staff_presence, staff_sessions

PURPOSE = "staff"
"""Of the keys that names are hashed with (`bot.cases.hashing.lookup_keys`)."""
KnownAs = tuple[str, ...]
"""By what somebody is known: kind and name to sign in with, or kind, issuer and subject."""


class AccountRefused(Exception):
    """An account cannot be made, changed or used so; the message says why, for staff."""


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What is written of a new account; see `bot.staff.account`."""

    kind: Kind
    state: State
    known_as: KnownAs
    told: Secrets
    roles: Collection[Role]
    organisation: OrganisationId
    restricted: bool = False


class AccountRows:
    """Reads and writes the table `staff`, within transactions of others.

    Args:
        vault: the keys that seal names, hashes and secrets.
        hashed: keyed hashes by which names are found.
    """

    def __init__(self, vault: Vault, hashed: LookupHash) -> None:
        self.vault, self._hashed = vault, hashed

    def known(self, db: Connection, known_as: KnownAs) -> Row | None:
        """The row of whoever is known by this."""
        hashes = self._hashed.all("staff", *known_as)
        found: Row | None = db.execute(staff.select().where(staff.c.known_as.in_(hashes))).first()
        return found

    def row(self, db: Connection, account: str) -> Row:
        """The row of an account that is there."""
        found: Row = db.execute(staff.select().where(staff.c.id == account)).one()
        return found

    def insert(self, db: Connection, new: NewAccount, now: float) -> Row:
        """Write a new row.

        Raises:
            AccountRefused: the name is taken.
        """
        if self.known(db, new.known_as) is not None:
            raise AccountRefused("There is an account with this name to sign in.")
        key, account = self.vault.new_key(), str(uuid.uuid4())
        db.execute(
            staff.insert().values(
                id=account,
                known_as=self._hashed.of("staff", *new.known_as),
                key=key,
                sealed=self.vault.seal(key, new.told),
                kind=new.kind,
                state=new.state,
                roles=written(new.roles),
                organisation=new.organisation,
                restricted=new.restricted,
                last_step=0,
                created=now,
            )
        )
        return self.row(db, account)

    def seal(self, db: Connection, row: Row, told: Secrets, **values: object) -> None:
        """Write what is sealed in a row, and other columns with it."""
        sealed = self.vault.seal(row.key, told)
        db.execute(staff.update().where(staff.c.id == row.id).values(sealed=sealed, **values))

    def use_newest_key(self, db: Connection, row: Row, known_as: KnownAs) -> None:
        """Let a name be found under the newest key, so that older ones can go one day."""
        newest = self._hashed.of("staff", *known_as)
        if row.known_as != newest:
            db.execute(staff.update().where(staff.c.id == row.id).values(known_as=newest))


def end_sessions(db: Connection, account: str) -> None:
    """End all sessions of somebody, who is no longer on duty either."""
    for table in (staff_sessions, staff_presence):
        db.execute(table.delete().where(table.c.staff == account))


def written(roles: Collection[Role]) -> str:
    """Roles as a row has them."""
    return ",".join(role for role in ROLES if role in roles)
