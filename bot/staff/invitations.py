"""Invitations: how the owner of an account chooses the password and sets up the time-based codes.

The code of an invitation is shown once to whoever made it and works for two days, once. So nobody but the owner ever
knows a password.
"""

import secrets

import msgspec
from sqlalchemy.engine import Connection, Engine, Row

from bot.staff.account import ACTIVE, Account, account_of, secrets_of
from bot.staff.account_rows import AccountRefused, AccountRows
from bot.staff.audit import AuditLog
from bot.staff.passwords import Passwords, code_uri, step_of
from bot.store.conversations import token_hash
from bot.store.database import reading
from bot.store.staff_tables import staff

INVITATION_S = 2 * 86_400.0


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A new account, or one that begins anew: the code is shown once and not kept."""

    account: Account
    code: str


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of an invitation sets up: the secret of their time-based codes, for an authenticator app."""

    sign_in: str
    code_secret: str
    code_uri: str


class Invitations:
    """The invitations in one database.

    Args:
        engine: an opened database.
        rows: reads and writes accounts.
        audit: where each one that is taken is noted.
        passwords: makes hashes.
    """

    def __init__(self, engine: Engine, rows: AccountRows, audit: AuditLog, passwords: Passwords) -> None:
        self._engine, self._rows, self._audit, self._passwords = engine, rows, audit, passwords

    def invite(self, db: Connection, row: Row, now: float) -> Invitation:
        """Invite the owner of a row, as part of a transaction; an earlier invitation no longer works."""
        code = secrets.token_urlsafe(24)
        values = {"invitation": token_hash(code), "invited_until": now + INVITATION_S}
        db.execute(staff.update().where(staff.c.id == row.id).values(**values))
        return Invitation(account=account_of(self._rows.vault, row), code=code)

    def enrolment(self, code: str, now: float) -> Enrolment | None:
        """What an invitation lets set up; None when it is none, or is over."""
        with reading(self._engine) as db:
            row = self._row(db, code, now)
        if row is None:
            return None
        told = secrets_of(self._rows.vault, row)
        return Enrolment(
            sign_in=told.sign_in, code_secret=told.code_secret, code_uri=code_uri(told.code_secret, told.sign_in)
        )

    def accept(self, code: str, password: str, time_code: str, now: float) -> Account:
        """Choose a password with an invitation, and show that the time-based codes work.

        Args:
            code: of the invitation.
            password: the one they choose.
            time_code: what their authenticator app shows.
            now: seconds since the epoch.

        Raises:
            AccountRefused: the invitation is none or over, or the time-based code is not right.
            WeakPassword: the password cannot be taken.
        """
        with self._engine.begin() as db:
            row = self._row(db, code, now, lock=True)
            if row is None:
                raise AccountRefused(
                    "This invitation does not work, or no longer. Ask your administrator for a new one."
                )
            told = secrets_of(self._rows.vault, row)
            step = step_of(told.code_secret, time_code, now)
            if step is None:
                raise AccountRefused("The code from your app is not right. Try the next one.")
            told = msgspec.structs.replace(told, password=self._passwords.hashed(password, told.sign_in))
            self._rows.seal(db, row, told, state=ACTIVE, last_step=step, invitation=None, invited_until=None)
            done = account_of(self._rows.vault, self._rows.row(db, row.id))
            self._audit.record(row.id, "staff.accept", row.id, row.organisation, at=now, connection=db)
            return done

    @staticmethod
    def _row(db: Connection, code: str, now: float, lock: bool = False) -> Row | None:
        query = staff.select().where(
            staff.c.invitation == token_hash(code.strip()), staff.c.invited_until > now, staff.c.state == "invited"
        )
        found: Row | None = db.execute(query.with_for_update() if lock else query).first()
        return found
