"""Off-switches, for supervisors: a channel, or the answers on a topic, out of service at once, with a reason.

The switches note each change in the audit log themselves (`bot.staff.switches`).
"""

import asyncio
import time
from collections.abc import Callable, Mapping

from starlette.datastructures import FormData
from starlette.responses import Response

from bot.console.section import MenuEntry, Page, Visit
from bot.handoff.queue import SUPERVISORS
from bot.rights.facts import FactBase
from bot.staff.switches import EVERY, LONGEST_REASON, Switches, SwitchRefused

PATH = "/switches"
CHANNELS = {EVERY: "Every channel", "web": "Web page", "telegram": "Telegram"}
_EVERYTHING = "Everything"
_CODE = "The Code itself"
_CHOOSE = {"-": "Choose one"}
"""Stands first: nobody switches everything off by leaving the form as it is."""
_FIELDS = ("channel", "topic", "reason")


class OffSwitches:
    """What is off, and switching off and on.

    Args:
        switches: keeps them.
        base: the topics that there are.
        name_of: the name of a member of staff, by id; empty where they are gone.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        switches: Switches,
        base: FactBase,
        name_of: Callable[[str], str] = lambda _: "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._switches, self._name_of, self._clock = switches, name_of, clock
        self._topics = _grouped(base)
        self._titles = {topic: title for group in self._topics.values() for topic, title in group.items()}

    def pages(self) -> list[Page]:
        """Its page and its two forms."""
        roles = frozenset(SUPERVISORS)
        return [
            Page(path=PATH, view=self._show, roles=roles),
            Page(path=f"{PATH}/off", view=self._off, roles=roles, methods=("POST",)),
            Page(path=f"{PATH}/on", view=self._on, roles=roles, methods=("POST",)),
        ]

    def menu(self) -> list[MenuEntry]:
        """Its line in the navigation."""
        return [MenuEntry(title="Off-switches", path=PATH)]

    async def _show(self, visit: Visit) -> Response:
        return await self._page(visit, {**dict.fromkeys(_FIELDS, next(iter(_CHOOSE))), "reason": ""}, {})

    async def _off(self, visit: Visit) -> Response:
        typed = _typed(await visit.form())
        errors = self._unknown(typed)
        if not typed["reason"].strip():
            errors["reason"] = "Say why."
        elif len(typed["reason"]) > LONGEST_REASON:
            errors["reason"] = f"Say why in at most {LONGEST_REASON} characters."
        if not errors:
            staff, now = visit.staff, self._clock()
            try:
                await asyncio.to_thread(
                    self._switches.switch_off, **typed, by=staff.id, organisation=staff.organisation, now=now
                )
            except SwitchRefused as error:
                errors["channel"] = str(error)
        if errors:
            return await self._page(visit, typed, errors)
        return visit.redirect(PATH, f"Off: {self._told(typed)}")

    async def _on(self, visit: Visit) -> Response:
        typed, staff = _typed(await visit.form()), visit.staff
        try:
            await asyncio.to_thread(
                self._switches.switch_on, typed["channel"], typed["topic"], staff.id, staff.organisation, self._clock()
            )
        except SwitchRefused:
            return visit.redirect(PATH, "That was on already.")
        return visit.redirect(PATH, f"On again: {self._told(typed)}")

    async def _page(self, visit: Visit, typed: dict[str, str], errors: dict[str, str]) -> Response:
        standing = await asyncio.to_thread(self._switches.standing)
        past = await asyncio.to_thread(self._switches.past)
        people = {one.by for one in [*standing, *past]} | {one.ended_by or "" for one in past}
        names = await asyncio.to_thread(lambda: {one: self._name_of(one) or one for one in people if one})
        return visit.render(
            "switches/switches.html",
            422 if errors else 200,
            standing=standing,
            past=past,
            names=names,
            channels=CHANNELS,
            choices={"channel": {"": _CHOOSE | CHANNELS}, "topic": self._topics | {"": _CHOOSE | self._topics[""]}},
            titles=self._titles,
            typed=typed,
            errors=errors,
        )

    def _unknown(self, typed: Mapping[str, str]) -> dict[str, str]:
        known = {"channel": CHANNELS, "topic": self._titles}
        return {field: "Choose one from the list." for field in known if typed[field] not in known[field]}

    def _told(self, typed: Mapping[str, str]) -> str:
        channel, topic = typed["channel"], typed["topic"]
        return f"{CHANNELS.get(channel, channel)}, {self._titles.get(topic, topic)}"


def _grouped(base: FactBase) -> dict[str, dict[str, str]]:
    """Topics by right, everything coming first."""
    found: dict[str, dict[str, str]] = {"": {EVERY: _EVERYTHING}}
    for id, topic in base.topics.items():
        right = base.rights.get(topic.right or 0)
        group = _CODE if right is None else f"{right.number}. {right.title}"
        found.setdefault(group, {})[id] = topic.title
    return found


def _typed(form: FormData) -> dict[str, str]:
    return {field: str(form.get(field, "")) for field in _FIELDS}
