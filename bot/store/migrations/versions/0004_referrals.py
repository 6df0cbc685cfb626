"""Referrals with their outbox, and the data protection records: holds, exports and complaints."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("reference", sa.String(16), nullable=False, unique=True),
        sa.Column("idempotency_key", sa.String(80), nullable=False, unique=True),
        sa.Column("conversation", sa.String(36), index=True),
        sa.Column("organisation", sa.String(40), nullable=False, index=True),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("consent_version", sa.String(16), nullable=False),
        sa.Column("consent_language", sa.String(16), nullable=False),
        sa.Column("consented", sa.Float, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("sent", sa.Float),
        sa.Column("received", sa.Float),
        sa.Column("withdrawn", sa.Float),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "referral_answers",
        sa.Column("referral", sa.Integer, sa.ForeignKey("referrals.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("field", sa.String(24), primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "referral_outbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "referral", sa.Integer, sa.ForeignKey("referrals.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("idempotency_key", sa.String(36), nullable=False, unique=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("lease_owner", sa.String(36)),
        sa.Column("lease_until", sa.Float, nullable=False),
        sa.Column("problem", sa.String(40)),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_referral_outbox_state_due", "referral_outbox", ["state", "due"])
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.LargeBinary, nullable=False),
        sa.Column("placed_by", sa.String(80), nullable=False),
        sa.Column("placed", sa.Float, nullable=False),
        sa.Column("review_on", sa.Date, nullable=False, index=True),
        sa.Column("lifted_by", sa.String(80)),
        sa.Column("lifted", sa.Float),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_holds_kind_subject", "holds", ["kind", "subject"])
    op.create_table(
        "subject_exports",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("made", sa.Float, nullable=False, index=True),
        sa.Column("made_by", sa.String(80), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "data_complaints",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("complaint", sa.LargeBinary, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("acknowledge_by", sa.Date, nullable=False, index=True),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.Column("acknowledged_on", sa.Date),
        sa.Column("acknowledged_by", sa.String(80)),
        sa.Column("closed_on", sa.Date, index=True),
        sa.Column("closed_by", sa.String(80)),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("data_complaints", "subject_exports", "holds", "referral_outbox", "referral_answers", "referrals"):
        op.drop_table(table)
