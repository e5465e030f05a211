"""Inside the cell: one unit of it at one word, with its own values on the wires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from rich.text import Text

from lstm_ascii.render.canvas import DOUBLE, Canvas
from lstm_ascii.render.cells import indented
from lstm_ascii.render.explain.context import Context, beyond_the_drawing
from lstm_ascii.render.explain.unit import no_unit, reading
from lstm_ascii.render.figures import plain, short
from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Drawing, Paragraph, Section, note
from lstm_ascii.reports.explain.passes import Inside
from lstm_ascii.reports.explain.report import NetworkPass

LARGE, SMALL = 76, 39  # columns of the two drawings
STATES = {"c'": "memory before", "c": "memory", "h'": "state before", "h": "state"}
LEGEND = (
    "The memory runs along the top: the forget gate keeps a share of what was there, the input gate adds a share of "
    "the candidate, the output gate lets a share out."
)


def section(context: Context) -> Section:
    """One unit's cell at the word that decided, with its values."""
    main, report = context.main, context.report
    if main.unit is None or main.inside_unit is None:
        return Section("Inside the cell", "", (Paragraph(no_unit(main)),))
    word, step = context.names[report.focus - 1], main.unit.steps[report.focus - 1]
    at = "" if step.keeps is None else f", where it is {reading(step).replace('held +', 'added to')}"
    about = f"unit {main.unit.index} of the {main.cell} at “{word}”{at}"
    table = unit_table(main, main.unit.index, main.inside_unit)
    drawn = Drawing(partial(unit_lines, main, main.inside_unit), lambda: (table,))
    legend = LEGEND if context.legends and main.cell == "LSTM" else ""
    return Section("Inside the cell", about, (drawn, note(legend), note(beyond_the_drawing(main))))


def unit_lines(network: NetworkPass, inside: Inside, width: int) -> Iterator[Text]:
    """Draw one unit of a network's cell into a width; where it is too narrow, list its values.

    Args:
        network: whose cell it is.
        inside: the unit's values at a word.
        width: of the window.
    """
    if width < SMALL:
        for name, value in _named(inside.values, network.kind.gate_names):
            yield from paragraph(Text(f"{name} {plain(value, 2)}"), width, 1, 3)
        return
    draw = {"LSTM": _lstm, "GRU": _gru, "RNN": _rnn}[network.kind.name]
    yield from indented(lambda room: draw(inside.values, room >= HOME).lines(), width)


def _lstm(values: Mapping[str, float], large: bool) -> Canvas:
    """Draw f, i × g and tanh × o below the memory."""
    canvas, end = Canvas(), (LARGE if large else SMALL) - 5
    keep, add, show = (16, 37, 57) if large else (9, 17, 27)
    _rail(canvas, "C", values, "c", keep, add, end)
    canvas.arrow((show, 0), (show, 2), weight=DOUBLE, style="memory")
    if large:
        _below(canvas, keep, f"f_t {short(values['f'])}", "forget", "gate.forget")
        canvas.write(add - 10, 2, f"i_t {short(values['i'])} ×", "gate.input")
        canvas.write(add, 2, f"g_t {plain(values['g'], 2)}", "gate.candidate")
        canvas.write(add - 10, 3, "input", "gate.input")
        canvas.write(add, 3, "candidate", "gate.candidate")
        canvas.write(show - 7, 2, f"tanh × o_t {short(values['o'])}", "gate.output")
        canvas.write(show, 3, "output", "gate.output")
        if "h" in values:
            canvas.arrow((show + 9, 2), (end + 1, 2), style="state")
            canvas.write(end + 2, 2, "h_t", "state")
            canvas.write(end + 1, 3, _written(values, "h"), "state")
        return canvas
    _below(canvas, keep, short(values["f"]), "f_t", "gate.forget")
    _below(canvas, add, f"{short(values['i'])}×{plain(values['g'], 2)}", "i_t × g_t", "gate.input")
    canvas.write(show - 3, 2, f"×{short(values['o'])}", "gate.output")
    canvas.write(show - 2, 3, "o_t", "gate.output")
    if "h" in values:
        value = plain(values["h"], 2)
        canvas.write(show + 2, 2, f"▶ h_t {value}" if len(value) < 5 else f"▶h_t {value}", "state")
    return canvas


