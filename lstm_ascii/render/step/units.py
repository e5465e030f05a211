"""All units of a cell, ranked by what each of them alone does for the answer."""

from __future__ import annotations

from dataclasses import replace

from rich.text import Text

from lstm_ascii.render.figures import number, plain, signed
from lstm_ascii.render.grid import Column, Grid, figure_column
from lstm_ascii.render.section import Paragraph, Section, note
from lstm_ascii.reports.step.report import StepReport

BAR = (6, 16, 24, 40)  # cells
AROUND = 6  # ranks that are shown on a low screen, around the unit that is followed


def units_section(report: StepReport, low: bool) -> Section:
    """Return the units, the most important first.

    Args:
        report: to draw.
        low: whether there is room for a few rows only.
    """
    main, ranked = report.main, report.ranked
    what = "alone moves the log-odds by" if report.patched else "adds to the answer, to first order"
    title, about = "The units", f"what each of the {main.cell} {what}"
    if not ranked:
        return Section(title, about, (Paragraph("No unit does anything for it."),))
    here = next((rank for rank, one in enumerate(ranked) if main.unit and one.unit == main.unit.index), 0)
    most = AROUND - 2 * (report.twin is not None)  # which takes two rows elsewhere
    first = max(0, min(here - most // 2, len(ranked) - most)) if low else 0
    whole = _grid(report, here)
    shown = range(first, min(len(ranked), first + most)) if low else None
    left = main.hidden_size - len(shown or ranked)
    more = f"and {left:,} more" if left else ""
    return Section(title, about, (replace(whole, rows=shown, tables=whole.told), note(more)))


def _grid(report: StepReport, here: int) -> Grid:
    """Return a row a unit; the one that is followed is set off."""
    ranked = report.ranked
    largest = max(abs(one.change) for one in ranked) or 1.0

    def change(value: float, size: int) -> Text:
        return signed(value / largest, size // 2).append(f" {number(value):>8}")

    columns = [
        Column("change", [one.change for one in ranked], ("change",), change, BAR, 10),
        figure_column("value", [one.value for one in ranked], plain),
    ]
    return Grid("units", ("unit",), [str(one.unit) for one in ranked], columns, title="unit", marks={here: "focus"})
