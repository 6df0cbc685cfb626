"""The case desk: sends a code, takes it back, and shows the case. Sources: `verification_rules` of
data/cases/stages.yml and shared/protection.md, "Looking up a case".

What a look-up comes to is never told: `ask` says nothing, and `prove` says None for every failure. Each does the same
queries and writes the same rows whatever comes out.
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, Row

from bot.cases.contacts import tidy
from bot.cases.decisions import case_hash, decided, read_decision
from bot.cases.hashing import LookupHash
from bot.cases.model import CaseRecord, SafeContact
from bot.cases.notices import CaseNotices
from bot.cases.provider import CaseProvider, CasesUnavailable
from bot.cases.references import Recognise, key_of
from bot.cases.rules import Reason, may_send_code
from bot.cases.stages import Stages
from bot.cases.view import CaseView, CaseWords, view_of
from bot.store.case_tables import case_attempts, case_codes, case_notices
from bot.store.database import reading
from bot.store.encryption import Vault

log = structlog.get_logger()


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long. Counts are per `window`.

    Attributes:
        code_life: how long a code works.
        code_every: at most one code per case in this time, from sessions that have not proven it.
        codes_proven: codes per case in `code_every` for the session that has.
        tries: tries per code.
        window: the time in which failures and look-ups are counted.
        failures_per_reference, failures_per_session: wrong codes after which no more are looked at.
        asks_per_session: look-ups after which no more codes are sent.
        proof_life: the pause after which a proof lapses.
        keep_attempts: how long look-ups are kept, as keyed hashes.
    """

    code_life: timedelta = timedelta(minutes=15)
    code_every: timedelta = timedelta(hours=24)
    codes_proven: int = 3
    tries: int = 5
    window: timedelta = timedelta(hours=1)
    failures_per_reference: int = 10
    failures_per_session: int = 10
    asks_per_session: int = 10
    proof_life: timedelta = timedelta(minutes=15)
    keep_attempts: timedelta = timedelta(days=90)


