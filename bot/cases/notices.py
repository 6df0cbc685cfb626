"""Notices that wait to be sent: codes, and decoys that look like them (shared/protection.md, "Looking up a case").

A sender claims notices for a while. If it dies, they are due again once its claim has run out, so that a notice may go
out twice and is never lost.
"""

from datetime import datetime, timezone
from typing import Literal

import msgspec
import structlog
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection, Engine, Row

from bot.cases.sealed import seal, unseal
from bot.store.case_tables import case_notices
from bot.store.database import reading
from bot.store.encryption import Vault

log = structlog.get_logger()

NOTICE_BYTES = 640
"""Size to which every notice is filled up: the longest address, a text message, and room."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A message to be sent.

    Attributes:
        id: its number.
        channel: how it goes; `none` is a decoy, which goes nowhere.
        address: a mobile number (E.164) or an e-mail address; empty for a decoy.
        text: all it says.
        attempts: how often it could not be sent.
        expires: when it is of no more use.
    """

    id: int
    channel: Literal["sms", "email", "none"]
    address: str
    text: str
    attempts: int
    expires: datetime


class _Message(msgspec.Struct, frozen=True, kw_only=True):
    channel: Literal["sms", "email", "none"]
    address: str
    text: str
    attempts: int = 0


class CaseNotices:
    """The queue of notices; any number of processes may take from it at once.

    Args:
        engine: an opened database.
        vault: the keys that seal notices.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    def add(
        self,
        db: Connection,
        *,
        channel: Literal["sms", "email", "none"],
        address: str,
        text: str,
        due: datetime,
        expires: datetime,
    ) -> None:
        """Queue a notice within the caller's transaction; a real one and a decoy are rows of the same size.

        Args:
            db: the transaction.
            channel, address, text, expires: see `Notice`.
            due: when it may go.
        """
        message = _Message(channel=channel, address=address, text=text)
        db.execute(
            case_notices.insert().values(
                due=due.timestamp(), expires=expires.timestamp(), **seal(self._vault, message, NOTICE_BYTES)
            )
        )

    def claim(self, now: datetime, until: datetime, most: int) -> list[Notice]:
        """Take notices that are due, the oldest first, decoys and expired ones among them.

        Args:
            now: aware.
            until: until when no other sender gets them; then they are due again, unless `done` or `failed` came first.
            most: how many at most.
        """
        query = case_notices.select().where(case_notices.c.due <= now.timestamp()).order_by(case_notices.c.id)
        with reading(self._engine) as db:
            rows = db.execute(query.limit(most)).fetchall()
        if not rows:
            return []
        with self._engine.begin() as db:
            ours = [row for row in rows if self._claimed(db, row.id, now, until)]
        return [notice for row in ours if (notice := self._opened(row)) is not None]

    def done(self, notice: Notice) -> None:
        """Forget a notice that was sent, dropped or given up."""
        with self._engine.begin() as db:
            db.execute(case_notices.delete().where(case_notices.c.id == notice.id))

    def failed(self, notice: Notice, again_at: datetime) -> None:
        """Keep a claimed notice that could not be sent, to be tried again at a moment; its code lives no longer."""
        message = _Message(
            channel=notice.channel, address=notice.address, text=notice.text, attempts=notice.attempts + 1
        )
        with self._engine.begin() as db:
            db.execute(
                case_notices.update()
                .where(case_notices.c.id == notice.id)
                .values(due=again_at.timestamp(), **seal(self._vault, message, NOTICE_BYTES))
            )

    @staticmethod
    def _claimed(db: Connection, number: int, now: datetime, until: datetime) -> bool:
        # Whoever came first has moved `due`, so that the row no longer fits.
        still_due = (case_notices.c.id == number) & (case_notices.c.due <= now.timestamp())
        return bool(db.execute(case_notices.update().where(still_due).values(due=until.timestamp())).rowcount)

    def _opened(self, row: Row) -> Notice | None:
        try:
            message = unseal(self._vault, row, _Message)
        except InvalidToken:
            # Left to a process that has the key; one row must not keep all the others from going.
            log.error("notice.unknown_key")
            return None
        return Notice(
            id=row.id,
            channel=message.channel,
            address=message.address,
            text=message.text,
            attempts=message.attempts,
            expires=datetime.fromtimestamp(row.expires, timezone.utc),
        )
