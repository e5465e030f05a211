"""The recall task against PyTorch: ``python -m tests.benchmarks.recall [--gap N]``.

Both sides start from the same weights and learn from the same sequences: they are timed a step, and have to be right
about equally often on the way. One thread each is fair: ``OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1``.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.training.optimiser import Adam
from lstm_ascii.training.recall import BATCH, RATE, Heat, Learner, Racer, Sequences
from tests.benchmarks.timing import interleaved, median_ratio

STEPS, TURNS = 10, 12  # a turn is so many training steps
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
            x, names = sequences.batch(BATCH)
            logits = decoder(layer(torch.from_numpy(x))[0][-1])
            right.append(int((logits.argmax(dim=1).numpy() == names).sum()))
            adam.zero_grad()
            torch.nn.functional.cross_entropy(logits, torch.from_numpy(names)).backward()
            adam.step()

    return turn


def main() -> None:
    """Print a line a kind of network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gap", type=int, default=50)
    gap = parser.parse_args().gap
    np.empty(1 << 24, np.uint8)  # as the processes of the race do: no page faults at every step
    print(f"gap {gap}, {BATCH} sequences a step, float32")
    for racer in KINDS:
        heat = Heat(racer, gap, 0)
        right: tuple[list[int], list[int]] = ([], [])
        times = interleaved({"ours": ours(heat, right[0]), "torch": theirs(heat, right[1])}, TURNS)
        milliseconds = {side: 1e3 * statistics.median(some) / STEPS for side, some in times.items()}
        ratio = median_ratio(times["torch"], times["ours"])
        shares = [sum(some) / (len(some) * BATCH) for some in right]
        print(
            f"{racer.label:12} ours {milliseconds['ours']:6.2f} ms a step, PyTorch {milliseconds['torch']:6.2f} "
            f"({ratio:.2f} times); right on the way: {shares[0]:.1%}, PyTorch {shares[1]:.1%}"
        )


if __name__ == "__main__":
    main()
