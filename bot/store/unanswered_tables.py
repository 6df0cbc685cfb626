"""Tables of questions that were not answered, and of the examples that staff made of them. The words are sealed."""

import sqlalchemy as sa

from bot.store.tables import metadata

unanswered = sa.Table(
    "unanswered",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    # Empty once the conversation's own time is over; whoever erases a conversation erases its questions.
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

# Nobody's words: each was written by one member of staff and approved by another.
approved_examples = sa.Table(
    "approved_examples",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("topic", sa.String(80), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("rewritten_by", sa.String(64), nullable=False),
    sa.Column("approved_by", sa.String(64), nullable=False),
    sa.Column("approved", sa.Float, nullable=False),
    sqlite_autoincrement=True,
)
