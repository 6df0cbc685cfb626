"""A complaint under Right 12, made from answers the person has confirmed line by line."""

from datetime import date

import msgspec

from bot.papers.paper import Block, Line, Paper, Writer, own_words
from bot.papers.phrases import PapersPhrases
from bot.rights.clock import COMPLAINTS
from bot.rights.clock_words import ClockPhrases
from bot.rights.facts import Edition, FactBase, TimeLimit, right_of


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """What the person has confirmed. Only the duty must be given.

    Attributes:
        duty: id of the time limit that was not kept.
        body: which of those responsible for it the letter goes to; the first where none is named.
        happened_on: the day of what the duty is about.
        last_day: the day by which it was owed, once that has passed.
        what_happened: in the person's own words.
        wants: ids of `complaint: wants`.
        wants_own: anything else they want, in their own words.
    """

    duty: str
    body: str | None = None
    happened_on: date | None = None
    last_day: date | None = None
    what_happened: str = ""
    wants: list[str] = []
    wants_own: str = ""


def complaint_letter(
    answers: Complaint,
    phrases: PapersPhrases,
    clock: ClockPhrases,
    base: FactBase,
    edition: Edition,
    writer: Writer,
) -> Paper:
    """The letter, ready to be printed, copied or downloaded; nothing of it is kept.

    Args:
        answers: what the person confirmed.
        phrases: the words of the letter.
        clock: the words of the duties.
        base: the fact base.
        edition: the edition of the Code in force.
        writer: the language.

    Raises:
        ValueError: there is no such duty or wish, or it is not owed by a body that takes complaints under Right 12.
    """
    say = phrases.complaint
    limit, body = _duty(answers, base, edition)
    addressee = say.bodies[body]
    right = base.rights[right_of(limit.topic) or 0]
    if unknown := [want for want in answers.wants if want not in say.wants]:
        raise ValueError(f"there is no such wish: {', '.join(unknown)}")

    def blank(label: str) -> Block:
        return writer.block("blank", phrases.blank, label=writer.line(label))

    blocks = [
        writer.block("text", say.to, body=writer.line(addressee.to)),
        blank(say.date),
        writer.block("text", say.opening),
        writer.block("text", say.which_right, number=str(right.number), title=right.title),
        writer.block("text", say.should, what=writer.line(clock.what[limit.id].rstrip(","))),
    ]
    if answers.happened_on:
        blocks.append(writer.block("text", say.happened_on, day=answers.happened_on))
    # No date beside news about arrest, release or bail, not even in a letter.
    if answers.last_day and not limit.never_on_time:
        blocks.append(writer.block("text", say.last_day, day=answers.last_day))
    else:
        blocks.append(writer.block("text", say.not_got))
    if answers.what_happened.strip():
        blocks += [writer.block("heading", say.what_happened), own_words(answers.what_happened)]
    if answers.wants or answers.wants_own.strip():
        blocks.append(writer.block("heading", say.want))
        blocks += [writer.block("item", say.wants[want]) for want in answers.wants]
        if answers.wants_own.strip():
            blocks.append(own_words(answers.wants_own))
    blocks.append(writer.block("heading", say.reply))
    blocks += [writer.block("item", text) for text in (say.reply_how_long, say.reply_reason, say.reply_safe)]
    blocks.append(writer.block("text", say.next_step))
    blocks += [blank(label) for label in (say.name, say.reference, say.safe_contact)]

    notes = [writer.line(say.confirm), writer.line(addressee.send), writer.line(say.wrong_place)]
    if body in ("police", "Witness Care Unit"):
        notes.append(writer.line(say.police_suspect))
    if limit.say_with:
        notes.append(Line(text=limit.say_with))
    return Paper(
        title=writer.line(say.title),
        notes=notes,
        blocks=blocks,
        language=writer.language,
        links=[addressee.link] if addressee.link else [],
    )


def _duty(answers: Complaint, base: FactBase, edition: Edition) -> tuple[TimeLimit, str]:
    """The duty, and the body the letter goes to."""
    limit = base.limits.get(answers.duty)
    facts = base.facts.get((edition.id, COMPLAINTS))
    if limit is None or facts is None or limit.kind != "service_standard" or right_of(limit.topic) is None:
        raise ValueError(f"{answers.duty} is no duty that a complaint under Right 12 can be made about")
    bodies = [body for body in limit.responsible if body in facts.responsible]
    if not bodies or (answers.body and answers.body not in bodies):
        raise ValueError(f"{answers.duty} is not owed by {answers.body or 'a body that takes these complaints'}")
    return limit, answers.body or bodies[0]
