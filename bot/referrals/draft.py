"""The answers so far, and the way through the questions: next, answer, skip, back, edit, start over.

A draft lives only in the encrypted conversation (shared/protection.md; issue 5, section 3): nothing here writes it
anywhere. Each step gives a new draft, or a text that says why the answer was not taken.
"""

from pathlib import Path

import msgspec
import phonenumbers

from bot.data_files import load
from bot.referrals.fields import Field, FieldFile, NotTaken, Value, read
from bot.referrals.routes import UNKNOWN, Route, RouteFile, Situation, is_guarded, route
from bot.referrals.words import ReferralWords

_CHANNEL = {"call": "phone", "text": "phone", "email": "email", "letter": "post"}
# What falls with an answer that changes: another contact must be asked about anew.
_FALLS_WITH = {
    "whose": ("route", "phone", "email", "address", "safe"),
    "route": ("safe",),
    "phone": ("safe",),
    "email": ("safe",),
    "address": ("safe",),
}


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Answers to a referral that nobody has agreed to yet.

    Attributes:
        answers: what was answered, by question.
        skipped: questions passed over.
        unsafe: contacts found unsafe, as `mine:phone`.
        at: a question gone back to, before the next open one.
        family_mentioned: honour, family or community was spoken of elsewhere in the conversation.
    """

    answers: dict[str, Value] = {}
    skipped: list[str] = []
    unsafe: list[str] = []
    at: str | None = None
    family_mentioned: bool = False


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question as it is put: its words, the choices that may be given now, and why it is asked again, if it is."""

    field: str
    text: str
    help: str
    choices: dict[str, str]
    several: bool
    can_skip: bool
    again: str = ""


