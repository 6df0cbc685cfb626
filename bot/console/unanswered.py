"""Questions that were not answered: one supervisor writes an example in place of each, another approves it.

Nobody in the force reads them: the question about who works here is asked before a referral and a hand-off only, so
any of them may be about a colleague (shared/protection.md, "Referral and hand-off"). Each reading is noted.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial, wraps

from starlette.responses import Response

from bot.console.lists import shown
from bot.console.section import MenuEntry, Page, View, Visit
from bot.handoff.queue import FORCE
from bot.staff.roles import Role
from bot.unanswered.model import MOST_CHARACTERS, Problem, Refused
from bot.unanswered.store import Unanswered

PATH = "/unanswered"
ROLES: frozenset[Role] = frozenset({"supervisor"})
_FIELDS: Mapping[Problem, str] = {"unknown_topic": "topic"}


class UnansweredSection:
    """The section.

    Args:
        store: the questions.
        topics: title by topic; `oos/` and a class for signposts.
        clock: seconds since the epoch.
    """

    def __init__(self, store: Unanswered, topics: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        self._store, self._topics, self._clock = store, topics, clock

    def pages(self) -> list[Page]:
        """Topics, the questions of one, one question, and what can be done with it."""
        one = f"{PATH}/{{number}}"

        def act(what: str, view: View) -> Page:
            return Page(path=f"{one}/{what}", view=_not_for_the_force(view), roles=ROLES, methods=("POST",))

        return [
            Page(path=PATH, view=_not_for_the_force(self.overview), roles=ROLES),
            Page(path=f"{PATH}/about", view=_not_for_the_force(self.topic), roles=ROLES),
            Page(path=one, view=_not_for_the_force(self.open), roles=ROLES),
            act("rewrite", self.rewrite),
            act("approve", self.approve),
            act("send-back", self.send_back),
            act("drop", self.drop),
        ]

    def menu(self) -> list[MenuEntry]:
        """One line."""
        return [MenuEntry(title="Unanswered questions", path=PATH)]

    async def overview(self, visit: Visit) -> Response:
        """How many questions there are by topic; no words."""
        groups = await asyncio.to_thread(self._store.groups)
        approved = await asyncio.to_thread(self._store.approved)
        return visit.render("unanswered/topics.html", groups=groups, approved=len(approved), title=self._title)

    async def topic(self, visit: Visit) -> Response:
        """The questions that look as if they were about one topic."""
        topic = visit.request.query_params.get("topic", "")
        found = shown(await asyncio.to_thread(self._store.of_topic, topic), visit.request.query_params)
        if not found.count:
            return visit.redirect(PATH, "There are no more questions about that.")
        ids = [one.id for one in found.items]
        visit.record("unanswered.read", topic, count=str(len(ids)), first=str(ids[0]), last=str(ids[-1]))
        return visit.render("unanswered/questions.html", found=found, title=self._title(topic))

    async def open(self, visit: Visit) -> Response:
        """One question with the form for an example, or with the example that waits for an approval."""
        return await self._show(visit)

    async def rewrite(self, visit: Visit) -> Response:
        """Take an example, for somebody else to approve."""
        form = await visit.form()
        text, topic = str(form.get("text", "")), str(form.get("topic", ""))
        now = self._clock()
        try:
            question = _number(visit)
            await asyncio.to_thread(
                partial(self._store.rewrite, question, text, topic, self._topics, by=visit.staff.id, now=now)
            )
        except Refused as error:
            return await self._refused(visit, error.problem, typed=(text, topic))
        visit.record("unanswered.rewrite", str(question))
        return visit.redirect(PATH, "Kept. Somebody else must approve it.")

    async def approve(self, visit: Visit) -> Response:
        """Take an example for training; the question goes."""
        read = str((await visit.form()).get("rewritten", ""))
        try:
            question = _number(visit)
            rewritten = _moment(read)
            await asyncio.to_thread(
                partial(self._store.approve, question, rewritten, by=visit.staff.id, now=self._clock())
            )
        except Refused as error:
            return await self._refused(visit, error.problem)
        visit.record("unanswered.approve", str(question))
        return visit.redirect(PATH, "Approved. The question it was made of is deleted.")

    async def send_back(self, visit: Visit) -> Response:
        """The example will not do."""
        try:
            question = _number(visit)
            await asyncio.to_thread(partial(self._store.send_back, question, by=visit.staff.id))
        except Refused as error:
            return await self._refused(visit, error.problem)
        visit.record("unanswered.send_back", str(question))
        return visit.redirect(f"{PATH}/{question}", "Sent back. It can be written anew.")

    async def drop(self, visit: Visit) -> Response:
        """Nothing is to be learnt from it."""
        try:
            question = _number(visit)
            await asyncio.to_thread(self._store.drop, question)
        except Refused as error:
            return await self._refused(visit, error.problem)
        visit.record("unanswered.drop", str(question))
        return visit.redirect(PATH, "Deleted.")

    # --- inside

    async def _show(
        self, visit: Visit, problem: Problem | None = None, typed: tuple[str, str] | None = None
    ) -> Response:
        try:
            question = await asyncio.to_thread(self._store.find, _number(visit))
        except Refused:
            question = None
        if question is None:
            return visit.not_found()
        visit.record("unanswered.read", str(question.id))
        text, topic = typed or (question.rewriting, question.topic_given or question.topic)
        return visit.render(
            "unanswered/open.html",
            400 if problem else 200,
            one=question,
            problem=problem,
            field=_FIELDS.get(problem, "text") if problem else "",
            text=text,
            topic=topic,
            topics=sorted(self._topics.items(), key=lambda one: one[1]),
            mine=question.rewritten_by == visit.staff.id,
            moment_of_rewriting=repr(question.rewritten),
            most=MOST_CHARACTERS,
            title=self._title,
        )

    async def _refused(self, visit: Visit, problem: Problem, typed: tuple[str, str] | None = None) -> Response:
        return visit.not_found() if problem == "not_found" else await self._show(visit, problem, typed)

    def _title(self, topic: str) -> str:
        return self._topics.get(topic, "Nothing in particular")


def _not_for_the_force(view: View) -> View:
    @wraps(view)
    async def answer(visit: Visit) -> Response:
        if visit.staff.organisation == FORCE:
            visit.record("refused", visit.request.url.path)
            return visit.render("unanswered/not_for_the_force.html", 403)
        return await view(visit)

    return answer


def _number(visit: Visit) -> int:
    """The id in the path.

    Raises:
        Refused: not_found: it is no number.
    """
    text: str = visit.request.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused("not_found")
    return int(text)


def _moment(text: str) -> float:
    """When the example that was read had been written.

    Raises:
        Refused: changed: it is no moment.
    """
    try:
        return float(text)
    except ValueError as error:
        raise Refused("changed") from error
