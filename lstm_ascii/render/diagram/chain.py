"""Cells in a row, one a word: as many rows as the width asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.canvas import Canvas
from lstm_ascii.render.figures import fit
from lstm_ascii.render.layout import rows_to_show

LETTERS = ("x_t-1", "x_t", "x_t+1")  # the words where there is no sentence


@dataclass(frozen=True)
class Stretch:
    """A part of the words that fits into one row.

    Attributes:
        words: their places, from 0.
        first, last: whether the row begins, or ends, the whole.
    """

    words: tuple[int, ...]
    first: bool
    last: bool


@dataclass(frozen=True)
class Chain:
    """How the words are shared out over rows.

    Attributes:
        words: all of them.
        start: columns before the first cell of a row.
        pitch: columns from one cell to the next.
        end: columns that the last cell of a row needs beside its pitch.
        limit: the most words to show; ``None`` for all.
    """

    words: Sequence[str]
    start: int
    pitch: int
    end: int
    limit: int | None = None

    def lines(self, width: int, draw: Callable[[Stretch], Canvas]) -> Iterator[Text]:
        """Draw every row, with a blank line between two."""
        for number, stretch in enumerate(self._stretches(width)):
            if number:
                yield Text("")
            yield from draw(stretch).lines()

    def name(self, place: int) -> str:
        """Return a word, cut to what fits below its cell."""
        return fit(self.words[place], self.pitch - 1).rstrip()

    def _stretches(self, width: int) -> Iterator[Stretch]:
        """Share the words out; where some are left out a row ends."""
        rows = rows_to_show(len(self.words), self.limit, ())
        room = max(1, (width - self.start - self.end) // self.pitch)
        groups: list[list[int]] = [[]]
        for row in rows:
            if row is None or len(groups[-1]) == room:
                groups.append([])
            if row is not None:
                groups[-1].append(row)
        groups = [group for group in groups if group]
        for number, group in enumerate(groups):
            yield Stretch(tuple(group), number == 0, number == len(groups) - 1)


def centred(canvas: Canvas, x: int, y: int, text: str, style: str = "") -> None:
    """Write ``text`` with its middle at column ``x``."""
    canvas.write(max(0, x - cell_len(text) // 2), y, text, style)


def lead(canvas: Canvas, x: int, y: int, name: str, style: str) -> None:
    """Write what a row comes from, before the wire that begins at ``(x, y)``."""
    canvas.write(max(0, x - 1 - len(name)), y, name, style)


def pitch_for(words: Sequence[str], least: int, most: int) -> int:
    """Return a pitch that the longest word fits, within bounds."""
    return min(max([least, *(cell_len(word) + 2 for word in words)]), most)
