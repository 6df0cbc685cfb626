"""Real accounts on a real database, with a quick argon2id."""

from collections.abc import Callable
from typing import Any

import argon2
import msgspec
import pytest
from sqlalchemy.engine import Engine

from bot.cases.hashing import LookupHash, lookup_keys
from bot.staff.account import Account
from bot.staff.account_rows import PURPOSE, AccountRows
from bot.staff.accounts import Accounts
from bot.staff.audit import AuditLog
from bot.staff.invitations import Invitations
from bot.staff.passwords import Passwords, code_now
from bot.staff.presence import Presence
from bot.staff.roles import Staff
from bot.staff.sessions import Sessions
from bot.staff.sign_in import LocalSignIn
from bot.store.encryption import Vault
from tests.conftest import KEY

NOW = 1_790_000_000.0
PASSWORD = "correct horse battery"
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Desk(msgspec.Struct, frozen=True):
    """What stands between staff and their accounts, as a test uses it."""

    accounts: Accounts
    invitations: Invitations
    sign_in: LocalSignIn
    sessions: Sessions
    presence: Presence
    audit: AuditLog
    rows: AccountRows
    engine: Engine

    def member(self, sign_in: str = "ann", *roles: Any, by: Staff | None = None, **more: Any) -> Account:
        """Somebody who has taken their invitation; an adviser of Victim Support unless told otherwise."""
        given = {"name": f"Adviser {sign_in}", "organisation": "victim_support", **more}
        invitation = self.accounts.add(sign_in, roles=roles or ("adviser",), by=by, now=NOW, **given)
        enrolment = self.invitations.enrolment(invitation.code, NOW)
        assert enrolment is not None
        # The code of ten minutes ago, so that the one of now can still be used.
        code = code_now(enrolment.code_secret, NOW - 600)
        return self.invitations.accept(invitation.code, PASSWORD, code, NOW - 600)

    def code(self, sign_in: str = "ann", now: float = NOW) -> str:
        """The time-based code of a moment."""
        with self.engine.begin() as db:
            row = self.rows.known(db, ("local", sign_in))
        return code_now(self.rows.vault.open(row.key, row.sealed)["code_secret"], now)

    def acts(self, act: str) -> list[str]:
        """Subjects of the acts of one kind in the audit log, the newest first."""
        return [entry.subject for entry in self.audit.entries(act=act)]


@pytest.fixture
def make_desk(database: Engine, vault: Vault) -> Callable[..., Desk]:
    """Makes a desk on the database; each as another process would."""

    def made(demo: bool = False, hasher: Any = QUICK) -> Desk:
        keys = [KEY]
        hashed = LookupHash(lookup_keys(keys, PURPOSE))
        audit, rows, passwords = (
            AuditLog(database, lookup_keys(keys, "audit")),
            AccountRows(vault, hashed),
            Passwords(hasher),
        )
        invitations = Invitations(database, rows, audit, passwords)
        return Desk(
            accounts=Accounts(database, rows, audit, invitations),
            invitations=invitations,
            sign_in=LocalSignIn(database, rows, hashed, audit, passwords, demo=demo),
            sessions=Sessions(database, vault, longest_s=28_800.0, idle_s=900.0, demo=demo),
            presence=Presence(database, vault),
            audit=audit,
            rows=rows,
            engine=database,
        )

    return made


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


@pytest.fixture
def audit(desk: Desk) -> AuditLog:
    return desk.audit
