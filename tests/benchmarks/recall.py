"""The steps of the memory race against PyTorch: ``python -m tests.benchmarks.recall [--quick]``.

Both sides of a step start from the same weights and learn from the same sequences: they are timed a step, and have to
be right about equally often on the way. One thread each is fair: ``OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1``.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.training.optimiser import Adam
from lstm_ascii.training.recall import BATCH, RATE, WORDS, Heat, Learner, Racer, Sequences
from tests.benchmarks.figure import Figure, alone
from tests.benchmarks.timing import interleaved, median_ratio

STEPS, TURNS = 10, 12  # a turn is so many training steps
GAP = 50
KINDS = (Racer("rnn"), Racer("lstm", "chrono"), Racer("gru"))


def ours(heat: Heat, right: list[int]) -> Callable[[], None]:
    """Return a turn of this package's training, which notes how many answers were right."""
    learner, sequences = Learner.first(heat), Sequences(heat.gap, heat.seed)
    adam = Adam(learner.parameters)

    def turn() -> None:
        for _ in range(STEPS):
            found, gradients = learner.gradients(*sequences.batch(BATCH))
            adam.step(gradients, RATE)
            right.append(found)

    return turn


def theirs(heat: Heat, right: list[int]) -> Callable[[], None]:
    """Return a turn of PyTorch's training from the same weights on the same sequences."""
    import torch

    learner, sequences = Learner.first(heat), Sequences(heat.gap, heat.seed)
    cell = learner.cell
    layer: Any = getattr(torch.nn, cell.name)(cell.input_size, cell.hidden_size)
    decoder = torch.nn.Linear(*learner.decoder_weight.shape[::-1])
    parts: list[tuple[Any, Array]] = [(getattr(layer, f"{name}_l0"), value) for name, value in cell.parameters.items()]
    parts += [(decoder.weight, learner.decoder_weight), (decoder.bias, learner.decoder_bias)]
    with torch.no_grad():
        for parameter, value in parts:
            parameter.copy_(torch.from_numpy(value))
    adam = torch.optim.Adam([*layer.parameters(), *decoder.parameters()], lr=RATE)

    def turn() -> None:
        for _ in range(STEPS):
            words, names = sequences.batch(BATCH)
            x = torch.nn.functional.one_hot(torch.from_numpy(words), WORDS).float()
            logits = decoder(layer(x)[0][-1])
            right.append(int((logits.argmax(dim=1).numpy() == names).sum()))
            adam.zero_grad()
            loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(names))
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()

    return turn


def figures(quick: bool) -> Iterator[Figure]:
    """Measure a step of each kind of network; the whole race is in ``waiting``."""
    if not importlib.util.find_spec("torch"):
        print("torch is not installed: there is nothing to hold a step of the race against.", file=sys.stderr)
        return
    np.empty(1 << 24, np.uint8)  # as the processes of the race do: no page faults at every step
    for racer in KINDS:
        yield compared(Heat(racer, GAP, 0), 4 if quick else TURNS)


def compared(heat: Heat, turns: int) -> Figure:
    """Measure how many times our time a step takes PyTorch, and how often both are right on the way."""
    right: tuple[list[int], list[int]] = ([], [])
    times = interleaved({"ours": ours(heat, right[0]), "torch": theirs(heat, right[1])}, turns)
    mine, other = (1e3 * statistics.median(times[side]) / STEPS for side in ("ours", "torch"))
    shares = [sum(some) / (len(some) * BATCH) for some in right]
    told = f"{mine:.2f} ms, PyTorch {other:.2f} ms; right on the way {shares[0]:.1%}, PyTorch {shares[1]:.1%}"
    ratio = median_ratio(times["torch"], times["ours"])
    return Figure(f"{heat.racer.label}, gap {heat.gap}: PyTorch", ratio, "x", measured=told)


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
