"""How far the error travels back: products of Jacobians, and of forget gates, in the log domain.

The full product over T steps of a state of S numbers costs T products of matrices S × S. For a large layer a few
rows U, meant to span the directions that all products end in, are carried back in its place, and the largest singular
value of U · J_T ⋯ J_{k+1} is taken: never more than the true one, and as much once U holds the product's first left
vector. So U is made of those vectors: the first right vector of each product, as far as U shows it, is carried forward.
That is a block Krylov iteration on M Mᵀ with one block for all the products (Musco & Musco 2015). Single precision
does for it: the products are renormalised at every step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import exp
from typing import Any

import numpy as np

from lstm_ascii.analysis.gates import Flow
from lstm_ascii.analysis.products import Products
from lstm_ascii.analysis.replay import jacobians
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.progress import Progress, counted, part

LN_10 = float(np.log(10))
STEPS_AT_ONCE, BYTES_AT_ONCE = 64, 1 << 22  # of Jacobians
LARGE = 128  # units; above, the full products of Jacobians cost too much,
WITHIN = 0.1  # and this share of what they would give may be missing

FIRST_ROWS, PROBES, MOST_ROWS = 8, 24, 96  # of U: to start with, added in a turn, at most
LOOK, NOTHING = 16, 3e-7  # steps between two looks at what is left of the rows; what single precision can't tell from 0
TURNS, CONVERGED = 4, 1e-4  # at most so many turns, until at most so much of a left vector's square is outside of U
NEAR = 256  # steps whose products are settled first


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
        direct: what else is added to the gradient with respect to h after words 1 to ``last``, ``(last, P)``; of
            the last word the seed has it already.

    Yields:
        From ``k = last`` down to 0 (the start state): ``k``, the gradient with respect to the state after
        word ``k`` divided by its largest entry, and the natural logarithm of that divisor. The product is
        renormalised at every step, so it neither underflows nor overflows.
    """
    gradient, log_scale = seed, 0.0
    for k in range(last, -1, -1):
        if k < last:
            gradient = cell.carried_back(trace, k, gradient)
        if direct is not None and 0 < k < last and direct[k - 1].any():
            gradient, log_scale = _joined(gradient, log_scale, direct[k - 1])
        largest = float(np.abs(gradient).max())
        if largest != 0:
            gradient, log_scale = gradient / largest, log_scale + float(np.log(largest))
        yield k, gradient, log_scale if largest != 0 else -np.inf


def _joined(gradient: Array, log_scale: float, direct: Array) -> tuple[Array, float]:
    """Add ``direct`` ``(P,)`` to the first numbers of a gradient; the larger of the two sets the scale."""
    new_scale = max(log_scale, 0.0)
    gradient_sum = gradient * exp(log_scale - new_scale)
    gradient_sum[:, : len(direct)] += direct * exp(-new_scale)
    return gradient_sum, new_scale


