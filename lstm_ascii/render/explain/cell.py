"""The cell, drawn with the values that it has at one word."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text

from lstm_ascii.lessons.equations import EQUATIONS
from lstm_ascii.render.cells import LARGE, SMALLEST, CellValues, drawing, indented
from lstm_ascii.render.explain.context import Context, beyond_the_drawing
from lstm_ascii.render.figures import counted, plain
from lstm_ascii.render.layout import paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import SPACE, Drawing, Paragraph, Section, note
from lstm_ascii.reports.explain.report import NetworkPass

_LETTERS = {  # of the equations, as one says them
    "f": "forget gate", "i": "input gate", "o": "output gate", "g": "candidate, absolute values",
    "z": "update gate", "r": "reset gate", "n": "candidate, absolute values", "x": "the word's vector, absolute values",
    "c": "memory, absolute values", "c'": "memory before, absolute values",
    "h": "state, absolute values", "h'": "state before, absolute values",
}  # fmt: skip


def section(context: Context) -> Section:
    """The cell with its values at one word."""
    report, main = context.report, context.main
    word = report.words[report.focus - 1]
    about = f"{main.cell} at word {report.focus} of {len(report.words)}, “{word}”: {report.focus_reason}"
    drawn = Drawing(lambda width: cell_lines(main, word, width), partial(_tables, context))
    return Section("The cell", about, (
        SPACE, drawn, SPACE, Paragraph(_amounts(context)), note(beyond_the_drawing(main)),
    ))  # fmt: skip


def _amounts(context: Context) -> str:
    """Say what the figures are, and how much the word changed."""
    main, word = context.main, context.report.words[context.report.focus - 1]
    step = main.steps[context.report.focus - 1]
    over = f"over {counted(main.hidden_size, 'unit')}"
    if step.wiped is None:
        text = f"|x|: means of absolute values {over}. “{word}” moved it by {plain(step.written)}"
    else:
        text = f"Gates: means {over}; |x|: means of absolute values. “{word}” wrote {plain(step.written)}"
        text += f" and wiped {plain(step.wiped)}"
    return f"{text} (sums over units)."


def _tables(context: Context) -> Iterator[Table]:
    """Tell the values of the cell, and the amounts."""
    main, focus = context.main, context.report.focus
    values = tuple((_LETTERS.get(letter, letter), value) for letter, value in main.inside.values.items())
    yield Table(f"cell of the {main.cell}, means over {counted(main.hidden_size, 'unit')}", ("part", "mean"), values)
    step = main.steps[focus - 1]
    amounts = (("written", step.written), ("wiped", step.wiped))
    known = tuple((name, value) for name, value in amounts if value is not None)
    yield Table(f"amounts at word {focus}, sums over units", ("amount", "sum"), known)


def cell_lines(network: NetworkPass, word: str, width: int) -> Iterator[Text]:
    """Draw a network's cell with its values at ``word`` into ``width`` columns.

    Where it is too narrow for a drawing, values and equations stand in for it.
    """
    values = CellValues(network.inside.values, word)
    if width < SMALLEST:
        for line in _written(network, values):
            yield from paragraph(Text(line), width, indent=1, hang=3)
        return
    yield from indented(lambda room: drawing(network.kind.name, values, room >= LARGE).lines(), width)


def _written(network: NetworkPass, values: CellValues) -> Iterator[str]:
    """Write the values and the equations."""
    yield f"word {values.read(30)}"
    for letter, name in network.kind.gate_names.items():
        yield f"{name} {letter}_t {values.gate(letter, named=False)}"
    for state in network.kind.state_symbols:
        before, after = (values.size(state.lower() + dash) for dash in ("'", ""))
        yield f"{state}_t-1 {before} → {state}_t {after}"
    for letter, equation in EQUATIONS[network.kind.name].items():
        if letter in "ch":
            yield str(equation)
