"""Hand-offs to staff: the queue, what was said in which order, notes, call-backs, opening hours, feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def _conversation(on_delete: str) -> sa.Column:
    return sa.Column(
        "conversation", sa.String(36), sa.ForeignKey("conversations.id", ondelete=on_delete), index=True, nullable=True
    )


def _hand_off() -> sa.Column:
    return sa.Column("hand_off", sa.Integer, sa.ForeignKey("hand_offs.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("hand_off", sa.Integer))
        table.add_column(sa.Column("handed_over", sa.Float))
    with op.batch_alter_table("alerts") as table:
        table.add_column(sa.Column("staff", sa.String(64)))
        table.add_column(sa.Column("taken_up", sa.Float))
    op.create_table(
        "hand_offs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _conversation("SET NULL"),
        sa.Column("inbox", sa.Integer, nullable=False, unique=True),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("quiet", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("staff", sa.String(64), index=True),
        sa.Column("adviser", sa.String(80), nullable=False),
        sa.Column("asked", sa.Float, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("queued", sa.Float, nullable=False),
        sa.Column("claimed", sa.Float),
        sa.Column("first_reply", sa.Float),
        sa.Column("last_word", sa.Float, nullable=False),
        sa.Column("nudged", sa.Boolean, nullable=False),
        sa.Column("alone_since", sa.Float),
        sa.Column("told_place", sa.Integer),
        sa.Column("told_at", sa.Float, nullable=False),
        sa.Column("lines_from", sa.Integer, nullable=False),
        sa.Column("proposed", sa.String(40)),
        sa.Column("interpreter", sa.String(12), nullable=False),
        sa.Column("person_typing_until", sa.Float, nullable=False),
        sa.Column("staff_typing_until", sa.Float, nullable=False),
        sa.Column("ended", sa.Float, index=True),
        sa.Column("ended_by", sa.String(12)),
        sa.Column("wrap_up", sa.String(40)),
        sa.Column("sealed", sa.LargeBinary),
        sa.Index("ix_hand_offs_organisation_state", "organisation", "state"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hand_off_lines",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _hand_off(),
        sa.Column("by", sa.String(8), nullable=False),
        sa.Column("staff", sa.String(64)),
        sa.Column("inbox", sa.Integer),
        sa.Column("reply", sa.Integer),
        sa.Column("client_id", sa.String(64)),
        sa.Column("at", sa.Float, nullable=False),
        sa.UniqueConstraint("hand_off", "client_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hand_off_notes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "hand_off", sa.Integer, sa.ForeignKey("hand_offs.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("staff", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "call_backs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _conversation("CASCADE"),
        sa.Column("inbox", sa.Integer, nullable=False, unique=True),
        sa.Column("organisation", sa.String(40), nullable=False, index=True),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("asked", sa.Float, nullable=False),
        sa.Column("window_start", sa.Float, nullable=False),
        sa.Column("window_end", sa.Float, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("staff", sa.String(64)),
        sa.Column("closed", sa.Float),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "opening_hours",
        sa.Column("organisation", sa.String(40), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("changed", sa.Float, nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
    )
    op.create_table(
        "hand_off_feedback",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("question", sa.String(16), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("given", sa.Float, nullable=False, index=True),
    )


def downgrade() -> None:
    for table in (
        "hand_off_feedback",
        "opening_hours",
        "call_backs",
        "hand_off_notes",
        "hand_off_lines",
        "hand_offs",
    ):
        op.drop_table(table)
    with op.batch_alter_table("alerts") as table:
        table.drop_column("taken_up")
        table.drop_column("staff")
    with op.batch_alter_table("conversations") as table:
        table.drop_column("handed_over")
        table.drop_column("hand_off")
