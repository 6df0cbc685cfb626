"""Subject access: what is held about a person, for that person, made by staff and never self-service.

Staff check the identity and record how; what is about third parties is redacted; what is left out is recorded with the
reason (shared/protection.md, "Data protection"). Numbers and e-mail addresses that are not the person's own are found
by themselves; names are given by staff, who must read the result before handing it over.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timezone
from typing import Any

import msgspec
import phonenumbers
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.referrals.draft import Form
from bot.referrals.rows import Referral, spoken
from bot.store.conversations import ConversationStore
from bot.store.database import reading
from bot.store.encryption import Vault
from bot.store.privacy_tables import subject_exports
from bot.store.tables import alerts

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_EVERYTHING = 10**6


class ExportRefused(Exception):
    """An export cannot be made so; the message says why."""


class IdentityCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Who made sure that the person is who they say, how, and on which day."""

    by: str
    how: str
    on: date


class Exemption(msgspec.Struct, frozen=True, kw_only=True):
    """A record left out: its number, why, and the rule that allows it."""

    record: int
    why: str
    rule: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is held: its kind, when it was written (ISO, or empty), and its content by name."""

    kind: str
    when: str
    content: dict[str, str]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What the person gets. `records` are numbered as staff saw them, with the exempt ones missing."""

    made_at: str
    made_by: str
    identity: IdentityCheck
    exemptions: list[Exemption]
    redactions: int
    records: dict[int, Record]


def make_export(
    records: Sequence[Record],
    *,
    identity: IdentityCheck,
    made_by: str,
    now: float,
    own: Iterable[str] = (),
    third_parties: Iterable[str] = (),
    exemptions: Sequence[Exemption] = (),
) -> Export:
    """Put an export together.

    Args:
        records: everything that is held; numbered from 1.
        identity: the check of who asks.
        made_by: the member of staff.
        now: seconds since the epoch.
        own: the person's own phone numbers and e-mail addresses, which stay.
        third_parties: names of other people, which go.
        exemptions: records left out.

    Raises:
        ExportRefused: the identity check is empty, or an exemption has no reason or names no record.
    """
    if not (identity.by.strip() and identity.how.strip()):
        raise ExportRefused("Say who checked the identity, and how.")
    left_out = set()
    for one in exemptions:
        if not (one.why.strip() and one.rule.strip()):
            raise ExportRefused(f"The exemption of record {one.record} needs a reason and a rule.")
        if not 1 <= one.record <= len(records):
            raise ExportRefused(f"There is no record {one.record} to leave out.")
        left_out.add(one.record)
    redactor = Redactor(own, third_parties)
    shown = {
        number: msgspec.structs.replace(
            record, content={name: redactor.redact(text) for name, text in record.content.items()}
        )
        for number, record in enumerate(records, 1)
        if number not in left_out
    }
    return Export(
        made_at=_time(now),
        made_by=made_by,
        identity=identity,
        exemptions=list(exemptions),
        redactions=redactor.count,
        records=shown,
    )


class Redactor:
    """Takes other people's names, numbers and e-mail addresses out of texts, and counts how many.

    Args:
        own: numbers and addresses that stay.
        third_parties: names that go.
    """

    def __init__(self, own: Iterable[str], third_parties: Iterable[str]) -> None:
        own = list(own)
        self._own_numbers = {number for one in own if (number := _number(one))}
        self._own_addresses = {one.casefold() for one in own}
        names = sorted((re.escape(name.strip()) for name in third_parties if name.strip()), key=len, reverse=True)
        self._names = re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)", re.IGNORECASE) if names else None
        self.count = 0

    def redact(self, text: str) -> str:
        """The text without them."""
        for match in reversed(list(phonenumbers.PhoneNumberMatcher(text, "GB"))):
            if phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164) not in self._own_numbers:
                text = f"{text[: match.start]}[number removed]{text[match.end :]}"
                self.count += 1
        text = _EMAIL.sub(self._address, text)
        if self._names:
            text, found = self._names.subn("[name removed]", text)
            self.count += found
        return text

    def _address(self, match: re.Match[str]) -> str:
        if match[0].casefold() in self._own_addresses:
            return match[0]
        self.count += 1
        return "[e-mail removed]"


