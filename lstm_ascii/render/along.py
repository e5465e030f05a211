"""Measures along very many steps: a column a step, or one for some; sparklines and maps of shades below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import fit, number
from lstm_ascii.render.glyphs import LEVELS

POSITIVE, NEGATIVE = " ░▒█", " ·≈═"  # of different stand-ins in pure ASCII
SHARES = (0.1, 0.33, 0.67)  # of the largest value, from which on the next stronger glyph is taken
BLOCKS, WIDEST_CELL = 2, 3  # of lines, before a column stands for several steps; cells of a step, where there are few
NUMBERED = 10  # steps, at most, between two numbers
RANGE = 16  # cells behind a sparkline for the range that it has


@dataclass(frozen=True)
class Line:
    """One measure of every step.

    Attributes:
        label: before it.
        values: one a step.
        low, high: the ends of a sparkline; the same for a map, whose shades are shares of ``high``.
        style: of a sparkline; a map has its own.
        is_map: whether sign and size are told by shades, else by height.
        told: behind it, in the first block.
    """

    label: str
    values: Sequence[float]
    low: float
    high: float
    style: str = "state"
    is_map: bool = False
    told: str = ""


def spark(label: str, values: Sequence[float], style: str, ends: tuple[float, float] | None = None) -> Line:
    """Return a line whose height is the value, between its own least and largest value or given ends."""
    known = [value for value in values if isfinite(value)] or [0.0]
    low, high = ends or (min(known), max(known))
    return Line(label, values, low, high, style, told="" if ends else f"{number(low)} to {number(high)}")


def shades(label: str, values: Sequence[float], largest: float) -> Line:
    """Return a line whose shades are the values' shares of the largest, above and below 0."""
    return Line(label, values, largest, largest, is_map=True)


def along(lines: Sequence[Line], width: int, first: int = 1, each: int = 1) -> Iterator[Text]:
    """Draw lines below the numbers of their steps.

    Args:
        lines: of as many values.
        width: of the window.
        first: the number of the first step.
        each: how many steps a value stands for.
    """
    label, count = label_room(lines, width), len(lines[0].values)
    room = _room(lines, width)
    group = steps_a_column(lines, width)
    columns = [range(begin, min(count, begin + group)) for begin in range(0, count, group)]
    cell = max(1, min(WIDEST_CELL, room // len(columns)))
    blocks = -(-len(columns) // (room // cell))
    length = -(-len(columns) // blocks)  # all blocks of a length
    for begin in range(0, len(columns), length):
        block = columns[begin : begin + length]
        yield _axis([first + column.start * each for column in block], cell, label)
        for line in lines:
            text = Text.assemble(" ", (fit(line.label, label), "title"), " ", no_wrap=True)
            for column in block:
                text.append(*_glyph(line, [line.values[k] for k in column], cell))
            if line.told and ranges_stand_beside(lines, width):
                text.append(f" {line.told}", "note")
            text.rstrip()
            yield text


def steps_a_column(lines: Sequence[Line], width: int) -> int:
    """Return how many values share a column."""
    return -(-len(lines[0].values) // (BLOCKS * _room(lines, width)))


def ranges_stand_beside(lines: Sequence[Line], width: int) -> bool:
    """Tell whether the ranges of sparklines stand beside them; else the legend has to tell them."""
    return len(lines[0].values) + RANGE <= width - label_room(lines, width) - 2


def label_room(lines: Sequence[Line], width: int) -> int:
    """Return the cells that the labels take."""
    return min(max(len(line.label) for line in lines), 8 if width < 60 else 16)


def _room(lines: Sequence[Line], width: int) -> int:
    """Return the columns that there are for steps."""
    told = RANGE if any(line.told for line in lines) and ranges_stand_beside(lines, width) else 0
    return max(4, width - label_room(lines, width) - 2 - told)


def _glyph(line: Line, values: Sequence[float], cell: int) -> tuple[str, str]:
    """Return the picture of some steps, and its style: their mean of a sparkline, of a map the largest of them."""
    if not all(map(isfinite, values)):
        return "?" * cell, "grad.exploded"
    if line.is_map:
        value = max(values, key=abs)
        glyphs, style = (POSITIVE, "positive") if value > 0 else (NEGATIVE, "negative")
        share = abs(value) / line.high if line.high else 0.0
        return glyphs[sum(share >= step for step in SHARES)] * cell, style
    value, extent = sum(values) / len(values), line.high - line.low
    share = (value - line.low) / extent if extent else 0.0
    return LEVELS[max(0, min(len(LEVELS) - 1, int(share * len(LEVELS))))] * cell, line.style


def _axis(numbers: Sequence[int], cell: int, label: int) -> Text:
    """Number some of the columns: those of round numbers, and the first."""
    line, last = " " * (label + 2), -1
    for place, here in enumerate(numbers):
        mark, at = str(here), label + 2 + place * cell
        due = place == 0 or any(k % NUMBERED == 0 for k in range(numbers[place - 1] + 1, here + 1))
        if due and at > last:
            line = line.ljust(at) + mark
            last = len(line) + (1 if here % NUMBERED else 0)
    return Text(line.rstrip(), "note", no_wrap=True)


def shade_legend(largest: float, what: str) -> str:
    """Say what the shades are."""
    low, middle, high = (f"{step:.0%}" for step in SHARES)
    return (
        f"Above 0: ░ from {low}, ▒ {middle}, █ {high}; below 0: · from {low}, ≈ {middle}, ═ {high} "
        f"of {what}, {number(largest)}."
    )