USUAL = Limits()


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """That a person has shown the code of a case. Whoever keeps it seals it.

    Attributes:
        reference: the case's own reference.
        contact: keyed hash of the address the code went to: when the safe contact changes, the proof lapses.
        until: when it lapses.
    """

    reference: str
    contact: str
    until: datetime


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One look-up, for staff: what was done, how it came out, keyed hashes of reference and session."""

    at: datetime
    act: str
    outcome: str
    case: str
    session: str


class CaseDesk:
    """Looks cases up for people.

    Args:
        engine: an opened database.
        vault: the keys that seal notices.
        hashed: keyed hashes (`LookupHash(lookup_keys(keys))`).
        provider: where cases come from.
        recognise: reads references (`load_references`).
        stages: the stages (`load_stages`).
        words: the words of the view (`load_case_words`).
        limits: how often and how long.
        area: police area served, as in the settings.
        new_code: makes a code; tests may give another.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        vault: Vault,
        hashed: LookupHash,
        provider: CaseProvider,
        recognise: Recognise,
        stages: Stages,
        words: CaseWords,
        limits: Limits = USUAL,
        area: str = "West Midlands",
        new_code: Callable[[], str] = lambda: f"{secrets.randbelow(1_000_000):06d}",
    ) -> None:
        self._engine, self._vault, self._hashed, self._provider = engine, vault, hashed, provider
        self._recognise, self._stages, self._words, self._limits = recognise, stages, words, limits
        self._area, self._new_code, self._notices = area, new_code, CaseNotices(engine, vault)
        # `INSERT … ON CONFLICT` is spelled the same by both databases, but not by SQLAlchemy.
        self._insert = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert

    # --- the code goes out

    def ask(self, reference: str, session: str, now: datetime) -> None:
        """Send a code to the safe contact of a case, if there is one and the rules let it be shown.

        Runs after the reply has left. Always writes one row to `case_notices` (a decoy where no code goes) and one to
        `case_attempts`.

        Args:
            reference: what the person gave, as typed or tidied.
            session: id of the conversation.
            now: aware.
        """
        record, reason = self._find(reference)
        case = self._case(record, reference)
        sender = self._hashed.of("session", session)
        code = self._new_code()
        with self._engine.begin() as db:
            row = self._locked(db, case, now)
            asked, sent = self._counts(db, case, sender, now)
            record = self._decided(db, record, reference)
            if reason is Reason.ALLOWED and record is not None:
                reason = may_send_code(record, self._stages, now)
            allowed = self._limits.codes_proven if row.proven_session == sender else 1
            if reason is Reason.ALLOWED and sent >= allowed:
                reason = Reason.CODE_RECENT
            if asked >= self._limits.asks_per_session:
                reason = Reason.TOO_MANY
            contact = self._contact(record) if reason is Reason.ALLOWED else None
            if contact is not None:
                reason = Reason.CODE_SENT
            self._keep_code(db, case, row, code, contact, now)
            self._send(db, code, contact, now)
            self._note(db, "ask", case, sender, reason, now)

    def _keep_code(
        self, db: Connection, case: str, row: Row, code: str, contact: SafeContact | None, now: datetime
    ) -> None:
        new = {
            "code_hash": self._hashed.of("code", case, code),
            "contact_hash": self._hashed.of("contact", contact.address if contact else ""),
            "expires": (now + self._limits.code_life).timestamp(),
            "tries": 0,
        }
        old = {name: getattr(row, name) for name in new}
        db.execute(
            case_codes.update()
            .where(case_codes.c.case_hash == case)
            .values(**(old if contact is None else new), touched=now.timestamp())
        )

    def _send(self, db: Connection, code: str, contact: SafeContact | None, now: datetime) -> None:
        text = self._stages.lookup_text.code_message.format(
            code=code, minutes=int(self._limits.code_life.total_seconds() // 60)
        )
        self._notices.add(
            db,
            channel=contact.channel if contact else "none",
            address=contact.address if contact else "",
            text=text,
            due=now,
            expires=now + self._limits.code_life,
        )

    # --- the code comes back

    def prove(self, reference: str, code: str, session: str, now: datetime) -> Proof | None:
        """Take a code back, from any session that gives the same reference. It works once.

        Args:
            reference: what the person gave, as typed or tidied.
            code: what the person typed; blanks and dashes do not matter.
            session: id of the conversation.
            now: aware.

        Returns:
            The proof, or None for everything else: wrong, late, used up, locked, no such case, not allowed.
        """
        record, reason = self._find(reference)
        case = self._case(record, reference)
        sender = self._hashed.of("session", session)
        given = self._hashed.of("code", case, key_of(code))
        with self._engine.begin() as db:
            row = self._locked(db, case, now)
            by_case, by_session = self._failures(db, case, sender, now)
            record = self._decided(db, record, reference)
            if reason is Reason.ALLOWED and record is not None:
                reason = may_send_code(record, self._stages, now)
            contact = self._contact(record) if reason is Reason.ALLOWED else None
            right = hmac.compare_digest(given, row.code_hash or "")
            same = hmac.compare_digest(
                self._hashed.of("contact", contact.address if contact else ""), row.contact_hash or ""
            )
            live = row.code_hash is not None and now.timestamp() < row.expires
            slowed = by_case >= self._limits.failures_per_reference or by_session >= self._limits.failures_per_session
            reason = self._judged(reason, row.tries, slowed=slowed, live=live, right=right, same=same)
            proven = reason is Reason.PROVEN
            db.execute(
                case_codes.update()
                .where(case_codes.c.case_hash == case)
                .values(
                    touched=now.timestamp(),
                    tries=row.tries if slowed or not live else row.tries + 1,
                    code_hash=None if proven else row.code_hash,
                    proven_session=sender if proven else row.proven_session,
                )
            )
            self._note(db, "prove", case, sender, reason, now)
        if not proven or record is None or row.contact_hash is None:
            return None
        return Proof(reference=record.reference, contact=row.contact_hash, until=now + self._limits.proof_life)

    def _judged(self, reason: Reason, tries: int, *, slowed: bool, live: bool, right: bool, same: bool) -> Reason:
        if slowed:
            return Reason.TOO_MANY
        if reason is not Reason.ALLOWED:
            return reason
        if not live:
            return Reason.NO_CODE
        if tries >= self._limits.tries:
            return Reason.LOCKED
        if not right:
            return Reason.WRONG_CODE
        return Reason.PROVEN if same else Reason.CONTACT_CHANGED

    # --- the case is shown

    def view(self, proof: Proof, now: datetime) -> CaseView | None:
        """The case as it stands now. The record is read and every rule applied anew.

        Returns:
            The view, or None: the proof has lapsed, or the case may not be shown any more.

        Raises:
            CasesUnavailable: the case cannot be read now.
        """
        if now >= proof.until:
            return None
        record = self._provider.find(proof.reference)
        with reading(self._engine) as db:
            decision = read_decision(db, self._vault, self._hashed, proof.reference)
        if record is None:
            return None
        record = decided(record, decision)
        reason = may_send_code(record, self._stages, now)
        contact = self._contact(record) if reason is Reason.ALLOWED else None
        if contact is not None and not hmac.compare_digest(self._hashed.of("contact", contact.address), proof.contact):
            reason = Reason.CONTACT_CHANGED
        log.info("case_view", outcome=reason.value)
        if reason is not Reason.ALLOWED:
            return None
        return view_of(record, self._stages, self._words, self._provider.feed_worked_at(), now, self._area)

    def renewed(self, proof: Proof, now: datetime) -> Proof:
        """The proof after it was used: it lapses after a pause, not while it is in use. A lapsed one stays so."""
        if now >= proof.until:
            return proof
        return msgspec.structs.replace(proof, until=now + self._limits.proof_life)

    # --- for staff, and forgetting

    def attempts(self, since: datetime) -> list[Attempt]:
        """Look-ups since a moment, the oldest first."""
        query = case_attempts.select().where(case_attempts.c.at >= since.timestamp()).order_by(case_attempts.c.id)
        with reading(self._engine) as db:
            rows = db.execute(query).fetchall()
        return [
            Attempt(
                at=datetime.fromtimestamp(row.at, timezone.utc),
                act=row.act,
                outcome=row.outcome,
                case=row.case_hash,
                session=row.session_hash,
            )
            for row in rows
        ]

    def purge(self, now: datetime) -> int:
        """Delete what has had its time: look-ups, codes, notices. Returns how many rows.

        Codes are forgotten when they expire; that one was sent is kept for `code_every`, as a keyed hash.
        """
        moment = now.timestamp()
        with self._engine.begin() as db:
            db.execute(
                case_codes.update()
                .where(case_codes.c.expires <= moment, case_codes.c.code_hash.isnot(None))
                .values(code_hash=None, contact_hash=None)
            )
            old = [
                case_attempts.delete().where(case_attempts.c.at < moment - self._limits.keep_attempts.total_seconds()),
                case_codes.delete().where(case_codes.c.touched < moment - self._limits.code_every.total_seconds()),
                case_notices.delete().where(case_notices.c.expires <= moment),
            ]
            return sum(db.execute(statement).rowcount for statement in old)

    # --- steps that every outcome takes

    def _find(self, reference: str) -> tuple[CaseRecord | None, Reason]:
        try:
            record = self._provider.find(self._recognise(reference).written)
        except CasesUnavailable:
            return None, Reason.UNAVAILABLE
        return record, Reason.NO_SUCH_CASE if record is None else Reason.ALLOWED

    def _case(self, record: CaseRecord | None, reference: str) -> str:
        if record is not None:
            return case_hash(self._hashed, record)
        return self._hashed.of("case", self._recognise(reference).key)

    def _decided(self, db: Connection, record: CaseRecord | None, reference: str) -> CaseRecord | None:
        decision = read_decision(db, self._vault, self._hashed, record.reference if record else reference)
        return decided(record, decision) if record else None

    def _locked(self, db: Connection, case: str, now: datetime) -> Row:
        """The row of codes of a case, made when missing and held until the transaction ends."""
        empty = {"case_hash": case, "touched": now.timestamp(), "expires": 0.0, "tries": 0}
        db.execute(self._insert(case_codes).values(**empty).on_conflict_do_nothing())
        return db.execute(case_codes.select().where(case_codes.c.case_hash == case).with_for_update()).one()

    def _counts(self, db: Connection, case: str, sender: str, now: datetime) -> tuple[int, int]:
        """Look-ups of this session in the window, and codes sent for this case in `code_every`."""
        table, moment = case_attempts.c, now.timestamp()
        asked = sa.and_(table.session_hash == sender, table.at > moment - self._limits.window.total_seconds())
        sent = sa.and_(
            table.case_hash == case,
            table.outcome == Reason.CODE_SENT.value,
            table.at > moment - self._limits.code_every.total_seconds(),
        )
        query = sa.select(_count(asked), _count(sent)).where(table.act == "ask", sa.or_(asked, sent))
        row = db.execute(query).one()
        return row[0], row[1]

    def _failures(self, db: Connection, case: str, sender: str, now: datetime) -> tuple[int, int]:
        """Wrong codes for this reference and of this session in the window."""
        table = case_attempts.c
        by_case, by_session = table.case_hash == case, table.session_hash == sender
        query = sa.select(_count(by_case), _count(by_session)).where(
            table.act == "prove",
            table.outcome.notin_([Reason.PROVEN.value, Reason.TOO_MANY.value]),
            table.at > now.timestamp() - self._limits.window.total_seconds(),
            sa.or_(by_case, by_session),
        )
        row = db.execute(query).one()
        return row[0], row[1]

    @staticmethod
    def _contact(record: CaseRecord | None) -> SafeContact | None:
        return tidy(record.safe_contact) if record and record.safe_contact else None

    @staticmethod
    def _note(db: Connection, act: str, case: str, sender: str, reason: Reason, now: datetime) -> None:
        db.execute(
            case_attempts.insert().values(
                at=now.timestamp(), act=act, case_hash=case, session_hash=sender, outcome=reason.value
            )
        )
        log.info("case_lookup", act=act, outcome=reason.value)


def _count(condition: sa.sql.ColumnElement) -> sa.sql.ColumnElement:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
