"""Signing in with a local account: name, password and time-based code, all three at once.

A wrong name, a wrong password, a wrong code and a pause look the same and take the same work, so that nothing can be
learnt by trying. After a few failures each further one brings a longer pause; names that nobody has pause, too.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from bot.cases.hashing import LookupHash
from bot.staff.account import ACTIVE, Kind, Secrets, account_of, secrets_of
from bot.staff.account_rows import AccountRows
from bot.staff.accounts import tidy
from bot.staff.audit import AuditLog
from bot.staff.passwords import Passwords, step_of
from bot.staff.roles import Staff
from bot.store.staff_tables import sign_in_tries, staff

NOBODY = "nobody"
"""What the audit log names where it is not known who tried."""
FREE_FAILURES = 3
FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 900.0
FORGET_S = 86_400.0


def pause_s(failures: int) -> float:
    """Seconds of pause after so many failures in a row: none, then 30, 60, 120, … up to 15 minutes."""
    if failures < FREE_FAILURES:
        return 0.0
    return float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(failures - FREE_FAILURES, 10)))


class LocalSignIn:
    """Checks local accounts.

    Args:
        engine: an opened database.
        rows: reads accounts.
        hashed: keyed hashes; the tries of names are kept under them.
        audit: where each try is noted.
        passwords: checks hashes.
        demo: accounts of the demonstration work.
    """

    def __init__(
        self,
        engine: Engine,
        rows: AccountRows,
        hashed: LookupHash,
        audit: AuditLog,
        passwords: Passwords,
        demo: bool = False,
    ) -> None:
        self._engine, self._rows, self._hashed, self._audit, self._passwords = engine, rows, hashed, audit, passwords
        self._kinds: tuple[Kind, ...] = ("local", "demo") if demo else ("local",)

    def sign_in(self, name: str, password: str, code: str, now: float) -> Staff | None:
        """Who signs in; None for whatever is wrong.

        Args:
            name: to sign in with, as typed.
            password: as typed.
            code: time-based, as typed.
            now: seconds since the epoch.
        """
        name = tidy(name)
        tried = self._hashed.of("sign in", name)
        # The try is counted before it is looked at, so that many at once are no way around the pause.
        with self._engine.begin() as db:
            may = self._count(db, tried, now)
            row = self._account(db, name)
        told = secrets_of(self._rows.vault, row) if row else Secrets(name="", sign_in="")
        right = self._passwords.right(told.password, password)
        step = step_of(told.code_secret, code, now)
        with self._engine.begin() as db:
            good = may and right and step is not None and row is not None and _use(db, row, step)
            if row is None or not good:
                self._audit.record(NOBODY, "sign_in.refused", row.id if row else "unknown", at=now, connection=db)
                return None
            db.execute(sign_in_tries.delete().where(sign_in_tries.c.name_hash == tried))
            self._rows.use_newest_key(db, row, (row.kind, name))
            if self._passwords.outdated(told.password):
                told = Secrets(
                    name=told.name,
                    sign_in=told.sign_in,
                    password=self._passwords.hashed(password, told.sign_in),
                    code_secret=told.code_secret,
                    shown=told.shown,
                )
                self._rows.seal(db, row, told)
            self._audit.record(row.id, "sign_in", row.id, row.organisation, at=now, connection=db)
        return account_of(self._rows.vault, row).staff

    def code_again(self, staff_id: str, code: str, now: float) -> bool:
        """Whether a code is right for somebody who has signed in and left the console alone; pauses as above."""
        tried = self._hashed.of("unlock", staff_id)
        with self._engine.begin() as db:
            may = self._count(db, tried, now)
            row = db.execute(staff.select().where(staff.c.id == staff_id, staff.c.state == ACTIVE)).first()
            secret = secrets_of(self._rows.vault, row).code_secret if row else ""
            step = step_of(secret, code, now)
            good = may and row is not None and step is not None and _use(db, row, step)
            if good:
                db.execute(sign_in_tries.delete().where(sign_in_tries.c.name_hash == tried))
            act = "sign_in.unlock" if good else "sign_in.refused"
            self._audit.record(staff_id, act, staff_id, row.organisation if row else "", at=now, connection=db)
        return bool(good)

    def purge(self, now: float) -> int:
        """Forget failures of more than a day ago. Returns how many names."""
        with self._engine.begin() as db:
            return int(db.execute(sign_in_tries.delete().where(sign_in_tries.c.last < now - FORGET_S)).rowcount)

    def _account(self, db: Connection, name: str) -> Row | None:
        for kind in self._kinds:
            row = self._rows.known(db, (kind, name))
            if row is not None and row.state == ACTIVE:
                return row
        return None

    @staticmethod
    def _count(db: Connection, tried: str, now: float) -> bool:
        """Count a try as a failure, until it turns out to be none. Returns whether there is no pause."""
        mine = sign_in_tries.c.name_hash == tried
        if db.dialect.name != "sqlite":
            # Tries of one name wait for each other, also the first ones, which have no row yet.
            db.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": tried})
        row = db.execute(sign_in_tries.select().where(mine)).first()
        if row is not None and row.paused_until > now:
            # The same work as below.
            db.execute(sign_in_tries.update().where(mine).values(last=now))
            return False
        failures = row.failures + 1 if row is not None and row.last > now - FORGET_S else 1
        values = {"failures": failures, "paused_until": now + pause_s(failures), "last": now}
        if row is None:
            db.execute(sign_in_tries.insert().values(name_hash=tried, **values))
        else:
            db.execute(sign_in_tries.update().where(mine).values(**values))
        return True


def _use(db: Connection, row: Row, step: int) -> bool:
    """Use a time-based code up. Returns False where it, or a later one, was used before."""
    newer = staff.c.last_step < step
    return bool(db.execute(staff.update().where(staff.c.id == row.id, newer).values(last_step=step)).rowcount)
