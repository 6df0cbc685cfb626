"""Tables of the conversation store. Words and events are sealed; what is left in the clear holds no personal data."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _conversation() -> sa.Column:
    return sa.Column(
        "conversation", sa.String(36), sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False
    )


conversations = sa.Table(
    "conversations",
    metadata,
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
    # When the answers of a form that is open are forgotten, if nobody goes on with it.
    sa.Column("lapses", sa.Float, index=True),
    # The hand-off that is open, and when staff last got something of it: it is then kept longer.
    sa.Column("hand_off", sa.Integer),
    sa.Column("handed_over", sa.Float),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _conversation(),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("received", sa.Float, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.UniqueConstraint("conversation", "client_id"),
    sa.Index("ix_inbox_undone", "done", "conversation", "id"),
    sqlite_autoincrement=True,
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("inbox", sa.Integer, sa.ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True),
    _conversation(),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_events_conversation_inbox", "conversation", "inbox"),
)

replies = sa.Table(
    "replies",
    metadata,
    sa.Column("conversation", sa.String(36), sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("inbox", sa.Integer, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    _conversation(),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False, index=True),
    sa.Column("created", sa.Float, nullable=False),
)

# No foreign key: erasing a conversation does not take back an alert (shared/protection.md). No words of it are kept.
alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("inbox", sa.Integer, nullable=False, unique=True),
    sa.Column("conversation", sa.String(36), nullable=False, index=True),
    sa.Column("category", sa.String(40), nullable=False),
    sa.Column("raised", sa.Float, nullable=False, index=True),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("staff", sa.String(64)),
    sa.Column("taken_up", sa.Float),
    sqlite_autoincrement=True,
)

# No conversation: what was judged is an answer of ours, and nothing here leads to a person.
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("topic", sa.String(80), nullable=False, index=True),
    sa.Column("right", sa.Integer),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("helped", sa.Boolean, nullable=False),
    sa.Column("why", sa.String(16)),
    sa.Column("given", sa.Float, nullable=False, index=True),
    sa.Column("state", sa.String(8), nullable=False),
    # What staff made of it: who, when, and why in their own words, sealed.
    sa.Column("staff", sa.String(64)),
    sa.Column("marked", sa.Float),
    sa.Column("key", sa.LargeBinary),
    sa.Column("reason", sa.LargeBinary),
)

# Sums by day: no row belongs to a message, a conversation or a person.
counts = sa.Table(
    "counts",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(40), primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)
