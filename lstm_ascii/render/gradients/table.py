"""A table with a label a line; columns that don't fit beside the others go into a further table below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.figures import fit
from lstm_ascii.render.layout import Column, paragraph


def table(title: str, labels: Sequence[str], columns: Sequence[Column], width: int) -> Iterator[Text]:
    """Draw ``columns`` beside ``labels`` into ``width`` cells; ``title`` stands above the labels."""
    left = max(map(cell_len, [title, *labels])) + 1
    if left + 2 + max(column.width for column in columns) > width:
        yield from _stacked(labels, columns, width)
        return
    for number, group in enumerate(_groups(columns, width - left)):
        if number:
            yield Text("")
        for line in (0, 1):
            text = Text(fit(f" {title}" if line else "", left), "note")
            for column in group:
                text.append("  " + fit(column.head[line], column.width), "note")
            text.rstrip()
            if text:
                yield text
        for row, label in enumerate(labels):
            yield _line(row, label, group, left)


def _groups(columns: Sequence[Column], room: int) -> Iterator[list[Column]]:
    """Share the columns out over as many tables as the room asks for."""
    group: list[Column] = []
    used = 0
    for column in columns:
        if group and used + column.width + 2 > room:
            yield group
            group, used = [], 0
        group.append(column)
        used += column.width + 2
    yield group


def _stacked(labels: Sequence[str], columns: Sequence[Column], width: int) -> Iterator[Text]:
    """Draw each line as its label and, below it, a line or two a column."""
    for row, label in enumerate(labels):
        yield from paragraph(Text(label, "word"), width, 1)
        for column in columns:
            value = column.values[row] if row < len(column.values) else None
            cell = Text("") if value is None else column.draw(value)
            head = " ".join(filter(None, column.head)).replace("- ", "")
            if cell_len(head) + cell.cell_len + 3 <= width:
                yield Text.assemble("  ", (f"{head} ", "note"), cell)
                continue
            yield from paragraph(Text(head, "note"), width, 2)
            yield from paragraph(cell, width, 2)


def _line(row: int, label: str, group: Sequence[Column], left: int) -> Text:
    """Draw one line."""
    text = Text(no_wrap=True).append(fit(f" {label}", left), "word")
    missing = 2
    for column in group:
        cell = column.cell(row)
        text.append(" " * missing).append_text(cell)
        missing = 2 + column.width - cell.cell_len
    text.rstrip()
    return text
