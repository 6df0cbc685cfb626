"""Chats in Telegram: which conversation is whose, what was sent, and which updates were handled."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "telegram_chats",
        sa.Column("chat", sa.String(64), primary_key=True),
        sa.Column(
            "conversation",
            sa.String(36),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("delivered", sa.Integer, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("wrote", sa.Float, nullable=False, index=True),
        sa.Column("agreed", sa.Boolean),
        sa.Column("hinted", sa.Float),
        sa.Column("lease_owner", sa.String(36)),
        sa.Column("lease_until", sa.Float, nullable=False),
    )
    op.create_table(
        "telegram_messages",
        sa.Column("chat", sa.String(64), primary_key=True),
        sa.Column("message", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("sent", sa.Float, nullable=False, index=True),
        sa.Column("conversation", sa.String(36)),
        sa.Column("reply", sa.Integer),
    )
    op.create_table(
        "telegram_updates",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("handled", sa.Float, nullable=False, index=True),
    )


def downgrade() -> None:
    for table in ("telegram_updates", "telegram_messages", "telegram_chats"):
        op.drop_table(table)
