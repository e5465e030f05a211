"""The largest singular values of long products of large Jacobians, without the products.

The full product over T steps of a state of S numbers costs T products of matrices S × S. Here a few rows U, meant
to span the directions that all products end in, are carried back in its place, and the largest singular value of
U · J_T ⋯ J_{k+1} is taken: never more than the true one, and as much once U holds the product's first left vector.
So U is made of those vectors: the first right vector of each product, as far as U shows it, is carried forward.
That is a block Krylov iteration on M Mᵀ with one block for all the products (Musco & Musco 2015). Single precision
does for it: the products are renormalised at every step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.progress import Progress, counted, part

FIRST_ROWS, PROBES, MOST_ROWS = 8, 24, 96  # of U: to start with, added in a turn, at most
TURNS, CONVERGED = 5, 0.005  # at most so many turns, until no value moves by more than half a percent


def largest_values_log(cell: Cell, trace: Trace, last: int, size: int, progress: Progress | None = None) -> Array:
    """Return ln of the largest singular value of ∂m_last/∂m_k for k = 0…last, ``(last + 1,)``.

    They are never too large, and at most a tenth too small (6 % was seen): that much where all directions are alike,
    as they are after one step of a random network; far back, where few directions survive, a thousandth.

    Args:
        cell: the cell that made the trace.
        trace: of one sequence, ``B`` = 1.
        last: the number of the last step, from 1.
        size: of the memory m, the last numbers of the state.
        progress: is called with how far it is, from 0 to 1, as if all turns were needed.
    """
    cell, trace = _in_single_precision(cell, trace)
    basis, probes = _start(min(FIRST_ROWS, size), size), _probes(last)
    logs = np.full(last + 1, -np.inf)
    for turn in range(1, TURNS + 1):
        before, right = logs, dict[int, Array]()
        logs = np.empty(last + 1)
        for k, block, log_scale in counted(
            _back(cell, trace, basis, last), last + 1, part(progress, (turn - 1) / TURNS, turn / TURNS)
        ):
            values, vectors = np.linalg.eigh((block @ block.T).astype(float))
            logs[k] = log_scale + 0.5 * np.log(values[-1]) if values[-1] > 0 else log_scale - np.inf  # NaN stays
            if k in probes and values[-1] > 0:
                right[k] = vectors[:, -1] @ block
        alive = np.isfinite(logs)
        if turn == TURNS or not right or (np.abs(logs - before)[alive] < CONVERGED).all():
            break
        basis = _refined(basis, _forward(cell, trace, right, last))
    logs[last] = 0.0  # the identity
    return logs


def _start(rows: int, size: int) -> Array:
    """Return orthonormal rows in no special directions, ``(rows, size)``."""
    vectors = np.cos(np.outer(np.arange(1, rows + 1) ** 1.5, np.arange(1.0, size + 1)))
    return np.linalg.qr(vectors.T)[0].T


def _in_single_precision(cell: Cell, trace: Trace) -> tuple[Cell, Trace]:
    """Return a cell and its trace with half the bytes."""

    def single(arrays: Mapping[str, Array]) -> dict[str, Array]:
        return {name: value.astype(np.float32) for name, value in arrays.items()}

    states, extra, block = single(trace.states), single(trace.extra), trace.block.astype(np.float32)
    narrow = Trace(trace.x, states, block, single(trace.gates), extra)
    return replace(cell, **single(cell.parameters)), narrow


def _probes(last: int) -> frozenset[int]:
    """Return the steps whose left vectors make the basis: all before the last, or ever farther apart."""
    if last <= PROBES:
        return frozenset(range(last))
    back = np.unique(np.geomspace(1, last, PROBES).astype(int))
    return frozenset((last - back).tolist())


def _back(cell: Cell, trace: Trace, basis: Array, last: int) -> Iterator[tuple[int, Array, float]]:
    """Carry the rows back; yield ``k``, what they are by the memory there divided by a scale, and ln of the scale."""
    size = basis.shape[1]
    rows = np.zeros((len(basis), sum(cell.state_sizes.values())), np.float32)
    rows[:, -size:] = basis
    log_scale = 0.0
    for k in range(last, -1, -1):
        if k < last:
            rows = rows @ cell.jacobian(trace, k)[0]
        largest = float(np.abs(rows).max())
        if not 0 < largest < np.inf:  # nothing is left, or it is not finite
            rows, largest, log_scale = np.zeros_like(rows), 1.0, -np.inf if largest == 0 else np.nan
        rows, log_scale = rows / np.float32(largest), log_scale + float(np.log(largest))
        yield k, rows[:, -size:], log_scale


def _forward(cell: Cell, trace: Trace, right: dict[int, Array], last: int) -> Array:
    """Carry the memory's directions ``right``, by step, forward to the last step, ``(n, size)``; each of length 1."""
    size = len(next(iter(right.values())))
    columns = np.zeros((sum(cell.state_sizes.values()), len(right)), np.float32)
    for k in range(min(right), last):
        if k in right:
            place = sum(step < k for step in right)
            columns[-size:, place] = right[k] / np.linalg.norm(right[k])
        columns = cell.jacobian(trace, k)[0] @ columns
        largest = np.abs(columns).max(axis=0)
        columns /= np.where(largest > 0, largest, 1)
    return columns[-size:].T


def _refined(basis: Array, across: Array) -> Array:
    """Return orthonormal rows that span ``across`` and, as far as there is room, ``basis``."""
    return np.linalg.qr(np.concatenate([across, basis])[: min(MOST_ROWS, across.shape[1])].T)[0].T
