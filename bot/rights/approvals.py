"""Approvals: a named role's word for one text as it stands, in data/approvals.yml.

Developers write `drafted` only. Every other state of a text comes from `approve`, which is what
`python -m bot content approve` calls, and holds for exactly the words it was given for (their SHA-256).
"""

import io
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

from ruamel.yaml import YAML

from bot.data_files import DataError, load
from bot.language.translations import load_translations
from bot.rights.catalogue import (
    LIMITS,
    SITUATION_LINES,
    SITUATIONS,
    Approval,
    Approvals,
    Catalogue,
    Entry,
    EntryFile,
    State,
    load_catalogue,
    text_id,
)

FILE = "approvals.yml"
FRONT_DOOR = "front_door"
_HOW = "A state is given by: python -m bot content approve"
_CHANGED = "has changed since it was approved. Have it approved again, or remove the approval."
_STATES = tuple(state for state in get_args(State) if state != "drafted")


def approve(data: Path, topic: str, language: str, state: str, role: str, day: date) -> None:
    """Record that a role has approved a text as it stands, and set the text's state.

    Args:
        data: the data folder.
        topic: id of the topic; `situations` for the lines of situations.yml, `front_door` for a translation.
        language: code of the text's language.
        state: `reviewed` or `approved`.
        role: the role that gives its word, for example `safeguarding lead`.
        day: the day of the approval. The text is that of the edition in force on this day.

    Raises:
        DataError: there is no such text, the state cannot be given, or no role is named.
    """
    if state not in _STATES:
        raise DataError(f"A text can be made {' or '.join(_STATES)}, not {state or 'nothing'}.")
    if not role.strip():
        raise DataError("Name the role that approves, for example --role 'safeguarding lead'.")
    if topic == FRONT_DOOR:
        _approve_translation(data, language, state, role, day)
        return
    if not (data / "rights" / language).is_dir():
        raise DataError(f"There are no texts in the language {language}: data/rights/{language} does not exist.")
    catalogue = load_catalogue(data, language)
    if topic == SITUATION_LINES:
        _record(data / FILE, _given(text_id(language, topic), state, role, day, catalogue.situations.digest()))
        return
    if topic not in catalogue.base.topics:
        raise DataError(f"{topic} is not a topic of data/code/topics.yml.")
    edition = catalogue.edition(day)
    entry = catalogue.entry(topic, edition)
    if entry is None:
        raise DataError(f"{topic} is not written yet in {language} for the edition {edition.id}.")
    file = entry_files(data, language)[edition.id, topic]
    _record(data / FILE, _given(text_id(language, topic), state, role, day, entry.digest()))
    _set_state(file, topic, state)


def approved_translations(data: Path) -> set[str]:
    """Languages whose translation of the front door is approved as it stands now.

    Raises:
        DataError: a file does not fit.
    """
    known = {one.text: one for one in load(data / FILE, Approvals).approvals if one.state == "approved"}
    found = load_translations(data)
    return {
        tag
        for tag, one in found.items()
        if (approval := known.get(text_id(tag, FRONT_DOOR))) is not None and approval.sha256 == one.digest
    }


def _approve_translation(data: Path, language: str, state: str, role: str, day: date) -> None:
    one = load_translations(data).get(language)
    if one is None:
        raise DataError(f"There is no translation data/locale/{language}.po.")
    _record(data / FILE, _given(text_id(language, FRONT_DOOR), state, role, day, one.digest))


def _given(text: str, state: str, role: str, day: date, digest: str) -> dict[str, str]:
    return {"text": text, "state": state, "role": role.strip(), "date": day.isoformat(), "sha256": digest}


def entry_files(data: Path, language: str) -> dict[tuple[str, str], Path]:
    """The file in which each text of a language stands, by edition and topic.

    Raises:
        DataError: a file does not fit, or a topic stands twice in one edition.
    """
    found: dict[tuple[str, str], Path] = {}
    for file in sorted((data / "rights" / language).rglob("*.yml")):
        if file.name in (LIMITS, SITUATIONS):
            continue
        loaded = load(file, EntryFile)
        for entry in loaded.topics:
            if (loaded.edition, entry.id) in found:
                raise DataError(f"{file}: {entry.id} is written twice for the edition {loaded.edition}. Keep one.")
            found[loaded.edition, entry.id] = file
    return found


def approval_problems(data: Path, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """What is wrong with the states and approvals of one language (issue 2, "Content as data, and its state").

    Args:
        data: the data folder.
        catalogue: the texts of the language.

    Yields:
        The text (`topic@language`) and what is wrong with it.
    """
    texts: dict[str, list[Entry]] = {}
    for (_, topic), entry in catalogue.entries.items():
        texts.setdefault(text_id(catalogue.language, topic), []).append(entry)
    given: dict[str, Approval] = {}
    for approval in load(data / FILE, Approvals).approvals:
        if approval.text.rpartition("@")[2] != catalogue.language:
            continue
        if approval.text in given:
            yield approval.text, "is approved twice. Keep the newer entry."
        given[approval.text] = approval
        if approval.text == text_id(catalogue.language, SITUATION_LINES):
            if approval.sha256 != catalogue.situations.digest():
                yield approval.text, _CHANGED
            continue
        entries = texts.get(approval.text, [])
        if not entries:
            yield approval.text, "is approved but not written. Remove the approval."
        elif all(entry.state == "drafted" and entry.digest() != approval.sha256 for entry in entries):
            yield approval.text, _CHANGED
    for text, entries in texts.items():
        known = given.get(text)
        for entry in entries:
            if known and known.sha256 == entry.digest():
                if known.state != entry.state:
                    yield text, f"says {entry.state}, its approval says {known.state}. {_HOW}"
            elif entry.state != "drafted":
                yield text, f"says {entry.state}, but nobody approved these words. Set it to drafted. {_HOW}"


def _yaml() -> Any:
    # Wide and quote-preserving, so that a file comes back byte for byte. (Its attributes are not typed.)
    yaml: Any = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    return yaml


def _record(file: Path, given: dict[str, str]) -> None:
    yaml = _yaml()
    content = yaml.load(file.read_text(encoding="utf-8"))
    others = [known for known in content["approvals"] if known["text"] != given["text"]]
    content["approvals"] = [*others, given]
    _write(file, yaml, content)


def _set_state(file: Path, topic: str, state: str) -> None:
    yaml = _yaml()
    content = yaml.load(file.read_text(encoding="utf-8"))
    entry = next(entry for entry in content["topics"] if entry["id"] == topic)
    if "state" in entry:
        entry["state"] = state
    else:
        entry.insert(list(entry).index("title") + 1, "state", state)
    _write(file, yaml, content)


def _write(file: Path, yaml: Any, content: Any) -> None:
    """Write a file whole or not at all."""
    stream = io.StringIO()
    yaml.dump(content, stream)
    new = file.with_name(file.name + ".new")
    new.write_text(stream.getvalue(), encoding="utf-8")
    os.replace(new, file)
