"""The pre-activation of every gate and candidate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lstm_ascii.cells import CELLS, Array, Cell


def gate_sums(cell: Cell, x: Array, before: Array, gates: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """Yield the letter and the pre-activation ``(…, H)`` of each gate; the RNN's is ``a``. Variants of cells have none.

    Args:
        cell: the equations.
        x: the inputs, ``(…, D)``.
        before: h before each step, ``(…, H)``.
        gates: their values by letter, ``(…, H)``; a GRU's candidate depends on the reset gate.
    """
    if type(cell) not in CELLS.values():
        return
    size = cell.hidden_size
    of_x = x @ cell.weight_ih.T + cell.bias_ih
    of_h = before @ cell.weight_hh.T + cell.bias_hh
    for place, letter in enumerate(cell.gate_letters):
        rows = slice(place * size, (place + 1) * size)
        of_state = of_h[..., rows]
        if letter == "n" and getattr(cell, "reset_after", True):
            of_state = gates["r"] * of_state
        elif letter == "n":
            of_state = (gates["r"] * before) @ cell.weight_hh[rows].T + cell.bias_hh[rows]
        yield letter, of_x[..., rows] + of_state
