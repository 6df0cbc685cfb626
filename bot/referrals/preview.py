"""Exactly what will be sent, to whom, why, for how long and how to withdraw; and the consent to that and nothing else.

A consent carries a digest of what was shown. If an answer or the wording has changed since, it is void: `check`
refuses it, and the person is shown the list again (issue 5, section 3).
"""

import hashlib

import msgspec

from bot.referrals.draft import Draft, Form
from bot.referrals.fields import Value


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the preview: its label, its value, and the question it can be changed at."""

    number: int
    field: str
    label: str
    value: str
    text: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What the person is shown before agreeing.

    Attributes:
        heading: words above the lines.
        lines: every answer that will be sent, numbered, each of which can be changed.
        fixed: what is sent besides and cannot be changed, such as that the identity was not checked.
        notes: to whom, why, how long kept, how to withdraw.
        wording: what is agreed to.
        version: version of that wording.
    """

    heading: str
    lines: list[Line]
    fixed: list[str]
    notes: list[str]
    wording: str
    version: str

    @property
    def text(self) -> str:
        """The whole preview as plain text."""
        return "\n".join([self.heading, *(line.text for line in self.lines), *self.fixed, *self.notes, self.wording])

    @property
    def around(self) -> str:
        """The preview without its lines, a paragraph each, for a page that draws them below the heading."""
        return "\n\n".join([self.heading, "\n".join(self.fixed), *self.notes, self.wording])


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """An explicit yes.

    Attributes:
        version: version of the wording agreed to.
        language: language it was read in.
        at: when, in seconds since the epoch.
        shown: digest of what was shown.
    """

    version: str
    language: str
    at: float
    shown: str


class ConsentVoid(Exception):
    """There is no valid consent to send this: the answers or the wording changed, or they must not be sent at all."""


def preview(form: Form, draft: Draft) -> Preview:
    """What the person is shown before agreeing; everything that is sent stands in it."""
    words = form.words.preview
    sent = form.answers(draft)
    lines = []
    asked = (field for field in form.fields(draft) if field.sent)
    for number, field in enumerate(asked, 1):
        value = form.shown(field.id, sent[field.id]) if field.id in sent else words.not_given
        label = form.words.fields[field.id].label
        lines.append(
            Line(
                number=number,
                field=field.id,
                label=label,
                value=value,
                text=words.line.format(number=number, label=label, value=value),
            )
        )
    about = {"recipient": form.words.recipient, "days": form.days_kept, "unread_days": form.unread_days}
    return Preview(
        heading=words.heading,
        lines=lines,
        fixed=[words.fixed[mark].format(**about) for mark in marks(form, draft)],
        notes=[note.format(**about) for note in (words.to, words.why, words.kept, words.withdraw)],
        wording=form.words.consent.wording.format(**about),
        version=form.words.consent.version,
    )


def marks(form: Form, draft: Draft) -> list[str]:
    """What is sent besides the answers: that the identity was not checked, and who may see it and how to be careful."""
    route = form.route(draft)
    found = ["identity"]
    if route is not None and route.restricted:
        found.append("restricted")
    if route is not None and route.guarded:
        found.append("guarded")
    return found


def agree(form: Form, draft: Draft, *, language: str, at: float) -> Consent:
    """The consent of somebody who was just shown the preview of this draft and said yes."""
    return Consent(version=form.words.consent.version, language=language, at=at, shown=_digest(form, draft))


def check(form: Form, draft: Draft, consent: Consent) -> None:
    """Make sure that a consent is for exactly this draft.

    Raises:
        ConsentVoid: it is not, or the draft must not be sent.
    """
    if not form.ready(draft):
        raise ConsentVoid("not_ready")
    if consent.version != form.words.consent.version or consent.shown != _digest(form, draft):
        raise ConsentVoid("stale")


def _digest(form: Form, draft: Draft) -> str:
    what: list[tuple[str, Value]] = sorted(form.answers(draft).items())
    return hashlib.sha256(
        msgspec.json.encode([what, marks(form, draft), form.words.consent.version, form.days_kept, form.unread_days])
    ).hexdigest()
