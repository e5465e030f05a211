"""What ``watch`` takes of a PyTorch training, in processor time: ``python -m tests.benchmarks.watching [--quick]``.

The same training runs bare and watched, one after the other in turns; whatever else the machine does, what counts is
the processor time of this process. One thread each: ``OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1``.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lstm_ascii.live.watch import watch
from tests.benchmarks.figure import Figure, alone

SIZES = {"LSTM of 64 units": (1, 64), "LSTM of 2 x 200 units": (2, 200)}
STEPS, LENGTH, BATCH, INPUTS = 400, 40, 16, 16
PAIRS, MOST = 5, 1.05


def processor() -> float:
    """Return the seconds that this process has had of processors."""
    spent = os.times()
    return spent.user + spent.system


def trained(layers: int, units: int, steps: int, path: Path | None) -> tuple[float, int]:
    """Train; return the processor time that it took, and how many reports were written."""
    import torch

    torch.manual_seed(0)
    model = torch.nn.ModuleDict({"rnn": torch.nn.LSTM(INPUTS, units, layers), "head": torch.nn.Linear(units, 4)})
    optimizer = torch.optim.Adam(model.parameters())
    x, y = torch.randn(LENGTH, BATCH, INPUTS), torch.randint(0, 4, (BATCH,))

    def train() -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            loss: Any = torch.nn.functional.cross_entropy(model["head"](model["rnn"](x)[0][-1]), y)
            loss.backward()
            optimizer.step()

    begun = processor()
    if path is None:
        train()
        return processor() - begun, 0
    with watch(model, path) as watching:
        train()
    return processor() - begun, watching.reports


def figures(quick: bool) -> Iterator[Figure]:
    """Measure how many times the bare time a watched training takes: the median over pairs."""
    if not importlib.util.find_spec("torch"):
        print("torch is not installed: there is no training to watch.", file=sys.stderr)
        return
    import torch

    torch.set_num_threads(1)
    pairs, steps = (1, STEPS // 4) if quick else (PAIRS, STEPS)
    for name, (layers, units) in SIZES.items():
        trained(layers, units, steps // 10, None)  # warms up
        ratios, reports, seconds = [], [], []
        for number in range(pairs):
            with tempfile.TemporaryDirectory() as folder:
                order = (None, Path(folder) / "watch.jsonl")[:: 1 if number % 2 else -1]
                found = {path is not None: trained(layers, units, steps, path) for path in order}
            ratios.append(found[True][0] / found[False][0])
            reports.append(found[True][1])
            seconds.append(found[False][0])
        told = f"bare {statistics.median(seconds):.1f} s, {pairs} pairs, {statistics.median(reports):g} reports each"
        told += f", {min(ratios):.3f} to {max(ratios):.3f}"
        yield Figure(f"{name}, watched", statistics.median(ratios), "x", None if quick else MOST, measured=told)


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
