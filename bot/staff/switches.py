"""Off-switches: a channel, or a topic's answer, taken out of service by a supervisor with a reason. Each is audited.

A switch that is on again stays in the table as long as audit records do, with its reason. Reasons are for staff and
hold no names of people; nobody outside sees them.
"""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec
from sqlalchemy.engine import Engine, Row

from bot.staff.audit import AuditLog
from bot.store.database import reading
from bot.store.staff_tables import off_switches

EVERY = ""
"""As a channel: all of them. As a topic: all that the channel does."""
FRESH_S = 2.0
LONGEST_REASON = 400


class SwitchRefused(Exception):
    """A switch cannot be set so; the message says why, for staff."""


class OffSwitch(msgspec.Struct, frozen=True, kw_only=True):
    """A channel or topic that is, or was, switched off.

    Attributes:
        channel: `web`, `telegram`, or `EVERY`.
        topic: an id of topics.yml, or `EVERY` for the channel as a whole.
        reason: why, for staff.
        by: id of who switched it off.
        since: seconds since the epoch.
        ended, ended_by: when and by whom it was switched on again, or None.
    """

    id: int
    channel: str
    topic: str
    reason: str
    by: str
    since: float
    ended: float | None = None
    ended_by: str | None = None


class Off(msgspec.Struct, frozen=True):
    """What is off at one moment: reasons by channel and topic."""

    reasons: Mapping[tuple[str, str], str] = MappingProxyType({})

    def channel(self, channel: str) -> str | None:
        """Why a channel as a whole is off; None where it is on."""
        return self._reason(channel, EVERY)

    def topic(self, channel: str, topic: str) -> str | None:
        """Why a topic is not answered in a channel; None where it is."""
        return self._reason(channel, topic)

    def _reason(self, channel: str, topic: str) -> str | None:
        return self.reasons.get((channel, topic)) or self.reasons.get((EVERY, topic))


class Switches:
    """The off-switches in one database.

    Args:
        engine: an opened database.
        audit: where each change is noted.
        monotonic: a clock for how old what was read is, in seconds.
    """

    def __init__(self, engine: Engine, audit: AuditLog, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._audit, self._monotonic = engine, audit, monotonic
        self._read: tuple[float, Off] | None = None

    def current(self) -> Off:
        """What is off, at most two seconds old."""
        now = self._monotonic()
        if self._read is None or now - self._read[0] > FRESH_S:
            self._read = (now, Off({(one.channel, one.topic): one.reason for one in self.standing()}))
        return self._read[1]

    def off(self, channel: str, topic: str = EVERY) -> str | None:
        """Why a channel, or a topic in it, is off; None where it is on. At most two seconds old."""
        return self.current().topic(channel, topic)

    def standing(self) -> list[OffSwitch]:
        """What is off now, the newest first."""
        return self._listed(off_switches.c.ended.is_(None))

    def past(self, limit: int = 50) -> list[OffSwitch]:
        """What was off and is on again, the newest first."""
        return self._listed(off_switches.c.ended.isnot(None))[:limit]

    def switch_off(self, channel: str, topic: str, reason: str, by: str, organisation: str, now: float) -> None:
        """Take a channel or a topic out of service, everywhere within two seconds.

        Args:
            channel: `web`, `telegram`, or `EVERY`.
            topic: an id of topics.yml, or `EVERY`.
            reason: why; names of people have no place here.
            by: id of the supervisor.
            organisation: theirs.
            now: seconds since the epoch.

        Raises:
            SwitchRefused: there is no reason, or it is off already.
        """
        reason = " ".join(reason.split())
        if not reason:
            raise SwitchRefused("Give a reason.")
        if len(reason) > LONGEST_REASON:
            raise SwitchRefused(f"Give the reason in at most {LONGEST_REASON} characters.")
        values = {"channel": channel, "topic": topic, "reason": reason, "by": by, "since": now}
        with self._engine.begin() as db:
            if db.execute(off_switches.select().where(*_is(channel, topic))).first() is not None:
                raise SwitchRefused("That is off already.")
            db.execute(off_switches.insert().values(**values))
            self._audit.record(by, "switch.off", _subject(channel, topic), organisation, at=now, connection=db)
        self._read = None

    def switch_on(self, channel: str, topic: str, by: str, organisation: str, now: float) -> None:
        """Put a channel or a topic back into service.

        Raises:
            SwitchRefused: it is not off.
        """
        with self._engine.begin() as db:
            ended = db.execute(off_switches.update().where(*_is(channel, topic)).values(ended=now, ended_by=by))
            if not ended.rowcount:
                raise SwitchRefused("That is not off.")
            self._audit.record(by, "switch.on", _subject(channel, topic), organisation, at=now, connection=db)
        self._read = None

    def purge(self, before: float) -> int:
        """Delete switches that were on again before a moment (retention: as audit records). Returns how many."""
        with self._engine.begin() as db:
            return int(db.execute(off_switches.delete().where(off_switches.c.ended < before)).rowcount)

    def _listed(self, which: object) -> list[OffSwitch]:
        with reading(self._engine) as db:
            rows = db.execute(off_switches.select().where(which).order_by(off_switches.c.id.desc())).fetchall()
        return [_switch(row) for row in rows]


def _is(channel: str, topic: str) -> tuple[object, ...]:
    columns = off_switches.c
    return columns.channel == channel, columns.topic == topic, columns.ended.is_(None)


def _subject(channel: str, topic: str) -> str:
    return f"{channel or 'every channel'}: {topic or 'everything'}"


def _switch(row: Row) -> OffSwitch:
    return OffSwitch(**{name: row._mapping[name] for name in OffSwitch.__struct_fields__})
