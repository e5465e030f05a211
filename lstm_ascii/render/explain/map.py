"""One gate, or a state, of every unit at every word or step, as a heat map."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.render.along import Line, along, shade_legend, shades, steps_a_column
from lstm_ascii.render.explain.context import Context, named
from lstm_ascii.render.explain.memory import GLYPHS, IN_ASCII, OPEN, map_lines, units_a_column
from lstm_ascii.render.figures import number
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table, Value
from lstm_ascii.render.section import Block, Drawing, Paragraph, Section
from lstm_ascii.reports.explain.gate_map import GateMap

TITLE = "The map"
MOST_LINES = 64  # units of a series, before a line stands for several


def section(context: Context) -> Section:
    """A gate of all units along the words; of a series a line a unit and a column a step."""
    main, report = context.main, context.report
    found = main.gate_map
    if found is None:
        return Section(TITLE, "", (Paragraph("Left out: no gate was asked for."),))
    largest = 1.0 if found.is_gate else max(abs(value) for line in found.values for value in line) or 1.0
    what = _what(found)
    by_word = partial(map_lines, report.words, found.values, context.rows, largest)
    draw, in_ascii = (partial(by_word, glyphs) for glyphs in (OPEN if found.is_gate else GLYPHS, IN_ASCII))
    if report.is_series:
        drawing = Drawing(partial(_of_steps, found, largest), lambda: (_table(context, found),))
    else:
        drawing = Drawing(draw, lambda: (_table(context, found),), (), None if found.is_gate else in_ascii)
    blocks: list[Block] = [drawing]
    return Section(
        TITLE, partial(_about, context, f"{named(main)}: {what}"), (*blocks, Paragraph(closing(context, found)))
    )


def _what(found: GateMap) -> str:
    """Name what is mapped."""
    if found.is_gate:
        return f"{found.name} gate {found.letter}"
    return f"{found.name} {found.letter}" if found.name == "candidate" else f"{found.name} state {found.letter}"


def _about(context: Context, what: str, width: int) -> str:
    """Say what a line and a column are."""
    if context.report.is_series:
        return f"{what} of every unit at every step; a line a unit"
    group = units_a_column(context.main.hidden_size, width)
    return f"{what}; {'one column a unit' if group == 1 else f'one column for {group} units'}, one line a word"


def _of_steps(found: GateMap, largest: float, width: int) -> Iterator[Text]:
    """Draw a line a unit."""
    yield from along(_lines(found, largest), width)
    yield from paragraph(Text(_legend(found, largest, width), "note"), width, 1)


def _lines(found: GateMap, largest: float) -> list[Line]:
    units = len(found.values[0])
    group = -(-units // MOST_LINES)
    lines = []
    for first in range(0, units, group):
        some = range(first, min(units, first + group))
        values = [max((row[unit] for unit in some), key=abs) for row in found.values]
        lines.append(shades(f"u{first}", values, largest))
    return lines


def _legend(found: GateMap, largest: float, width: int) -> str:
    """Say what the shades are, and what shares a cell."""
    lines = _lines(found, largest)
    steps, units = steps_a_column(lines, width), -(-len(found.values[0]) // MOST_LINES)
    folded = [f"{steps} steps" if steps > 1 else "", f"{units} units" if units > 1 else ""]
    together = " and ".join(filter(None, folded))
    more = f" A cell is {together}, the largest of them." if together else ""
    shades_are = "░ from 0.1, ▒ 0.33, █ 0.67, of 1, open." if found.is_gate else shade_legend(largest, "the largest")
    return shades_are + more


def _table(context: Context, found: GateMap) -> Table:
    """Tell all of it, for other programs."""
    words = context.report.words
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (place + 1, words[place], *line) for place, line in enumerate(found.values)
    )
    units = tuple(f"unit {index}" for index in range(len(found.values[0])))
    return Table(f"{_what(found)} of the {context.main.cell}", ("word", "text", *units), rows, named_by=2, read_out=())


def closing(context: Context, found: GateMap) -> str:
    """Name the units that stand out."""
    count = len(found.values)
    means = [sum(line[unit] for line in found.values) / count for unit in range(len(found.values[0]))]
    if found.is_gate:
        high, low = (pick(range(len(means)), key=lambda unit: means[unit]) for pick in (max, min))
        return (
            f"Most open in the mean: unit {high}, {number(means[high])}; most shut: unit {low}, {number(means[low])}."
        )
    row, unit = max(
        ((row, unit) for row in range(count) for unit in range(len(means))),
        key=lambda place: abs(found.values[place[0]][place[1]]),
    )
    at = f"word {row + 1}, “{context.report.words[row]}”"
    return f"The largest value is {number(found.values[row][unit])}, of unit {unit} after {at}."
