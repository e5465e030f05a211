"""Rows of a file that can't be read: listed in a section, counted in a remark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lstm_ascii.render.figures import counted
from lstm_ascii.render.grid import Column, Grid, figure_column
from lstm_ascii.render.layout import by_width
from lstm_ascii.render.section import Paragraph, Section
from lstm_ascii.reports.scored.left_out import RowsLeftOut


def remark(some: Sequence[RowsLeftOut]) -> Iterator[str]:
    """Say how many rows can't be read."""
    if count := sum(reason.rows for reason in some):
        first = min(reason.lines[0] for reason in some)
        some_rows = f"{counted(count, 'row')} left out that can't be read"
        yield f"{some_rows}, the first in line {first:,}; --view rows names them"


def rows_left_out(some: Sequence[RowsLeftOut]) -> Section:
    """The rows that can't be read, by reason."""
    if not some:
        return Section("Rows left out", "", (Paragraph("Every row could be read."),))
    grid = Grid("rows left out", ("reason",), [_reason(one) for one in some], [
        figure_column("rows", [one.rows for one in some], lambda count: f"{count:,}"),
        Column("lines", [_lines(one) for one in some], items=True, stretch=True),
    ], title="reason", folded=True, most=lambda width: by_width(width, 18, 40, 60))  # fmt: skip
    return Section("Rows left out", "why they can't be read, and in which lines they stand", (grid,))


def _reason(one: RowsLeftOut) -> str:
    """Say why, as the first of the rows has it."""
    return f"{one.reason}, got {one.got}" if one.got else one.reason


def _lines(one: RowsLeftOut) -> str:
    """Name the first lines."""
    named = ", ".join(f"{line}" for line in one.lines)
    return f"{named}, …" if one.rows > len(one.lines) else named
