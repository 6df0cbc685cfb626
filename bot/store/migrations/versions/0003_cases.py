"""Cases, look-ups, codes, notices and staff's decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _sealed() -> list[sa.Column]:
    return [sa.Column("key", sa.LargeBinary, nullable=False), sa.Column("body", sa.LargeBinary, nullable=False)]


def _number() -> sa.Column:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def upgrade() -> None:
    op.create_table("cases", _number(), *_sealed(), sqlite_autoincrement=True)
    op.create_table(
        "case_references",
        sa.Column("reference_hash", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    )
    op.create_table(
        "case_feed",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("worked", sa.Float, nullable=False),
    )
    op.create_table("case_decisions", sa.Column("case_hash", sa.String(64), primary_key=True), *_sealed())
    op.create_table(
        "case_acts",
        _number(),
        sa.Column("case_hash", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False, index=True),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *_sealed(),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_acts_case_hash_act", "case_acts", ["case_hash", "act", "id"])
    op.create_table(
        "case_codes",
        sa.Column("case_hash", sa.String(64), primary_key=True),
        sa.Column("touched", sa.Float, nullable=False, index=True),
        sa.Column("code_hash", sa.String(64)),
        sa.Column("contact_hash", sa.String(64)),
        sa.Column("expires", sa.Float, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("proven_session", sa.String(64)),
    )
    op.create_table(
        "case_attempts",
        _number(),
        sa.Column("at", sa.Float, nullable=False, index=True),
        sa.Column("act", sa.String(8), nullable=False),
        sa.Column("case_hash", sa.String(64), nullable=False),
        sa.Column("session_hash", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_attempts_case_hash_at", "case_attempts", ["case_hash", "at"])
    op.create_index("ix_case_attempts_session_hash_at", "case_attempts", ["session_hash", "at"])
    op.create_table(
        "case_notices",
        _number(),
        sa.Column("due", sa.Float, nullable=False, index=True),
        sa.Column("expires", sa.Float, nullable=False, index=True),
        *_sealed(),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in (
        "case_notices",
        "case_attempts",
        "case_codes",
        "case_acts",
        "case_decisions",
        "case_feed",
        "case_references",
        "cases",
    ):
        op.drop_table(table)
