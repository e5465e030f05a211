"""What goes into each gate and candidate, ahead of its activation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lstm_ascii.cells import CELLS, Array, Cell


def gate_sums(cell: Cell, x: Array, before: Array, gates: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """Yield letter and sum of each gate, ``(…, H)``; the RNN's is ``a``. Nothing of a cell that is no plain one.

    Args:
        cell: the equations.
        x: what it read, ``(…, D)``.
        before: h ahead of each step, ``(…, H)``.
        gates: by letter, ``(…, H)``; the reset gate of a GRU goes into its candidate.
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
