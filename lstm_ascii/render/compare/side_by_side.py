"""Networks side by side: a table with a column for each network, whose cells have a figure, a bar and a note."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import bar_above
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table

SHORTEST_BAR, LONGEST_BAR, STACKED_BAR = 4, 14, 12
_GAP = 3  # blanks between columns


@dataclass(frozen=True)
class Figure:
    """A figure in the table.

    Attributes:
        figure: as text.
        share: of the bar that is filled, from 0 to 1; ``None`` for no bar.
        style: of the bar, or of the figure if there is none.
        note: after the figure, dim.
        start: the share at which the bar starts.
    """

    figure: str
    share: float | None = None
    style: str = ""
    note: str = ""
    start: float = 0.0


@dataclass(frozen=True)
class FigureRow:
    """A row of the table: a figure for every network, in the order of the columns."""

    label: str
    cells: tuple[Figure, ...]


def side_by_side(
    networks: Sequence[str], rows: Sequence[FigureRow], tables: Callable[[], Sequence[Table]] = tuple
) -> Grid:
    """Return a table with a column for each network, all of the same width.

    Args:
        networks: their names.
        rows: of the table.
        tables: returns the tables for ``--plain`` and ``--tsv``.
    """
    cells = [cell for row in rows for cell in row.cells]
    figure, note = (
        max((len(part) for part in parts), default=0)
        for parts in ([cell.figure for cell in cells], [cell.note for cell in cells])
    )
    bars = any(cell.share is not None for cell in cells)
    longest = max(map(len, networks))
    room = figure + (note + 1 if note else 0) + bars
    columns = [
        Column(network, [row.cells[place] for row in rows], (f"{network:>{longest}}",), partial(_drawn, figure, note),
               room=room, elastic=(SHORTEST_BAR, LONGEST_BAR) if bars else None, right=True)
        for place, network in enumerate(networks)
    ]  # fmt: skip
    return Grid("figures", ("figure",), [row.label for row in rows], columns, style="", head_style="title", gap=_GAP,
                split=False, turn=partial(_turned, figure, bars), tables=tables)  # fmt: skip


def _drawn(figure: int, note: int, cell: Figure, length: int) -> Text:
    """Draw a cell with a bar of ``length`` terminal cells, padded to the widest figure and note."""
    text = Text(no_wrap=True)
    if length and cell.share is not None:
        text.append_text(bar_above(cell.start, cell.share, length, cell.style)).append(" ")
    elif length:
        text.append(" " * (length + 1))
    text.append(f"{cell.figure:>{figure}}", "" if cell.share is not None else cell.style)
    return text.append(f" {cell.note:<{note}}" if note else "", "note")


def _turned(figure: int, bars: bool, grid: Grid, row: int, width: int) -> Iterator[Text]:
    """Draw a row as its label and a line for each network, with the note below if it doesn't fit."""
    name = max(len(column.name) for column in grid.columns) + 2
    length = min(STACKED_BAR, width - name - figure - 2) if bars else 0
    length = length if length >= SHORTEST_BAR else 0
    yield from paragraph(Text(grid.labels[row]), width, 1)
    for column in grid.columns:
        cell: Figure = column.value(row)
        line = Text.assemble((f"  {column.name:<{name - 1}}", "title"), _drawn(figure, 0, cell, length))
        beside = line.cell_len + 1 + len(cell.note) <= width
        if cell.note and beside:
            line.append(f" {cell.note}", "note")
        yield from paragraph(line, width)
        if cell.note and not beside:
            yield from paragraph(Text(cell.note, "note"), width, name + 1)
