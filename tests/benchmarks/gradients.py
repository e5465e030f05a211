"""``gradients`` against the least that it could cost: ``python -m tests.benchmarks.gradients [--quick]``.

What it computes is held against a bare product of the same sizes, in one run, in turns; what counts is the median of
their ratios. One thread each: ``OPENBLAS_NUM_THREADS=1`` is set before NumPy is loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from lstm_ascii.analysis.travel import travel
from lstm_ascii.reports.gradients.levers import Kind, Levers
from tests.benchmarks.figure import Figure, alone
from tests.benchmarks.timing import interleaved, median_ratio

MOST_PER_STEP, MOST_GROWTH = 3.0, 1.3
SIZES = {"rnn": (32, 64, 128), "lstm": (32, 64, 128), "gru": (32, 64, 128)}
STEPS = 2000


@dataclass(frozen=True)
class PerStep:
    """One size: ratios to a bare product, and microseconds a step."""

    whole: float
    chain: float
    ours: float
    bare: float


def per_step(cell: str, hidden: int, turns: int, steps: int = STEPS) -> PerStep:
    """Measure a whole measurement, and without its forward pass, against a bare product of the same sizes.

    What is left without it builds the Jacobians, multiplies, and takes the largest singular value and the growth of
    every step.
    """
    (kind,) = Levers(steps=steps, cells=(cell,), hidden=hidden, forget_biases=(1.0,)).kinds()
    passages = list(kind.passages())
    wide = hidden * len(passages[0].cell.state_names)
    rows, jacobian, out = np.ones((hidden, wide)), np.ones((wide, wide)), np.empty((hidden, wide))

    def bare() -> None:
        for _ in range(steps):
            np.matmul(rows, jacobian, out=out)

    def forward() -> None:
        for _ in passages[0].stretches_back(passages[0].stretch()):
            pass

    times = interleaved({"ours": lambda: travel(passages, (-3.0, 3.0)), "forward": forward, "bare": bare}, turns)
    chain = [ours - there for ours, there in zip(times["ours"], times["forward"], strict=True)]
    ours, least = (1e6 * float(np.median(times[side])) / steps for side in ("ours", "bare"))
    return PerStep(median_ratio(times["ours"], times["bare"]), median_ratio(chain, times["bare"]), ours, least)


def growth(turns: int) -> float:
    """Return how much longer ten times the steps take than ten times as long."""

    def side(steps: int) -> Callable[[], object]:
        passages = list(Kind(Levers(steps=steps), "lstm", 1.0).passages())
        return lambda: travel(passages, (-3.0, 3.0))

    times = interleaved({"long": side(10_000), "short": side(1000)}, turns)
    return median_ratio(times["long"], times["short"]) / 10


def figures(quick: bool) -> Iterator[Figure]:
    """Measure a step of every cell and size, and the growth with the steps; start-up is in ``startup``."""
    for cell, sizes in SIZES.items():
        for hidden in sizes[:2] if quick else sizes:
            found = per_step(cell, hidden, 5 if quick else 11, STEPS // 4 if hidden > 64 else STEPS)
            told = f"{found.ours:.1f} us a step, product {found.bare:.1f} us; with the forward pass {found.whole:.2f}x"
            yield Figure(f"{cell} H={hidden}: a step, in products", found.chain, "x", MOST_PER_STEP, measured=told)
    ratio = growth(1 if quick else 5)
    yield Figure("a step, of 10,000 against of 1,000", ratio, "x", MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
