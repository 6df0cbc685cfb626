"""Conversations, inbox, events, replies and commands."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _conversation() -> sa.Column:
    return sa.Column(
        "conversation", sa.String(36), sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("token_expires", sa.Float, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("touched", sa.Float, nullable=False, index=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("memory", sa.LargeBinary, nullable=False),
        sa.Column("last_reply", sa.Integer, nullable=False),
        sa.Column("lease_owner", sa.String(36)),
        sa.Column("lease_until", sa.Float, nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _conversation(),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("received", sa.Float, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.UniqueConstraint("conversation", "client_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_undone", "inbox", ["done", "conversation", "id"])
    op.create_table(
        "events",
        sa.Column("inbox", sa.Integer, sa.ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True),
        _conversation(),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_events_conversation_inbox", "events", ["conversation", "inbox"])
    op.create_table(
        "replies",
        sa.Column(
            "conversation", sa.String(36), sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("inbox", sa.Integer, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "commands",
        sa.Column("id", sa.String(64), primary_key=True),
        _conversation(),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False, index=True),
        sa.Column("created", sa.Float, nullable=False),
    )


def downgrade() -> None:
    for table in ("commands", "replies", "events", "inbox", "conversations"):
        op.drop_table(table)
