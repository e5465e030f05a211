"""One step of training against PyTorch: ``python -m tests.benchmarks.training [--quick]``.

A step is what a training loop repeats: forward, cross-entropy, backward, clipping, Adam; B = 32, 48 words, float32,
the vocabulary of agreement English. PyTorch gets no costs of memory and of writing, which makes it the lighter task.
One thread each: ``OPENBLAS_NUM_THREADS=1`` is set before NumPy is loaded.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import sys
from collections.abc import Callable, Iterator

os.environ["OPENBLAS_NUM_THREADS"] = "1"

from lstm_ascii.training.corpus import Batch, GrammarCorpus
from lstm_ascii.training.loop import Trainer
from lstm_ascii.training.recipe import Recipe
from tests.benchmarks.figure import Figure, alone, of_runs, turns_asked
from tests.benchmarks.timing import interleaved, median_ratio

Batches = Callable[[Recipe], Batch]
BAR = 0.6  # of PyTorch's time, at H = 48


def our_side(cell: str, hidden: int, batch_of: Batches) -> Callable[[], object]:
    """Return one step of this package's loop."""
    recipe = Recipe(cell, hidden=hidden, embedding=hidden, memory_cost=1e-4, writing_cost=2e-2)
    trainer = Trainer(recipe, GrammarCorpus(recipe))
    batch = batch_of(recipe)
    return lambda: trainer.step(batch)


def torch_side(cell: str, hidden: int, batch_of: Batches) -> Callable[[], object]:
    """Return the same step, written in PyTorch."""
    import torch

    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    recipe = Recipe(cell, hidden=hidden, embedding=hidden)
    size = len(GrammarCorpus(recipe).vocabulary)
    embedding, layer, decoder = torch.nn.Embedding(size, hidden), kind(hidden, hidden), torch.nn.Linear(hidden, size)
    parameters = [*embedding.parameters(), *layer.parameters(), *decoder.parameters()]
    adam = torch.optim.Adam(parameters, 4e-3)
    ids = torch.from_numpy(batch_of(recipe).ids)

    def step() -> float:
        adam.zero_grad()
        logits = decoder(layer(embedding(ids[:-1]))[0])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[1:].flatten())
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        return float(loss.detach())

    return step


def figures(quick: bool) -> Iterator[Figure]:
    """Measure a step of every cell, at two sizes."""
    if not importlib.util.find_spec("torch"):
        print("torch is not installed: there is nothing to hold a step of training against.", file=sys.stderr)
        return
    import torch

    torch.set_num_threads(1)
    batches: dict[str, Batch] = {}

    def batch_of(recipe: Recipe) -> Batch:
        if "" not in batches:
            batches[""] = GrammarCorpus(recipe).batch(0)
        return batches[""]

    for hidden in (48,) if quick else (48, 32):
        for cell in ("lstm", "gru", "rnn"):
            sides = {"ours": our_side(cell, hidden, batch_of), "torch": torch_side(cell, hidden, batch_of)}
            runs = [interleaved(sides, 7 if quick else 25) for _ in range(turns_asked(quick))]
            ours, theirs = (1e3 * statistics.median(statistics.median(run[side]) for run in runs) for side in sides)
            ratios = [median_ratio(run["ours"], run["torch"]) for run in runs]
            told, bar = f"{ours:.1f} ms, PyTorch {theirs:.1f} ms", BAR if hidden == 48 else None
            yield of_runs(f"{cell} H={hidden}: a step of training", ratios, "x", bar, measured=told)


if __name__ == "__main__":
    sys.exit(alone(figures, __doc__))
