"""The table layout: columns are described once, drawn for any width, and returned as figures.

A :class:`Grid` has a label for each row and columns beside the labels. Columns that don't fit go into a further table
below; if even one column is too wide, or the table may not be split, every row becomes a list of lines.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from lstm_ascii.records import dataclass
from lstm_ascii.render.figures import fit
from lstm_ascii.render.layout import Sizes, at_width, paragraph
from lstm_ascii.render.parts import Part, Table, Value

Turn = Callable[["Grid", int, int], Iterator[Text]]  # draws one row, by its index, into a width
Heads = tuple[str, ...]


def written(value: Any, _size: int) -> Text:
    """Draw a value as text."""
    return value if isinstance(value, Text) else Text(str(value))


def itself(value: Any) -> Value:
    """Return a value unchanged."""
    return value  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: in ``--plain`` and ``--tsv``.
        values: one for each row; ``None`` for missing values.
        head: the lines above the column, at most two, or a function that returns them for a size; by default the name.
        draw: draws a value for a size, only when its line is drawn, so that long tables need little memory. Line breaks
            make the row several lines high.
        size: the width in terminal cells of a part that depends on the window, such as a bar.
        room: the width of the rest; without either, the column is as wide as its widest cell.
        elastic: the smallest and the largest size of a bar that takes the rest of the line; at most ``size``, if that
            is given, too.
        right: whether cells and head are right-aligned.
        stretch: whether it takes the rest of the line.
        items: whether its cells are lists separated by commas, which are cut between two items.
        exact: returns the value for ``--plain`` and ``--tsv``; ``None`` for a column that is only drawn.
        drawn: tells whether it is drawn in a window of a given width; by default always.
        absent: what is drawn for a missing value: ``–``.
    """

    name: str
    values: Sequence[Any]
    head: Heads | Callable[[int], Heads] | None = None
    draw: Callable[[Any, int], Text] = written
    size: Sizes = (0, 0, 0, 0)
    room: int = 0
    elastic: tuple[int, int] | None = None
    right: bool = False
    stretch: bool = False
    items: bool = False
    exact: Callable[[Any], Value] | None = itself
    drawn: Callable[[int], bool] | None = None
    absent: str = ""

    def is_drawn(self, width: int) -> bool:
        """Tell whether it is drawn in a window of ``width`` terminal columns."""
        return self.drawn is None or self.drawn(width)

    def heads(self, size: int) -> Heads:
        """Return the lines above the column."""
        if self.head is None:
            return (self.name,)
        return self.head(size) if callable(self.head) else self.head

    def value(self, row: int) -> Any:
        """Return a row's value; ``None`` if it is missing."""
        return self.values[row] if row < len(self.values) else None

    def told(self, row: int) -> Value:
        """Return a row's value in full precision."""
        value = self.value(row)
        return None if value is None or self.exact is None else self.exact(value)


def figure_column(
    name: str, values: Sequence[Any], write: Callable[[Any], str], head: str = "", room: int = 0
) -> Column:
    """Return a right-aligned column of figures, each formatted by ``write``, with a dash for missing ones."""
    return Column(name, values, (head or name,), lambda value, _: Text(write(value)), room=room, right=True,
                  absent="–")  # fmt: skip


def only_told(name: str, values: Sequence[Any]) -> Column:
    """Return a column that is never drawn, only in ``--plain`` and ``--tsv``."""
    return Column(name, values, drawn=lambda _: False)


@dataclass(frozen=True)
class _Placed:
    """A column in a window: its width, and the size of its pictures."""

    column: Column
    width: int
    size: int

    @property
    def heads(self) -> Heads:
        """The lines above it."""
        return self.column.heads(self.size)

    def cell(self, row: int) -> Text:
        """Draw a value, cut to the width of the column, without padding."""
        value = self.column.value(row)
        text = Text(self.column.absent) if value is None else self.column.draw(value, self.size)
        if text.cell_len <= self.width or "\n" in text.plain:
            return text
        return _shortened(text, self.width) if self.column.items else _cut(text, self.width)

    def padded(self, text: Text) -> tuple[int, Text, int]:
        """Return the number of blanks before a text, the text, and the number of blanks after it."""
        blank = self.width - text.cell_len
        return (blank, text, 0) if self.column.right else (0, text, blank)


