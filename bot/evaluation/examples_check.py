"""`python -m bot examples check`: training examples held against issue 3, section 2: enough of each kind, no copies.

Likeness is the Jaccard index of two examples' sets of character trigrams, of the text as the models see it with a space
at each end. The frame of an example is what is left of its words when the most topical ones are masked, so that "NFA
meaning" and "RUI meaning" are one frame; which words are topical, the examples say themselves (`topical_words`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import chi2

from bot.conversation.messages import OUT_OF_SCOPE
from bot.data_files import DataError, load
from bot.engine.sentence_features import normalised
from bot.rights.answers import topic_of

LANGUAGE = "en"
OTHERS = ("cy", "pl", "pa", "pa-Latn", "ur", "ur-Latn")
LEAST_IN_TOPIC, LEAST_IN_SERVICE, LEAST_IN_OTHERS = 60, 40, 12
LEAST_OF_KIND = 8
SHORT, LONG = 4, 25
STYLES = {
    "typo": "with typos and text-speak",
    "esl": "in second-language English",
    "indirect": "indirect",
    "background": "with the background first",
}
"""What the files write in `metadata: {style: ...}`, of those that cannot be counted from the words."""
ALIKE_WITHIN, ALIKE_ACROSS, ALIKE_HELD_OUT = 0.6, 0.7, 0.9
TOPICAL, SEEN_OFTEN = 200, 10
MOST_OF_FRAME = 3
MASK = "_"
_BLOCK = 1000
_LETTERS = r"[^\W\d_]{3,}"
_WORD = re.compile(r"\w+(?:'\w+)*")


class Example(msgspec.Struct, frozen=True):
    """One training example, with where it stands: the file's path under data/nlu, and the language of its folder."""

    file: str
    language: str
    intent: str
    style: str | None
    text: str


class Finding(msgspec.Struct, frozen=True):
    """Something wrong. `example` is empty where an intent as a whole is meant."""

    file: str
    intent: str
    example: str
    problem: str

    def __str__(self) -> str:
        quoted = f' "{self.example}"' if self.example else ""
        return f"{self.file}: {self.intent}:{quoted} {self.problem}"


class _Metadata(msgspec.Struct, frozen=True):
    style: str | None = None


class _Block(msgspec.Struct, frozen=True):
    intent: str
    examples: str
    metadata: _Metadata = _Metadata()


class _File(msgspec.Struct, frozen=True):
    nlu: list[_Block]


class _HeldOut(msgspec.Struct, frozen=True):
    text: str


def read_examples(nlu: Path) -> list[Example]:
    """Every training example, in the order of the files.

    Args:
        nlu: the folder `data/nlu`, with a folder for each language.

    Raises:
        DataError: a file does not fit.
    """
    return [
        Example(
            path.relative_to(nlu).as_posix(), path.parent.name, block.intent, block.metadata.style, line[2:].strip()
        )
        for path in sorted(nlu.glob("*/*.yml"))
        for block in load(path, _File).nlu
        for line in block.examples.splitlines()
        if line.startswith("- ")
    ]


def check_examples(data: Path) -> list[Finding]:
    """Everything wrong with the training examples.

    Args:
        data: the folder that holds `nlu` and `heldout`.

    Raises:
        DataError: a file does not fit.
    """
    examples = read_examples(data / "nlu")
    own = [example for example in examples if example.language == LANGUAGE]
    return [
        *counted(own),
        *counted_elsewhere(examples),
        *alike(own),
        *in_two_intents(own),
        *framed_alike(own),
        *held_out(own, read_held_out(data / "heldout" / f"{LANGUAGE}.jsonl")),
    ]


def read_held_out(file: Path) -> list[str]:
    """The texts of a held-out file.

    Raises:
        DataError: it cannot be read, or a line does not fit.
    """
    try:
        return [line.text for line in msgspec.json.Decoder(_HeldOut).decode_lines(file.read_bytes())]
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"{file}: not a file of held-out lines: {error}") from error


# --- counts


def counted(examples: Sequence[Example]) -> Iterator[Finding]:
    """Intents with too few examples, and topics with too few of a kind."""
    for intent, group in _by_intent(examples).items():
        counts = {"in all": (len(group), _least(intent))}
        if _is_topic(intent):
            lengths = [len(example.text.split()) for example in group]
            styles = Counter(example.style for example in group)
            counts[f"of {SHORT} words or fewer"] = (sum(length <= SHORT for length in lengths), LEAST_OF_KIND)
            counts[f"of {LONG} words or more"] = (sum(length >= LONG for length in lengths), LEAST_OF_KIND)
            counts |= {kind: (styles[style], LEAST_OF_KIND) for style, kind in STYLES.items()}
        for kind, (count, least) in counts.items():
            if count < least:
                yield Finding(group[0].file, intent, "", f"{count} examples {kind}: {least} are needed")


