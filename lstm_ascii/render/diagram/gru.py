"""The GRU: from outside and from inside."""

from __future__ import annotations

from collections.abc import Iterable

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.diagram.cells import LARGE, drawing
from lstm_ascii.render.diagram.lstm import outside
from lstm_ascii.render.diagram.panel import Panel
from lstm_ascii.render.diagram.telling import changed, gates_told, live_of, note_of, sized, values_table
from lstm_ascii.reports.diagram.report import DiagramReport

LETTERS = {"z": "update gate", "r": "reset gate", "n": "candidate"}
FLOW = (
    "x_t, h_t-1 → gates z_t, r_t",
    "x_t and r_t ⊙ (U_n h_t-1) → tanh → candidate n_t",
    "h_t-1 → × z_t → + (1 − z_t) ⊙ n_t → h_t",
)


def panels(report: DiagramReport, limit: int | None = None) -> Iterable[Panel]:
    """Return the drawings of the GRU."""
    del limit
    live, cell = live_of(report, "GRU"), report.cells[0]
    yield Panel(
        "OUTSIDE",
        "what goes in, what comes out",
        lambda width: outside("GRU", live, width).lines(),
        ("x_t, h_t-1 → GRU → h_t",),
        says="One line goes from word to word: h is memory and output in one. "
        + sized(cell, "two gates and the candidate"),
    )
    yield Panel(
        "INSIDE",
        "the gates at work",
        lambda width: drawing("GRU", live, width >= LARGE).lines(),
        FLOW,
        tuple(EQUATIONS["GRU"].values()),
        says=f"{gates_told(report, 'GRU', LETTERS)} {changed(report, 'GRU', 'h', 'h')}".strip(),
        note=note_of(report, "GRU"),
        tables=values_table(report, "GRU"),
    )
