"""Where people wait: ``python -m tests.benchmarks.waiting [--quick]``.

Whole commands, each beside the floor (``import numpy, rich.console, rich.table, typer``) in the same run.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from tests.benchmarks.checkpoint import MAKE
from tests.benchmarks.figure import Figure, alone
from tests.benchmarks.processes import ROOT, Side, floor, ours
from tests.benchmarks.rendering import STORY
from tests.benchmarks.timing import interleaved

SENTENCE = "the cat that w20 w21 w22 w23 w24 w25 w26 w27 w28 w29 w30 w31 the dogs w32 was hungry"
LARGE, SERIES = (2_000, 1_500, 2), (4_001, 256, 2)  # words or steps, units, layers
CORPUS = 1 << 27  # bytes of text, an eighth of a gigabyte
SECONDS = {"compare": 2.0, "a series of 4,001 steps, 2 × 256 units": 6.0, "2 × 1,500 units, 20 words": 3.0,
           "doctor, 128 MB of text": 12.5}  # fmt: skip

MAKE_FORECASTER = """
import sys
from pathlib import Path
import numpy as np
from lstm_ascii.checkpoints.formats.safetensors import write
folder, steps, hidden, layers = Path(sys.argv[1]), *map(int, sys.argv[2:5])
bits = np.random.default_rng(0)
def weights(*shape):
    return (bits.random(shape, np.float32) - 0.5) * np.float32(0.16)
tensors = {}
for n in range(layers):
    sizes = {"weight_ih": (4 * hidden, hidden if n else 2), "weight_hh": (4 * hidden, hidden)}
    sizes |= {"bias_ih": (4 * hidden,), "bias_hh": (4 * hidden,)}
    tensors |= {f"rnn.{name}_l{n}": weights(*size) for name, size in sizes.items()}
tensors |= {"fc.weight": weights(1, hidden), "fc.bias": weights(1)}
write(folder / "forecaster.safetensors", tensors, {})
np.save(folder / "series.npy", np.sin(np.arange(steps)[:, None] / (7.0, 31.0)) + bits.normal(size=(steps, 2)) / 9)
"""


def figures(quick: bool) -> Iterator[Figure]:
    """Measure each command, and the floor in the same run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for script, sizes in ((MAKE, (*LARGE, 0)), (MAKE_FORECASTER, SERIES)):
            made = [sys.executable, "-c", script, name, *map(str, sizes)]
            subprocess.run(made, cwd=ROOT, check=True)  # noqa: S603
        series, model, words, text = (
            str(folder / end) for end in ("series.npy", "model.safetensors", "words.txt", "text")
        )
        forecaster = str(folder / "forecaster.safetensors")
        sides = {
            "compare": ours("compare"),
            "a series of 4,001 steps, 2 × 256 units": ours(
                "explain", "--model", forecaster, "--input", series, piped=True
            ),
            "2 × 1,500 units, 20 words": ours(
                "explain", SENTENCE, "--model", model, "--vocab", words, "--contrast", "was:were", piped=True
            ),
        }
        if not quick:
            lines = "\n".join(" ".join(islice(cycle(STORY), first, first + 16)) for first in range(len(STORY))) + "\n"
            Path(text).write_text(lines * (CORPUS // len(lines)), encoding="utf-8")
            sides["doctor, 128 MB of text"] = ours("doctor", "lstm_ascii/weights/lstm.safetensors", text)
        for title, side in sides.items():
            yield from measured(title, side, 1 if quick or "doctor" in title else 5)


def measured(title: str, side: Side, turns: int) -> Iterator[Figure]:
    """Measure a command: seconds, and how many floors these are."""
    seconds = interleaved({title: side, "floor": floor()}, turns, warm=False)
    took, least = (statistics.median(seconds[name]) for name in (title, "floor"))
    told = (
        f"{took / least:.0f} times the floor of {least:.2f} s; {statistics.median(side.processor):.2f} s of a processor"
    )
    yield Figure(title, took, "s", SECONDS[title], measured=f"{told}, {side.peak:.0f} MB")


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
