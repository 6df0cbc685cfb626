"""Tables of referrals and their outbox. Answers are sealed one by one; what is in the clear is no personal data."""

import sqlalchemy as sa

from bot.store.tables import metadata

# No foreign key to the conversation: erasing that does not take back a referral that was sent (shared/protection.md).
referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    sa.Column("idempotency_key", sa.String(80), nullable=False, unique=True),
    sa.Column("conversation", sa.String(36), index=True),
    # Whose queue it is in: nobody else sees it.
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
    sa.Column("withdrawn_by", sa.String(8)),
    sqlite_autoincrement=True,
)

referral_answers = sa.Table(
    "referral_answers",
    metadata,
    sa.Column("referral", sa.Integer, sa.ForeignKey("referrals.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("field", sa.String(24), primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

referral_outbox = sa.Table(
    "referral_outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("referral", sa.Integer, sa.ForeignKey("referrals.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("idempotency_key", sa.String(36), nullable=False, unique=True),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due", sa.Float, nullable=False),
    sa.Column("lease_owner", sa.String(36)),
    sa.Column("lease_until", sa.Float, nullable=False),
    sa.Column("problem", sa.String(40)),
    sa.Index("ix_referral_outbox_state_due", "state", "due"),
    sqlite_autoincrement=True,
)
