"""What is sent: typed texts in the lengths of real ones, and button presses."""

import itertools
import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from bot.data_files import load
from bot.evaluation.bench.figures import LONG_TURNS, WINDOW, BenchError, Size

LENGTHS = Path(__file__).with_name("lengths.json")
SEED = 2
PRESSED = 0.3


Plan = list[str | None]
"""What one person does: a text to type, or None to press a button."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent. `levels`: for each number of conversations its rounds, each with a plan for each conversation."""

    levels: dict[int, list[list[Plan]]]
    long: list[Plan]

    def typed(self) -> list[str]:
        """All typed texts."""
        plans = [*itertools.chain.from_iterable(itertools.chain.from_iterable(self.levels.values())), *self.long]
        return [text for plan in plans for text in plan if text is not None]


def spread(lengths: Sequence[int], count: int) -> list[int]:
    """`count` word lengths with the same distribution as `lengths`, by even steps through them in order."""
    ordered = sorted(lengths)
    return [ordered[int((step + 0.5) * len(ordered) / count)] for step in range(count)]


class Writer:
    """Makes texts of a given number of words from real questions, never the same twice.

    Args:
        sources: questions, best first; the later ones are used when the earlier have nothing fitting left.
        never: texts that must not be sent as they are, such as the examples a model was trained on.
        dice: source of chance.
    """

    def __init__(self, sources: Sequence[Sequence[str]], never: Iterable[str], dice: random.Random) -> None:
        # In order of length, those of the same length in any order.
        self._pools = [sorted(dice.sample(list(source), len(source)), key=_words) for source in sources]
        self._seen = {_plain(text) for text in never}

    def write(self, words: int) -> str:
        """A new text of this many words: a question cut to fit, or several joined when none is long enough.

        Raises:
            BenchError: the questions are used up.
        """
        for pool in self._pools:
            for index in range(bisect_left(pool, words, key=_words), len(pool)):
                text = " ".join(pool[index].split()[:words])
                if _words(pool[index]) > 2 * words + 2:
                    break
                if _plain(text) not in self._seen:
                    del pool[index]
                    return self._new(text)
        return self._new(self._join(words))

    def _join(self, words: int) -> str:
        for pool in self._pools:
            text: list[str] = []
            while pool:
                text += pool.pop().split()
                if len(text) < words:
                    continue
                joined, text = " ".join(text[:words]), []
                if _plain(joined) not in self._seen:
                    return joined
        raise BenchError("There are too few questions in data/heldout and data/nlu to make the benchmark's texts from.")

    def _new(self, text: str) -> str:
        self._seen.add(_plain(text))
        return text


def _words(text: str) -> int:
    return len(text.split())


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def plan(texts: Sequence[str], presses: int, dice: random.Random) -> Plan:
    """A person's turns: the texts in order, with button presses at random places but never first."""
    turns = len(texts) + presses
    pressed = set(dice.sample(range(1, turns), presses))
    typed = iter(texts)
    return [None if turn in pressed else next(typed) for turn in range(turns)]


def long_lengths(lengths: Sequence[int], dice: random.Random) -> list[int]:
    """Word lengths of 100 turns. Turns 2-11 and 91-100 have the same ones, so that only their place differs."""
    window, middle = spread(lengths, WINDOW), spread(lengths, LONG_TURNS - 2 * WINDOW)
    middle = dice.sample(middle, len(middle))
    return [middle[0], *dice.sample(window, WINDOW), *middle[1:], *dice.sample(window, WINDOW)]


def workload(data: Path, size: Size) -> Workload:
    """Everything that will be sent: held-out questions first, then examples, in the lengths of the evaluation sets."""
    dice = random.Random(SEED)  # noqa: S311  (for repeatable texts)
    lengths = msgspec.json.decode(LENGTHS.read_bytes(), type=list[int])
    heldout = [_text(line) for line in (data / "heldout" / "en.jsonl").read_bytes().splitlines() if line.strip()]
    examples = list(typed_examples(sorted((data / "nlu" / "en").glob("*.yml"))))
    writer = Writer([heldout, examples], examples, dice)
    presses = round(PRESSED * size.turns)
    typed = size.turns - presses
    levels = {}
    for conversations, rounds in size.levels:
        wanted = spread(lengths, conversations * rounds * typed)
        texts = [writer.write(words) for words in dice.sample(wanted, len(wanted))]
        plans = [plan(texts[i : i + typed], presses, dice) for i in range(0, len(texts), typed)]
        levels[conversations] = [plans[i : i + conversations] for i in range(0, len(plans), conversations)]
    long: list[Plan] = [[writer.write(words) for words in long_lengths(lengths, dice)] for _ in range(size.long)]
    return Workload(levels=levels, long=long)


class _Block(msgspec.Struct):
    examples: str


class _Examples(msgspec.Struct):
    nlu: list[_Block]


def _text(line: bytes) -> str:
    return msgspec.json.decode(line)["text"]


def typed_examples(files: Iterable[Path]) -> Iterator[str]:
    """The texts of training examples, file by file."""
    for file in files:
        for block in load(file, _Examples).nlu:
            yield from (line[2:] for line in block.examples.splitlines() if line.startswith("- "))
