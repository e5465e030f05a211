"""The importance of each step and feature of a series for an answer: by occlusion, and by integrated gradients.

Occlusion is an intervention: an input is replaced by a baseline, and the network runs again. Integrated gradients
(Sundararajan, Taly & Yan 2017) are not: they attribute the difference between the answer to the input and that to the
baseline to all inputs, by the gradients along the straight line between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lstm_ascii.analysis.asked import Asked
from lstm_ascii.analysis.rerun import ARRAYS, BYTES, States, at_once, figures_again, is_forward, units, weights_used
from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run, gradient_below
from lstm_ascii.progress import Progress
from lstm_ascii.records import dataclass

WORK = 2e10  # multiplications that all replacements may take; for more, several steps are replaced together
FEWEST = 8  # groups of steps; for fewer, nothing is replaced
POINTS, MOST_POINTS, NEAR = 32, 512, 1e-4  # of the quadrature; a completeness gap that is small, as a share


@dataclass(frozen=True, eq=False)
class Replaced:
    """The change of the answer when inputs are replaced by a baseline and the network runs again.

    Attributes:
        stretch: how many steps are replaced together.
        cells: for one feature in one stretch of steps, ``(S, D)``.
        stretches: for all features in one stretch, ``(S,)``.
        features: for one feature at all steps, ``(D,)``.
        everything: for the whole series.
    """

    stretch: int
    cells: Array
    stretches: Array
    features: Array
    everything: float


@dataclass(frozen=True, eq=False)
class Integrated:
    """Integrated gradients.

    Attributes:
        values: by step and feature, ``(T, D)``.
        points: of the quadrature (Gauss-Legendre).
        gap: the completeness gap, ``difference`` less the sum of ``values``.
        difference: between the answer to the input and that to the baseline.
    """

    values: Array
    points: int
    gap: float
    difference: float


@dataclass(frozen=True, eq=False)
class _Variant:
    """The input with steps ``first`` to ``last`` − 1 of one feature replaced; of all features if ``feature`` is −1."""

    first: int
    last: int
    feature: int


def vectors_of(network: Network, run: Run) -> Array:
    """Return the input vectors of a pass with ``B`` = 1, ``(T, D)``."""
    read: Array = network.layers[0][0].ordered(run.traces[0][0].x)[:, 0]
    return read


def stretch_of(network: Network, steps: int, features: int) -> int | None:
    """Return how many steps to replace together so that all replacements stay within :data:`WORK`.

    Args:
        network: that would run.
        steps: T.
        features: D.

    Returns:
        ``None`` where fewer than :data:`FEWEST` groups of steps would be left.
    """
    each = weights_used(network) * steps * (0.5 if is_forward(network) else 1.0) * (features + 1)
    stretch = max(1, int(np.ceil(steps * each / WORK)))
    return stretch if stretch == 1 or -(-steps // stretch) >= FEWEST else None


def replaced(
    network: Network, run: Run, baseline: Array, asked: Asked, stretch: int = 1, progress: Progress | None = None
) -> Replaced:
    """Replace each step, each feature, and each feature at each step by a baseline, one at a time.

    Args:
        network: any.
        run: over vectors, ``B`` = 1.
        baseline: what replaces them, ``(T, D)`` or ``(D,)``.
        asked: the number of the answer that is compared.
        stretch: how many steps are replaced together.
        progress: called with the share that is done, from 0 to 1.

    Returns:
        The changes: the answer with the replacement, less that without.
    """
    x = vectors_of(network, run)
    steps, width = x.shape
    places = [(first, min(steps, first + stretch)) for first in range(0, steps, stretch)]
    variants = [_Variant(*place, feature) for place in places for feature in range(-1, width)]
    variants += [_Variant(0, steps, feature) for feature in range(-1, width)]
    order = sorted(range(len(variants)), key=lambda k: variants[k].first)  # what starts late needs fewer steps
    figures, together = np.empty(len(variants)), at_once(network, steps, asked)
    instead = np.broadcast_to(baseline, x.shape)
    for begin in range(0, len(order), together):
        places_of_some = order[begin : begin + together]
        some = [variants[k] for k in places_of_some]
        read = _read(network, x, instead, some)
        figures[places_of_some] = figures_again(network, run, steps, [one.first for one in some], read, asked)
        if progress:
            progress(min(1.0, (begin + together) / len(order)))
    figures -= float(asked.figures(run.outputs)[0])
    by_stretch = figures[: len(places) * (width + 1)].reshape(len(places), width + 1)  # (S, 1 + D), all features first
    whole = figures[len(places) * (width + 1) :]  # (1 + D,)
    return Replaced(stretch, by_stretch[:, 1:], by_stretch[:, 0], whole[1:], float(whole[0]))


def _read(
    network: Network, x: Array, baseline: Array, variants: Sequence[_Variant]
) -> Callable[[slice, int, States], Run]:
    """Return the function that runs the network over some steps of the first variants."""
    first, last, feature = (np.array([getattr(one, name) for one in variants]) for name in ("first", "last", "feature"))
    chosen = (feature[:, None] < 0) | (feature[:, None] == np.arange(x.shape[1]))  # (B, D)

    def read(part: slice, count: int, states: States) -> Run:
        number = np.arange(part.start, part.stop)[:, None]
        here = ((number >= first[:count]) & (number < last[:count]))[..., None] & chosen[:count]  # (S, B, D)
        return network.run_vectors(np.where(here, baseline[part, None], x[part, None]), states)

    return read


def integrated(
    network: Network, run: Run, baseline: Array, asked: Asked, progress: Progress | None = None
) -> Integrated | None:
    """Return integrated gradients (Sundararajan 2017), with as many points as make the completeness gap small.

    ``(x − x′) ⊙ ∫₀¹ ∂F(x′ + α (x − x′))/∂x dα``, by Gauss-Legendre quadrature; the number of points doubles until
    the gap is below 0.0001 of the difference, or more points would exceed :data:`WORK`.

    Args:
        network: any.
        run: over vectors, ``B`` = 1.
        baseline: x′, ``(T, D)`` or ``(D,)``.
        asked: F.
        progress: called with the share that is done, from 0 to 1.

    Returns:
        ``None`` where even the fewest points would exceed :data:`WORK`.
    """
    x = vectors_of(network, run)
    away = x - baseline
    most = min(MOST_POINTS, int(WORK / (3 * weights_used(network) * len(x))))
    ends = network.run_vectors(np.stack([x - away, x], axis=1)).outputs
    nothing, something = asked.figures(ends).tolist()
    found, points = None, POINTS
    while points <= most:
        values = away * mean_gradient(network, x - away, away, asked, points)
        gap = float(something - nothing - values.sum())
        found = Integrated(values, points, gap, something - nothing)
        if abs(gap) <= NEAR * abs(something - nothing):
            break
        points *= 2
        if progress:
            progress(points / most)
    return found


def mean_gradient(network: Network, start: Array, away: Array, asked: Asked, points: int) -> Array:
    """Return the mean gradient along the straight line from ``start`` to ``start + away``, all ``(T, D)``."""
    places, weights = np.polynomial.legendre.leggauss(points)
    places, weights = (places + 1) / 2, weights / 2
    at_once = max(1, int(BYTES / (len(start) * ARRAYS * 8 * units(network))))
    mean = np.zeros(start.shape)
    for begin in range(0, points, at_once):
        some = slice(begin, begin + at_once)
        run = network.run_vectors(start[:, None] + places[some, None] * away[:, None])
        slopes = gradient_below(network, run, asked.gradient(run.outputs))
        mean += np.einsum("tbd,b->td", slopes, weights[some])
    return mean
