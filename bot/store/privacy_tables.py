"""Tables of the data protection records: holds, subject-access exports and complaints. Words are sealed."""

import sqlalchemy as sa

from bot.store.tables import metadata

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", sa.String(80), nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("reason", sa.LargeBinary, nullable=False),
    sa.Column("placed_by", sa.String(80), nullable=False),
    sa.Column("placed", sa.Float, nullable=False),
    sa.Column("review_on", sa.Date, nullable=False, index=True),
    sa.Column("lifted_by", sa.String(80)),
    sa.Column("lifted", sa.Float),
    sa.Index("ix_holds_kind_subject", "kind", "subject"),
    sqlite_autoincrement=True,
)

subject_exports = sa.Table(
    "subject_exports",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("made", sa.Float, nullable=False, index=True),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    # Who checked the identity and how, what was exempt and why, and how many records of each kind: never the records.
    sa.Column("record", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

data_complaints = sa.Table(
    "data_complaints",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("complaint", sa.LargeBinary, nullable=False),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("acknowledge_by", sa.Date, nullable=False, index=True),
    sa.Column("recorded_by", sa.String(80), nullable=False),
    sa.Column("acknowledged_on", sa.Date),
    sa.Column("acknowledged_by", sa.String(80)),
    sa.Column("closed_on", sa.Date, index=True),
    sa.Column("closed_by", sa.String(80)),
    sqlite_autoincrement=True,
)
