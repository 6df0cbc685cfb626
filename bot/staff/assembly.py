"""Putting the parts of this package together, the same for the console, the gateway and the command line."""

from collections.abc import Sequence

import msgspec
from sqlalchemy.engine import Engine

from bot.cases.hashing import LookupHash, lookup_keys
from bot.settings import Settings
from bot.staff.account_rows import PURPOSE, AccountRows
from bot.staff.accounts import Accounts
from bot.staff.audit import AuditLog
from bot.staff.demo import DemoStaff, demo_staff, seed
from bot.staff.invitations import Invitations
from bot.staff.oidc import Claims, Provider
from bot.staff.passwords import Passwords
from bot.staff.presence import Presence
from bot.staff.sessions import Sessions
from bot.staff.sign_in import LocalSignIn
from bot.staff.switches import Switches
from bot.store.encryption import Vault

RETURN_PATH = "/sign-in/provider/back"
"""Where the provider sends the browser back to, below `staff_address`; to be registered there."""


class StaffServices(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of staff over one database; `provider` is None where staff sign in with local accounts only."""

    engine: Engine
    rows: AccountRows
    passwords: Passwords
    audit: AuditLog
    accounts: Accounts
    invitations: Invitations
    local: LocalSignIn
    sessions: Sessions
    presence: Presence
    switches: Switches
    provider: Provider | None = None

    def seed_demo(self, settings: Settings, now: float) -> None:
        """Make the demonstration's staff, in demonstration mode.

        Raises:
            bot.data_files.DataError: data/staff/demo.yml is wrong.
        """
        if settings.demo:
            seed(self.engine, self.rows, self.passwords, settings.data_path, now)

    def demo_staff(self, now: float) -> list[DemoStaff]:
        """The demonstration's staff, with passwords and the codes of this moment."""
        return demo_staff(self.engine, self.rows, now)

    def purge(self, before: float) -> int:
        """Delete what the audit no longer needs: log and switches. Returns how many rows."""
        return self.audit.purge(before) + self.switches.purge(before)


def audit_log(engine: Engine, keys: Sequence[str]) -> AuditLog:
    """The audit log, chained with a key made from the service's own (setting `keys`)."""
    return AuditLog(engine, lookup_keys(keys, "audit"))


def load_staff(
    settings: Settings, engine: Engine, vault: Vault, keys: Sequence[str], passwords: Passwords | None = None
) -> StaffServices:
    """Build everything.

    Args:
        settings: how long sessions last, who signs in where.
        engine: an opened database.
        vault: the service's keys.
        keys: the same, as they stand in the settings.
        passwords: makes and checks hashes; argon2id with its own parameters if left out.
    """
    hashed = LookupHash(lookup_keys(keys, PURPOSE))
    audit, rows, passwords = audit_log(engine, keys), AccountRows(vault, hashed), passwords or Passwords()
    invitations = Invitations(engine, rows, audit, passwords)
    return StaffServices(
        engine=engine,
        rows=rows,
        passwords=passwords,
        audit=audit,
        accounts=Accounts(engine, rows, audit, invitations),
        invitations=invitations,
        local=LocalSignIn(engine, rows, hashed, audit, passwords, settings.demo),
        sessions=Sessions(
            engine, vault, 60.0 * settings.staff_session_minutes, 60.0 * settings.staff_idle_minutes, settings.demo
        ),
        presence=Presence(engine, vault),
        switches=Switches(engine, audit),
        provider=_provider(settings),
    )


def _provider(settings: Settings) -> Provider | None:
    if not settings.staff_oidc_issuer:
        return None
    return Provider(
        settings.staff_oidc_issuer,
        settings.staff_oidc_client,
        settings.staff_oidc_secret,
        settings.staff_address.rstrip("/") + RETURN_PATH,
        Claims(
            roles=settings.staff_oidc_roles_claim,
            organisation=settings.staff_oidc_organisation_claim,
            name=settings.staff_oidc_name_claim,
        ),
    )
