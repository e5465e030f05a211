"""How far the error travels back: products of Jacobians, and of forget gates, in the log domain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lstm_ascii.analysis.gates import Flow
from lstm_ascii.cells import Array, Cell, Trace

LN_10 = float(np.log(10))


def chain_back(cell: Cell, trace: Trace, seed: Array, last: int) -> Iterator[tuple[int, Array, float]]:
    """Carry ``seed`` back from the state after word ``last`` to every earlier state.

    Args:
        cell: the cell that made the trace.
        trace: of one sequence, ``B`` = 1.
        seed: ``(R, S)``, gradients with respect to the state after word ``last``; the identity gives the
            Jacobians ∂s_last/∂s_k themselves.
        last: the number of that word, from 1.

    Yields:
        From ``k = last`` down to 0 (the start state): ``k``, the gradient with respect to the state after
        word ``k`` divided by its largest entry, and the natural logarithm of that divisor. The product is
        renormalised at every step, so it neither underflows nor overflows.
    """
    gradient, log_scale = seed, 0.0
    for k in range(last, -1, -1):
        if k < last:
            gradient = gradient @ cell.jacobian(trace, k)[0]
        largest = float(np.abs(gradient).max())
        if largest > 0:
            gradient, log_scale = gradient / largest, log_scale + float(np.log(largest))
        yield k, gradient, log_scale if largest > 0 else -np.inf


def all_paths_log10(cell: Cell, trace: Trace, last: int) -> Array:
    """Return log10 of the largest singular value of ∂s_last/∂s_k for k = 0…last, ``(last + 1,)``.

    ``s`` is the memory: ``c`` for the LSTM (the block ∂c/∂c of the full Jacobian of (h, c)), else ``h``.
    Every path counts, through the gates too (Pascanu et al. 2013).
    """
    size = cell.hidden_size
    wide = size * len(cell.state_names)
    seed = np.eye(wide)[-size:]
    sizes = np.empty(last + 1)
    for k, jacobian, log_scale in chain_back(cell, trace, seed, last):
        sizes[k] = log_scale + _log(np.linalg.norm(jacobian[:, -size:], 2))
    return sizes / LN_10


def gradient_log10(cell: Cell, trace: Trace, direct: Array, last: int) -> Array:
    """Return log10 of ‖∂L/∂s_k‖₂ for k = 0…last, ``(last + 1,)``, by every path (Bengio et al. 1994).

    Args:
        cell: the cell that made the trace.
        trace: of one sequence, ``B`` = 1.
        direct: ∂L/∂h after word ``last``, ``(H,)``, where L looks at that output only.
        last: the number of that word, from 1.
    """
    seed = np.zeros((1, cell.hidden_size * len(cell.state_names)))
    seed[0, : cell.hidden_size] = direct  # h comes first
    sizes = np.empty(last + 1)
    for k, gradient, log_scale in chain_back(cell, trace, seed, last):
        sizes[k] = log_scale + _log(np.linalg.norm(gradient))
    return sizes / LN_10


def carousel_log10(flow: Flow, last: int) -> Array:
    """Return log10 of ∏_{j=k+1..last} keep_j for k = 0…last and every unit, ``(last + 1, H)``.

    The direct path of ∂c_last/∂c_k, the constant error carousel (Hochreiter & Schmidhuber 1997): a
    diagonal matrix, so its largest singular value is its largest entry.
    """
    with np.errstate(divide="ignore"):
        logs = np.log10(flow.keep[:last, 0])
    total = np.zeros((last + 1, logs.shape[-1]))
    total[:-1] = np.cumsum(logs[::-1], axis=0)[::-1]
    return total


def _log(value: float | np.floating[Any]) -> float:
    """Return ln ``value``; −∞ for 0."""
    return float(np.log(value)) if value > 0 else -np.inf
