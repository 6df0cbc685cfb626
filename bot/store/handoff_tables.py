"""Tables of hand-offs, call-backs and opening hours. Words are sealed with the key of their conversation.

What is in the clear is no personal data: organisation, language, times, states, random ids of staff.
"""

import sqlalchemy as sa

from bot.store.tables import metadata


def _conversation(on_delete: str) -> sa.Column:
    return sa.Column(
        "conversation", sa.String(36), sa.ForeignKey("conversations.id", ondelete=on_delete), index=True, nullable=True
    )


def _hand_off() -> sa.Column:
    return sa.Column("hand_off", sa.Integer, sa.ForeignKey("hand_offs.id", ondelete="CASCADE"), nullable=False)


# Erasing a conversation takes out what is sealed and leaves the times, from which waits are told.
hand_offs = sa.Table(
    "hand_offs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _conversation("SET NULL"),
    # Number of the message that asked for it: a message worked twice asks once.
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

# The order in which things were said. The words stand where they belong: in the inbox and among the replies.
hand_off_lines = sa.Table(
    "hand_off_lines",
    metadata,
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

hand_off_notes = sa.Table(
    "hand_off_notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("hand_off", sa.Integer, sa.ForeignKey("hand_offs.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("organisation", sa.String(40), nullable=False),
    sa.Column("staff", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

call_backs = sa.Table(
    "call_backs",
    metadata,
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

opening_hours = sa.Table(
    "opening_hours",
    metadata,
    sa.Column("organisation", sa.String(40), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("changed", sa.Float, nullable=False),
    sa.Column("changed_by", sa.String(64), nullable=False),
)

# No conversation and no hand-off: nothing here leads to a person.
hand_off_feedback = sa.Table(
    "hand_off_feedback",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("organisation", sa.String(40), nullable=False),
    sa.Column("question", sa.String(16), nullable=False),
    sa.Column("answer", sa.String(16), nullable=False),
    sa.Column("given", sa.Float, nullable=False, index=True),
)
