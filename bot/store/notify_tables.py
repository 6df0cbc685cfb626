"""The table of the demonstration's outbox. Messages are sealed; only the time stands in the clear."""

import sqlalchemy as sa

from bot.store.tables import metadata

demo_outbox = sa.Table(
    "demo_outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
