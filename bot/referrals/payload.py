"""What the provider gets: the same content as JSON for a webhook and as plain lines for e-mail, in English.

The record says that it is a self-referral and that nobody checked the identity (issue 5, section 3). Word that a
referral was withdrawn says that this came online and was not verified, and carries no answers.
"""

from datetime import datetime, timezone
from typing import Any

import msgspec

from bot.referrals.draft import Form
from bot.referrals.rows import Delivery, spoken

IDENTITY = "self-referral, identity not checked"
WITHDRAWN = {"person": "withdrawn online, not verified", "staff": "withdrawn by staff, whom the person asked to"}
GUARDED = ["no_letter", "no_landline", "no_relative", "code_word_first", "interpreter_not_from_same_community"]
VERSION = 1


def body(delivery: Delivery, form: Form) -> dict[str, Any]:
    """The content as an object; its form is described in bot/referrals/README.md."""
    referral = delivery.referral
    if delivery.kind == "withdrawal":
        return {
            "version": VERSION,
            "type": "withdrawal",
            "reference": referral.reference,
            "withdrawn_at": _time(referral.withdrawn or referral.created),
            "note": WITHDRAWN[referral.withdrawn_by or "person"],
            "stop_contact": True,
        }
    return {
        "version": VERSION,
        "type": "referral",
        "reference": referral.reference,
        "created_at": _time(referral.created),
        "identity": IDENTITY,
        "restricted": referral.restricted,
        "contact_rules": GUARDED if "guarded" in referral.marks else [],
        "answers": [
            {
                "field": field,
                "label": form.words.fields[field].label.format(recipient=form.words.recipient),
                "value": value,
                "shown": form.shown(field, value),
            }
            for field, value in referral.answers.items()
        ],
        "consent": {
            "version": referral.consent_version,
            "language": referral.consent_language,
            "given_at": _time(referral.consented),
        },
    }


def as_json(delivery: Delivery, form: Form) -> bytes:
    """The content as JSON."""
    return msgspec.json.encode(body(delivery, form))


def as_text(delivery: Delivery, form: Form) -> str:
    """The content as lines of plain text."""
    content = body(delivery, form)
    if content["type"] == "withdrawal":
        return (
            f"Referral {spoken(content['reference'])}: {content['note']}.\n"
            f"Time: {content['withdrawn_at']}\nPlease stop contact. Do not ring to check.\n"
        )
    lines = [
        f"Referral {spoken(content['reference'])}: {IDENTITY}.",
        f"Time: {content['created_at']}",
        *(["RESTRICTED: nobody who works for the police may see this."] if content["restricted"] else []),
        *([f"How to contact: {', '.join(GUARDED).replace('_', ' ')}."] if content["contact_rules"] else []),
        *(f"{answer['label']}: {answer['shown']}" for answer in content["answers"]),
        f"Consent: wording {content['consent']['version']} ({content['consent']['language']}), "
        f"given {content['consent']['given_at']}",
    ]
    return "\n".join(lines) + "\n"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
