"""Reading and writing conversations: each method is one transaction.

Times are seconds since the epoch, given by the caller. A conversation is worked by whoever holds its lease; `finish`
writes the whole outcome of a message at once, and only for the holder, so nothing is lost and nothing answered twice.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from bot.conversation.messages import Button, Command, Message, Reply
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.handoff_tables import call_backs, hand_off_lines, hand_off_notes, hand_offs
from bot.store.privacy_tables import holds
from bot.store.tables import alerts, commands, conversations, events, inbox, replies
from bot.store.unanswered_tables import unanswered


class LeaseLost(Exception):
    """Another worker took the conversation over; whatever was computed must be thrown away."""


LEAST_MOVE_S = 5.0
"""Seconds by which a token's end must move to be worth a write: a waiting page asks several times a second."""
ALERT = "alert"
"""Kind of the command that raises a safety alert."""


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a PIN (`bot.conversation.resuming`): its digest, and how many tries are left."""

    digest: str
    tries: int


class Memory(msgspec.Struct, kw_only=True):
    """What the gateway remembers of a conversation between messages. Sealed like the words themselves.

    `services` is what each service of `bot.conversation.turn` keeps, by its name. `pin` brings the chat back.
    """

    language: str = "en"
    chosen: str | None = None
    page: str | None = None
    welcomed: list[str] = []
    offered: list[str] = []
    carry: list[dict[str, Any]] = []
    cards_shown: list[str] = []
    waiting: str | None = None
    quiet: bool = False
    answered: int = 0
    services: dict[str, dict[str, Any]] = {}
    pin: Pin | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation as stored, with its memory opened. `hand_off` is the one that is open: it waits for a person or
    talks to one."""

    id: str
    channel: str
    state: str
    key: bytes
    memory: Memory
    last_reply: int
    token_expires: float
    hand_off: int | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A safety alert for staff: the kind of danger and the conversation, none of its words."""

    id: int
    conversation: str
    category: str
    raised: float


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A message accepted and not yet answered."""

    inbox: int
    message: Message
    attempts: int
    received: float


class StoredCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command that a turn left, still to be carried out."""

    id: str
    conversation: str
    kind: str
    body: dict[str, Any]


class NumberedReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply with its place in the conversation, counted from 1."""

    number: int
    reply: Reply