def _number(text: str) -> str | None:
    try:
        return phonenumbers.format_number(phonenumbers.parse(text, "GB"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return None


# --- what is held


def conversation_records(engine: Engine, store: ConversationStore, conversation_id: str) -> list[Record]:
    """The words, the memory and the alerts of a conversation."""
    conversation = store.get(conversation_id)
    found = []
    if conversation is not None:
        for event in store.recent_events(conversation, _EVERYTHING):
            if event.get("event") == "user":
                when = _time(event["timestamp"]) if event.get("timestamp") else ""
                found.append(Record(kind="message", when=when, content={"text": str(event.get("text") or "")}))
        for one in store.replies_after(conversation, 0, _EVERYTHING):
            found.append(Record(kind="reply", when="", content={"number": str(one.number), "text": one.reply.text}))
        memory = msgspec.json.encode(conversation.memory).decode()
        found.append(Record(kind="memory", when="", content={"memory": memory}))
    with reading(engine) as db:
        rows = db.execute(sa.select(alerts).where(alerts.c.conversation == conversation_id)).all()
    found += [Record(kind="alert", when=_time(row.raised), content={"category": row.category}) for row in rows]
    return found


def referral_record(referral: Referral, form: Form) -> Record:
    """A referral as the person gets it."""
    answers = {
        form.words.fields[field].label.format(recipient=form.words.recipient): form.shown(field, value)
        for field, value in referral.answers.items()
    }
    times = {
        name: _time(when)
        for name, when in (("sent", referral.sent), ("received", referral.received), ("withdrawn", referral.withdrawn))
        if when is not None
    }
    about = {
        "reference": spoken(referral.reference),
        "sent to": referral.organisation,
        "consent": f"wording {referral.consent_version}, {_time(referral.consented)}",
    }
    return Record(kind="referral", when=_time(referral.created), content={**about, **times, **answers})


def own_contacts(referrals: Iterable[Referral]) -> list[str]:
    """The person's own numbers and addresses in their referrals; a trusted person's are that person's."""
    return [
        str(referral.answers[field])
        for referral in referrals
        if referral.answers.get("whose") == "mine"
        for field in ("phone", "email")
        if field in referral.answers
    ]


# --- in which form


def as_json(export: Export) -> bytes:
    """The export for a machine."""
    return msgspec.json.format(msgspec.json.encode(export), indent=2)


def as_text(export: Export) -> str:
    """The export for a person."""
    lines = [
        "What we hold about you",
        f"Made on {export.made_at} by {export.made_by}.",
        f"Identity checked by {export.identity.by} on {export.identity.on.isoformat()}: {export.identity.how}.",
        f"Details of other people taken out: {export.redactions}.",
    ]
    lines += [f"Record {one.record} is left out: {one.why} ({one.rule})." for one in export.exemptions]
    for number, record in export.records.items():
        lines += ["", f"{number}. {record.kind}{f', {record.when}' if record.when else ''}"]
        lines += [f"   {name}: {text}" for name, text in record.content.items()]
    return "\n".join(lines) + "\n"


def as_csv(export: Export) -> str:
    """The export for a spreadsheet, with nothing in it that one would take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["number", "kind", "when", "name", "text"])
    for number, record in export.records.items():
        for name, text in record.content.items():
            writer.writerow([str(number), *(csv_safe(cell) for cell in (record.kind, record.when, name, text))])
    return out.getvalue()


def csv_safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: those that look like one begin with an apostrophe."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


# --- the record of it


class Exports:
    """The record of exports made: who checked whom and how, and what was left out; never what was in it.

    Args:
        engine: an opened database.
        vault: the keys that seal the record.
    """

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    def record(self, export: Export, now: float) -> int:
        """Record that an export was made. Returns its number."""
        key, counts = self._vault.new_key(), dict[str, int]()
        for one in export.records.values():
            counts[one.kind] = counts.get(one.kind, 0) + 1
        what = {
            "identity": export.identity,
            "exemptions": export.exemptions,
            "redactions": export.redactions,
            "records": counts,
        }
        with self._engine.begin() as db:
            result = db.execute(
                subject_exports.insert().values(
                    made=now, made_by=export.made_by, key=key, record=self._vault.seal(key, what)
                )
            )
            return int(result.inserted_primary_key[0])

    def all(self) -> list[dict[str, Any]]:
        """All records, the oldest first."""
        with reading(self._engine) as db:
            rows = db.execute(subject_exports.select().order_by(subject_exports.c.id)).all()
        return [
            {"number": row.id, "made": row.made, "made_by": row.made_by, **self._vault.open(row.key, row.record)}
            for row in rows
        ]

    def purge(self, before: float) -> int:
        """Delete records of exports made before a moment. Returns how many."""
        with self._engine.begin() as db:
            return int(db.execute(subject_exports.delete().where(subject_exports.c.made < before)).rowcount)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
