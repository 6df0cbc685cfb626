"""What an account of staff is, and how one is read from its row."""

from typing import Any, Literal, cast

import msgspec
from sqlalchemy.engine import Row

from bot.staff.roles import ROLES, OrganisationId, Staff
from bot.store.encryption import Vault

Kind = Literal["local", "oidc", "demo"]
State = Literal["invited", "active", "disabled"]
ACTIVE: State = "active"
COMMAND_LINE, PROVIDER = "command_line", "provider"
"""What the audit log names where somebody used the command line, or the provider of OpenID Connect said so."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed in an account's row.

    Attributes:
        name: the name or role that people see in a chat.
        sign_in: the name they sign in with; for an account of the provider, issuer and subject.
        password: its argon2id hash; empty until they have chosen one, and for accounts of the provider.
        code_secret: base32 secret of the time-based codes.
        shown: the password itself, in accounts of the demonstration only.
    """

    name: str
    sign_in: str
    password: str = ""
    code_secret: str = ""
    shown: str = ""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as administrators see it.

    Attributes:
        staff: who, with roles and organisation.
        sign_in: the name they sign in with.
        kind: `local`; `oidc`, which comes from the provider with its roles; `demo`, for the demonstration only.
        state: `invited` until they have chosen a password.
        created: seconds since the epoch.
    """

    staff: Staff
    sign_in: str
    kind: Kind
    state: State
    created: float


def account_of(vault: Vault, row: Row) -> Account:
    """The account in a row of the table `staff`."""
    told = secrets_of(vault, row)
    return Account(
        staff=Staff(
            id=row.id,
            name=told.name,
            roles=frozenset(role for role in ROLES if role in row.roles.split(",")),
            organisation=cast(OrganisationId, row.organisation),
            restricted=row.restricted,
        ),
        sign_in=told.sign_in,
        kind=row.kind,
        state=row.state,
        created=row.created,
    )


def secrets_of(vault: Vault, row: Row) -> Secrets:
    """What is sealed in a row of the table `staff`."""
    opened: Any = vault.open(row.key, row.sealed, Secrets)
    return cast(Secrets, opened)
