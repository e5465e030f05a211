"""Networks in columns, figures in rows; where they don't fit beside each other, a line a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from lstm_ascii.render.figures import bar
from lstm_ascii.render.layout import paragraph

SHORTEST_BAR, LONGEST_BAR, STACKED_BAR = 4, 14, 12
_GAP = 3  # blanks between columns


@dataclass(frozen=True)
class Cell:
    """One figure.

    Attributes:
        figure: as it is written.
        share: of the row's bar, from 0 to 1; ``None`` for no bar.
        style: of the bar, or of the figure where there is none.
        note: behind it, dim.
    """

    figure: str
    share: float | None = None
    style: str = ""
    note: str = ""

    def drawn(self, length: int, figure: int, note: int = 0) -> Text:
        """Draw it with a bar of ``length`` cells, in columns as wide as the row's widest figure and note."""
        text = Text(no_wrap=True)
        if length and self.share is not None:
            text.append_text(bar(self.share, length, self.style)).append(" ")
        elif length:
            text.append(" " * (length + 1))
        text.append(f"{self.figure:>{figure}}", "" if self.share is not None else self.style)
        return text.append(f" {self.note:<{note}}" if note else "", "note")


@dataclass(frozen=True)
class Row:
    """One figure of every network, in the order of the columns."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class SideBySide:
    """A table.

    Attributes:
        columns: names of the networks.
        rows: what is told of them.
    """

    columns: Sequence[str]
    rows: Sequence[Row]

    def lines(self, width: int) -> Iterator[Text]:
        """Draw it into ``width`` cells."""
        cells = [cell for row in self.rows for cell in row.cells]
        figure, note = (max((len(part) for part in parts), default=0)
                        for parts in ([cell.figure for cell in cells], [cell.note for cell in cells]))  # fmt: skip
        need = figure + (note + 1 if note else 0)
        label = max(len(row.label) for row in self.rows) + 1
        bars = any(cell.share is not None for cell in cells)
        room = (width - label) // len(self.columns) - _GAP
        length = min(LONGEST_BAR, room - need - 1) if bars else 0
        if room < max(need, *map(len, self.columns)) or (bars and length < SHORTEST_BAR):
            yield from self._stacked(width, bars, figure)
            return
        column = max(need + (length + 1 if length else 0), *map(len, self.columns))
        heads = "".join(f"{'':{_GAP}}{name:>{column}}" for name in self.columns)
        yield Text(f"{'':{label}}{heads}", "title", no_wrap=True)
        for row in self.rows:
            line = Text(f" {row.label:<{label - 1}}", no_wrap=True)
            for cell in row.cells:
                drawn = cell.drawn(length, figure, note)
                line.append(" " * (_GAP + column - drawn.cell_len)).append_text(drawn)
            line.rstrip()
            yield line

    def _stacked(self, width: int, bars: bool, figure: int) -> Iterator[Text]:
        """Draw each row as its label and a line a network; the note below it where it doesn't fit."""
        name = max(map(len, self.columns)) + 2
        length = min(STACKED_BAR, width - name - figure - 2) if bars else 0
        length = length if length >= SHORTEST_BAR else 0
        for row in self.rows:
            yield from paragraph(Text(row.label), width, 1)
            for column, cell in zip(self.columns, row.cells, strict=True):
                line = Text.assemble((f"  {column:<{name - 1}}", "title"), cell.drawn(length, figure))
                beside = line.cell_len + 1 + len(cell.note) <= width
                if cell.note and beside:
                    line.append(f" {cell.note}", "note")
                yield from paragraph(line, width)
                if cell.note and not beside:
                    yield from paragraph(Text(cell.note, "note"), width, name + 1)