def counted_elsewhere(examples: Sequence[Example]) -> Iterator[Finding]:
    """Topics and service intents with too few examples in a language other than English."""
    wanted = {example.intent: example.file for example in examples if example.language == LANGUAGE}
    counts = Counter((example.language, example.intent) for example in examples)
    for language in OTHERS:
        for intent, file in wanted.items():
            count = counts[language, intent]
            if not intent.startswith(OUT_OF_SCOPE) and count < LEAST_IN_OTHERS:
                there = f"{language}/{Path(file).name}"
                yield Finding(there, intent, "", f"{count} examples in all: {LEAST_IN_OTHERS} are needed")


def _least(intent: str) -> int:
    return LEAST_IN_TOPIC if _is_topic(intent) else 0 if intent.startswith(OUT_OF_SCOPE) else LEAST_IN_SERVICE


def _is_topic(intent: str) -> bool:
    return "/" in topic_of(intent) and not intent.startswith(OUT_OF_SCOPE)


def _by_intent(examples: Iterable[Example]) -> dict[str, list[Example]]:
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.intent].append(example)
    return groups


# --- copies


def trigrams(texts: Sequence[str]) -> csr_matrix:
    """Which character trigrams each text holds, as ones in len(texts) × trigrams; of no texts an empty array."""
    if not texts:
        return csr_matrix((0, 0), dtype=np.float32)
    counter = CountVectorizer(analyzer="char", ngram_range=(3, 3), lowercase=False, binary=True, dtype=np.float32)
    return counter.fit_transform([f" {normalised(text)} " for text in texts])


def likeness(some: csr_matrix, others: csr_matrix) -> np.ndarray:
    """The Jaccard index of each of some texts with each of others, from rows of one `trigrams`."""
    both = (some @ others.T).toarray()
    return np.asarray(both / (some.sum(axis=1) + others.sum(axis=1).T - both))


def alike(examples: Sequence[Example]) -> Iterator[Finding]:
    """Examples too much like an earlier one, of their own intent or of another."""
    rows = trigrams([example.text for example in examples])
    intents = np.unique([example.intent for example in examples], return_inverse=True)[1]
    for start in range(0, len(examples), _BLOCK):
        block = slice(start, start + _BLOCK)
        found = likeness(rows[block], rows)
        limits = np.where(intents[block, None] == intents, ALIKE_WITHIN, ALIKE_ACROSS)
        for row, earlier in np.argwhere(found >= limits):
            if earlier < start + row:
                twin = examples[earlier]
                problem = f'is a near copy ({found[row, earlier]:.2f}) of "{twin.text}" of {twin.intent}'
                yield _about(examples[start + row], problem)


def in_two_intents(examples: Iterable[Example]) -> Iterator[Finding]:
    """Examples that stand in an earlier intent, too, whatever their case and spaces."""
    first: dict[str, str] = {}
    for example in examples:
        other = first.setdefault(normalised(example.text), example.intent)
        if other != example.intent:
            yield _about(example, f"stands in {other}, too")


def held_out(examples: Sequence[Example], texts: Sequence[str]) -> Iterator[Finding]:
    """Examples that are, or nearly are, a line of the held-out file."""
    rows = trigrams([*(example.text for example in examples), *texts])
    found = likeness(rows[: len(examples)], rows[len(examples) :])
    for row, line in np.argwhere(found >= ALIKE_HELD_OUT):
        yield _about(examples[row], f'is held out, too: "{texts[line]}"')


# --- frames


def framed_alike(examples: Sequence[Example]) -> Iterator[Finding]:
    """Examples whose frame has been used up by earlier ones."""
    topical = topical_words(examples)
    used: Counter[str] = Counter()
    for example in examples:
        frame = frame_of(example.text, topical)
        used[frame] += 1
        if frame and used[frame] > MOST_OF_FRAME:
            yield _about(example, f'is number {used[frame]} in the frame "{frame}": {MOST_OF_FRAME} may share one')


def topical_words(examples: Sequence[Example]) -> set[str]:
    """The words that tell most about the intent, by chi-squared; stop words and rare ones are not among them.

    There is no dictionary of nouns in it: what tells one topic from another is mostly a noun, and a verb such as
    "appeal" should be masked as well.
    """
    counter = CountVectorizer(binary=True, stop_words="english", min_df=SEEN_OFTEN, token_pattern=_LETTERS)
    try:
        rows = counter.fit_transform([normalised(example.text) for example in examples])
    except ValueError:  # No word is seen that often.
        return set()
    telling, _ = chi2(rows, [example.intent for example in examples])
    return set(counter.get_feature_names_out()[np.argsort(-telling, kind="stable")[:TOPICAL]])


def frame_of(text: str, topical: set[str]) -> str:
    """The words of a text with runs of topical ones as one mask; empty when no other words are left."""
    masked = [MASK if word in topical else word for word in _WORD.findall(normalised(text))]
    frame = [word for place, word in enumerate(masked) if word != MASK or masked[place - 1 : place] != [MASK]]
    return "" if frame == [MASK] else " ".join(frame)


def _about(example: Example, problem: str) -> Finding:
    return Finding(example.file, example.intent, example.text, problem)
