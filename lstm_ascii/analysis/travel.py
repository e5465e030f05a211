"""How a gradient travels back through a network: its size at every step, its direct path, its growth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from lstm_ascii.analysis.all_paths import SMALL, AllPaths, all_paths
from lstm_ascii.analysis.gradients import ways_back
from lstm_ascii.analysis.products import LEAST_STEPS, Products
from lstm_ascii.analysis.replay import Passage, jacobians
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.progress import part
from lstm_ascii.records import dataclass
from lstm_ascii.thresholds import CLOSED, OPEN, SATURATED_SLOPE

LARGEST_CURVE = 100_000  # points that are kept of a curve; a longer one is thinned out
FINE = 1000  # the first so many steps of it are kept, then one about a thousandth of the way on
BLOCK_BYTES = 1 << 20  # of Jacobians that are held at a time: so they stay in the cache
KEPT_BYTES = 1 << 24
WHOLE_BYTES = 1 << 28  # of all the traces of large networks
LEAST_BLOCK, MOST_BYTES = 8, 1 << 26  # steps, where so many bytes allow it
SETTLE = 10  # a tenth of the steps: directions settle before their growth is counted
NEVER = -1e300  # stands for −∞ where quantiles are taken: −∞ minus −∞ is NaN

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Travel:
    """What was measured on ``B`` networks side by side.

    Attributes:
        steps_back: 1…T; of more than ``LARGEST_CURVE`` steps the first two thousand, then some that are no more than a
            thousandth apart, round numbers such as 20,000 and the last.
        total: log10 of the largest singular value of ∂s_T/∂s_{T−n}: lower quartile, median and upper
            quartile over the networks, ``(3, P)``; of each network, ``(B, P)``, where that was asked for.
        carousel: the same of ∏ forget gates, largest unit; ``None`` without forget gates.
        vanished: the first n at which the median is below the lower threshold.
        exploded: the first n at which it is above the upper one.
        growth: Lyapunov exponents, nats per step, ``(B, 1 or S)``; NaN for too few steps.
        gates: by letter, of each network the mean, the share above 0.9 and the share below 0.1, ``(B, 3)``.
        saturated: of each network the share of the activations that pass on next to nothing, ``(B,)``: |tanh| above
            0.9; relu at 0; others by a slope as small.
        within: by what share of itself a size may be too small, as measured; 0 where the products were made.
        rows: that stood for the products; 0 where these were made.
    """

    steps_back: Array
    total: Array
    carousel: Array | None
    vanished: int | None
    exploded: int | None
    growth: Array
    gates: dict[str, Array]
    saturated: Array
    within: float = 0.0
    rows: int = 0


def travel(
    passages: Sequence[Passage],
    thresholds: tuple[float, float],
    spectrum: bool = False,
    progress: Progress | None = None,
    each: bool = False,
) -> Travel:
    """Carry the gradient back from the last step of every passage to its start.

    Time is linear in the steps; memory is that of a stretch of steps and of the curves.

    Args:
        passages: of one kind of cell, one size, and as many steps.
        thresholds: log10 of the sizes that count as vanished and exploded.
        spectrum: measure all Lyapunov exponents, not only the largest.
        progress: hears the share that is done, from 0 to 1.
        each: return the sizes of each network, for :func:`together`; of no more steps than ``LARGEST_CURVE``.
    """
    cell, steps = passages[0].cell, passages[0].steps
    size, wide = cell.state_sizes[cell.state_names[-1]], sum(cell.state_sizes.values())
    if size > SMALL and not spectrum and len(passages) * steps * passages[0].step_bytes <= WHOLE_BYTES:
        return _travel_of_large(passages, thresholds, progress, each)
    chain = Products(len(passages), size, wide, steps // SETTLE, spectrum)
    curve = _Curve(steps, len(passages), thresholds, each)
    direct, uses = _Direct(_Curve(steps, len(passages), each=each)), [_Uses() for _ in passages]
    stretch = passages[0].stretch(len(passages))
    progress_bar = _Told(progress, sum(passage.work(stretch) for passage in passages))
    np.empty(KEPT_BYTES, np.uint8)  # glibc keeps freed blocks of up to its size at hand: no page faults at every step
    steps_done = 0
    for traces in zip(*(passage.stretches_back(stretch, progress_bar) for passage in passages), strict=True):
        length = len(traces[0])
        for block in _blocks_back(length, len(passages) * wide * wide * 8):
            some = [jacobians(walk.cell, trace, block) for walk, trace in zip(passages, traces, strict=True)]
            stack = some[0][None] if len(some) == 1 else np.stack(some)
            before = steps_done + length - block.stop
            curve.add(before, chain.back(stack, partial(curve.needed, before)))
        if "f" in cell.gate_letters:
            direct.add(steps_done, np.stack([trace.gates["f"][:, 0] for trace in traces]))
        for use, trace in zip(uses, traces, strict=True):
            use.add(cell, trace)
        steps_done += length
    return Travel(
        curve.steps_back, curve.points, direct.curve.points if direct.curve.used else None, curve.vanished,
        curve.exploded, chain.growth(),
        *_used(uses),
    )  # fmt: skip


def _used(uses: Sequence[_Uses]) -> tuple[dict[str, Array], Array]:
    """Return how each network's gates were used, and how far it was saturated."""
    gates = {letter: np.stack([use.gates()[letter] for use in uses]) for letter in uses[0].gates()}
    return gates, np.array([use.saturated() for use in uses])


