"""How large the full products of Jacobians are, ∂m_T/∂m_k of the memory m: exact, or estimated with a measured error.

The full product over T steps of a state of S numbers costs T products of matrices. Up to :data:`SMALL` units it is made
in double precision. In a larger layer rows are carried back in single precision, which does as the products are
renormalised at every step: all H of them, the identity, as long as that is no more work than :data:`HALF_A_SECOND`;
most products soon lose rank, and so rows. Where it would be more, a few rows U stand for all of them, and the largest
singular value of U · J_T ⋯ J_{k+1} is taken: never more than the true one, and as much once U holds the product's first
left vector. U starts in no special directions and is made of those vectors turn by turn: the first right vector v of
each product M, as far as U shows it, is carried forward. That is a block Krylov iteration on M Mᵀ with one block for
all the products (Musco & Musco 2015). What of M v is outside of U is the residual of the singular triple, so the error
is measured by the way: with θ = ‖U M v‖, a singular value lies within ‖M v − U ᵀU M v‖ of θ (Golub & Van Loan, § 8.6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from lstm_ascii.analysis.gradients import LN_10, ways_back
from lstm_ascii.analysis.products import Products
from lstm_ascii.analysis.replay import jacobians
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.progress import Progress, counted, part
from lstm_ascii.records import dataclass

STEPS_AT_ONCE, BYTES_AT_ONCE = 64, 1 << 20  # of Jacobians: so they stay in the cache
SMALL = 128  # units; up to so many the products are made in double precision
HALF_A_SECOND = 10_000_000_000  # multiplications in single precision that take about as long on one core

FIRST_ROWS, PROBES, MOST_ROWS = 8, 24, 96  # of U: to start with, added in a turn, at most
LOOK, NOTHING = 16, 3e-7  # steps between two looks at what is left of the rows; what single precision can't tell from 0
TURNS, CLOSE = 3, 0.05  # at most so many turns, until the values are at most such a share too small
NEAR = 256  # steps whose products are settled first
FEW = 24  # rows whose products with each other are looked at whole
TRIED = 0.3  # share of the time, about, until it is known whether an estimate is needed
RESIDUAL, EXPANSIONS = 1e-4, 48  # of the largest singular value of rows; vectors that it is looked for among


@dataclass(frozen=True, eq=False)
class AllPaths:
    """The size of the full products.

    Attributes:
        log10: of the largest singular value of ∂m_last/∂m_k for k = 0…last, ``(last + 1,)``.
        within: by what share of itself a value may be too small, as measured; 0 where the products were made.
        rows: that stood for the full products; 0 where these were made.
    """

    log10: Array
    within: float = 0.0
    rows: int = 0


def all_paths(cell: Cell, trace: Trace, last: int, progress: Progress | None = None) -> AllPaths:
    """Measure ∂m_last/∂m_k for every k; every path counts, through the gates too (Pascanu et al. 2013).

    Args:
        cell: the cell that made the trace.
        trace: of one sequence, ``B`` = 1.
        last: the number of the last step, from 1.
        progress: is called with how far it is, from 0 to 1.
    """
    size = cell.state_sizes[cell.state_names[-1]]
    if size <= SMALL:
        return AllPaths(_exact_log10(cell, trace, last, size, progress))
    narrow_cell, narrow = _in_single_precision(cell, trace)
    logs = _made(narrow_cell, narrow, last, size, HALF_A_SECOND, part(progress, 0, TRIED))
    within, rows = 0.0, 0
    if logs is None:
        logs, within, rows = estimated(narrow_cell, narrow, last, size, part(progress, TRIED, 1))
    logs[last] = 0.0  # the identity
    return AllPaths(logs / LN_10, within, rows)


def _exact_log10(cell: Cell, trace: Trace, last: int, size: int, progress: Progress | None) -> Array:
    """Return log10 of the largest singular values in double precision, ``(last + 1,)``."""
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


def _made(
    cell: Cell, trace: Trace, last: int, size: int, most: float, progress: Progress | None = None
) -> Array | None:
    """Return ln of the largest singular values of the products themselves; ``None`` where these are too much work.

    Args:
        cell: in single precision.
        trace: of one sequence, ``B`` = 1, in single precision.
        last: the number of the last step, from 1.
        size: of the memory m, the last numbers of the state.
        most: multiplications that may be spent.
        progress: is called with how far it is, from 0 to 1.
    """
    row = cell.weight_hh.size  # multiplications
    if most < min(last, 4 * LOOK) * size * row:  # no rank is lost before the first look
        return None
    logs, work, left = np.full(last + 1, -np.inf), 0, np.empty(0)
    steps = _back(cell, trace, np.eye(size, dtype=np.float32), last)
    for k, block, log_scale in counted(steps, last + 1, progress):
        work += len(block) * row * (k < last)
        if work > most:
            return None
        square, left, _ = _largest(block, left)
        logs[k] = _value(square, log_scale)
    return logs


def estimated(
    cell: Cell, trace: Trace, last: int, size: int, progress: Progress | None = None
) -> tuple[Array, float, int]:
    """Estimate ln of the largest singular value of ∂m_last/∂m_k for k = 0…last without the products.

    Args:
        cell: in single precision.
        trace: of one sequence, ``B`` = 1, in single precision.
        last: the number of the last step, from 1.
        size: of the memory m, the last numbers of the state.
        progress: is called with how far it is, from 0 to 1, as if all turns were needed.

    Returns:
        The values, ``(last + 1,)``, never too large; the share of itself by which one may be too small, the most that
        the residuals leave open at :data:`PROBES` places; and how many rows stood for all ``size``.
    """
    basis, logs = _start(min(FIRST_ROWS, size), size), np.full(last + 1, -np.inf)
    near = max(0, last - NEAR)
    if near:  # the directions that far products end in are those of near ones, almost, and these cost little
        basis, _ = _settled(cell, trace, basis, logs, near, None)
    basis, within = _settled(cell, trace, basis, logs, 0, progress)
    return logs, within, len(basis)


def _settled(
    cell: Cell, trace: Trace, basis: Array, logs: Array, first: int, progress: Progress | None
) -> tuple[Array, float]:
    """Measure the products back to step ``first``, turn by turn, until the basis holds their left vectors.

    Args:
        cell: the cell that made the trace.
        trace: of one sequence, ``B`` = 1.
        basis: rows to start with.
        logs: where the values are raised.
        first: the farthest step.
        progress: is called with how far it is, from 0 to 1.

    Returns:
        The basis, and the largest share of itself by which a value may be too small.
    """
    last, within = len(logs) - 1, dict[int, float]()
    probes = _probes(last)
    for turn in range(1, TURNS + 1):
        right, left = dict[int, Array](), np.empty(0)
        steps = _back(cell, trace, basis, last, first)
        for k, block, log_scale in counted(steps, last + 1, part(progress, (turn - 1) / TURNS, turn / TURNS)):
            square, left, direction = _largest(block, left)
            logs[k] = np.maximum(logs[k], _value(square, log_scale))
            if k in probes and square > 0:
                right[k] = direction
        if not right:
            break
        places, across = sorted(right), _forward(cell, trace, right, last)
        inside = np.square(across @ basis.T).sum(axis=1) / np.square(across).sum(axis=1)
        residual = np.sqrt(np.maximum(1 - inside, 0) / inside)  # of the value that the basis shows
        shares = residual / (1 + residual)
        within |= {place: share for place, share in zip(places, shares.tolist(), strict=True) if share >= 0}
        moving = np.flatnonzero(~(shares <= CLOSE))
        if turn == TURNS or not len(moving):
            break
        first = places[moving[0] - 1] if moving[0] else first  # what is farther has come to rest
        basis = _refined(basis, across)
    return basis, max(within.values(), default=0.0)


def _value(square: float, log_scale: float) -> float:
    """Return ln of a singular value, given its square and ln of a scale; what is no number stays none."""
    return float(log_scale + 0.5 * np.log(square) if square > 0 else log_scale - np.inf)


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
    log_scale, ways = 0.0, ways_back(cell, trace, last, first)
    for k in range(last, first - 1, -1):
        if k < last:
            rows = next(ways)(rows)
        largest = float(np.abs(rows).max())
        if not 0 < largest < np.inf:  # nothing is left, or it is not finite
            rows, largest, log_scale = np.zeros_like(rows), 1.0, -np.inf if largest == 0 else np.nan
        rows, log_scale = rows / np.float32(largest), log_scale + float(np.log(largest))
        if len(rows) > 1 and (last - k) % LOOK == LOOK - 1:
            rows = _independent(rows)
        yield k, rows[:, -size:], log_scale


def _independent(rows: Array) -> Array:
    """Return as few rows as have the same singular values, but for those that are nothing beside the largest."""
    squares, vectors = np.linalg.eigh(rows.astype(float) @ rows.T)
    count = max(1, int((squares > NOTHING**2 * squares[-1]).sum()))
    if count == len(rows):
        return rows
    fewer: Array = vectors[:, : -count - 1 : -1].T.astype(np.float32) @ rows
    return fewer


def _largest(rows: Array, start: Array) -> tuple[float, Array, Array]:
    """Return the square of the largest singular value of ``rows`` ``(R, m)``, its left vector, its right one times it.

    Of many rows they are sought among ever more vectors, until the residual of the square is small (a Lanczos process
    on rows · rowsᵀ), from ``start``: a left vector of rows like these, or one of another length.
    """
    if len(rows) <= FEW:
        left = np.linalg.eigh((rows @ rows.T).astype(float))[1][:, -1] if len(rows) > 1 else np.ones(1)
        right = left.astype(np.float32) @ rows
        return float(right.astype(float) @ right), left, right
    mixed = np.cos(np.arange(1, len(rows) + 1, dtype=np.float32)) / np.sqrt(len(rows))
    found = (mixed if len(start) != len(rows) else 0.5 * mixed + start)[None]  # never at right angles to what is sought
    found /= np.linalg.norm(found)
    across = found @ rows
    while True:
        squares, vectors = np.linalg.eigh((across @ across.T).astype(float))
        mixture = vectors[:, -1].astype(np.float32)
        left, right, square = mixture @ found, mixture @ across, float(squares[-1])
        residual = rows @ right - np.float32(square) * left
        if len(found) == EXPANSIONS or not np.linalg.norm(residual) > RESIDUAL * square:
            return square, left, right
        residual -= (residual @ found.T) @ found
        residual /= np.linalg.norm(residual)
        found, across = np.vstack([found, residual]), np.vstack([across, residual @ rows])


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
