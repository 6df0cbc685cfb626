"""Tables of cases, look-ups, codes and staff's decisions. References are keyed hashes; everything else is sealed."""

import sqlalchemy as sa

from bot.store.tables import metadata


def _sealed() -> list[sa.Column]:
    return [sa.Column("key", sa.LargeBinary, nullable=False), sa.Column("body", sa.LargeBinary, nullable=False)]


def _hash(name: str, **options: bool) -> sa.Column:
    return sa.Column(name, sa.String(64), **options)


cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    *_sealed(),
    sqlite_autoincrement=True,
)

case_references = sa.Table(
    "case_references",
    metadata,
    _hash("reference_hash", primary_key=True),
    sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
)

# One row: when the source of `cases` was last read.
case_feed = sa.Table(
    "case_feed",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("worked", sa.Float, nullable=False),
)

case_decisions = sa.Table("case_decisions", metadata, _hash("case_hash", primary_key=True), *_sealed())

case_acts = sa.Table(
    "case_acts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _hash("case_hash", nullable=False),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("act", sa.String(24), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    *_sealed(),
    sa.Index("ix_case_acts_case_hash_act", "case_hash", "act", "id"),
    sqlite_autoincrement=True,
)

# One row for each reference somebody gave, whether or not there is such a case.
case_codes = sa.Table(
    "case_codes",
    metadata,
    _hash("case_hash", primary_key=True),
    sa.Column("touched", sa.Float, nullable=False, index=True),
    _hash("code_hash"),
    _hash("contact_hash"),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    _hash("proven_session"),
)

case_attempts = sa.Table(
    "case_attempts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("act", sa.String(8), nullable=False),
    _hash("case_hash", nullable=False),
    _hash("session_hash", nullable=False),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Index("ix_case_attempts_case_hash_at", "case_hash", "at"),
    sa.Index("ix_case_attempts_session_hash_at", "session_hash", "at"),
    sqlite_autoincrement=True,
)

# Real messages and decoys, alike in size and shape.
case_notices = sa.Table(
    "case_notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("due", sa.Float, nullable=False, index=True),
    sa.Column("expires", sa.Float, nullable=False, index=True),
    *_sealed(),
    sqlite_autoincrement=True,
)
