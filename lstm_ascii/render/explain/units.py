"""The memory as a heat map: a line a word, a column a unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from lstm_ascii.render.figures import fit, number
from lstm_ascii.render.layout import paragraph

POSITIVE, NEGATIVE = " ░▒█", " ·─═"
STEPS = (0.1, 0.33, 0.67)  # shares of the largest value, from which the next stronger glyph is taken


def map_lines(
    words: Sequence[str], memory: Sequence[Sequence[float]], rows: Sequence[int | None], width: int
) -> Iterator[Text]:
    """Draw the memory after every word; sign and size by glyph, and by colour where there is colour."""
    name, room, units = _name(width), _room(width), len(memory[0])
    group = units_a_column(units, width)
    cell = max(1, min(2, room // units))
    largest = max(abs(value) for line in memory for value in line) or 1.0
    yield _numbers(units, group, cell, name)
    for row in rows:
        if row is None:
            yield Text("   …", "note")
            continue
        text = Text.assemble((f"{row + 1:>3} ", "number"), (fit(words[row], name), "word"), " ", no_wrap=True)
        for first in range(0, units, group):
            value = max(memory[row][first : first + group], key=abs) / largest
            glyphs, style = (POSITIVE, "positive") if value > 0 else (NEGATIVE, "negative")
            text.append(glyphs[sum(abs(value) >= step for step in STEPS)] * cell, style)
        text.rstrip()
        yield text
    folded = f"; a column is {group} units, the largest of them" if group > 1 else ""
    low, middle, high = (f"{step:.0%}" for step in STEPS)
    legend = (
        f"above 0: ░ from {low}, ▒ {middle}, █ {high}; below 0: · from {low}, ─ {middle}, ═ {high} "
        f"of the largest, {number(largest)}{folded}"
    )
    yield from paragraph(Text(legend, "note"), width, 1)


def units_a_column(units: int, width: int) -> int:
    """Return how many units share a column."""
    return -(-units // _room(width))


def _name(width: int) -> int:
    """Return the cells that a word takes."""
    return 8 if width < 60 else 11


def _room(width: int) -> int:
    """Return the columns that there are for units."""
    return width - _name(width) - 6


def _numbers(units: int, group: int, cell: int, name: int) -> Text:
    """Number every fifth column."""
    text = Text(" " * (name + 5), "note", no_wrap=True)
    for column in range(0, -(-units // group), 5):
        mark = str(column * group)
        text.append(mark + " " * max(0, 5 * cell - len(mark)))
    text.rstrip()
    return text
