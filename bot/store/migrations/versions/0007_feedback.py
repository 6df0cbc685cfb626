"""Whether answers helped."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("topic", sa.String(80), nullable=False, index=True),
        sa.Column("right", sa.Integer),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("helped", sa.Boolean, nullable=False),
        sa.Column("why", sa.String(16)),
        sa.Column("given", sa.Float, nullable=False, index=True),
        sa.Column("state", sa.String(8), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("feedback")