def all_paths_log10(cell: Cell, trace: Trace, last: int, progress: Progress | None = None) -> Array:
    """Return log10 of the largest singular value of ∂s_last/∂s_k for k = 0…last, ``(last + 1,)``.

    ``s`` is the memory: ``c`` for the LSTM (the block ∂c/∂c of the full Jacobian of (h, c)), else ``h``.
    Every path counts, through the gates too (Pascanu et al. 2013). Above :data:`LARGE` units they are found
    without the full products, see :func:`largest_values_log`.
    """
    memory = cell.state_names[-1]
    size = trace.states[memory].shape[-1]
    if size > LARGE:
        return largest_values_log(cell, trace, last, size, progress) / LN_10
    wide, logs = sum(cell.state_sizes.values()), np.zeros(last + 1)
    products, at_once = Products(1, size, wide), min(STEPS_AT_ONCE, max(1, BYTES_AT_ONCE // (8 * wide * wide)))
    blocks = [slice(max(0, stop - at_once), stop) for stop in range(last, 0, -at_once)]
    for block in counted(blocks, len(blocks), progress, every=1):
        steps = jacobians(cell, trace, block)
        broken = np.flatnonzero(~np.isfinite(steps).all(axis=(1, 2)))
        first = int(broken[-1]) + 1 if len(broken) else 0
        if first < len(steps):
            logs[block.start + first : block.stop] = products.back(steps[None, first:])[::-1, 0]
        if first:  # what is no number stays none
            logs[: block.start + first] = np.nan
            break
    return logs


def gradient_log10(cell: Cell, trace: Trace, direct: Array, last: int, progress: Progress | None = None) -> Array:
    """Return log10 of ‖∂L/∂s_k‖₂ for k = 0…last, ``(last + 1,)``, by every path (Bengio et al. 1994).

    Args:
        cell: the cell that made the trace.
        trace: of one sequence, ``B`` = 1.
        direct: ∂L/∂h after words 1 to ``last``, by what stands above the cell, ``(last, P)``; for a loss that
            looks at the last output only, it has no other row.
        last: the number of that word, from 1.
        progress: is called with how far it is, from 0 to 1.
    """
    sizes = np.empty(last + 1)
    for k, gradient, log_scale in counted(state_gradients(cell, trace, direct, last), last + 1, progress):
        sizes[k] = log_scale + _log(np.linalg.norm(gradient))
    return sizes / LN_10


def state_gradients(cell: Cell, trace: Trace, direct: Array, last: int) -> Iterator[tuple[int, Array, float]]:
    """Yield ``k``, ∂L/∂s_k, ``(S,)``, divided by a scale, and ln of that scale, from ``last`` down to 0.

    The arguments are those of :func:`gradient_log10`; ``s`` is h, then c where there is one.
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
        logs = np.log10(np.abs(flow.keep[:last, 0]))  # relu and its kin let gates leave 0 to 1
    total = np.zeros((last + 1, logs.shape[-1]))
    total[:-1] = np.cumsum(logs[::-1], axis=0)[::-1]
    return total


def _log(value: float | np.floating[Any]) -> float:
    """Return ln ``value``; −∞ for 0."""
    return float(np.log(value)) if value != 0 else -np.inf


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
    basis, logs = _start(min(FIRST_ROWS, size), size), np.full(last + 1, -np.inf)
    near = max(0, last - NEAR)
    if near:  # the directions that far products end in are those of near ones, almost, and these cost little
        basis = _settled(cell, trace, basis, logs, near, None)
    _settled(cell, trace, basis, logs, 0, progress)
    logs[last] = 0.0  # the identity
    return logs


def _settled(cell: Cell, trace: Trace, basis: Array, logs: Array, first: int, progress: Progress | None) -> Array:
    """Measure the products back to step ``first``, turn by turn, until the basis holds their left vectors.

    Args:
        cell: the cell that made the trace.
        trace: of one sequence, ``B`` = 1.
        basis: rows to start with.
        logs: where the values are raised.
        first: the farthest step.
        progress: is called with how far it is, from 0 to 1.

    Returns:
        The basis.
    """
    last = len(logs) - 1
    probes = _probes(last)
    for turn in range(1, TURNS + 1):
        right = dict[int, Array]()
        steps = _back(cell, trace, basis, last, first)
        for k, block, log_scale in counted(steps, last + 1, part(progress, (turn - 1) / TURNS, turn / TURNS)):
            square, direction = _largest(block)
            value = log_scale + 0.5 * np.log(square) if square > 0 else log_scale - np.inf  # NaN stays
            logs[k] = np.maximum(logs[k], value)
            if k in probes and square > 0:
                right[k] = direction
        if turn == TURNS or not right:
            break
        across = _forward(cell, trace, right, last)
        outside = 1 - np.square(across @ basis.T).sum(axis=1) / np.square(across).sum(axis=1)
        places = sorted(right)
        moving = np.flatnonzero(~(outside < CONVERGED))
        if not len(moving):
            break
        first = places[moving[0] - 1] if moving[0] else first  # what is farther has come to rest
        basis = _refined(basis, across)
    return basis


def _start(rows: int, size: int) -> Array:
    """Return orthonormal rows in no special directions, ``(rows, size)``."""
    vectors = np.cos(np.outer(np.arange(1, rows + 1) ** 1.5, np.arange(1.0, size + 1)))
    return np.linalg.qr(vectors.T)[0].T


def _in_single_precision(cell: Cell, trace: Trace) -> tuple[Cell, Trace]:
    """Return a cell and its trace with half the bytes."""

    def single(arrays: Mapping[str, Array]) -> dict[str, Array]:
        return {name: value.astype(np.float32, copy=False) for name, value in arrays.items()}

    states, extra, block = single(trace.states), single(trace.extra), trace.block.astype(np.float32, copy=False)
    narrow = Trace(trace.x, states, block, single(trace.gates), extra)
    return cell.astype(np.float32), narrow


def _probes(last: int) -> frozenset[int]:
    """Return the steps whose left vectors make the basis: all before the last, or ever farther apart."""
    if last <= PROBES:
        return frozenset(range(last))
    back = np.unique(np.geomspace(1, last, PROBES).astype(int))
    return frozenset((last - back).tolist())


def _back(cell: Cell, trace: Trace, basis: Array, last: int, first: int = 0) -> Iterator[tuple[int, Array, float]]:
    """Carry the rows back; yield ``k``, what they are by the memory there divided by a scale, and ln of the scale.

    What is measured of them doesn't change when they are rotated, so rows that are nothing beside the others after a
    rotation are left behind: far back almost none are left.
    """
    size = basis.shape[1]
    rows = np.zeros((len(basis), sum(cell.state_sizes.values())), np.float32)
    rows[:, -size:] = basis
    log_scale = 0.0
    for k in range(last, first - 1, -1):
        if k < last:
            rows = cell.carried_back(trace, k, rows)
        largest = float(np.abs(rows).max())
        if not 0 < largest < np.inf:  # nothing is left, or it is not finite
            rows, largest, log_scale = np.zeros_like(rows), 1.0, -np.inf if largest == 0 else np.nan
        rows, log_scale = rows / np.float32(largest), log_scale + float(np.log(largest))
        if len(rows) > 1 and (last - k) % LOOK == LOOK - 1:
            rows = _independent(rows)
        yield k, rows[:, -size:], log_scale


def _independent(rows: Array) -> Array:
    """Return as few rows as have the same singular values, but for those that are nothing beside the largest."""
    _, values, across = np.linalg.svd(rows, full_matrices=False)
    count = max(1, int((values > NOTHING * values[0]).sum()))
    if count == len(rows):
        return rows
    fewer: Array = values[:count, None] * across[:count]
    return fewer


def _largest(block: Array) -> tuple[float, Array]:
    """Return the square of the largest singular value of rows ``(R, m)``, and its right vector, times it."""
    if len(block) == 1:
        return float(block[0].astype(float) @ block[0]), block[0]
    values, vectors = np.linalg.eigh((block @ block.T).astype(float))
    return float(values[-1]), vectors[:, -1] @ block


def _forward(cell: Cell, trace: Trace, right: dict[int, Array], last: int) -> Array:
    """Carry the memory's directions ``right``, by step, forward to the last step, ``(n, size)``; each of length 1."""
    size, count = len(next(iter(right.values()))), 0
    columns = np.zeros((sum(cell.state_sizes.values()), len(right)), np.float32)
    for k in range(min(right), last):
        if k in right:
            columns[-size:, count] = right[k] / np.linalg.norm(right[k])
            count += 1
        columns_on = cell.carried_on(trace, k, columns[:, :count])
        largest = np.abs(columns_on).max(axis=0)
        np.divide(columns_on, np.where(largest > 0, largest, 1), out=columns[:, :count])
    return columns[-size:].T


def _refined(basis: Array, across: Array) -> Array:
    """Return orthonormal rows that span ``across`` and, as far as there is room, ``basis``."""
    return np.linalg.qr(np.concatenate([across, basis])[: min(MOST_ROWS, across.shape[1])].T)[0].T