def together(parts: Sequence[Travel], thresholds: tuple[float, float]) -> Travel:
    """Return what was measured on some networks of a kind and on others of it as of all of them side by side.

    Args:
        parts: in which there are the sizes of each network.
        thresholds: as :func:`travel` takes them.
    """
    growth = np.concatenate([part.growth for part in parts])
    steps = len(parts[0].steps_back)
    curve, direct = _Curve(steps, len(growth), thresholds), _Curve(steps, len(growth))
    curve.add(0, np.concatenate([part.total for part in parts]).T)
    carousels = [part.carousel for part in parts if part.carousel is not None]
    if carousels:
        direct.add(0, np.concatenate(carousels).T)
    return Travel(
        curve.steps_back, curve.points, direct.points if direct.used else None, curve.vanished, curve.exploded, growth,
        {letter: np.concatenate([part.gates[letter] for part in parts]) for letter in parts[0].gates},
        np.concatenate([part.saturated for part in parts]),
        *max((part.within, part.rows) for part in parts),
    )  # fmt: skip


def _travel_of_large(
    passages: Sequence[Passage], thresholds: tuple[float, float], progress: Progress | None, each: bool
) -> Travel:
    """Measure networks whose Jacobians are large: none is made, see :func:`all_paths`; the traces are held whole."""
    cell, steps = passages[0].cell, passages[0].steps
    curve = _Curve(steps, len(passages), thresholds, each)
    direct, uses = _Direct(_Curve(steps, len(passages), each=each)), [_Uses() for _ in passages]
    gates, found, growth = list[Array](), list[AllPaths](), list[float]()
    for number, (passage, use) in enumerate(zip(passages, uses, strict=True)):
        (trace,) = passage.stretches_back(steps)
        share = part(progress, number / len(passages), (number + 1) / len(passages))
        found.append(all_paths(passage.cell, trace, steps, share))
        growth.append(_growth(passage.cell, trace))
        use.add(cell, trace)
        gates += [trace.gates["f"][:, 0]] if "f" in trace.gates else []
    curve.add(0, np.stack([paths.log10[-2::-1] for paths in found], axis=1))
    if gates:
        direct.add(0, np.stack(gates))
    least_sure = max(found, key=lambda paths: paths.within)
    return Travel(
        curve.steps_back, curve.points, direct.curve.points if gates else None, curve.vanished, curve.exploded,
        np.array(growth)[:, None], *_used(uses), least_sure.within, least_sure.rows,
    )  # fmt: skip


def _growth(cell: Cell, trace: Trace) -> float:
    """Return the largest Lyapunov exponent, as :meth:`Products.growth` does."""
    steps, total = len(trace), 0.0
    skip, row = steps // SETTLE, np.cos(np.arange(1.0, sum(cell.state_sizes.values()) + 1))[None]
    for number, way in enumerate(ways_back(cell, trace, steps)):
        row = way(row / np.linalg.norm(row))
        if not row.any():
            return -np.inf
        total += float(np.log(np.linalg.norm(row))) if number >= skip else 0.0
    return total / (steps - skip) if steps >= LEAST_STEPS else np.nan


