"""The text painted by one unit."""

from __future__ import annotations

from lstm_ascii.render.explain.context import Context
from lstm_ascii.render.paint import TITLE, paint_section
from lstm_ascii.render.section import Paragraph, Section
from lstm_ascii.reports.paint import PaintReport


def section(context: Context) -> Section:
    """The words coloured by a unit's value or gate, what it follows, and the places most like one."""
    main, report = context.main, context.report
    if main.painted is None:
        why = "numbers are no text to paint; --view map draws a gate" if report.is_series else "it was not asked for"
        return Section(TITLE, "", (Paragraph(f"Left out: {why}."),))
    return paint_section(PaintReport(report.schema_version, main.cell, main.hidden_size, main.source,
                                     main.where, main.painted))  # fmt: skip
