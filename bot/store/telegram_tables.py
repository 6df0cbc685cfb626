"""Tables of the Telegram channel. A chat is known by a keyed hash; its id stands sealed with its conversation's key."""

import sqlalchemy as sa

from bot.store.tables import metadata

telegram_chats = sa.Table(
    "telegram_chats",
    metadata,
    sa.Column("chat", sa.String(64), primary_key=True),
    # Erasing the conversation erases the key, and with it the address.
    sa.Column(
        "conversation",
        sa.String(36),
        sa.ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    # The last reply that was sent wholly, and how many messages of the next one.
    sa.Column("delivered", sa.Integer, nullable=False),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("wrote", sa.Float, nullable=False, index=True),
    # Whether "There is a reply" may be sent, null while that was not asked; and when it was sent last.
    sa.Column("agreed", sa.Boolean),
    sa.Column("hinted", sa.Float),
    sa.Column("lease_owner", sa.String(36)),
    sa.Column("lease_until", sa.Float, nullable=False),
)

# No foreign key: messages in Telegram outlive the conversation, and can be deleted there for 48 hours.
telegram_messages = sa.Table(
    "telegram_messages",
    metadata,
    sa.Column("chat", sa.String(64), primary_key=True),
    sa.Column("message", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sent", sa.Float, nullable=False, index=True),
    # The reply whose buttons the message offers, while one of them can be pressed.
    sa.Column("conversation", sa.String(36)),
    sa.Column("reply", sa.Integer),
)

telegram_updates = sa.Table(
    "telegram_updates",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("handled", sa.Float, nullable=False, index=True),
)
