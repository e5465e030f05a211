"""The LSTM: from outside, from inside, and one gate alone."""

from __future__ import annotations

from collections.abc import Iterable

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.canvas import DOUBLE, Canvas
from lstm_ascii.render.diagram.cells import LARGE, drawing
from lstm_ascii.render.diagram.live import Live
from lstm_ascii.render.diagram.panel import Panel
from lstm_ascii.render.diagram.telling import changed, gates_told, live_of, note_of, sized, values_table
from lstm_ascii.render.figures import number
from lstm_ascii.reports.diagram.report import DiagramReport

_MEANING = {
    ("LSTM", "C"): "memory, long-term",
    ("LSTM", "h"): "state, short-term",
    ("GRU", "h"): "memory and output",
}
LETTERS = {"f": "forget gate", "i": "input gate", "g": "candidate", "o": "output gate"}


def panels(report: DiagramReport, limit: int | None = None) -> Iterable[Panel]:
    """Return the drawings of the LSTM."""
    del limit
    live, equations = live_of(report, "LSTM"), EQUATIONS["LSTM"]
    cell = report.cells[0]
    yield Panel(
        "OUTSIDE",
        "what goes in, what comes out",
        lambda width: outside("LSTM", live, width).lines(),
        ("x_t, h_t-1, C_t-1 → LSTM → h_t, C_t",),
        says="Two lines go from word to word: the memory C (long-term, a conveyor belt) and the state h (short-term, "
        "what is shown). " + sized(cell, "three gates and the candidate"),
    )
    yield Panel(
        "INSIDE",
        "the gates at work",
        lambda width: drawing("LSTM", live, width >= LARGE).lines(),
        (
            "x_t, h_t-1 → gates f_t, i_t, o_t and candidate g_t",
            "C_t-1 → × f_t → + i_t ⊙ g_t → C_t",
            "C_t → tanh → × o_t → h_t",
        ),
        tuple(equations.values()),
        says=f"{gates_told(report, 'LSTM', LETTERS)} {changed(report, 'LSTM', 'c', 'C')}".strip(),
        note=note_of(report, "LSTM"),
        tables=values_table(report, "LSTM"),
    )
    yield Panel(
        "ONE GATE",
        "the forget gate, enlarged",
        lambda width: _gate(live, width >= LARGE).lines(),
        (f"{equations['f']}, from 0 to 1", "f_t ⊙ C_t-1: unit by unit"),
        says=_gate_says(live),
    )


def outside(name: str, live: Live, width: int) -> Canvas:
    """Draw a cell as a box: the memory and the state go through it, the word comes from below."""
    canvas = Canvas()
    large = width >= LARGE
    wire, left, inner = (8, 7, 15) if large else (3, 6, 13)
    states = (
        [("C", "c", DOUBLE, "memory"), ("h", "h", 1, "state")] if name == "LSTM" else [("h", "h", DOUBLE, "memory")]
    )
    height = 3 * len(states) - 1
    lines = [""] * height
    lines[height // 2] = name
    box = canvas.box(left + wire, 0, inner + 2, *lines)
    for place, (letter, value, weight, style) in enumerate(states):
        row = 1 + 3 * place
        end = box.right + wire
        canvas.arrow((left - 1 if large else left, row), (box.left, row), weight=weight, style=style)
        canvas.arrow((box.right, row), (end, row), weight=weight, style=style)
        canvas.write(0, row, f"{letter}_t-1", style)
        canvas.write(0, row + 1, live.size(f"{value}'"), style)
        canvas.write(end + 1, row, f"{letter}_t", style)
        canvas.write(end + 1, row + 1, live.size(value), style)
        if large:
            canvas.write(end + 9, row, _MEANING[name, letter], "note")
    canvas.arrow((box.x, box.bottom + 2), box.south, style="state")
    canvas.write(box.x, box.bottom + 3, "x_t", "state")
    canvas.write(box.x + 4, box.bottom + 3, live.read(12), "word")
    return canvas


def _gate(live: Live, large: bool) -> Canvas:
    """Draw one gate: two products and a bias, added and squashed; then it acts on the memory."""
    canvas = Canvas()
    step, gap = (6, 5) if large else (1, 1)
    u, w = (canvas.box(6 + gap, row, 7, name) for row, name in ((0, "U_f"), (4, "W_f")))
    plus = canvas.operator(u.right + 3 + step, 3, "+")
    for row, name, box in ((1, "h_t-1", u), (5, "x_t", w)):
        canvas.arrow((6, row), box.west, style="state")
        canvas.write(5 - len(name), row, name, "state")
    canvas.arrow(u.east, (plus.x, 1), plus.north)
    canvas.arrow(w.east, (plus.x, 5), plus.south)
    canvas.write(plus.x + 2, 5, "+ b_f", "note")
    squash = canvas.box(plus.right + 2 + step // 2, 2, 5, "σ", style="gate.forget")
    canvas.arrow(plus.east, squash.west)
    end = squash.right + (8 if large else 5)
    canvas.arrow(squash.east, (end, 3), style="gate.forget")
    canvas.write(end + (1 if large else -1), 3 if large else 2, "f_t", "gate.forget")
    canvas.write(end + (1 if large else -2), 4, live.gate("f", named=False), "gate.forget")
    return canvas


def _gate_says(live: Live) -> str:
    """Say what the gate does, with the figure that it has."""
    general = (
        "A gate is a layer of one: weights and a bias of its own, and the sigmoid σ, which gives from 0 (shut) to 1 "
        "(open)."
    )
    if "f" not in live.values:
        return general
    whose = "this unit's" if live.one_unit else "the mean"
    told = f"At “{live.word}” {whose} forget gate is {number(live.values['f'])}"
    return f"{general} {told}; each unit keeps the share of its own C that its own gate says."
