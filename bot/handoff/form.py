"""The questions before a hand-off or a call-back, and exactly what is shown at their end. Pure functions, no Rasa.

Rules: shared/protection.md, "Referral and hand-off". Not sure counts as yes: for who may work here, and for who may see
a contact. Below 13 there is no form (`bot.referrals.routes`). Nobody is offered who is not there.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
import phonenumbers

from bot.data_files import load
from bot.handoff.hours import clock
from bot.handoff.model import Window
from bot.handoff.words import HandOffWords, StepWords, load_hand_off_words
from bot.referrals.fields import Field, FieldFile, NotTaken, read
from bot.referrals.words import ReferralWords
from bot.rights.working_days import LONDON
from bot.staff.roles import OrganisationId

Kind = Literal["talk", "call_back"]
OPENING = ("age_group", "insider", "organisation")
STEPS: dict[Kind, tuple[str, ...]] = {
    "talk": (*OPENING, "told", "contact", "seen"),
    "call_back": (*OPENING, "number", "number_seen", "window", "code_word", "told"),
}
NEEDED = frozenset({"organisation", "seen", "number", "number_seen", "window", "code_word"})
TOPIC = "topic"
_SHOWN = ("told", "contact", "number", "window", "code_word", "organisation")
MOST = {"told": 500, "contact": 254, "number": 30, "code_word": 30}
_YES = ("yes", "not_sure")


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation as the gateway offers it at this moment (`bot.handoff.opening.Offer`)."""

    organisation: OrganisationId
    there: bool
    hours: str
    windows: list[Window] = []


