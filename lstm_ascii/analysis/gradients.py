"""How far the error travels back: vectors multiplied by Jacobians, and products of forget gates, as logarithms."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import Any

import numpy as np

from lstm_ascii.analysis.gates import Flow
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.cells.base import WayBack
from lstm_ascii.progress import Progress, counted

LN_10 = float(np.log(10))
STEPS_AT_ONCE, BYTES_AT_ONCE = 64, 1 << 20  # whose factors are held at a time


def ways_back(cell: Cell, trace: Trace, last: int, first: int = 0) -> Iterator[WayBack]:
    """Yield for each step from ``last`` back to ``first`` + 1 the function that multiplies rows by its Jacobian."""
    at_once = min(STEPS_AT_ONCE, max(1, BYTES_AT_ONCE // (len(cell.weight_hh) * trace.block.itemsize)))
    for stop in range(last, first, -at_once):
        yield from cell.ways_back(trace, slice(max(first, stop - at_once), stop))


def chain_back(
    cell: Cell, trace: Trace, seed: Array, last: int, direct: Array | None = None
) -> Iterator[tuple[int, Array, float]]:
    """Carry ``seed`` back from the state after word ``last`` to every earlier state.

    Args:
        cell: the cell that made the trace.
        trace: of one sequence, ``B`` = 1.
        seed: ``(R, S)``, gradients with respect to the state after word ``last``; the identity gives the
            Jacobians ∂s_last/∂s_k themselves.
        last: the number of that word, from 1.
        direct: further gradients with respect to h after words 1 to ``last``, ``(last, P)``, which are added on the
            way; that of the last word is already in the seed.

    Yields:
        From ``k = last`` down to 0 (the start state): ``k``, the gradient with respect to the state after
        word ``k`` divided by its largest entry, and the natural logarithm of that divisor. The product is
        renormalised at every step, so it neither underflows nor overflows.
    """
    gradient, log_scale, ways = seed, 0.0, ways_back(cell, trace, last)
    joins = [False] * last if direct is None else [bool(row.any()) for row in direct]
    for k in range(last, -1, -1):
        if k < last:
            gradient = next(ways)(gradient)
        if direct is not None and 0 < k < last and joins[k - 1]:
            gradient, log_scale = _joined(gradient, log_scale, direct[k - 1])
        largest = float(np.abs(gradient).max())
        if largest != 0:
            gradient, log_scale = gradient / largest, log_scale + float(np.log(largest))
        yield k, gradient, log_scale if largest != 0 else -np.inf


def _joined(gradient: Array, log_scale: float, direct: Array) -> tuple[Array, float]:
    """Add ``direct`` ``(P,)`` to the first P entries of a scaled gradient; return the sum and ln of its new scale."""
    new_scale = max(log_scale, 0.0)
    gradient_sum = gradient * exp(log_scale - new_scale)
    gradient_sum[:, : len(direct)] += direct * exp(-new_scale)
    return gradient_sum, new_scale


def gradient_log10(cell: Cell, trace: Trace, direct: Array, last: int, progress: Progress | None = None) -> Array:
    """Return log10 of ‖∂L/∂s_k‖₂ for k = 0…last, ``(last + 1,)``, by every path (Bengio et al. 1994).

    Args:
        cell: the cell that made the trace.
        trace: of one sequence, ``B`` = 1.
        direct: ∂L/∂h after words 1 to ``last``, through what is above the cell, ``(last, P)``; for a loss that
            depends on the last output only, all other rows are 0.
        last: the number of that word, from 1.
        progress: called with the share that is done, from 0 to 1.
    """
    sizes = np.empty(last + 1)
    for k, gradient, log_scale in counted(state_gradients(cell, trace, direct, last), last + 1, progress):
        sizes[k] = log_scale + 0.5 * _log(float(gradient @ gradient))
    return sizes / LN_10


def state_gradients(cell: Cell, trace: Trace, direct: Array, last: int) -> Iterator[tuple[int, Array, float]]:
    """Yield ``k``, ∂L/∂s_k, ``(S,)``, divided by a scale, and ln of that scale, from ``last`` down to 0.

    The arguments are those of :func:`gradient_log10`; ``s`` is h, then c if there is one.
    """
    seed = np.zeros((1, sum(cell.state_sizes.values())), trace.h.dtype)
    seed[0, : direct.shape[-1]] = direct[last - 1]  # h comes first
    for k, gradient, log_scale in chain_back(cell, trace, seed, last, direct):
        yield k, gradient[0], log_scale


def carousel_log10(flow: Flow, last: int) -> Array:
    """Return log10 of ∏_{j=k+1..last} keep_j for k = 0…last and every unit, ``(last + 1, H)``.

    The direct path of ∂c_last/∂c_k, the constant error carousel (Hochreiter & Schmidhuber 1997): a
    diagonal matrix, so its largest singular value is its largest entry.
    """
    with np.errstate(divide="ignore"):
        logs = np.log10(np.abs(flow.keep[:last, 0]))  # with relu and the like a gate may leave [0, 1]
    total = np.zeros((last + 1, logs.shape[-1]))
    total[:-1] = np.cumsum(logs[::-1], axis=0)[::-1]
    return total


def _log(value: float | np.floating[Any]) -> float:
    """Return ln ``value``; −∞ for 0."""
    return float(np.log(value)) if value != 0 else -np.inf
