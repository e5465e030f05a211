"""``gradients`` against the least that it could cost: ``python -m tests.benchmarks.gradients [--quick]``.

Both sides of every line are measured in one run, in turns; what counts is the median of their ratios. One
thread each: ``OPENBLAS_NUM_THREADS=1`` is set before NumPy is loaded.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from lstm_ascii.analysis.travel import travel
from lstm_ascii.reports.levers import Kind, Levers
from tests.benchmarks.timing import interleaved, median_ratio

ROOT = Path(__file__).resolve().parents[2]
FLOOR = [sys.executable, "-c", "import numpy, rich.console, rich.table, typer"]
OURS = [sys.executable, "-m", "lstm_ascii", "gradients", "--steps", "50"]
MOST_START_UP, MOST_PER_STEP, MOST_GROWTH = 1.6, 3.0, 1.3
SIZES = {"rnn": (32, 64, 128), "lstm": (32, 64, 128), "gru": (32, 64, 128)}
STEPS = 2000


def start_up(turns: int) -> tuple[float, float, float]:
    """Return the median ratio of the whole command to the imports that it needs, and the times, in ms."""

    def process(arguments: list[str]) -> Callable[[], object]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return lambda: subprocess.run(  # noqa: S603
            arguments, env=environment, stdout=subprocess.DEVNULL, check=True
        )

    times = interleaved({"ours": process(OURS), "floor": process(FLOOR)}, turns)
    ours, floor = (1e3 * float(np.median(times[side])) for side in ("ours", "floor"))
    return median_ratio(times["ours"], times["floor"]), ours, floor


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


def main() -> int:
    """Print a line a measurement; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns")
    quick = parser.parse_args().quick
    missed = []
    ratio, ours, floor = start_up(9 if quick else 21)
    print(f"--steps 50, whole process: {ours:.0f} ms, floor {floor:.0f} ms: {ratio:.2f} times (bar {MOST_START_UP})")
    missed += ["start-up"] if ratio > MOST_START_UP else []
    for cell, sizes in SIZES.items():
        for hidden in sizes:
            found = per_step(cell, hidden, 5 if quick else 11, STEPS // 4 if hidden > 64 else STEPS)
            print(f"{cell:4} H={hidden:<4} {found.ours:7.1f} us a step, bare product {found.bare:7.1f} us: "
                  f"{found.chain:.2f} times (bar {MOST_PER_STEP:g}), with the forward pass {found.whole:.2f}",
                  flush=True)  # fmt: skip
            missed += [f"{cell} H={hidden}"] if found.chain > MOST_PER_STEP else []
    ratio = growth(1 if quick else 5)
    print(f"10,000 steps against 1,000: {ratio:.2f} times as long a step (bar {MOST_GROWTH:g})")
    missed += ["growth"] if ratio > MOST_GROWTH else []
    print(f"Missed: {', '.join(missed)}." if missed else "No bar is missed.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
