"""What the actions of the papers share: words, what makes a paper in English, and the lines of a letter."""

import functools
from datetime import datetime

from rasa_sdk import Tracker

from actions.clock_context import day_in_words, phrases
from actions.context import answers, directory, settings, situation
from bot.directory import LONDON
from bot.papers.complaint import Complaint
from bot.papers.draft import PaperMaker
from bot.papers.form import LineId, State
from bot.papers.form_words import PaperFormWords, load_paper_form_words
from bot.papers.phrases import PapersPhrases, load_papers_phrases
from bot.rights.clock import COMPLAINTS
from bot.rights.facts import right_of

FLOW = "paper"


@functools.cache
def words() -> PaperFormWords:
    """What is said while a paper is made, read once."""
    return load_paper_form_words(settings().data_path)


@functools.cache
def papers() -> PapersPhrases:
    """The words of the papers, read once."""
    return load_papers_phrases(settings().data_path)


def maker(tracker: Tracker) -> PaperMaker:
    """Makes papers in English; behind the gateway, bot.conversation.papers makes them in the person's language."""
    services, now = directory(situation(tracker).demo), datetime.now(LONDON)
    return PaperMaker(
        papers(),
        {"en": phrases()},
        {"en": answers()},
        sheet_topics=words().sheet_topics,
        contacts=[services.contact(service, now) for service in words().sheet_services],
    )


def sections() -> list[str]:
    """Ids of the sections of a statement."""
    return [section.id for section in papers().statement.sections]


def bodies_of(tracker: Tracker, duty: str) -> list[str]:
    """The bodies that owe a duty and take a complaint about it; none where there is no such duty."""
    base = answers().catalogue.base
    limit = base.limits.get(duty)
    facts = base.facts.get((answers().catalogue.edition(situation(tracker).today).id, COMPLAINTS))
    if limit is None or facts is None or limit.kind != "service_standard" or right_of(limit.topic) is None:
        return []
    return [body for body in limit.responsible if body in facts.responsible]


def line_of_letter(tracker: Tracker, known: State, line: LineId) -> str:
    """A line of the complaint as the letter will have it."""
    say, given = papers().complaint, known.answers
    if line == "duty":
        limit = answers().catalogue.base.limits[given.duty]
        right = answers().catalogue.base.rights[right_of(limit.topic) or 0]
        what = phrases().what[given.duty].rstrip(",")
        return f"{say.which_right.format(number=right.number, title=right.title)} {say.should.format(what=what)}"
    if line == "body":
        return say.to.format(body=say.bodies[given.body or known.bodies[0]].to)
    if line == "day" and given.happened_on:
        return say.happened_on.format(day=day_in_words(tracker, given.happened_on))
    if line == "what_happened":
        return given.what_happened
    return "\n".join([f"{say.want}:", *_wishes(given)])


def _wishes(given: Complaint) -> list[str]:
    wants = [papers().complaint.wants[want] for want in given.wants]
    return [f"• {want}" for want in [*wants, *([given.wants_own] if given.wants_own else [])]]