def _cut(text: Text, width: int) -> Text:
    """Cut a cell, ending it with …."""
    text.truncate(width, overflow="ellipsis")
    return text


def _shortened(text: Text, width: int) -> Text:
    """Cut a list between two items; a single item loses a part of its name rather than of its figure."""
    kept = set_cell_size(text.plain, max(1, width - 1)).rfind(", ")
    if kept > 0:
        text.right_crop(len(text) - kept)
        return text.append(" …")
    name, _, figure = text.plain.partition(", ")[0].rpartition(" ")
    room = width - cell_len(figure) - 1
    if room > 1:
        item = f"{name} {figure}…" if cell_len(name) < room else f"{fit(f'{name} ', room).rstrip()} {figure}"
        return Text(item, text.style)
    return _cut(text, width)


@dataclass(frozen=True)
class Grid:
    """A table: a label for each row, and columns beside the labels.

    Attributes:
        name: of the table.
        names: of the columns that name a row: a network, a step; for words their number and their text.
        labels: one for each row.
        columns: from left to right.
        rows: the indices of the rows to show, in order, with ``None`` for rows left out; by default all.
        title: above the labels; by default nothing.
        numbered: whether the row's number is shown before its label.
        marks: styles of single labels, by index.
        style, head_style: of the labels, and of the lines above the columns.
        least: the smallest width of the labels.
        most: returns the largest width of the labels in a window; by default there is no limit. Longer ones are cut.
        folded: whether labels that are too long are wrapped instead.
        window: the width of the window from which on it is drawn as a table at all.
        gap: blanks before every column.
        split: whether columns that don't fit may go into a further table.
        even: whether those tables have about the same number of columns, rather than as many as fit.
        turn: draws a row if the columns don't fit; by default :func:`as_list`.
        below: draws lines below a row of the table, such as a remark.
        read_out: the indices of the rows in ``--plain``, if all would be too many; ``None`` for all that are shown.
        tables: returns the tables for ``--plain`` and ``--tsv``, if they differ from the columns.
    """

    name: str
    names: tuple[str, ...]
    labels: Sequence[str]
    columns: Sequence[Column]
    rows: Sequence[int | None] | None = None
    title: str = ""
    numbered: bool = False
    marks: Mapping[int, str] = field(default_factory=dict)
    style: str = "word"
    head_style: str = "note"
    least: int = 0
    most: Callable[[int], int] | None = None
    folded: bool = False
    window: int = 0
    gap: int = 2
    split: bool = True
    even: bool = False
    turn: Turn | None = None
    below: Turn | None = None
    read_out: Sequence[int] | None = None
    tables: Callable[[], Sequence[Table]] | None = None

    @property
    def shown(self) -> Sequence[int | None]:
        """The rows to show."""
        return range(len(self.labels)) if self.rows is None else self.rows

    def parts(self) -> Iterator[Part]:
        """Yield its figures in full precision, as tables."""
        yield from self.told() if self.tables is None else self.tables()

    def told(self) -> tuple[Table, ...]:
        """Return the table of its columns, in full precision."""
        columns = [column for column in self.columns if column.exact is not None]
        rows = tuple(
            (*self._named(row), *(column.told(row) for column in columns)) for row in self.shown if row is not None
        )
        heads = (*self.names, *(column.name for column in columns))
        return (Table(self.name, heads, rows, len(self.names), self.read_out),)

    def _named(self, row: int) -> tuple[Value, ...]:
        """Return the values that name a row."""
        return (row + 1, self.labels[row]) if self.numbered else (self.labels[row],)

    def lines(self, width: int) -> Iterator[Text]:
        """Draw the table for a width."""
        left = self.left(width)
        placed = list(self._placed(width, left))
        widest = max((one.width for one in placed), default=0)
        needed = left + sum(one.width + self.gap for one in placed)
        too_narrow = any(one.column.elastic and one.size < one.column.elastic[0] for one in placed)
        turns_whole = not self.numbered and left + self.gap + widest > width
        if width < self.window or too_narrow or turns_whole or (not self.split and needed > width):
            for row in self.shown:
                yield from self._gap() if row is None else (self.turn or as_list)(self, row, width)
            return
        for number, group in enumerate(self._groups(placed, width - left)):
            if number:
                yield Text("")
            if group[0].width > width - left - self.gap:
                yield from self._stacked(group[0], width)
                continue
            yield from self._heads(group, left)
            for row in self.shown:
                yield from self._gap() if row is None else self._line(row, group, left, width)

    def left(self, width: int) -> int:
        """Return the width of the labels, with the blank before them."""
        some = (self.labels[row] for row in self.shown if row is not None)
        longest = max(self.least, *map(cell_len, [self.title, *some]))
        return self._before() + min(longest, self.most(width) if self.most else longest)

    def _before(self) -> int:
        """Return the width before a label: a blank, or the number with a blank on each side."""
        return self._digits() + 2 if self.numbered else 1

    def _digits(self) -> int:
        """Return the number of digits of the rows' numbers."""
        return max(2, len(str(len(self.labels))))

    def _placed(self, width: int, left: int) -> Iterator[_Placed]:
        """Determine the widths of the columns in a window."""
        drawn = [column for column in self.columns if column.is_drawn(width)]
        elastic = [column for column in drawn if column.elastic]
        fixed = sum(self.gap + self._width(column, at_width(width, column.size)) for column in drawn
                    if not column.elastic)  # fmt: skip
        for column in drawn:
            size = at_width(width, column.size)
            if column.elastic:
                spare = (width - left - fixed) // len(elastic) - self.gap
                longest = min(size, column.elastic[1]) if any(column.size) else column.elastic[1]
                size = min(longest, spare - column.room)
            yield _Placed(column, self._width(column, size), size)

    def _width(self, column: Column, size: int) -> int:
        """Return the width of a column with pictures of a given size; it is never less than that of the head."""
        cells = size + column.room
        if not cells:
            values = (column.value(row) for row in self.shown if row is not None)
            drawn = (Text(column.absent) if value is None else column.draw(value, size) for value in values)
            cells = max((cell.cell_len for cell in drawn), default=0)
        return max(cells, *map(cell_len, column.heads(size)), 0)

    def _groups(self, placed: Sequence[_Placed], room: int) -> Iterator[list[_Placed]]:
        """Distribute the columns over as many tables as are needed."""
        if self.even and len(groups := list(replace(self, even=False)._groups(placed, room))) > 1:
            each = -(-len(placed) // len(groups))
            yield from (list(placed[first : first + each]) for first in range(0, len(placed), each))
            return
        group: list[_Placed] = []
        used = 0
        for one in placed:
            if group and used + one.width + self.gap > room:
                yield _stretched(group, room - used)
                group, used = [], 0
            group.append(one)
            used += one.width + self.gap
        if group:
            yield _stretched(group, room - used)

    def _heads(self, group: Sequence[_Placed], left: int) -> Iterator[Text]:
        """Draw the lines above a table."""
        lines = max(len(one.heads) for one in group)
        for line in range(lines):
            title = self._title() if line == lines - 1 else ""
            text = Text(fit(title, left), self.head_style, no_wrap=True)
            for one in group:
                place = line - lines + len(one.heads)
                head = one.heads[place] if place >= 0 else ""
                blank = " " * (one.width - cell_len(head))
                head = f"{blank}{head}" if one.column.right else f"{head}{blank}"
                text.append(f"{'':{self.gap}}{head}", self.head_style)
            text.rstrip()
            if text:
                yield text

    def _title(self) -> str:
        """Return the text above the labels."""
        return f" {'#':>{self._digits()}} {self.title}" if self.numbered else f" {self.title}"

    def _line(self, row: int, group: Sequence[_Placed], left: int, width: int) -> Iterator[Text]:
        """Draw one row, which is as many lines high as its highest cell."""
        labels = self._folded_label(row, left) if self.folded else [self._label(row, left)]
        columns = [(place, place.cell(row).split("\n", allow_blank=True)) for place in group]
        for line in range(max(len(labels), *(len(lines) for _, lines in columns))):
            text = labels[line] if line < len(labels) else Text("", no_wrap=True)
            text.pad_right(left - text.cell_len)
            pieces = [place.padded(lines[line] if line < len(lines) else Text("")) for place, lines in columns]
            _append(text, pieces, self.gap)
            yield text
        if self.below:
            yield from self.below(self, row, width)

    def _folded_label(self, row: int, left: int) -> list[Text]:
        """Draw a row's label in as many lines as it needs."""
        before, label = self._before(), Text(self.labels[row], self.marks.get(row, self.style))
        return [Text.assemble(" " * before, line, no_wrap=True) for line in paragraph(label, left - before)]

    def _label(self, row: int, left: int) -> Text:
        """Draw a row's label, ``left`` cells wide."""
        text = Text(no_wrap=True)
        if self.numbered:
            text.append(f"{row + 1:>{self._digits() + 1}}", "number").append(" ")
        else:
            text.append(" ")
        return text.append(fit(self.labels[row], left - self._before()), self.marks.get(row, self.style))

    def _stacked(self, one: _Placed, width: int) -> Iterator[Text]:
        """Draw a column that doesn't fit beside the labels: uncut, below each label."""
        indent = self._before()
        head = " ".join(filter(None, one.heads))
        yield from paragraph(Text(f"{self._title()}: {head}", "note"), width, hang=indent)
        whole = replace(one, width=sys.maxsize)
        for row in self.shown:
            if row is None:
                yield from self._gap()
                continue
            label = self._label(row, width)
            label.rstrip()
            yield label
            yield from paragraph(whole.cell(row), width, indent)

    def _gap(self) -> Iterator[Text]:
        """Draw a line for rows left out."""
        yield Text(f"{'…':>{self._digits() + 1}}", "note")


def _append(text: Text, cells: Sequence[tuple[int, Text, int]], gap: int) -> None:
    """Append cells, each after a gap, without trailing blanks."""
    missing = gap
    for before, cell, behind in cells:
        if cell:
            text.append(" " * (missing + before)).append_text(cell)
            missing = gap + behind
        else:
            missing += before + behind + gap
    text.rstrip()


def _stretched(group: list[_Placed], spare: int) -> list[_Placed]:
    """Distribute the rest of the line over the columns that stretch."""
    each = max(0, spare) // max(1, sum(one.column.stretch for one in group))
    return [replace(one, width=one.width + each) if one.column.stretch else one for one in group]


def as_list(grid: Grid, row: int, width: int) -> Iterator[Text]:
    """Draw a row as a list: its label, then one or two lines for each column."""
    yield from paragraph(Text(grid.labels[row], grid.marks.get(row, grid.style)), width, 1)
    for column in grid.columns:
        if not column.is_drawn(width):
            continue
        value = column.value(row)
        size = at_width(width, column.size)
        cell = Text(column.absent) if value is None else column.draw(value, size)
        head = " ".join(filter(None, column.heads(size))).replace("- ", "")
        if cell_len(head) + cell.cell_len + 3 <= width:
            yield Text.assemble("  ", (f"{head} ", "note"), cell)
            continue
        yield from paragraph(Text(head, "note"), width, 2)
        yield from paragraph(cell, width, 2)


def as_sentence(grid: Grid, row: int, width: int) -> Iterator[Text]:
    """Draw a row as a sentence: its label, then each figure after its name."""
    figures = [
        f"{' '.join(column.heads(0))} {column.draw(value, 0).plain}"
        for column in grid.columns
        if column.is_drawn(width) and (value := column.value(row)) is not None
    ]
    label = (f"{grid.labels[row]}: ", grid.marks.get(row, grid.style))
    yield from paragraph(Text.assemble(label, ", ".join(figures)), width, 1, hang=3)