def _blocks_back(steps: int, each: int) -> list[slice]:
    """Cut ``steps`` steps into blocks, last first, whose Jacobians of ``each`` bytes a step fit the bounds."""
    size = max(BLOCK_BYTES // each, min(LEAST_BLOCK, max(1, MOST_BYTES // each)))
    return [slice(max(0, stop - size), stop) for stop in range(steps, 0, -size)]


def _kept(steps: int) -> Array:
    """Return the steps back whose sizes are kept: all, or ever fewer, evenly on a log axis, and round numbers."""
    if steps <= LARGEST_CURVE:
        return np.arange(1, steps + 1)
    kept = {lead * 10**power for power in range(3, 8) for lead in (1, 2, 5)}
    back = 1
    while back < steps:
        kept.add(back)
        back += max(1, back // FINE)
    return np.array(sorted({*(back for back in kept if back < steps), steps}))


class _Told:
    """Adds up what the passages tell, and passes on the share."""

    def __init__(self, progress: Progress | None, work: int) -> None:
        self._progress, self._work, self._done = progress, work, 0

    def __call__(self, steps: int) -> None:
        self._done += steps
        if self._progress:
            self._progress(self._done / self._work)


class _Curve:
    """Quartiles of a size over the networks at every step back; thinned out where there are very many."""

    def __init__(
        self, steps: int, batch: int, thresholds: tuple[float, float] = (-np.inf, np.inf), each: bool = False
    ) -> None:
        self.steps_back = _kept(steps)
        self.points = np.full((batch if each else 3, len(self.steps_back)), -np.inf)
        self.vanished: int | None = None
        self.exploded: int | None = None
        self.used = False
        self._low, self._high = thresholds
        self._batch, self._each = batch, each

    def needed(self, before: int, least: Array, most: Array) -> npt.NDArray[np.bool_]:
        """Tell at which of the steps back ``before + 1`` to ``before + n`` the sizes are needed, ``(n,)``.

        Elsewhere it does to know that they lie between ``least`` and ``most``, ``(n, B)``.
        """
        first, stop = np.searchsorted(self.steps_back, [before + 1, before + len(most) + 1])
        needed = np.zeros(len(most), bool)
        needed[self.steps_back[first:stop] - before - 1] = True
        if self.vanished is None:
            needed |= ((least < self._low) & ~(most < self._low)).any(axis=-1)
        if self.exploded is None:
            needed |= ((most > self._high) & ~(least > self._high)).any(axis=-1)
        return needed

    def add(self, before: int, logs: Array) -> None:
        """Add ``logs`` ``(n, B)`` at the steps back ``before + 1`` to ``before + n``."""
        self.used = True
        if self._each:
            self.points[:, before : before + len(logs)] = logs.T
            return
        quartiles = self._quartiles(logs)
        median, last = quartiles[1], before + len(logs)
        if self.vanished is None and (median < self._low).any():
            self.vanished = before + 1 + int(np.argmax(median < self._low))
        if self.exploded is None and (median > self._high).any():
            self.exploded = before + 1 + int(np.argmax(median > self._high))
        first, stop = np.searchsorted(self.steps_back, [before + 1, last + 1])
        self.points[:, first:stop] = quartiles[:, self.steps_back[first:stop] - before - 1]

    def _quartiles(self, logs: Array) -> Array:
        """Return the quartiles over the networks, ``(3, n)``."""
        if self._batch == 1:
            return np.broadcast_to(logs[:, 0], (3, len(logs)))
        quartiles = np.quantile(np.maximum(logs, NEVER), (0.25, 0.5, 0.75), axis=1)
        return np.where(quartiles < NEVER / 10, -np.inf, quartiles)


class _Direct:
    """The product of the forget gates of every unit."""

    def __init__(self, curve: _Curve) -> None:
        self.curve = curve
        self._total: Array | float = 0.0

    def add(self, before: int, gates: Array) -> None:
        """Multiply by ``gates`` ``(B, n, H)``, from the last of the n steps to the first."""
        with np.errstate(divide="ignore"):
            logs = np.cumsum(np.log10(np.abs(gates[:, ::-1])), axis=1)
        logs += self._total  # (B, n, H)
        self._total = logs[:, -1:].copy()
        self.curve.add(before, logs.max(axis=-1).T)


class _Uses:
    """Counts how far the gates of a network are open and its activations saturated."""

    def __init__(self) -> None:
        self._gates: dict[str, Array] = {}
        self._saturated, self._count = 0, 0

    def add(self, cell: Cell, trace: Trace) -> None:
        """Count one stretch."""
        candidate = cell.gate_letters[2] if len(cell.gate_letters) > 2 else ""
        for letter, gate in trace.gates.items():
            if letter != candidate:
                sums = np.array([gate.sum(), (gate > OPEN).sum(), (gate < CLOSED).sum()])
                self._gates[letter] = self._gates.get(letter, 0) + sums
        slopes = cell.candidate_slope(trace)
        self._saturated += int((slopes < SATURATED_SLOPE).sum())
        self._count += slopes.size

    def gates(self) -> dict[str, Array]:
        """Return by letter the mean, the share that is open and the share that is closed, ``(3,)``."""
        return {letter: sums / self._count for letter, sums in self._gates.items()}

    def saturated(self) -> float:
        """Return the share of saturated activations."""
        return self._saturated / self._count if self._count else 0.0