def token_hash(token: str) -> str:
    """What is stored of a token: enough to recognise it, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


class ConversationStore:
    """The conversations in one database.

    Args:
        engine: an opened database (`bot.store.database.open_database`).
        vault: the keys that seal words and events.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    # --- life of a conversation

    def start(
        self, token: str, channel: str, first: list[Reply], now: float, expires: float, memory: Memory | None = None
    ) -> str:
        """Store a new conversation with its first words. Returns its id, which is internal: people hold the token."""
        conversation, key = str(uuid.uuid4()), self._vault.new_key()
        with self._engine.begin() as db:
            db.execute(
                conversations.insert().values(
                    id=conversation,
                    token_hash=token_hash(token),
                    token_expires=expires,
                    channel=channel,
                    started=now,
                    touched=now,
                    state="open",
                    key=key,
                    memory=self._vault.seal(key, memory or Memory()),
                    last_reply=len(first),
                    lease_owner=None,
                    lease_until=0.0,
                )
            )
            self._insert_replies(db, conversation, key, None, 0, first)
        return conversation

    def find(
        self, token: str, now: float, expires: float | None = None, with_staff: float | None = None
    ) -> Conversation | None:
        """The open conversation a token belongs to, or None.

        Args:
            token: what the person's page holds.
            now: seconds since the epoch.
            expires: moves the token's end forward or back.
            with_staff: the same while a hand-off is open.
        """
        with reading(self._engine) as db:
            row = db.execute(conversations.select().where(conversations.c.token_hash == token_hash(token))).first()
        if row is None or row.state != "open" or row.token_expires < now:
            return None
        if row.hand_off is not None and with_staff is not None:
            expires = with_staff
        if expires is not None and abs(expires - row.token_expires) >= LEAST_MOVE_S:
            with self._engine.begin() as db:
                db.execute(
                    conversations.update()
                    .where(conversations.c.id == row.id, conversations.c.state == "open")
                    .values(token_expires=expires, touched=now)
                )
        return self.opened(row)

    def get(self, conversation: str) -> Conversation | None:
        """A conversation by its internal id, whatever its state; None once erased."""
        with reading(self._engine) as db:
            row = db.execute(conversations.select().where(conversations.c.id == conversation)).first()
            return None if row is None else self.opened(row)

    def end(self, conversation: str) -> None:
        """Close a conversation: its token works no more, what a form holds is forgotten next; the rest stays until
        erased or purged."""
        with self._engine.begin() as db:
            db.execute(
                conversations.update()
                .where(conversations.c.id == conversation)
                .values(state="ended", token_expires=0.0)
            )
            db.execute(
                conversations.update()
                .where(conversations.c.id == conversation, conversations.c.lapses.is_not(None))
                .values(lapses=0.0)
            )

    def erase(self, conversation: str) -> bool:
        """Delete a conversation with its key, messages, events, replies and commands not yet carried out.

        Returns:
            Whether it is gone: a hold keeps it (shared/protection.md, "Data protection").
        """
        with self._engine.begin() as db:
            free = list(db.execute(self._not_held(conversations.c.id == conversation)).scalars())
            # Once a conversation's own time is over, its questions that staff work on stay without it.
            db.execute(unanswered.delete().where(unanswered.c.conversation.in_(free)))
            self._erase(db, free)
            still = db.execute(sa.select(conversations.c.id).where(conversations.c.id == conversation)).first()
            return still is None

    def purge(self, before: float) -> int:
        """Erase every conversation untouched since `before` that staff never had, but those with a hold. Returns how
        many."""
        mine = sa.and_(conversations.c.hand_off.is_(None), conversations.c.handed_over.is_(None))
        return self._purge(sa.and_(conversations.c.touched < before, mine))

    def purge_handed_over(self, before: float) -> int:
        """The same for conversations that were handed over to staff. Returns how many."""
        return self._purge(sa.and_(conversations.c.touched < before, conversations.c.handed_over < before))

    def _purge(self, which: Any) -> int:
        with self._engine.begin() as db:
            old = list(db.execute(self._not_held(which)).scalars())
            self._erase(db, old)
            return len(old)

    @staticmethod
    def _not_held(which: Any) -> Any:
        held = sa.select(holds.c.subject).where(holds.c.kind == "conversation", holds.c.lifted.is_(None))
        return sa.select(conversations.c.id).where(which, conversations.c.id.not_in(held))

    @staticmethod
    def _erase(db: Connection, ids: list[str]) -> None:
        # Of a hand-off only its times stay: how long people wait is told from them.
        theirs = sa.select(hand_offs.c.id).where(hand_offs.c.conversation.in_(ids)).scalar_subquery()
        for table in (hand_off_lines, hand_off_notes):
            db.execute(table.delete().where(table.c.hand_off.in_(theirs)))
        db.execute(call_backs.delete().where(call_backs.c.conversation.in_(ids)))
        db.execute(
            hand_offs.update()
            .where(hand_offs.c.conversation.in_(ids), hand_offs.c.state != "ended")
            .values(state="ended", ended_by="erased", ended=hand_offs.c.last_word)
        )
        db.execute(hand_offs.update().where(hand_offs.c.conversation.in_(ids)).values(conversation=None, sealed=None))
        for table in (commands, replies, events, inbox):
            db.execute(table.delete().where(table.c.conversation.in_(ids)))
        db.execute(conversations.delete().where(conversations.c.id.in_(ids)))

    # --- answers that are not to stay

    def forget(self, conversation: str, since_inbox: int, connection: Connection | None = None) -> bool:
        """Take out what was said since a message: its words, its events and its replies, and all that came after.

        The messages stay known by their `client_id`, so that a repeat is still told; one that waits for its answer is
        left alone.

        Args:
            conversation: its id.
            since_inbox: number of the message at which, say, a form began.
            connection: an open transaction to be part of, such as that of a `Write`; else one of its own.

        Returns:
            Whether it was done: in a conversation with a hold everything stays.
        """
        with self._in(connection) as db:
            key = db.execute(
                sa.select(conversations.c.key).where(
                    conversations.c.id.in_(self._not_held(conversations.c.id == conversation))
                )
            ).scalar()
            if key is None:
                return False
            said = sa.and_(inbox.c.conversation == conversation, inbox.c.id >= since_inbox, inbox.c.done.is_(True))
            for row in db.execute(sa.select(inbox.c.id, inbox.c.client_id).where(said)).all():
                blank = self._vault.seal(key, Message(client_id=row.client_id))
                db.execute(inbox.update().where(inbox.c.id == row.id).values(body=blank))
            for table in (events, replies):
                db.execute(table.delete().where(table.c.conversation == conversation, table.c.inbox >= since_inbox))
            return True

    def is_held(self, conversation: str) -> bool:
        """Whether a hold keeps a conversation from being erased."""
        with reading(self._engine) as db:
            known = sa.select(holds.c.id).where(
                holds.c.kind == "conversation", holds.c.subject == conversation, holds.c.lifted.is_(None)
            )
            return db.execute(known).first() is not None

    @staticmethod
    def set_lapse(db: Connection, conversation: str, lapses: float | None) -> None:
        """Note when a form's answers are to be forgotten, as part of a transaction; None: there are none any more."""
        db.execute(conversations.update().where(conversations.c.id == conversation).values(lapses=lapses))

    def lapsed(self, now: float) -> list[str]:
        """Ids of conversations whose form was left so long that its answers are to be forgotten."""
        with reading(self._engine) as db:
            return list(
                db.execute(
                    sa.select(conversations.c.id)
                    .where(conversations.c.lapses <= now, conversations.c.lease_until < now)
                    .order_by(conversations.c.lapses)
                ).scalars()
            )

    def lapse(
        self, conversation: Conversation, owner: str, since_inbox: int, memory: Memory, new_replies: list[Reply]
    ) -> bool:
        """Forget a form's answers, and say so; all at once.

        Args:
            conversation: as it stands.
            owner: holder of the lease.
            since_inbox: as for `forget`.
            memory: without the form.
            new_replies: what is said about it.

        Returns:
            Whether it was done: in a conversation with a hold everything stays, and nothing is said.

        Raises:
            LeaseLost: the conversation was taken over or erased.
        """
        with self._engine.begin() as db:
            last = self._hold(db, conversation.id, owner)
            self.set_lapse(db, conversation.id, None)
            if not self.forget(conversation.id, since_inbox, db):
                return False
            self._insert_replies(db, conversation.id, conversation.key, None, last, new_replies)
            db.execute(
                conversations.update()
                .where(conversations.c.id == conversation.id)
                .values(memory=self._vault.seal(conversation.key, memory), last_reply=last + len(new_replies))
            )
            return True

    # --- messages in

    def accept(self, conversation: Conversation, message: Message, now: float) -> tuple[int, bool]:
        """Commit a message to the inbox. From here on it will be answered, once, whatever dies.

        Returns:
            The inbox id, and whether it is new: a repeated `client_id` gives the first one's id and False.
        """
        with self._engine.begin() as db:
            known = db.execute(
                sa.select(inbox.c.id).where(
                    inbox.c.conversation == conversation.id, inbox.c.client_id == message.client_id
                )
            ).scalar()
            if known is not None:
                return known, False
            result = db.execute(
                inbox.insert().values(
                    conversation=conversation.id,
                    client_id=message.client_id,
                    received=now,
                    body=self._vault.seal(conversation.key, message),
                    done=False,
                    attempts=0,
                )
            )
            return result.inserted_primary_key[0], True

    def lease(self, conversation: str, owner: str, now: float, until: float) -> bool:
        """Take or renew the right to work on a conversation. False when someone else holds it."""
        free = sa.or_(conversations.c.lease_owner == owner, conversations.c.lease_until < now)
        with self._engine.begin() as db:
            result = db.execute(
                conversations.update()
                .where(conversations.c.id == conversation, free)
                .values(lease_owner=owner, lease_until=until)
            )
            return result.rowcount == 1

    def release(self, conversation: str, owner: str) -> None:
        """Give the right to work on a conversation back."""
        with self._engine.begin() as db:
            db.execute(
                conversations.update()
                .where(conversations.c.id == conversation, conversations.c.lease_owner == owner)
                .values(lease_until=0.0)
            )

    def next_waiting(self, conversation: Conversation) -> Waiting | None:
        """The oldest message without an answer, counting this as an attempt at it."""
        with reading(self._engine) as db:
            row = db.execute(
                inbox.select()
                .where(inbox.c.done.is_(False), inbox.c.conversation == conversation.id)
                .order_by(inbox.c.id)
                .limit(1)
            ).first()
        if row is None:
            return None
        # Only the holder of the lease comes here, so nobody else has counted in between.
        with self._engine.begin() as db:
            db.execute(inbox.update().where(inbox.c.id == row.id).values(attempts=row.attempts + 1))
        return Waiting(
            inbox=row.id,
            message=self._vault.open(conversation.key, row.body, Message),
            attempts=row.attempts + 1,
            received=row.received,
        )

    def with_work(self, now: float) -> list[str]:
        """Ids of conversations that have a message waiting and nobody working on them."""
        with reading(self._engine) as db:
            return list(
                db.execute(
                    sa.select(inbox.c.conversation)
                    .join(conversations, conversations.c.id == inbox.c.conversation)
                    .where(inbox.c.done.is_(False), conversations.c.lease_until < now)
                    .distinct()
                ).scalars()
            )

    def message(self, conversation: Conversation, inbox_id: int) -> Message | None:
        """An accepted message, or None."""
        with reading(self._engine) as db:
            body = db.execute(
                sa.select(inbox.c.body).where(inbox.c.conversation == conversation.id, inbox.c.id == inbox_id)
            ).scalar()
            return None if body is None else self._vault.open(conversation.key, body, Message)

    # --- outcomes

    def recent_events(self, conversation: Conversation, turns: int) -> list[dict[str, Any]]:
        """Rasa events of the last `turns` turns, oldest first."""
        with reading(self._engine) as db:
            bodies = list(
                db.execute(
                    sa.select(events.c.body)
                    .where(events.c.conversation == conversation.id)
                    .order_by(events.c.inbox.desc())
                    .limit(turns)
                ).scalars()
            )
        turns_found = [self._vault.open(conversation.key, body, list[dict[str, Any]]) for body in reversed(bodies)]
        return [event for turn in turns_found for event in turn]

    def finish(
        self,
        conversation: Conversation,
        owner: str,
        inbox_id: int,
        *,
        new_events: list[dict[str, Any]],
        new_replies: list[Reply],
        new_commands: list[Command],
        memory: Memory,
        now: float,
        writes: Sequence[Callable[[Connection], None]] = (),
    ) -> None:
        """Write the whole outcome of a message at once and mark it done; `writes` go into the same transaction.

        Raises:
            LeaseLost: the conversation was taken over, erased, or the message is already done; nothing is written.
        """
        with self._engine.begin() as db:
            last = self._hold(db, conversation.id, owner)
            done = db.execute(inbox.update().where(inbox.c.id == inbox_id, inbox.c.done.is_(False)).values(done=True))
            if done.rowcount != 1:
                raise LeaseLost(conversation.id)
            for write in writes:
                write(db)
            if new_events:
                db.execute(
                    events.insert().values(
                        inbox=inbox_id,
                        conversation=conversation.id,
                        body=self._vault.seal(conversation.key, new_events),
                    )
                )
            self._insert_replies(db, conversation.id, conversation.key, inbox_id, last, new_replies)
            for number, command in enumerate(new_commands):
                if command.kind == ALERT:
                    self._raise_alert(db, conversation.id, inbox_id, command.body["category"], now)
                    continue
                db.execute(
                    commands.insert().values(
                        id=f"{inbox_id}-{number}",
                        conversation=conversation.id,
                        kind=command.kind,
                        body=self._vault.seal(conversation.key, command.body),
                        done=False,
                        created=now,
                    )
                )
            db.execute(
                conversations.update()
                .where(conversations.c.id == conversation.id)
                .values(
                    memory=self._vault.seal(conversation.key, memory),
                    last_reply=last + len(new_replies),
                    touched=now,
                )
            )

    def open_alerts(self) -> list[Alert]:
        """Alerts nobody has taken up yet, the oldest first."""
        with reading(self._engine) as db:
            rows = db.execute(alerts.select().where(alerts.c.state == "open").order_by(alerts.c.id)).fetchall()
        return [
            Alert(id=row.id, conversation=row.conversation, category=row.category, raised=row.raised) for row in rows
        ]

    def purge_alerts(self, before: float) -> int:
        """Delete alerts raised before a moment (shared/protection.md: two years). Returns how many."""
        with self._engine.begin() as db:
            return int(db.execute(alerts.delete().where(alerts.c.raised < before)).rowcount)

    @staticmethod
    def _raise_alert(db: Connection, conversation: str, inbox_id: int, category: str, now: float) -> None:
        db.execute(
            alerts.insert().values(
                inbox=inbox_id, conversation=conversation, category=category, raised=now, state="open"
            )
        )

    def notice(self, conversation: Conversation, owner: str, new_replies: list[Reply]) -> None:
        """Store replies that answer no message yet, such as "starting".

        Raises:
            LeaseLost: the conversation was taken over or erased.
        """
        with self._engine.begin() as db:
            last = self._hold(db, conversation.id, owner)
            self._insert_replies(db, conversation.id, conversation.key, None, last, new_replies)
            db.execute(
                conversations.update()
                .where(conversations.c.id == conversation.id)
                .values(last_reply=last + len(new_replies))
            )

    def append(self, db: Connection, conversation: str, new_replies: list[Reply], now: float) -> int:
        """Add replies as part of a transaction, whoever holds the lease: words of staff, or about a hand-off.

        Returns:
            The number of the last one.

        Raises:
            LeaseLost: the conversation was erased.
        """
        row = db.execute(
            sa.select(conversations.c.last_reply, conversations.c.key)
            .where(conversations.c.id == conversation)
            .with_for_update()
        ).first()
        if row is None:
            raise LeaseLost(conversation)
        self._insert_replies(db, conversation, row.key, None, row.last_reply, new_replies)
        last = int(row.last_reply) + len(new_replies)
        db.execute(
            conversations.update().where(conversations.c.id == conversation).values(last_reply=last, touched=now)
        )
        return last

    def replies_after(self, conversation: Conversation, number: int, limit: int = 200) -> list[NumberedReply]:
        """Replies with a number above `number`, in order."""
        with reading(self._engine) as db:
            rows = db.execute(
                replies.select()
                .where(replies.c.conversation == conversation.id, replies.c.number > number)
                .order_by(replies.c.number)
                .limit(limit)
            ).all()
        return [
            NumberedReply(number=row.number, reply=self._vault.open(conversation.key, row.body, Reply)) for row in rows
        ]

    def replies_to(self, conversation: Conversation, inbox_id: int) -> list[Reply]:
        """The replies a message got, in order."""
        with reading(self._engine) as db:
            bodies = db.execute(
                sa.select(replies.c.body)
                .where(replies.c.conversation == conversation.id, replies.c.inbox == inbox_id)
                .order_by(replies.c.number)
            ).scalars()
            return [self._vault.open(conversation.key, body, Reply) for body in bodies]

    def button(self, conversation: Conversation, button: str) -> Button | None:
        """A button that was issued in this conversation, or None. Its id is `<reply number>.<place>`."""
        number, _, _ = button.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return None
        with reading(self._engine) as db:
            body = db.execute(
                sa.select(replies.c.body).where(
                    replies.c.conversation == conversation.id, replies.c.number == int(number)
                )
            ).scalar()
        if body is None:
            return None
        issued: Reply = self._vault.open(conversation.key, body, Reply)
        return next((known for known in issued.buttons if known.id == button), None)

    def due_commands(self, before: float, kinds: Sequence[str]) -> list[StoredCommand]:
        """Commands of some kinds, not carried out and stored before a time, oldest first."""
        with reading(self._engine) as db:
            rows = db.execute(
                sa.select(commands, conversations.c.key)
                .join(conversations, conversations.c.id == commands.c.conversation)
                .where(commands.c.done.is_(False), commands.c.created <= before, commands.c.kind.in_(kinds))
                .order_by(commands.c.created)
            ).all()
        return [
            StoredCommand(
                id=row.id,
                conversation=row.conversation,
                kind=row.kind,
                body=self._vault.open(row.key, row.body, dict[str, Any]),
            )
            for row in rows
        ]

    def command_done(self, command: str) -> None:
        """Mark a command as carried out."""
        with self._engine.begin() as db:
            db.execute(commands.update().where(commands.c.id == command).values(done=True))

    # --- inside

    @contextmanager
    def _in(self, connection: Connection | None) -> Iterator[Connection]:
        if connection is not None:
            yield connection
        else:
            with self._engine.begin() as db:
                yield db

    def _hold(self, db: Connection, conversation: str, owner: str) -> int:
        row = db.execute(
            sa.select(conversations.c.last_reply, conversations.c.lease_owner)
            .where(conversations.c.id == conversation)
            .with_for_update()
        ).first()
        if row is None or row.lease_owner != owner:
            raise LeaseLost(conversation)
        return row.last_reply

    def _insert_replies(
        self, db: Connection, conversation: str, key: bytes, inbox_id: int | None, last: int, new: list[Reply]
    ) -> None:
        for number, reply in enumerate(new, last + 1):
            buttons = [
                msgspec.structs.replace(button, id=f"{number}.{place}") for place, button in enumerate(reply.buttons)
            ]
            db.execute(
                replies.insert().values(
                    conversation=conversation,
                    number=number,
                    inbox=inbox_id,
                    body=self._vault.seal(key, msgspec.structs.replace(reply, buttons=buttons)),
                )
            )

    def opened(self, row: Row) -> Conversation:
        """A row of the table as a conversation."""
        return Conversation(
            id=row.id,
            channel=row.channel,
            state=row.state,
            key=row.key,
            memory=self._vault.open(row.key, row.memory, Memory),
            last_reply=row.last_reply,
            token_expires=row.token_expires,
            hand_off=row.hand_off,
        )
