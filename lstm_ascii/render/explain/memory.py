"""The memory as a heat map: a line a word, a column a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.figures import fit, number
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import Drawing, Section

GLYPHS = (" ▵△▲", " ▿▽▼")  # above 0, below 0: mirror images, so that neither is heavier
IN_ASCII = (" '^A", " ,vV")
OPEN = (" ░▒█",) * 2  # of what is never below 0
STEPS = (0.1, 0.33, 0.67)  # shares of the largest value, from which the next stronger glyph is taken


def section(context: Context) -> Section:
    """The memory of every unit after every word."""
    main = context.main
    largest = max(abs(value) for line in main.memory for value in line) or 1.0
    draw, in_ascii = (
        partial(map_lines, context.report.words, main.memory, context.rows, largest, glyphs)
        for glyphs in (GLYPHS, IN_ASCII)
    )
    drawing = Drawing(draw, lambda: (_table(context),), (_largest(context),), in_ascii)
    return Section("The memory", partial(_about, main.cell, main.hidden_size), (drawing,))


def _about(cell: str, count: int, width: int) -> str:
    """Say what a column is."""
    folded = units_a_column(count, width)
    column = "one column a unit" if folded == 1 else f"one column for {folded} units"
    return f"{cell}: {column}, one line a word"


def _table(context: Context) -> Table:
    """Tell all of it, for other programs."""
    main, words = context.main, context.report.words
    shown = [row for row in context.rows if row is not None]
    rows: tuple[tuple[Value, ...], ...] = tuple((row + 1, words[row], *main.memory[row]) for row in shown)
    units = tuple(f"unit {index}" for index in range(main.hidden_size))
    return Table(f"memory of the {main.cell}", ("word", "text", *units), rows, named_by=2, read_out=())


def _largest(context: Context) -> str:
    """Name the largest value, for listeners."""
    memory = context.main.memory
    row, index = max(
        ((row, index) for row in context.rows if row is not None for index in range(len(memory[row]))),
        key=lambda place: abs(memory[place[0]][place[1]]),
    )
    return (
        f"The largest value is {number(memory[row][index])}, of unit {index} after word {row + 1}, "
        f"“{context.report.words[row]}”."
    )


def _legend(count: int, largest: float, glyphs: tuple[str, str], width: int) -> str:
    """Say what the glyphs are."""
    group = units_a_column(count, width)
    folded = f"; a column is {group} units, the largest of them" if group > 1 else ""
    first, *more = (f"{step:.0%}" for step in STEPS)
    up, down = (
        ", ".join(f"{glyph} {step}" for glyph, step in zip(some[1:], (f"from {first}", *more), strict=True))
        for some in glyphs
    )
    signs = up if glyphs is OPEN else f"above 0: {up}; below 0: {down}"
    return f"{signs} of the largest, {number(largest)}{folded}"


def map_lines(
    words: Sequence[str],
    memory: Sequence[Sequence[float]],
    rows: Sequence[int | None],
    largest: float,
    glyphs: tuple[str, str],
    width: int,
) -> Iterator[Text]:
    """Draw the memory after every word; sign and size by glyph, and by colour where there is colour."""
    name, room, units = name_room(width), _room(width), len(memory[0])
    group = units_a_column(units, width)
    cell = max(1, min(2, room // units))
    yield _numbers(units, group, cell, name)

    def cells(row: int) -> Iterator[tuple[str, str]]:
        for first in range(0, units, group):
            value = max(memory[row][first : first + group], key=abs) / largest
            strength = sum(abs(value) >= step for step in STEPS)
            yield glyphs[value < 0][strength] * cell, "negative" if value < 0 else "positive"

    yield from word_lines(words, rows, name, cells)
    yield from paragraph(Text(_legend(len(memory[0]), largest, glyphs, width), "note"), width, 1)


def word_lines(
    words: Sequence[str], rows: Sequence[int | None], name: int, cells: Callable[[int], Iterable[tuple[str, str]]]
) -> Iterator[Text]:
    """Draw a line a word: its number, its text in ``name`` cells, and glyphs; … for what is left out."""
    for row in rows:
        if row is None:
            yield Text("   …", "note")
            continue
        text = Text.assemble((f"{row + 1:>3} ", "number"), (fit(words[row], name), "word"), " ", no_wrap=True)
        for glyph, style in cells(row):
            text.append(glyph, style)
        text.rstrip()
        yield text


def units_a_column(units: int, width: int) -> int:
    """Return how many units share a column."""
    return -(-units // _room(width))


def name_room(width: int) -> int:
    """Return the cells that a word takes."""
    return 8 if width < 60 else 11


def _room(width: int) -> int:
    """Return the columns that there are for units."""
    return width - name_room(width) - 6


def _numbers(units: int, group: int, cell: int, name: int) -> Text:
    """Number every fifth column."""
    text = Text(" " * (name + 5), "note", no_wrap=True)
    for column in range(0, -(-units // group), 5):
        mark = str(column * group)
        text.append(mark + " " * max(0, 5 * cell - len(mark)))
    text.rstrip()
    return text
