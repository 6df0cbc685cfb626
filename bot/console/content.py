"""Where each text stands: drafted, reviewed or approved, by which role and when. To look at only.

A state is given by `python -m bot content approve`, beside the words themselves (`bot.rights.approvals`).
"""

import asyncio
from collections import Counter
from pathlib import Path

from starlette.responses import Response

from bot.console.lists import Form, shown
from bot.console.section import MenuEntry, Page, Visit
from bot.language.languages import english_name
from bot.rights.review import KINDS, STATES, Reviewed, review
from bot.staff.roles import Role

PATH = "/content"
ROLES: frozenset[Role] = frozenset({"supervisor", "administrator", "auditor"})


class Content:
    """The section.

    Args:
        data: the data folder; it is read anew each time, as a text may be approved at any moment.
    """

    def __init__(self, data: Path) -> None:
        self._data = data

    def pages(self) -> list[Page]:
        """One page."""
        return [Page(path=PATH, view=self.overview, roles=ROLES)]

    def menu(self) -> list[MenuEntry]:
        """One line."""
        return [MenuEntry(title="Content", path=PATH)]

    async def overview(self, visit: Visit) -> Response:
        """The texts, filtered, and how many are in each state."""
        asked = visit.request.query_params
        every = await asyncio.to_thread(review, self._data)
        return visit.render(
            "content/list.html",
            found=shown([one for one in every if _fits(one, asked)], asked),
            asked=asked,
            counts=Counter((one.kind, one.state) for one in every),
            kinds=KINDS,
            states=STATES,
            languages=sorted({one.language for one in every}),
            english=lambda tag: english_name(tag) or tag,
        )


def _fits(one: Reviewed, asked: Form) -> bool:
    """Whether a text is what a filter asks for; what the filter does not know is as good as not asked."""
    if asked.get("changed") and not one.changed:
        return False
    return all(asked.get(name) in (None, "", getattr(one, name)) for name in ("kind", "state", "language"))
