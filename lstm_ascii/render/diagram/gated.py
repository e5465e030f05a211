"""The gated cells: LSTM and GRU from outside and from inside, one gate alone, and what maps to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.text import Text

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.canvas import DOUBLE, Canvas
from lstm_ascii.render.cells import LARGE, SMALLEST, CellValues, drawing
from lstm_ascii.render.diagram.picture import (
    Picture,
    change_of,
    figures_of,
    gates_at_word,
    picture_section,
    size_of,
    values_of,
    values_table,
)
from lstm_ascii.render.figures import counted, number, percent
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Section
from lstm_ascii.reports.diagram.report import CellAtWord, DiagramReport

_MEANING = {
    ("LSTM", "C"): "memory, long-term",
    ("LSTM", "h"): "state, short-term",
    ("GRU", "h"): "memory and output",
}
LSTM_LETTERS = {"f": "forget gate", "i": "input gate", "g": "candidate", "o": "output gate"}
GRU_LETTERS = {"z": "update gate", "r": "reset gate", "n": "candidate"}
LSTM_FLOW = (
    "x_t, h_t-1 → gates f_t, i_t, o_t and candidate g_t",
    "C_t-1 → × f_t → + i_t ⊙ g_t → C_t",
    "C_t → tanh → × o_t → h_t",
)
GRU_FLOW = (
    "x_t, h_t-1 → gates z_t, r_t",
    "x_t and r_t ⊙ (U_n h_t-1) → tanh → candidate n_t",
    "h_t-1 → × z_t → + (1 − z_t) ⊙ n_t → h_t",
)
MAP = (  # GRU, the letter of its value; LSTM, the letter of its value; what they do
    ("z_t", "z", "f_t", "f", "keep"),
    ("1 − z_t", "1-z", "i_t", "i", "let in; the GRU ties it to keep"),
    ("n_t", "n", "g_t", "g", "candidate"),
    ("r_t", "r", "–", "", "show h_t-1 to the candidate"),
    ("–", "", "o_t", "o", "show; the GRU always shows all"),
    ("h_t", "h", "C_t", "c", "memory"),
    ("h_t", "h", "h_t", "h", "output; in the GRU the same"),
)


def lstm(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the drawings of the LSTM."""
    del limit
    values = values_of(report, "LSTM")
    yield picture_section(
        "Outside",
        "what goes in, what comes out",
        Picture(lambda width: _outside("LSTM", values, width).lines(), ("x_t, h_t-1, C_t-1 → LSTM → h_t, C_t",)),
        "Two lines go from word to word: the memory C (long-term, a conveyor belt) and the state h (short-term, "
        f"what is shown). {size_of(report.cells[0], 'three gates and the candidate')}",
    )
    yield _inside(report, "LSTM", LSTM_FLOW, LSTM_LETTERS, change_of(report, "LSTM", "c", "C"))
    gate = Picture(
        lambda width: _gate(values, width >= LARGE).lines(),
        (f"{EQUATIONS['LSTM']['f']}, from 0 to 1", "f_t ⊙ C_t-1: unit by unit"),
        spoken=("U_f h_t-1 → + ← W_f x_t", "U_f h_t-1 + W_f x_t + b_f → σ → f_t"),
    )
    yield picture_section("One gate", "the forget gate, enlarged", gate, _gate_seen(values))


def gru(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the drawings of the GRU."""
    del limit
    values = values_of(report, "GRU")
    yield picture_section(
        "Outside",
        "what goes in, what comes out",
        Picture(lambda width: _outside("GRU", values, width).lines(), ("x_t, h_t-1 → GRU → h_t",)),
        "One line goes from word to word: h is memory and output in one. "
        f"{size_of(report.cells[0], 'two gates and the candidate')}",
    )
    yield _inside(report, "GRU", GRU_FLOW, GRU_LETTERS, change_of(report, "GRU", "h", "h"))


def _inside(
    report: DiagramReport, cell: str, flow: tuple[str, ...], letters: Mapping[str, str], change: str
) -> Section:
    """Draw the inside of a cell, with its gates and, below, what they did at the word."""
    values = values_of(report, cell)
    equations = tuple(EQUATIONS[cell].values())
    inside = Picture(
        lambda width: drawing(cell, values, width >= LARGE).lines(), flow, equations, values_table(report, cell)
    )
    seen = f"{gates_at_word(report, cell, letters)} {change}".strip()
    return picture_section("Inside", "the gates at work", inside, seen, figures_of(report, cell))


def gru_lstm(report: DiagramReport, limit: int | None) -> Iterator[Section]:
    """Return the drawings of the two, and the table of what maps to what."""
    del limit
    gru, lstm = report.cell("GRU"), report.cell("LSTM")
    if gru is None or lstm is None:
        return
    cells = Picture(
        lambda width: _both(report, width).lines(),
        (
            "GRU: h_t-1 → × z_t → + (1 − z_t) ⊙ n_t → h_t",
            "LSTM: C_t-1 → × f_t → + i_t ⊙ g_t → C_t → tanh → × o_t → h_t",
        ),
        (EQUATIONS["GRU"]["h"], EQUATIONS["LSTM"]["c"], EQUATIONS["LSTM"]["h"]),
        (*values_table(report, "GRU"), *values_table(report, "LSTM")),
    )
    yield picture_section("The two cells", "GRU, then LSTM", cells, figures=figures_of(report, "GRU"))
    rows = tuple(_row(gru, lstm, *line) for line in MAP)
    columns = ("GRU", "its value", "LSTM", "its value", "what it does")
    mapped = Picture(lambda width: _mapped(rows, width), tables=(Table("what maps to what", columns, rows),))
    yield picture_section("What maps to what", "", mapped, _sizes(gru, lstm))


def _outside(name: str, values: CellValues, width: int) -> Canvas:
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
        canvas.write(0, row + 1, values.size(f"{value}'"), style)
        canvas.write(end + 1, row, f"{letter}_t", style)
        canvas.write(end + 1, row + 1, values.size(value), style)
        if large:
            canvas.write(end + 9, row, _MEANING[name, letter], "note")
    canvas.arrow((box.x, box.bottom + 2), box.south, style="state")
    canvas.write(box.x, box.bottom + 3, "x_t", "state")
    canvas.write(box.x + 4, box.bottom + 3, values.read(12), "word")
    return canvas


def _gate(values: CellValues, large: bool) -> Canvas:
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
    canvas.write(end + (1 if large else -2), 4, values.gate("f", named=False), "gate.forget")
    return canvas


def _gate_seen(values: CellValues) -> str:
    """Say what the gate does, with the figure that it has."""
    general = (
        "A gate is a layer of one: weights and a bias of its own, and the sigmoid σ, which gives from 0 (shut) to 1 "
        "(open)."
    )
    if "f" not in values.values:
        return general
    whose = "this unit's" if values.one_unit else "the mean"
    here = f"At “{values.word}” {whose} forget gate is {number(values.values['f'])}"
    return f"{general} {here}; each unit keeps the share of its own C that its own gate says."


def _both(report: DiagramReport, width: int) -> Canvas:
    """Draw the two cells beside each other where there is room, else below each other."""
    canvas, beside = Canvas(), width >= LARGE
    for place, cell in enumerate(("GRU", "LSTM")):
        x, y = (place * min(width - SMALLEST, SMALLEST + 6), 0) if beside else (0, place * 18)
        canvas.write(x, y, cell, "title")
        canvas.place(drawing(cell, values_of(report, cell), large=False), x, y + 1)
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
