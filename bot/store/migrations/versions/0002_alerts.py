"""Safety alerts for staff."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("inbox", sa.Integer, nullable=False, unique=True),
        sa.Column("conversation", sa.String(36), nullable=False, index=True),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("raised", sa.Float, nullable=False, index=True),
        sa.Column("state", sa.String(8), nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("alerts")