class Form:
    """The questions in one language.

    Args:
        fields: data/referrals/fields.yml.
        routes: data/referrals/routes.yml.
        words: data/conversation/referral.<language>.yml.
        under_18: web referrals for people of 13 to 17 are switched on (the safeguarding lead's decision).
        controller: who runs the service.
        days_kept: days the referral is kept after it is acknowledged.
        unread_days: days it is kept where it never is.
    """

    def __init__(
        self,
        fields: FieldFile,
        routes: RouteFile,
        words: ReferralWords,
        *,
        under_18: bool = False,
        controller: str = "",
        days_kept: int = 30,
        unread_days: int = 90,
    ) -> None:
        self.file, self.routes, self.words = fields, routes, words
        self.days_kept, self.unread_days = days_kept, unread_days
        self._under_18, self._controller = under_18, controller
        self._by_id = {field.id: field for field in fields.fields}

    # --- the way through

    def introduction(self) -> str:
        """What is said before the first question, with the line that what is typed could be asked for."""
        said = f"{self.words.intro}\n{self.words.first_words}"
        return said.format(recipient=self.words.recipient, controller=self._controller)

    def route(self, draft: Draft) -> Route | None:
        """Where the answers lead so far; None while a question that decides it is open."""
        return route(self._situation(draft), self.routes, under_18=self._under_18)

    def fields(self, draft: Draft) -> list[Field]:
        """The questions that these answers make necessary, in order."""
        return [field for field in self.file.fields if self._applies(draft, field)]

    def next_field(self, draft: Draft) -> Field | None:
        """The question to put now; None once all are settled, or where there is no form (see `route`)."""
        if draft.at is not None:
            return self._by_id[draft.at]
        found = self.route(draft)
        if found is not None and found.way != "form":
            return None
        return next((field for field in self.fields(draft) if not self._settled(draft, field)), None)

    def question(self, draft: Draft, field: Field) -> Question:
        """A question as it is put to somebody with these answers."""
        words = self.words.fields[field.id]
        fallen = field.id in draft.answers and not self._settled(draft, field)
        return Question(
            field=field.id,
            text=words.question.format(recipient=self.words.recipient),
            help=words.help.format(recipient=self.words.recipient),
            choices=self.choices(draft, field),
            several=field.kind == "choices",
            can_skip=not self._needed(draft, field),
            again=self.words.again if fallen else "",
        )

    def answer(self, draft: Draft, field_id: str, value: Value) -> Draft | str:
        """The draft with an answer, or the words that say why it was not taken.

        Args:
            draft: the answers so far.
            field_id: the question that is answered; any that applies, so that a line can be changed at any time.
            value: words typed, the id of a choice, or several ids.
        """
        field = self._by_id.get(field_id)
        if field is None or not self._applies(draft, field):
            return self.words.problems["not_asked"]
        try:
            kept = self._read(draft, field, value)
        except NotTaken as problem:
            return self.words.problems[problem.args[0]].format(most=field.most)
        answers = {**draft.answers, field_id: kept}
        if draft.answers.get(field_id) != kept:
            answers = {key: held for key, held in answers.items() if key not in _FALLS_WITH.get(field_id, ())}
        skipped = [other for other in draft.skipped if other != field_id]
        draft = msgspec.structs.replace(draft, answers=answers, skipped=skipped, at=None)
        return self._without_contact(draft) if field_id == "safe" and kept != "yes" else draft

    def skip(self, draft: Draft, field_id: str) -> Draft | str:
        """The draft with a question passed over, or the words that say why that one is needed."""
        field = self._by_id.get(field_id)
        if field is None or not self._applies(draft, field):
            return self.words.problems["not_asked"]
        if self._needed(draft, field):
            return self.words.problems["needed"]
        answers = {key: held for key, held in draft.answers.items() if key != field_id}
        skipped = [*(other for other in draft.skipped if other != field_id), field_id]
        return msgspec.structs.replace(draft, answers=answers, skipped=skipped, at=None)

    def edit(self, draft: Draft, field_id: str) -> Draft:
        """The draft with one question asked again next; unchanged where it does not apply."""
        field = self._by_id.get(field_id)
        if field is None or not self._applies(draft, field):
            return draft
        return msgspec.structs.replace(draft, at=field_id)

    def back(self, draft: Draft) -> Draft:
        """The draft with the question before the present one asked again; unchanged at the first."""
        order = [field.id for field in self.fields(draft)]
        now = self.next_field(draft)
        place = order.index(now.id) if now is not None and now.id in order else len(order)
        settled = [one for one in order[:place] if one in draft.answers or one in draft.skipped]
        return msgspec.structs.replace(draft, at=settled[-1]) if settled else draft

    def start_over(self, draft: Draft) -> Draft:
        """An empty draft; what was mentioned elsewhere in the conversation still guards it."""
        return Draft(family_mentioned=draft.family_mentioned)

    # --- what the answers come to

    def ready(self, draft: Draft) -> bool:
        """All questions are settled and the answers may be sent, once the person agrees."""
        found = self.route(draft)
        return found is not None and found.way == "form" and self.next_field(draft) is None

    def answers(self, draft: Draft) -> dict[str, Value]:
        """What will be sent, in the order asked: ids of choices and words, defaults filled in, nothing for the rest."""
        sent: dict[str, Value] = {}
        for field in self.fields(draft):
            value = draft.answers.get(field.id, field.default)
            if field.sent and value is not None:
                sent[field.id] = value
        return sent

    def shown(self, field_id: str, value: Value) -> str:
        """A kept answer in words people read."""
        choices = self.words.fields[field_id].choices
        if isinstance(value, list):
            return "; ".join(choices[one] for one in value)
        if field_id == "phone":
            return phonenumbers.format_number(phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        return choices.get(value, value)

    def choices(self, draft: Draft, field: Field) -> dict[str, str]:
        """The choices that may be given now, by id, with their words; those that are not safe are left out."""
        words = self.words.fields[field.id].choices
        allowed = field.choices
        if field.id == "route":
            allowed = self._safe_routes(draft, str(draft.answers.get("whose", "mine")))
        elif field.id == "whose":
            allowed = [one for one in field.choices if one == "nobody" or self._safe_routes(draft, one)]
        return {key: words[key] for key in allowed}

    # --- inside

    def _situation(self, draft: Draft) -> Situation:
        def told(question: str) -> str | None:
            value = draft.answers.get(question)
            return UNKNOWN if value is None and question in draft.skipped else value if isinstance(value, str) else None

        area = told("area")
        return Situation(
            about=told("about"),
            age_group=told("age_group"),
            parent_danger=told("parent_danger"),
            child_age_group=told("child_age_group"),
            clear=told("clear"),
            seen_asked="seen" in draft.answers,
            insider=told("insider") in ("yes", "not_sure"),
            family=self._family(draft),
            crime=told("crime"),
            nowhere_safe=draft.answers.get("whose") == "nobody" or self._nobody_safe(draft),
            council=area if area in self.file.councils else None,
        )

    def _guarded(self, draft: Draft) -> bool:
        crime = draft.answers.get("crime")
        return is_guarded(Situation(family=self._family(draft), crime=crime if isinstance(crime, str) else None))

    def _family(self, draft: Draft) -> bool:
        return draft.family_mentioned or draft.answers.get("family") in ("yes", "not_sure")

    def _nobody_safe(self, draft: Draft) -> bool:
        return not any(self._safe_routes(draft, one) for one in self._by_id["whose"].choices if one != "nobody")

    def _safe_routes(self, draft: Draft, whose: str) -> list[str]:
        """Ways of contact not known to be unsafe: not sure who sees them counts as seen."""
        seen = draft.answers.get("seen", [])
        guarded = self._guarded(draft)
        if whose == "relative" and guarded:
            return []
        return [
            way
            for way in self._by_id["route"].choices
            if not (whose == "mine" and (_CHANNEL[way] in seen or "not_sure" in seen))
            and f"{whose}:{_CHANNEL[way]}" not in draft.unsafe
            and not (guarded and way == "letter")
        ]

    def _without_contact(self, draft: Draft) -> Draft:
        """The draft after its contact turned out not to be safe: that one is never offered again."""
        unsafe = f"{draft.answers['whose']}:{_CHANNEL[str(draft.answers['route'])]}"
        gone = ("whose", *_FALLS_WITH["whose"])
        answers = {key: held for key, held in draft.answers.items() if key not in gone}
        return msgspec.structs.replace(draft, answers=answers, unsafe=[*draft.unsafe, unsafe])

    def _applies(self, draft: Draft, field: Field) -> bool:
        if field.id == "other_interpreter" and self._guarded(draft):
            # Not asked: it is so.
            return False
        return all(draft.answers.get(question) in answers for question, answers in field.when.items())

    def _needed(self, draft: Draft, field: Field) -> bool:
        return field.need == "always" or (field.need == "guarded" and self._guarded(draft))

    def _settled(self, draft: Draft, field: Field) -> bool:
        if field.id in draft.skipped:
            return not self._needed(draft, field)
        if field.id not in draft.answers:
            return False
        try:
            self._read(draft, field, draft.answers[field.id])
        except NotTaken:
            # A later answer took it away: a landline, say, once family was mentioned.
            return False
        return True

    def _read(self, draft: Draft, field: Field, value: Value) -> Value:
        return read(
            field,
            value,
            self.file,
            choices=self.choices(draft, field),
            guarded=self._guarded(draft),
            mobile=draft.answers.get("route") == "text",
        )


def load_form(
    data: Path,
    *,
    language: str = "en",
    under_18: bool = False,
    controller: str = "",
    days_kept: int = 30,
    unread_days: int = 90,
) -> Form:
    """The form from the data folder.

    Args:
        data: the data folder.
        language: the language of the words; English is complete.
        under_18, controller, days_kept, unread_days: as for `Form`.

    Raises:
        bot.data_files.DataError: a file is wrong or missing.
    """
    return Form(
        load(data / "referrals" / "fields.yml", FieldFile),
        load(data / "referrals" / "routes.yml", RouteFile),
        load(data / "conversation" / f"referral.{language}.yml", ReferralWords),
        under_18=under_18,
        controller=controller,
        days_kept=days_kept,
        unread_days=unread_days,
    )
