"""The error at one unit, flowing back through its cell from right to left, with what of it reaches each gate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.render.canvas import DOUBLE, LIGHT, Canvas
from lstm_ascii.render.cells import indented
from lstm_ascii.render.figures import number, short
from lstm_ascii.render.layout import HOME, paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import Drawing, Paragraph, Section
from lstm_ascii.render.step.now import memory_of
from lstm_ascii.reports.explain.passes import Inside, UnitStep
from lstm_ascii.reports.explain.report import NetworkPass
from lstm_ascii.reports.step.report import StepReport, UnitError

END = 64  # the column of the right end of the rail
KEEP, ADD, SHOW = 17, 38, 57  # where the gates meet it


def back_section(report: StepReport) -> Section:
    """Return the cell with the error on its wires."""
    main, at = report.main, report.at
    if main.unit is None or main.inside_unit is None or not report.errors:
        return Section("The error", "", (Paragraph("No unit is followed."),))
    word = report.words[at - 1]
    about = f"∂L/∂ at unit {main.unit.index} of the {main.cell}, back through “{word}”"
    if report.at > main.loss_after and not main.where.backward:
        asked = report.words[main.loss_after - 1]
        told = f"The error starts at “{asked}” and flows back: what comes after it was never asked."
        return Section("The error", about, (Paragraph(told),))
    error = report.errors[at - 1]
    drawn = Drawing(partial(_lines, main, main.inside_unit, error), partial(_tables, main, main.inside_unit, error, at))
    return Section("The error", about, (drawn, Paragraph(_told(main, main.unit.steps[at - 1], error, word))))


def _told(main: NetworkPass, step: UnitStep, error: UnitError, word: str) -> str:
    """Say how much of the error goes straight on, and how much by other ways."""
    if step.keeps is None:
        becomes = f"{number(error.state)} becomes {number(error.before)}"
        return f"All of the error goes back through the tanh at “{word}”: {becomes}."
    straight = error.state * step.keeps
    keep = main.kind.flow_gates["keep"]
    return (
        f"Straight on through the {keep}: {number(error.state)} × {short(step.keeps)} = {number(straight)}; by all "
        f"other ways {number(error.before - straight)}; before “{word}” it is {number(error.before)}."
    )


def _lines(main: NetworkPass, inside: Inside, error: UnitError, width: int) -> Iterator[Text]:
    """Draw it; where it is too narrow, list the values."""
    if width < HOME:
        for name, value in _named(main, error):
            yield from paragraph(Text(f"{name} {number(value)}"), width, 1, 3)
        return
    yield from indented(lambda _: _canvas(main, inside, error).lines(), width)


def _canvas(main: NetworkPass, inside: Inside, error: UnitError) -> Canvas:
    """Draw the rail from right to left, the gates below it, and the error at each."""
    canvas, kind = Canvas(), main.kind.name
    memory, weight = memory_of(inside), DOUBLE if kind != "RNN" else LIGHT
    memory, values = memory.upper() if memory == "c" else memory, inside.values
    canvas.arrow((END, 0), (7, 0), weight=weight, style="memory")
    canvas.write(0, 0, f"∂{memory}_t-1", "memory")
    canvas.write(0, 1, f"{number(error.before):>6}", "memory")
    canvas.write(END + 2, 0, f"∂{memory}_t", "memory")
    canvas.write(END + 1, 1, f"{number(error.state):>6}", "memory")
    if kind == "RNN":
        canvas.write((END + 7) // 2 - 3, 0, "(tanh)", "title")
        canvas.write((END + 7) // 2 - 12, 1, "of every unit and the word", "note")
        return canvas
    for x, sign, style in ((KEEP, "×", "gate.forget"), (ADD, "+", "gate.input")):
        canvas.operator(x, 0, sign)
        canvas.write(x, 1, "▼", style)
    parts = _LSTM if kind == "LSTM" else _GRU
    if kind == "LSTM":
        canvas.write(SHOW, 0, "╦", "memory")
        canvas.write(SHOW, 1, "▲", "gate.output")
    for letter, x, before, style in parts:
        value = short(values[letter]) if letter not in "gn" else number(values[letter])
        canvas.write(x, 2, f"{before}{letter}_t {value}", style)
        canvas.write(x + len(before), 3, f"∂{letter} {number(error.gates[letter])}", style)
    return canvas


_LSTM = (
    ("f", KEEP - 3, "", "gate.forget"), ("i", ADD - 10, "", "gate.input"), ("g", ADD, "× ", "gate.candidate"),
    ("o", SHOW - 7, "tanh × ", "gate.output"),
)  # fmt: skip
_GRU = (
    ("z", KEEP - 3, "", "gate.forget"), ("n", ADD - 9, "(1−z_t) × ", "gate.candidate"),
    ("r", SHOW - 1, "", "gate.output"),
)  # fmt: skip


def _named(main: NetworkPass, error: UnitError) -> list[tuple[str, float]]:
    """Return the values with their names in words."""
    names = main.kind.gate_names
    gates = [
        (f"at the {names[letter]}{'' if letter in 'gn' else ' gate'}", value) for letter, value in error.gates.items()
    ]
    return [("at the memory", error.state), *gates, ("at the memory before", error.before)]


def _tables(main: NetworkPass, inside: Inside, error: UnitError, at: int) -> Iterator[Table]:
    """Tell the same."""
    gates = tuple((f"{name} {letter}_t", inside.values[letter]) for letter, name in main.kind.gate_names.items())
    yield Table(f"gates of the unit at word {at}", ("gate", "value"), gates)
    yield Table(f"error at word {at}", ("place", "error"), tuple(_named(main, error)))
