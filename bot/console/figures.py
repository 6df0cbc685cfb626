"""Numbers as supervisors see them: coarse enough that nobody can be told from them, each with a bar beside it.

Below five a number is only "fewer than 5"; above it comes in steps of five. So nobody who knows when somebody wrote can
see from a number going up by one what they wrote about (shared/protection.md, "Data protection").
"""

import statistics
from collections.abc import Mapping

import msgspec

LEAST = 5
"""What is smaller is not said. Numbers come in steps of it, too."""
_MINUTE_S = 60.0
_TENTHS = 10


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a figure: caption, columns (what the rows are, then each number), names of the rows, note."""

    title: str
    columns: list[str]
    rows: dict[str, str] = {}
    note: str = ""


class NumberWords(msgspec.Struct, frozen=True, kw_only=True):
    """How numbers are said that are no plain numbers."""

    few: str
    fewer: str
    minute: str
    minutes: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line: what is counted, the numbers as they are shown, and the bar of the first one, from 0 to 100."""

    title: str
    cells: list[str]
    bar: int = 0


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A table with bars: the chart, and the form of it that can be read aloud, in one. `id` is unique on its page."""

    id: str
    heading: Heading
    rows: list[Row]


class Figures:
    """Makes figures.

    Args:
        words: how numbers are said.
    """

    def __init__(self, words: NumberWords) -> None:
        self._words = words

    def counted(self, id: str, heading: Heading, *numbers: Mapping[str, int]) -> Figure:
        """Numbers by key. Every key of the heading has its row, so that a row that appears says nothing.

        Args:
            id: unique on the page.
            heading: its words.
            numbers: how many of each key, one for each column of numbers.
        """
        bars = {key: coarse(numbers[0].get(key, 0)) for key in heading.rows}
        most = max(bars.values(), default=0)
        rows = [
            Row(
                title=title,
                cells=[self.shown(column.get(key, 0)) for column in numbers],
                bar=_length(bars[key], most),
            )
            for key, title in heading.rows.items()
        ]
        return Figure(id=id, heading=heading, rows=rows)

    def waited(self, id: str, heading: Heading, measured: Mapping[str, list[float]]) -> Figure:
        """How long people waited: half of them, and nine of ten, in whole minutes.

        Args:
            id: unique on the page.
            heading: its words.
            measured: seconds, by the keys of the heading.
        """
        half = {key: _within(measured[key], 5) for key in heading.rows}
        most = max([at or 0 for at in half.values()], default=0)
        rows = [
            Row(
                title=title,
                cells=[self._said(half[key]), self._said(_within(measured[key], 9)), self.shown(len(measured[key]))],
                bar=_length(half[key] or 0, most),
            )
            for key, title in heading.rows.items()
        ]
        return Figure(id=id, heading=heading, rows=rows)

    def shown(self, n: int) -> str:
        """A number as it is shown: in steps of five, and not at all below."""
        return str(coarse(n)) if n >= LEAST else self._words.fewer

    def _said(self, minutes: int | None) -> str:
        if minutes is None:
            return self._words.few
        return (self._words.minute if minutes == 1 else self._words.minutes).format(n=minutes)


def coarse(n: int) -> int:
    """The nearest step of five; none below five."""
    return LEAST * round(n / LEAST) if n >= LEAST else 0


def _length(n: int, most: int) -> int:
    return round(100 * n / most) if most else 0


def _within(seconds: list[float], tenths: int) -> int | None:
    """Whole minutes, at least one, within which so many tenths were served; None where too few were measured."""
    if len(seconds) < LEAST:
        return None
    return max(1, round(statistics.quantiles(seconds, n=_TENTHS, method="inclusive")[tenths - 1] / _MINUTE_S))
