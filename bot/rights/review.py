"""How far each text is: written, reviewed or approved, by which role and when; a list to look at, nothing to change."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import msgspec

from bot.data_files import load
from bot.language.translations import load_translations
from bot.rights.approvals import FILE, FRONT_DOOR
from bot.rights.catalogue import SITUATION_LINES, Approval, Approvals, Catalogue, State, load_catalogue, text_id

Kind = Literal["answer", "situations", "translation"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STATES: tuple[State, ...] = get_args(State)


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """One text and how far it is.

    Attributes:
        kind: an answer, the lines for situations, or a translation of the front door.
        id: its topic; the name in data/approvals.yml for the others.
        title: of the answer; empty for the others.
        language: a tag such as `en` or `pl`.
        edition: of the Code it is written for; empty where it belongs to none.
        state: what holds for the words as they stand now.
        role, on: who gave its word for them, and on which day; empty where nobody did.
        changed: it was given for other words, which have been changed since.
    """

    kind: Kind
    id: str
    title: str
    language: str
    edition: str
    state: State
    role: str = ""
    on: date | None = None
    changed: bool = False


def review(data: Path) -> list[Reviewed]:
    """Every text, answers first, in the order of language, edition and topic.

    Args:
        data: the data folder.

    Raises:
        bot.data_files.DataError: a file does not fit.
    """
    given = {one.text: one for one in load(data / FILE, Approvals).approvals}
    found: list[Reviewed] = []
    for folder in sorted(path for path in (data / "rights").iterdir() if path.is_dir()):
        found += _texts(load_catalogue(data, folder.name))
    for tag, one in sorted(load_translations(data).items()):
        approval = given.get(text_id(tag, FRONT_DOOR))
        found.append(_reviewed("translation", FRONT_DOOR, "", tag, "", approval, one.digest))
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.language, one.edition, one.id))


def _texts(catalogue: Catalogue) -> Iterator[Reviewed]:
    language = catalogue.language
    for (edition, topic), entry in catalogue.entries.items():
        approval = catalogue.approvals.get(text_id(language, topic))
        one = _reviewed("answer", topic, entry.title, language, edition, approval, entry.digest())
        # The file itself can withdraw a text, whatever was approved before.
        yield msgspec.structs.replace(one, state=catalogue.state(entry))
    lines = catalogue.situations
    approval = catalogue.approvals.get(text_id(language, SITUATION_LINES))
    yield _reviewed("situations", SITUATION_LINES, "", language, lines.edition, approval, lines.digest())


def _reviewed(
    kind: Kind, topic: str, title: str, language: str, edition: str, approval: Approval | None, digest: str
) -> Reviewed:
    holds = approval is not None and approval.sha256 == digest
    return Reviewed(
        kind=kind,
        id=topic,
        title=title,
        language=language,
        edition=edition,
        state=approval.state if approval is not None and holds else "drafted",
        role=approval.role if approval is not None else "",
        on=approval.date if approval is not None else None,
        changed=approval is not None and not holds,
    )
