"""What clipping does to the gradient of the weights: its length before, and what every step adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log10

import numpy as np

from lstm_ascii.analysis.replay import Passage, folded, jacobians
from lstm_ascii.cells import Array, Cell, Trace

STATES_AT_ONCE = 32  # steps whose Jacobians are held at a time


@dataclass(frozen=True, eq=False)
class WeightGradient:
    """The gradient of the recurrent weights, of a loss whose gradient on the last output is ``direct``.

    Attributes:
        length: log10 of its L2 norm; −∞ for nothing.
        parts: log10 of the length of what the step n back adds to it, for n = 0…T−1, ``(T,)``.
    """

    length: float
    parts: Array

    def clipped(self, most: float) -> float:
        """Return log10 of the factor that brings the length down to ``most``; 0 where it is no longer."""
        return min(0.0, log10(most) - self.length) if self.length > -inf else 0.0


def weight_gradient(passage: Passage, direct: Array) -> WeightGradient:
    """Return the gradient of the recurrent weights in the log domain (Pascanu et al. 2013 on its clipping).

    Args:
        passage: one network and its steps.
        direct: ∂L/∂h after the last step, ``(P,)``.
    """
    cell = passage.cell
    row = np.zeros(sum(cell.state_sizes.values()))
    row[: cell.output_size] = direct
    exponent, before, parts = 0, 0, np.full(passage.steps, -inf)
    total, total_exponent = np.zeros_like(cell.weight_hh), 0
    for trace in passage.stretches_back():
        for stop in range(len(trace), 0, -STATES_AT_ONCE):
            block = slice(max(0, stop - STATES_AT_ONCE), stop)
            steps = jacobians(cell, trace, block)
            for n in range(len(steps) - 1, -1, -1):
                added = _added(cell, trace, block.start + n, row)
                parts[before] = _log10_length(added) + exponent * log10(2)
                highest = max(exponent, total_exponent)
                total = np.ldexp(total, total_exponent - highest) + np.ldexp(added, exponent - highest)
                total_exponent, before = highest, before + 1
                row = row @ steps[n]
                shift = int(np.frexp(np.abs(row).max())[1])
                row, exponent = np.ldexp(row, -shift), exponent + shift
    return WeightGradient(_log10_length(total) + total_exponent * log10(2), parts)


def _log10_length(matrix: Array) -> float:
    """Return log10 of the length of ``matrix``, whose squares may be beyond all numbers; −∞ for nothing."""
    peak = float(np.abs(matrix).max())
    return log10(peak) + log10(float(np.linalg.norm(matrix / peak))) if peak else -inf


def _added(cell: Cell, trace: Trace, step: int, row: Array) -> Array:
    """Return what one step adds to the gradient of ``weight_hh``, for the gradient ``row`` ``(S,)`` after it."""
    sizes = cell.state_sizes
    parts = np.split(row, np.cumsum(list(sizes.values()))[:-1])
    direct = {name: part[None, None] for name, part in zip(sizes, parts, strict=True)}
    return cell.backward(folded(trace, slice(step, step + 1)), direct).parameters["weight_hh"]
