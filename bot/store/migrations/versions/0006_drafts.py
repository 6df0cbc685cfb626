"""When what somebody typed into a form, and has not agreed to send, is to be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("lapses", sa.Float))
    op.create_index("ix_conversations_lapses", "conversations", ["lapses"])


def downgrade() -> None:
    op.drop_index("ix_conversations_lapses", "conversations")
    op.drop_column("conversations", "lapses")
