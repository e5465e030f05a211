"""A curve as text: one line of box characters in a frame with numbers beside it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence

from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import fit
from lstm_ascii.render.layout import paragraph

LEAST_PLOT = 4  # columns


@dataclass(frozen=True)
class Scale:
    """What the height of a plot stands for.

    Attributes:
        low, high: values at the bottom and at the top.
        log: whether equal heights are equal ratios.
        written: how a value is written beside the plot.
    """

    low: float
    high: float
    log: bool
    written: Callable[[float], str]

    def height(self, value: float) -> float:
        """Return where ``value`` is: 0 at the bottom, 1 at the top."""
        low, high, value = (self._bent(x) for x in (self.low, self.high, min(max(value, self.low), self.high)))
        return (value - low) / (high - low) if high > low else 0.5

    def at(self, height: float) -> float:
        """Return the value at ``height``."""
        bent = self._bent(self.low) + height * (self._bent(self.high) - self._bent(self.low))
        return math.exp(bent) if self.log else bent

    def _bent(self, value: float) -> float:
        return math.log(value) if self.log else value


@dataclass(frozen=True)
class Curve:
    """Draws values over steps.

    Attributes:
        title: a line above it.
        points: step and value, in the order of the steps; finite values.
        steps: where the axis ends; it begins at 0.
        scale: of the values.
        style: of the line.
    """

    title: str
    points: Sequence[tuple[int, float]]
    steps: int
    scale: Scale
    style: str

    def lines(self, width: int, height: int) -> list[Text]:
        """Draw it into ``height`` lines and three more, each at most ``width`` cells wide; more for a long title."""
        labels = [self.scale.written(self.scale.at(1 - row / (height - 1))) for row in range(height)]
        shown = {0, height // 2, height - 1}
        left = max(map(len, labels))
        if width - left - 3 < LEAST_PLOT:
            left = 0
        room = width - left - 3
        drawn = self._drawn(room, height)
        found = list(paragraph(Text(self.title, "title"), width, 1))
        found[0].pad_right(width - found[0].cell_len)  # so that a block beside it knows how wide this one is
        for row in range(height):
            label = labels[row] if row in shown and left else ""
            edge = "┤" if label else "│"
            found.append(Text.assemble((f" {label:>{left}} {edge}", "note"), ("".join(drawn[row]), self.style)))
        found.append(Text(f" {'':{left}} └" + "─" * room, "note"))
        found.append(Text(self._axis(left, room, width), "note"))
        return found

    def _axis(self, left: int, room: int, width: int) -> str:
        """Write the first and the last step below the frame."""
        end = f"{self.steps:,} steps"
        if len(end) > room:
            end = f"{self.steps:,}"
        start = "0" if room > len(end) + 1 else ""
        return fit(f" {'':{left}}  {start}{end:>{room - len(start)}}", width)

    def _drawn(self, room: int, height: int) -> list[list[str]]:
        """Return the characters of the plot, by row."""
        grid = [[" "] * room for _ in range(height)]
        before: int | None = None
        for column, value in enumerate(self._columns(room)):
            if value is None:
                continue
            row = round((1 - self.scale.height(value)) * (height - 1))
            if before is None or before == row:
                grid[row][column] = "─"
            else:
                falls = row > before
                grid[before][column], grid[row][column] = ("╮", "╰") if falls else ("╯", "╭")
                for between in range(min(before, row) + 1, max(before, row)):
                    grid[between][column] = "│"
            before = row
        return grid

    def _columns(self, room: int) -> list[float | None]:
        """Return a value for each column: the mean of its points, or what lies between its neighbours."""
        if not self.points:
            return [None] * room
        steps, values = [step for step, _ in self.points], [value for _, value in self.points]
        width = self.steps / room
        found: list[float | None] = []
        for column in range(room):
            first, last = bisect_left(steps, column * width), bisect_left(steps, (column + 1) * width)
            if first == 0 and last > 0:
                found.append(values[0])  # the ends are shown as they are
            elif column == room - 1 and first < len(steps):
                found.append(values[-1])
            elif first < last:
                found.append(sum(values[first:last]) / (last - first))
            elif first in (0, len(steps)):
                found.append(None)
            else:
                share = ((column + 0.5) * width - steps[first - 1]) / (steps[first] - steps[first - 1])
                found.append(values[first - 1] + min(max(share, 0.0), 1.0) * (values[first] - values[first - 1]))
        return found


def side_by_side(blocks: Sequence[Sequence[Text]], gap: int = 2) -> list[Text]:
    """Put blocks of lines, each as wide as its first line, next to each other; all end in the same line."""
    widths, height = [block[0].cell_len for block in blocks], max(map(len, blocks))
    found = []
    for parts in zip(*([Text("")] * (height - len(block)) + list(block) for block in blocks), strict=True):
        line = Text(no_wrap=True)
        for number, part in enumerate(parts):
            part = part.copy()
            part.pad_right(widths[number] - part.cell_len)
            line.append_text(Text(" " * gap if number else "")).append_text(part)
        line.rstrip()
        found.append(line)
    return found
