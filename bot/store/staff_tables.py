"""Tables of staff: accounts, tries to sign in, sessions, presence, the audit log and off-switches. Names are sealed."""

import sqlalchemy as sa

from bot.store.tables import metadata

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    # A keyed hash of the name they sign in with, or of who they are at the provider of OpenID Connect.
    sa.Column("known_as", sa.String(64), nullable=False, unique=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("roles", sa.String(80), nullable=False),
    sa.Column("organisation", sa.String(32), nullable=False, index=True),
    sa.Column("restricted", sa.Boolean, nullable=False),
    # The last time-based code that was used, so that none works twice.
    sa.Column("last_step", sa.Integer, nullable=False),
    sa.Column("invitation", sa.String(64), unique=True),
    sa.Column("invited_until", sa.Float),
    sa.Column("created", sa.Float, nullable=False),
)

# For names that nobody has, too: a pause must not tell which names there are.
sign_in_tries = sa.Table(
    "sign_in_tries",
    metadata,
    sa.Column("name_hash", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("paused_until", sa.Float, nullable=False),
    sa.Column("last", sa.Float, nullable=False, index=True),
)

staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("staff", sa.String(36), sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("touched", sa.Float, nullable=False),
    sa.Column("expires", sa.Float, nullable=False, index=True),
)

staff_presence = sa.Table(
    "staff_presence",
    metadata,
    sa.Column("staff", sa.String(36), sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("available", sa.Boolean, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),
)

# Triggers refuse to change a row, and to delete one that is younger than two years (migration 0009).
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("by", sa.String(80), nullable=False, index=True),
    sa.Column("act", sa.String(64), nullable=False, index=True),
    sa.Column("subject", sa.String(200), nullable=False, index=True),
    sa.Column("organisation", sa.String(32), nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

# An empty channel stands for all of them, an empty topic for all that a channel does.
off_switches = sa.Table(
    "off_switches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("topic", sa.String(80), nullable=False),
    sa.Column("reason", sa.String(400), nullable=False),
    sa.Column("by", sa.String(80), nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("ended", sa.Float, index=True),
    sa.Column("ended_by", sa.String(80)),
    sqlite_autoincrement=True,
)
