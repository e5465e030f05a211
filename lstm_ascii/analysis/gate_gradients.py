"""The gradient of a loss with respect to every gate, computed from that with respect to the states."""

from __future__ import annotations

from collections.abc import Mapping

from lstm_ascii.cells import Array, Cell, Trace


def gate_gradients(cell: Cell, trace: Trace, states: Mapping[str, Array]) -> dict[str, Array]:
    """Return ∂L/∂gate for each gate and candidate by letter, ``(T, B, H)``: of its value, after the activation.

    ::

        LSTM: ∂L/∂f = ∂L/∂c ⊙ c'    ∂L/∂i = ∂L/∂c ⊙ g    ∂L/∂g = ∂L/∂c ⊙ i    ∂L/∂o = ∂L/∂m ⊙ tanh c
        GRU:  ∂L/∂z = ∂L/∂h ⊙ (h' − n)    ∂L/∂n = ∂L/∂h ⊙ (1 − z)    ∂L/∂r through n

    Args:
        cell: the cell that made the trace.
        trace: of one pass.
        states: the total ∂L/∂s_t by state name, as :meth:`Cell.backward` returns it, each ``(T + 1, B, H)``.

    Returns:
        An empty dictionary for the RNN, which has no gates.
    """
    gates, d_h = trace.gates, states["h"][1:]
    if "o" in gates:
        i, _, g, _ = gates.values()
        d_c, before = states["c"][1:], trace.states["c"][:-1]
        d_o = cell.own_gradient(d_h) * _shown(cell, trace)
        return {"i": d_c * g, "f": d_c * before, "g": d_c * i, "o": d_o}
    if "z" in gates:
        _, z, n = gates.values()
        before = trace.states["h"][:-1]
        d_n = d_h * (1 - z)
        through = d_n * cell.candidate_slope(trace)
        after = bool(getattr(cell, "reset_after", True))
        weight_n = cell.weight_hh[2 * cell.hidden_size :]
        d_r = through * trace.extra["reset"] if after else (through @ weight_n) * before
        return {"r": d_r, "z": d_h * (before - n), "n": d_n}
    return {}


def _shown(cell: Cell, trace: Trace) -> Array:
    """Return the factor of the output gate: tanh c, or another function of c, ``(T, B, H)``."""
    if "tanh_c" in trace.extra:
        return trace.extra["tanh_c"]
    output = cell.output  # type: ignore[attr-defined]  # of the general LSTM
    shown: Array = output(trace.states["c"][1:])
    return shown