class Offers(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the gateway offers, and whom where it must be hidden from the force."""

    all: list[Offered]
    restricted: list[Offered]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Answers that nobody has agreed to show yet.

    Attributes:
        kind: a talk now, or a call-back.
        topic: title of what was asked about last; empty once the person took it out.
        answers, skipped: by step.
        at: a step to be asked again before the next open one.
    """

    kind: Kind = "talk"
    topic: str = ""
    answers: dict[str, str] = {}
    skipped: list[str] = []
    at: str | None = None

    @property
    def restricted(self) -> bool:
        """Somebody involved may work for the police or here."""
        return self.answers.get("insider") in _YES

    @property
    def child(self) -> bool:
        """Under 18, or they would rather not say."""
        return self.answers.get("age_group") != "18_or_over"


class PreviewLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what will be shown: its words, and the step at which it can be changed, if it can."""

    label: str
    value: str
    step: str | None = None


class Form:
    """The questions in one language.

    Args:
        words: data/conversation/hand_off.<language>.yml.
        fields: data/referrals/fields.yml: what is never taken.
        problems: why an answer was not taken, by id (data/conversation/referral.<language>.yml).
        instead: services to ring where nobody is there.
        instead_child: the same for children.
    """

    def __init__(
        self,
        words: HandOffWords,
        fields: FieldFile,
        problems: dict[str, str],
        instead: list[str],
        instead_child: list[str],
    ) -> None:
        self.words, self.instead, self.instead_child = words, instead, instead_child
        self._fields, self._problems = fields, problems

    # --- the way through

    def offered(self, draft: Draft, offers: Offers) -> list[Offered]:
        """Whom this person can be offered now: who is there, or for a call-back who plans to be."""
        among = offers.restricted if draft.restricted else offers.all
        return [one for one in among if (one.there if draft.kind == "talk" else one.windows)]

    def chosen(self, draft: Draft, offers: Offers) -> Offered | None:
        """The organisation that they talk to: the one picked, or the only one."""
        offered = self.offered(draft, offers)
        if len(offered) == 1:
            return offered[0]
        return next((one for one in offered if one.organisation == draft.answers.get("organisation")), None)

    def next_step(self, draft: Draft, offers: Offers) -> str | None:
        """The step to ask now; None once all are settled and the preview follows."""
        if draft.at is not None:
            return draft.at
        return next((one for one in STEPS[draft.kind] if not self._settled(draft, one, offers)), None)

    def words_of(self, step: str) -> StepWords:
        """The words of a step."""
        return self.words.form.steps[step]

    def choices(self, draft: Draft, step: str, offers: Offers) -> dict[str, str]:
        """The answers to pick from at a step, by id; empty where words are typed."""
        if step == "organisation":
            names = self.words.organisations
            return {one.organisation: capital(names[one.organisation]) for one in self.offered(draft, offers)}
        if step == "window":
            chosen = self.chosen(draft, offers)
            return {f"{one.start:.0f}": self.spoken(one) for one in (chosen.windows if chosen else [])}
        return self.words_of(step).choices

    def answer(self, draft: Draft, step: str, given: str, offers: Offers) -> Draft | str:
        """The draft with an answer, or the words that say why it was not taken."""
        choices = self.choices(draft, step, offers)
        if step in ("window", "organisation") and not choices:
            return self._problems["not_asked"]
        try:
            kept = self._read(step, given, choices)
        except NotTaken as problem:
            return self._problems[problem.args[0]].format(most=MOST.get(step, 0))
        answers = {**draft.answers, step: kept}
        for later in _fallen(step):
            answers.pop(later, None)
        skipped = [one for one in draft.skipped if one not in (step, *_fallen(step))]
        draft = msgspec.structs.replace(draft, answers=answers, skipped=skipped, at=None)
        if step == "seen" and kept != "no":
            # Not sure counts as yes: nobody uses a contact that somebody else may see.
            answers = {key: value for key, value in answers.items() if key not in ("contact", "seen")}
            return msgspec.structs.replace(draft, answers=answers, skipped=[*skipped, "contact"])
        return draft

    def skip(self, draft: Draft, step: str) -> Draft | str:
        """The draft with a step passed over, or the words that say why it is needed."""
        if step in NEEDED:
            return self._problems["needed"]
        answers = {key: value for key, value in draft.answers.items() if key not in (step, *_fallen(step))}
        return msgspec.structs.replace(draft, answers=answers, skipped=[*draft.skipped, step], at=None)

    def back(self, draft: Draft, offers: Offers) -> Draft:
        """The draft with the step before asked again; unchanged at the first."""
        now = self.next_step(draft, offers)
        order = STEPS[draft.kind]
        before = order[: order.index(now)] if now in order else order
        settled = [one for one in before if one in draft.answers or one in draft.skipped]
        return msgspec.structs.replace(draft, at=settled[-1]) if settled else draft

    def edit(self, draft: Draft, step: str) -> Draft:
        """The draft with a line asked about again; the topic is taken out instead."""
        if step == TOPIC:
            return msgspec.structs.replace(draft, topic="")
        return msgspec.structs.replace(draft, at=step) if step in STEPS[draft.kind] else draft

    # --- what the answers come to

    def nowhere_safe(self, draft: Draft) -> bool:
        """A call-back to a phone that somebody else may see or answer is not asked for."""
        return draft.kind == "call_back" and draft.answers.get("number_seen", "no") != "no"

    def window(self, draft: Draft, offers: Offers) -> Window | None:
        """The span that was picked, where it is still offered."""
        chosen = self.chosen(draft, offers)
        picked = draft.answers.get("window")
        return next((one for one in (chosen.windows if chosen else []) if f"{one.start:.0f}" == picked), None)

    def lines(self, draft: Draft, offers: Offers, language: str) -> list[PreviewLine]:
        """Exactly what staff will see.

        Args:
            draft: the answers.
            offers: whom the gateway offers.
            language: the conversation's, in words.
        """
        form, chosen = self.words.form, self.chosen(draft, offers)
        several = len(self.offered(draft, offers)) > 1
        steps = [one for one in STEPS[draft.kind] if one in _SHOWN and one != "organisation"]
        organisation = capital(self.words.organisations[chosen.organisation]) if chosen else form.not_given
        found = [
            PreviewLine(
                label=self.words_of("organisation").label,
                value=organisation,
                step="organisation" if several else None,
            )
        ]
        found.append(
            PreviewLine(
                label=self.words_of(TOPIC).label,
                value=draft.topic or form.not_given,
                step=TOPIC if draft.topic else None,
            )
        )
        found.append(PreviewLine(label=form.language, value=language))
        return [
            *found,
            *(
                PreviewLine(label=self.words_of(one).label, value=self._value(draft, one, offers), step=one)
                for one in steps
            ),
        ]

    def digest(self, draft: Draft, offers: Offers, language: str) -> str:
        """Digest of what is shown: a yes counts for exactly this and nothing else."""
        lines = self.lines(draft, offers, language)
        what = [draft.kind, draft.restricted, draft.child, self.words.form.version, lines]
        return hashlib.sha256(msgspec.json.encode(what)).hexdigest()

    def spoken(self, window: Window) -> str:
        """A span in words, such as "Thursday 26 November, 9am to 11am"."""
        start, end = (datetime.fromtimestamp(one, LONDON) for one in (window.start, window.end))
        days = list(self.words.hours.days.values())
        return self.words.form.window.format(
            day=days[start.weekday()],
            date=f"{start.day} {start:%B}",
            start=clock(start.time()),
            end=clock(end.time()),
        )

    # --- inside

    def _settled(self, draft: Draft, step: str, offers: Offers) -> bool:
        if step == "organisation" and len(self.offered(draft, offers)) <= 1:
            return True
        if step == "organisation":
            return self.chosen(draft, offers) is not None
        if step == "seen" and "contact" not in draft.answers:
            return True
        if step == "window":
            return self.window(draft, offers) is not None
        return step in draft.answers or (step in draft.skipped and step not in NEEDED)

    def _value(self, draft: Draft, step: str, offers: Offers) -> str:
        value = draft.answers.get(step)
        if value is None:
            return self.words.form.not_given
        if step == "window":
            picked = self.window(draft, offers)
            return self.spoken(picked) if picked else self.words.form.not_given
        if step in ("number", "contact") and value.startswith("+"):
            return phonenumbers.format_number(phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        return value

    def _read(self, step: str, given: str, choices: dict[str, str]) -> str:
        if choices:
            field = Field(id=step, kind="choice", choices=list(choices))
            return str(read(field, given, self._fields, choices=choices))
        if step == "contact":
            return self._contact(given)
        kind: Literal["phone", "text"] = "phone" if step == "number" else "text"
        return str(read(Field(id=step, kind=kind, most=MOST[step]), given, self._fields, choices={}))

    def _contact(self, given: str) -> str:
        """A phone number or an e-mail address, whichever it looks like."""
        kind: Literal["phone", "email"] = "email" if "@" in given else "phone"
        return str(read(Field(id="contact", kind=kind, most=MOST["contact"]), given, self._fields, choices={}))


def capital(text: str) -> str:
    """A text with a capital letter first."""
    return text[:1].upper() + text[1:]


def _fallen(step: str) -> tuple[str, ...]:
    """Steps whose answer falls with a new one to this."""
    return {
        "insider": ("organisation", "window"),
        "organisation": ("window",),
        "contact": ("seen",),
        "number": ("number_seen",),
    }.get(step, ())


class _Instead(msgspec.Struct, frozen=True, kw_only=True):
    instead: list[str]
    instead_child: list[str]


def load_form(data: Path, language: str = "en") -> Form:
    """The form from the data folder.

    Raises:
        bot.data_files.DataError: a file is wrong or missing.
    """
    instead = load(data / "handoff" / "hours.yml", _Instead)
    return Form(
        load_hand_off_words(data, language),
        load(data / "referrals" / "fields.yml", FieldFile),
        load(data / "conversation" / f"referral.{language}.yml", ReferralWords).problems,
        instead.instead,
        instead.instead_child,
    )
