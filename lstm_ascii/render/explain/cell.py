"""The cell, drawn with the values that it has at one word."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from lstm_ascii.equations import EQUATIONS
from lstm_ascii.render.diagram.cells import LARGE, SMALLEST, drawing
from lstm_ascii.render.diagram.live import Live
from lstm_ascii.render.layout import paragraph

_VALUES = {  # where there is no room for a drawing
    "LSTM": (("forget f_t", "f"), ("input i_t", "i"), ("candidate g_t", "g"), ("output o_t", "o")),
    "GRU": (("update z_t", "z"), ("reset r_t", "r"), ("candidate n_t", "n")),
    "RNN": (),
}
_STATES = {"LSTM": ("C", "h"), "GRU": ("h",), "RNN": ("h",)}


def cell_lines(cell: str, values: dict[str, float], word: str, width: int) -> Iterator[Text]:
    """Draw ``cell`` with its values at ``word`` into ``width`` columns.

    Args:
        cell: ``RNN``, ``LSTM`` or ``GRU``.
        values: by the letters of the equations.
        word: that is read.
        width: of the terminal; where it is too narrow for a drawing, values and equations stand in for it.
    """
    live = Live(values, word)
    if width < SMALLEST:
        for written in _written(cell, live):
            yield from paragraph(Text(written), width, indent=1, hang=3)
        return
    indent = 0 if width in (SMALLEST, LARGE) else 1
    for line in drawing(cell, live, width >= LARGE).lines():
        yield Text.assemble(" " * indent, line) if line else line


def _written(cell: str, live: Live) -> Iterator[str]:
    """Write the values and the equations."""
    yield f"word {live.read(30)}"
    for name, letter in _VALUES[cell]:
        yield f"{name} {live.gate(letter, named=False)}"
    for state in _STATES[cell]:
        before, after = (live.size(state.lower() + dash) for dash in ("'", ""))
        yield f"{state}_t-1 {before} → {state}_t {after}"
    for letter, equation in EQUATIONS[cell].items():
        if letter in "ch":
            yield str(equation)
