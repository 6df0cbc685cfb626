"""Cases in our own database, SQLite or PostgreSQL: sealed, and found by keyed hashes of their references."""

from collections.abc import Sequence
from datetime import datetime, timezone

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.hashing import LookupHash
from bot.cases.model import CaseRecord
from bot.cases.provider import CasesUnavailable
from bot.cases.references import key_of
from bot.cases.sealed import seal, unseal
from bot.store.case_tables import case_feed, case_references, cases
from bot.store.database import reading
from bot.store.encryption import Vault

_FEED = 1


class ReferencesShared(Exception):
    """Some numbers belong to more than one case, so that neither could be told from the other.

    Attributes:
        indexes: places in the sequence of records, from 0.
    """

    def __init__(self, indexes: Sequence[int]) -> None:
        self.indexes = list(indexes)
        super().__init__(f"{len(self.indexes)} records share a reference with another case")


class SqlCases:
    """A `CaseProvider` on our own tables.

    Args:
        engine: an opened database (`bot.store.database.open_database`).
        vault: the keys that seal records.
        hashed: makes the keyed hashes of references.
    """

    def __init__(self, engine: Engine, vault: Vault, hashed: LookupHash) -> None:
        self._engine, self._vault, self._hashed = engine, vault, hashed
        # Opened when there is no case, so that a miss takes as long as a hit.
        self._decoy = _Row(**seal(vault, CaseRecord(reference="-")))

    def find(self, reference: str) -> CaseRecord | None:
        """The case with this reference, or None: one query either way.

        Raises:
            CasesUnavailable: the database does not answer.
        """
        hashes = self._hashed.all("reference", key_of(reference))
        query = sa.select(cases.c.key, cases.c.body).join(case_references).where(_hash_in(hashes)).limit(1)
        try:
            with reading(self._engine) as db:
                row = db.execute(query).first()
        except SQLAlchemyError as error:
            raise CasesUnavailable(f"The cases cannot be read ({type(error).__name__}).") from error
        record = unseal(self._vault, row or self._decoy, CaseRecord)
        return record if row is not None else None

    def feed_worked_at(self) -> datetime | None:
        """When cases were last imported.

        Raises:
            CasesUnavailable: the database does not answer.
        """
        try:
            with reading(self._engine) as db:
                worked = db.execute(sa.select(case_feed.c.worked)).scalar()
        except SQLAlchemyError as error:
            raise CasesUnavailable(f"The cases cannot be read ({type(error).__name__}).") from error
        return None if worked is None else datetime.fromtimestamp(worked, timezone.utc)

    def all(self) -> list[CaseRecord]:
        """Every case, for staff; in the order in which they came."""
        with reading(self._engine) as db:
            rows = db.execute(sa.select(cases.c.key, cases.c.body).order_by(cases.c.id)).fetchall()
        return [unseal(self._vault, row, CaseRecord) for row in rows]

    def save(self, records: Sequence[CaseRecord], now: datetime, *, complete: bool = False) -> None:
        """Store cases, all or none; a case that is known by one of its numbers is replaced.

        Args:
            records: the cases.
            now: when they were read.
            complete: these are all cases there are; others are deleted.

        Raises:
            ReferencesShared: a number belongs to two cases; nothing is stored.
        """
        with self._engine.begin() as db:
            if db.dialect.name == "postgresql":
                # Two that save at once would both find a case missing. SQLite lets one write at a time anyway.
                db.execute(sa.text("LOCK TABLE cases IN SHARE ROW EXCLUSIVE MODE"))
            kept: dict[int, int] = {}
            shared = []
            for index, record in enumerate(records):
                case = self._save(db, record)
                if case is None or case in kept:
                    shared.append(index)
                else:
                    kept[case] = index
            if shared:
                raise ReferencesShared(shared)
            if complete:
                known = set(db.execute(sa.select(cases.c.id)).scalars())
                for case in known - set(kept):
                    self._delete(db, case)
            db.execute(case_feed.delete())
            db.execute(case_feed.insert().values(id=_FEED, worked=now.timestamp()))

    def _save(self, db: Connection, record: CaseRecord) -> int | None:
        numbers = {key_of(number) for number in (record.reference, *record.other_references)}
        hashes = [found for number in sorted(numbers) for found in self._hashed.all("reference", number)]
        owners = set(db.execute(sa.select(case_references.c.case_id).where(_hash_in(hashes))).scalars())
        if len(owners) > 1:
            return None
        sealed = seal(self._vault, record)
        if owners:
            (case,) = owners
            db.execute(cases.update().where(cases.c.id == case).values(**sealed))
            db.execute(case_references.delete().where(case_references.c.case_id == case))
        else:
            case = db.execute(cases.insert().values(**sealed)).inserted_primary_key[0]
        db.execute(
            case_references.insert(),
            [{"reference_hash": self._hashed.of("reference", number), "case_id": case} for number in sorted(numbers)],
        )
        return int(case)

    @staticmethod
    def _delete(db: Connection, case: int) -> None:
        db.execute(case_references.delete().where(case_references.c.case_id == case))
        db.execute(cases.delete().where(cases.c.id == case))


class _Row(msgspec.Struct, frozen=True):
    key: bytes
    body: bytes


def _hash_in(hashes: Sequence[str]) -> sa.sql.ColumnElement:
    return case_references.c.reference_hash.in_(hashes)
