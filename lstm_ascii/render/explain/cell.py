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

_VALUES = {  # where there is no room for a drawing
    "LSTM": (("forget f_t", "f"), ("input i_t", "i"), ("candidate g_t", "g"), ("output o_t", "o")),
    "GRU": (("update z_t", "z"), ("reset r_t", "r"), ("candidate n_t", "n")),
    "RNN": (),
}
_STATES = {"LSTM": ("C", "h"), "GRU": ("h",), "RNN": ("h",)}
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
    drawn = Drawing(lambda width: cell_lines(main.cell, main.inside.values, word, width), partial(_tables, context))
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


def cell_lines(cell: str, values: dict[str, float], word: str, width: int) -> Iterator[Text]:
    """Draw ``cell`` with its values at ``word`` into ``width`` columns.

    Args:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        values: by the letters of the equations.
        word: that is read.
        width: of the terminal; where it is too narrow for a drawing, values and equations stand in for it.
    """
    at_word = CellValues(values, word)
    if width < SMALLEST:
        for written in _written(cell, at_word):
            yield from paragraph(Text(written), width, indent=1, hang=3)
        return
    yield from indented(lambda room: drawing(cell, at_word, room >= LARGE).lines(), width)


def _written(cell: str, values: CellValues) -> Iterator[str]:
    """Write the values and the equations."""
    yield f"word {values.read(30)}"
    for name, letter in _VALUES[cell]:
        yield f"{name} {values.gate(letter, named=False)}"
    for state in _STATES[cell]:
        before, after = (values.size(state.lower() + dash) for dash in ("'", ""))
        yield f"{state}_t-1 {before} → {state}_t {after}"
    for letter, equation in EQUATIONS[cell].items():
        if letter in "ch":
            yield str(equation)