def _gru(values: Mapping[str, float], large: bool) -> Canvas:
    """Draw z and (1 − z) × n below the state."""
    canvas, end = Canvas(), (LARGE if large else SMALL) - 5
    keep, add = (18, 46) if large else (9, 22)
    _rail(canvas, "h", values, "h", keep, add, end)
    rest = short(1 - values["z"])
    if large:
        _below(canvas, keep, f"z_t {short(values['z'])}", "update", "gate.forget")
        canvas.write(add - 11, 2, f"1−z_t {rest} ×", "gate.input")
        canvas.write(add + 1, 2, f"n_t {plain(values['n'], 2)}", "gate.candidate")
        canvas.write(add + 1, 3, f"candidate, r_t {short(values['r'])}", "gate.candidate")
        return canvas
    _below(canvas, keep, short(values["z"]), "z_t", "gate.forget")
    _below(canvas, add, f"{rest}×{plain(values['n'], 2)}", "(1−z_t)×n_t", "gate.input")
    return canvas


def _rnn(values: Mapping[str, float], large: bool) -> Canvas:
    """Draw the one tanh through which the state goes at every word."""
    canvas, end = Canvas(), (LARGE if large else SMALL) - 5
    middle = end // 2
    canvas.arrow((6, 0), (end + 1, 0), style="state")
    canvas.write(0, 0, "h_t-1", "state")
    canvas.write(0, 1, _written(values, "h'"), "state")
    canvas.write(middle - 3, 0, "(tanh)", "title")
    canvas.write(middle - (12 if large else 6), 1, "of every unit and the word" if large else "all units", "note")
    canvas.write(end + 2, 0, "h_t", "state")
    canvas.write(end, 1, _written(values, "h"), "state")
    return canvas


def _rail(canvas: Canvas, name: str, values: Mapping[str, float], state: str, keep: int, add: int, end: int) -> None:
    """Draw the line along the top, from the memory before to the memory now."""
    canvas.arrow((6, 0), (end + 1, 0), weight=DOUBLE, style="memory")
    canvas.write(0, 0, f"{name}_t-1", "memory")
    canvas.write(0, 1, _written(values, f"{state}'"), "memory")
    canvas.write(end + 2, 0, f"{name}_t", "memory")
    canvas.write(end, 1, _written(values, state), "memory")
    for x, sign, style in ((keep, "×", "gate.forget"), (add, "+", "gate.input")):
        canvas.operator(x, 0, sign)
        canvas.write(x, 1, "▲", style)


def _written(values: Mapping[str, float], name: str) -> str:
    """Write a state with its sign."""
    return f"{plain(values[name], 2):>5}"


def _below(canvas: Canvas, x: int, value: str, name: str, style: str) -> None:
    """Write a value and its name, centred below a column."""
    for row, text in ((2, value), (3, name)):
        canvas.write(x - len(text) // 2, row, text, style)


def unit_table(main: NetworkPass, unit: int, inside: Inside) -> Table:
    """Tell the values of one unit at a word."""
    return Table(f"unit {unit} of the {main.cell} at word {inside.step}", ("part", "value"),
                 tuple(_named(inside.values, main.kind.gate_names)))  # fmt: skip


def _named(values: Mapping[str, float], names: Mapping[str, str]) -> list[tuple[str, float]]:
    """Return the values with their names in words."""
    rows = [(f"{names[letter]}{'' if letter in 'gn' else ' gate'} {letter}_t", value)
            for letter, value in values.items() if letter in names]  # fmt: skip
    if "z" in values:
        rows.append(("one minus the update gate", 1 - values["z"]))
    return rows + [(text, values[letter]) for letter, text in STATES.items() if letter in values]
