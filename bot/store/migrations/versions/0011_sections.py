"""For the console: why feedback was dealt with, who withdrew a referral, questions that were not answered."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for column in (
        sa.Column("staff", sa.String(64)),
        sa.Column("marked", sa.Float),
        sa.Column("key", sa.LargeBinary),
        sa.Column("reason", sa.LargeBinary),
    ):
        op.add_column("feedback", column)
    op.add_column("referrals", sa.Column("withdrawn_by", sa.String(8)))
    op.create_table(
        "unanswered",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("conversation", sa.String(36), sa.ForeignKey("conversations.id", ondelete="SET NULL"), index=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("topic", sa.String(80), nullable=False, index=True),
        sa.Column("asked", sa.Float, nullable=False, index=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("original", sa.LargeBinary, nullable=False),
        sa.Column("rewriting", sa.LargeBinary),
        sa.Column("topic_given", sa.String(80)),
        sa.Column("rewritten_by", sa.String(64)),
        sa.Column("rewritten", sa.Float),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "approved_examples",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("rewritten_by", sa.String(64), nullable=False),
        sa.Column("approved_by", sa.String(64), nullable=False),
        sa.Column("approved", sa.Float, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("approved_examples")
    op.drop_table("unanswered")
    # Not in a batch: that makes the table anew, and dropping the old one takes the answers with it.
    op.drop_column("referrals", "withdrawn_by")
    for column in ("reason", "key", "marked", "staff"):
        op.drop_column("feedback", column)
