"""Sessions of staff: short, locked when left alone, ended at once when an account changes or ends.

A token is held by the browser only; the database keeps its hash. What forms must send along (CSRF) is made from the
token, so it is stored nowhere.
"""

import hashlib
import hmac
import secrets

import msgspec
from sqlalchemy.engine import Engine

from bot.staff.account import ACTIVE, Kind, account_of
from bot.staff.roles import Staff
from bot.store.conversations import token_hash
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.staff_tables import staff, staff_sessions

LEAST_MOVE_S = 5.0
"""Seconds by which the last act must move to be worth a write."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that has not ended.

    Attributes:
        staff: who, as their account stands now.
        kind: of their account: those of the provider unlock by signing in there anew.
        csrf: what each form must send along.
        locked: it was left alone for too long.
    """

    staff: Staff
    kind: Kind
    csrf: str
    locked: bool


class Sessions:
    """The sessions in one database.

    Args:
        engine: an opened database.
        vault: the keys that seal names.
        longest_s: seconds after which a session ends, whatever is done in it.
        idle_s: seconds after the last act at which it is locked.
        demo: accounts of the demonstration work.
    """

    def __init__(self, engine: Engine, vault: Vault, longest_s: float, idle_s: float, demo: bool = False) -> None:
        self._engine, self._vault, self._longest_s, self._idle_s, self._demo = engine, vault, longest_s, idle_s, demo

    def start(self, staff_id: str, now: float) -> str:
        """Begin a session. Returns its token, which is not stored."""
        token = secrets.token_urlsafe(32)
        values = {"staff": staff_id, "started": now, "touched": now, "expires": now + self._longest_s}
        with self._engine.begin() as db:
            db.execute(staff_sessions.delete().where(staff_sessions.c.expires < now))
            db.execute(staff_sessions.insert().values(token_hash=token_hash(token), **values))
        return token

    def find(self, token: str, now: float, acts: bool = True) -> Session | None:
        """The session of a token; None when there is none, or it is over.

        Args:
            token: what the browser sent.
            now: seconds since the epoch.
            acts: somebody did something; what a page asks for by itself does not keep a session open.
        """
        mine = staff_sessions.c.token_hash == token_hash(token)
        query = (
            staff.select()
            .add_columns(staff_sessions.c.touched)
            .join(staff_sessions, staff_sessions.c.staff == staff.c.id)
            .where(mine, staff_sessions.c.expires > now, staff.c.state == ACTIVE)
        )
        with reading(self._engine) as db:
            row = db.execute(query).first()
        if row is None or (row.kind == "demo" and not self._demo):
            return None
        locked = now - row.touched > self._idle_s
        if acts and not locked and now - row.touched >= LEAST_MOVE_S:
            self._touch(token, now)
        who = account_of(self._vault, row).staff
        return Session(staff=who, kind=row.kind, csrf=csrf_of(token), locked=locked)

    def unlock(self, token: str, now: float) -> None:
        """Go on with a session whose owner has shown again who they are."""
        self._touch(token, now)

    def end(self, token: str) -> None:
        """End a session: its token works no more."""
        with self._engine.begin() as db:
            db.execute(staff_sessions.delete().where(staff_sessions.c.token_hash == token_hash(token)))

    def _touch(self, token: str, now: float) -> None:
        with self._engine.begin() as db:
            mine = staff_sessions.c.token_hash == token_hash(token)
            db.execute(staff_sessions.update().where(mine).values(touched=now))


def csrf_of(token: str) -> str:
    """What the forms of a session must send along; the token cannot be told from it."""
    return hmac.new(token.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()
