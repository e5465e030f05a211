"""GRU and LSTM beside each other, and what maps to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.canvas import Canvas
from lstm_ascii.render.diagram.cells import LARGE, SMALLEST, drawing
from lstm_ascii.render.diagram.panel import Panel
from lstm_ascii.render.diagram.telling import live_of, note_of, values_table
from lstm_ascii.render.figures import counted, number, percent
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.reports.diagram.report import CellAtWord, DiagramReport

MAP = (  # GRU, the letter of its value; LSTM, the letter of its value; what they do
    ("z_t", "z", "f_t", "f", "keep"),
    ("1 − z_t", "1-z", "i_t", "i", "let in; the GRU ties it to keep"),
    ("n_t", "n", "g_t", "g", "candidate"),
    ("r_t", "r", "–", "", "show h_t-1 to the candidate"),
    ("–", "", "o_t", "o", "show; the GRU always shows all"),
    ("h_t", "h", "C_t", "c", "memory"),
    ("h_t", "h", "h_t", "h", "output; in the GRU the same"),
)


def panels(report: DiagramReport, limit: int | None = None) -> Iterable[Panel]:
    """Return the drawings of the two, and the table of what maps to what."""
    del limit
    gru, lstm = report.cell("GRU"), report.cell("LSTM")
    if gru is None or lstm is None:
        return
    yield Panel(
        "THE TWO CELLS",
        "GRU, then LSTM",
        lambda width: _both(report, width).lines(),
        (
            "GRU: h_t-1 → × z_t → + (1 − z_t) ⊙ n_t → h_t",
            "LSTM: C_t-1 → × f_t → + i_t ⊙ g_t → C_t → tanh → × o_t → h_t",
        ),
        (EQUATIONS["GRU"]["h"], EQUATIONS["LSTM"]["c"], EQUATIONS["LSTM"]["h"]),
        note=note_of(report, "GRU"),
        tables=(*values_table(report, "GRU"), *values_table(report, "LSTM")),
    )
    rows = tuple(_row(gru, lstm, *line) for line in MAP)
    yield Panel(
        "WHAT MAPS TO WHAT",
        "",
        lambda width: _mapped(rows, width),
        (),
        says=_sizes(gru, lstm),
        tables=(Table("what maps to what", ("GRU", "its value", "LSTM", "its value", "what it does"), rows),),
    )


def _both(report: DiagramReport, width: int) -> Canvas:
    """Draw the cells beside each other where there is room, else below each other."""
    canvas, beside = Canvas(), width >= LARGE
    for place, cell in enumerate(("GRU", "LSTM")):
        x, y = (place * min(width - SMALLEST, SMALLEST + 6), 0) if beside else (0, place * 18)
        canvas.write(x, y, cell, "title")
        canvas.place(drawing(cell, live_of(report, cell), large=False), x, y + 1)
    return canvas


def _row(
    gru: CellAtWord, lstm: CellAtWord, one: str, key: str, other: str, other_key: str, does: str
) -> tuple[str, float | None, str, float | None, str]:
    """Return a line of the table, with the values that there are."""
    value = 1 - gru.values["z"] if key == "1-z" and gru.values else gru.values.get(key)
    return one, value, other, lstm.values.get(other_key), does


def _mapped(rows: tuple[tuple[str, float | None, str, float | None, str], ...], width: int) -> Iterator[Text]:
    """Draw the table."""
    yield Text(" GRU              LSTM".rstrip(), "note")
    for one, value, other, other_value, does in rows:
        left, right = ("" if figure is None else number(figure) for figure in (value, other_value))
        line = Text.assemble(f" {one:8}", (f"{left:>6}", "state"), " ~ ", f"{other:5}", (f"{right:>6}", "memory"), "  ")
        yield from paragraph(line.append(does, "note"), width, 0, hang=11)


def _sizes(gru: CellAtWord, lstm: CellAtWord) -> str:
    """Say what each costs, and how much less the GRU."""
    return (
        f"With {counted(gru.hidden_size, 'unit')} fed by {counted(gru.input_size, 'number')} the GRU has "
        f"{gru.blocks} blocks, {gru.parameters:,} weights and biases; the LSTM, with "
        f"{counted(lstm.hidden_size, 'unit')}, {lstm.blocks} blocks, {lstm.parameters:,}. "
        f"The GRU has {percent(gru.parameters / lstm.parameters)} of the LSTM's."
    )
