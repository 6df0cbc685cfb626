"""What staff see where the desk does not do something (`bot.handoff.model.Refused`)."""

import functools

from starlette.responses import Response

from bot.console.section import View, Visit
from bot.handoff.model import Problem, Refused

OUTSIDE = "search.outside"
"""Somebody looked for what is not theirs: the auditor is told (shared/protection.md, "Referral and hand-off")."""
_NOT_THEIRS: frozenset[Problem] = frozenset({"not_found", "taken"})


def refusable(view: View) -> View:
    """A view for which the desk's refusals become pages that say what to do."""

    @functools.wraps(view)
    async def answer(visit: Visit) -> Response:
        try:
            return await view(visit)
        except Refused as error:
            return refused(visit, error.problem)

    return answer


def looked_at(view: View) -> View:
    """The same for a view that opens something by its number: what is not theirs is noted for the auditor."""

    @functools.wraps(view)
    async def answer(visit: Visit) -> Response:
        try:
            return await view(visit)
        except Refused as error:
            if error.problem in _NOT_THEIRS:
                visit.record(OUTSIDE, visit.request.url.path)
            return refused(visit, error.problem)

    return answer


def refused(visit: Visit, problem: Problem) -> Response:
    """Say that something was not done, and why; a part of a page says it in one line."""
    if problem == "not_found" and not visit.is_fragment:
        return visit.not_found()
    template = "queue/refused_line.html" if visit.is_fragment else "queue/refused.html"
    return visit.render(template, 404 if problem == "not_found" else 409, problem=problem)


def number(visit: Visit) -> int:
    """The id in the path.

    Raises:
        Refused: not_found: it is no number.
    """
    text: str = visit.request.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused("not_found")
    return int(text)
