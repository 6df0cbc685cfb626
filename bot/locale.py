"""Which English texts are translated, and the files translators work in: `python -m bot locale`.

`data/locale/front_door.pot` lists every text with where it stands; `data/locale/<tag>.po` holds a language. Adding a
language means adding its file: `python -m bot locale --new xx` makes it, with every text to fill in.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.data_files import DataError
from bot.language.languages import load_languages
from bot.language.translations import FOLDER
from bot.safety.cards import sentences

TEMPLATE = "front_door.pot"
PAGE = "page"
FORMS = "forms"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Keys of cards.yml whose text stands on a card. What merely explains a category is for developers.
_CARD_TEXTS = ("say_first", "say_unknown", "say_for", "say_if", "say_accused", "say_wants", "card", "first_line")
_NOT_ON_CARDS = ("card_must_not_hold",)
_ANSWER_WORDS = (
    "tell_me_more",
    "who_to_ask",
    "talk_to_a_person",
    "menu",
    "none_of_these",
    "did_you_mean",
    "nothing_fits",
    "no_topic_yet",
    "signpost_end",
    "service",
    "signposts",
)


def texts(data: Path) -> dict[str, list[str]]:
    """Every English text of the front door, with the places where it stands.

    Args:
        data: the data folder.

    Returns:
        Places (`file: key`) by text, in the order of the files.

    Raises:
        DataError: a file cannot be read.
    """
    found: dict[str, list[str]] = {}
    for text, place in (*_all(data), *_page(data)):
        found.setdefault(" ".join(text.split()), []).append(place)
    return found


def template(data: Path) -> Catalog:
    """The template translators start from.

    Raises:
        DataError: a file cannot be read.
    """
    catalog = Catalog(project="victims-rights-assistant", charset="utf-8", fuzzy=False)
    for text, places in texts(data).items():
        catalog.add(text, auto_comments=places)
    return catalog


def update(data: Path, new: str | None = None) -> dict[str, int]:
    """Write the template, and bring each language's file up to date with it, keeping every translation that still fits.

    Args:
        data: the data folder.
        new: a language to begin a file for.

    Returns:
        How many texts each language still lacks, by tag.

    Raises:
        DataError: a file cannot be read, or the new language is not in data/languages.
    """
    if new is not None and new not in load_languages(data):
        raise DataError(f"The language {new} is not known: add data/languages/{new}.yml first.")
    source = template(data)
    folder = data / FOLDER
    folder.mkdir(exist_ok=True)
    _write(folder / TEMPLATE, source)
    lacking = {}
    for tag in sorted({*(path.stem for path in folder.glob("*.po")), *([new] if new else [])}):
        path = folder / f"{tag}.po"
        known: dict[str, Message] = {}
        if path.exists():
            with path.open("rb") as file:
                known = {str(one.id): one for one in read_po(file) if one.id and one.string}
        catalog = template(data)
        for message in catalog:
            if before := known.get(str(message.id)):
                message.string = before.string
                # What a translator was not sure of stays marked, and so unserved.
                message.flags |= before.flags & {"fuzzy"}
        _write(path, catalog)
        lacking[tag] = sum(1 for message in catalog if message.id and not message.string)
    return lacking


def missing(data: Path, tag: str) -> list[str]:
    """Texts a language has no translation of, without those of the page and of forms: these say that they are English.

    Raises:
        DataError: a file cannot be read.
    """
    path = data / FOLDER / f"{tag}.po"
    if not path.exists():
        return list(texts(data))
    with path.open("rb") as file:
        known = {str(one.id) for one in read_po(file) if one.id and one.string and not one.fuzzy}
    needed = [
        text for text, places in texts(data).items() if not all(place.startswith((PAGE, FORMS)) for place in places)
    ]
    return [text for text in needed if text not in known]


def _write(path: Path, catalog: Catalog) -> None:
    with path.open("wb") as file:
        # Without dates and versions: a file changes only when its words do.
        write_po(file, catalog, width=0, omit_header=True, sort_output=False)


def _all(data: Path) -> Iterator[tuple[str, str]]:
    door = _load(data / "conversation" / "front_door.en.yml")
    yield from _leaves({key: value for key, value in door.items() if key != "phrases"}, "front_door")
    gateway = _load(data / "conversation" / "gateway.en.yml")
    yield from _leaves({key: value for key, value in gateway.items() if key != "drafts"}, "gateway")
    # Said in forms, whose questions are in English so far.
    yield from _leaves(gateway["drafts"], FORMS)
    telegram = _load(data / "conversation" / "telegram.en.yml")
    yield from _leaves({key: telegram[key] for key in ("commands", "notice")}, "telegram")
    words = _load(data / "conversation" / "en.yml")
    yield from _leaves({key: words[key] for key in _ANSWER_WORDS}, "conversation")
    spoken = _load(data / "safety" / "words.en.yml")
    yield from _leaves({key: value for key, value in spoken.items() if key != "aloud_phrase"}, "safety words")
    cards = _load(data / "safety" / "cards.yml")
    yield from _leaves(cards["first_words"], "first words")
    for line in cards["health_lines"]:
        yield from _sentences(line["text"], f"health line: {line['id']}")
    for category in cards["categories"]:
        for key, value in category.items():
            if key.startswith(_CARD_TEXTS) and key not in _NOT_ON_CARDS:
                yield from _sentences(value, f"{category['id']}: {key}")
            if key == "offer_if":
                yield from ((extra["words"], f"{category['id']}: offer_if") for extra in value if extra.get("words"))
    for file in sorted((data / "rights" / "en").glob("*.yml")):
        for entry in _load(file).get("topics", []):
            yield entry["title"], f"title: {entry['id']}"


def _page(data: Path) -> Iterator[tuple[str, str]]:
    yield from _leaves(_load(data / "conversation" / "widget.en.yml"), PAGE)
    yield from _leaves(_load(data / "conversation" / "device.en.yml"), f"{PAGE} about devices")


def _sentences(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Cards are put together from sentences, so that is what is translated."""
    for text, where in _leaves(value, place):
        yield from ((sentence, where) for sentence in sentences(text))


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Texts below a value; not addresses, payloads, ids of services, or what has no letter in it."""
    if isinstance(value, str):
        if any(letter.isalpha() for letter in value):
            yield value, place
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, place)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in ("payload", "url", "link", "services", "version"):
                yield from _leaves(one, f"{place}: {key}")


def _load(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  (both are safe loaders)
    except (OSError, yaml.YAMLError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
