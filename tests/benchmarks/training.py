"""One step of training against PyTorch: ``OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.training [--threads N]``.

A step is what a training loop repeats: forward, cross-entropy, backward, clipping, Adam; B = 32, 48 words, float32,
the vocabulary of agreement English. PyTorch gets no costs of memory and of writing, which makes it the lighter task.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys

import numpy as np

from lstm_ascii.training.corpus import GrammarCorpus
from lstm_ascii.training.loop import Trainer
from lstm_ascii.training.recipe import Recipe
from tests.benchmarks.timing import interleaved, median_ratio

BAR = 0.9  # of PyTorch's time, at H = 48


def our_side(cell, hidden, batch_of):
    recipe = Recipe(cell, hidden=hidden, embedding=hidden, memory_cost=1e-4, writing_cost=2e-2)
    trainer = Trainer(recipe, GrammarCorpus(recipe))
    batch = batch_of(recipe)
    return lambda: trainer.step(batch)


def torch_side(torch, cell, hidden, batch_of):
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    recipe = Recipe(cell, hidden=hidden, embedding=hidden)
    size = len(GrammarCorpus(recipe).vocabulary)
    embedding, layer, decoder = torch.nn.Embedding(size, hidden), kind(hidden, hidden), torch.nn.Linear(hidden, size)
    parameters = [*embedding.parameters(), *layer.parameters(), *decoder.parameters()]
    adam = torch.optim.Adam(parameters, 4e-3)
    ids = torch.from_numpy(batch_of(recipe).ids)

    def step():
        adam.zero_grad()
        logits = decoder(layer(embedding(ids[:-1]))[0])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        return float(loss.detach())

    return step


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch; set OPENBLAS_NUM_THREADS to the same")
    parser.add_argument("--repeats", type=int, default=25)
    options = parser.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != str(options.threads):
        print(f"set OPENBLAS_NUM_THREADS={options.threads}: both sides must have the same threads", file=sys.stderr)
        return 2
    import torch

    torch.set_num_threads(options.threads)
    batches = {}

    def batch_of(recipe):
        return batches.setdefault("", GrammarCorpus(recipe).batch(0))

    failed = False
    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}, {options.threads} thread(s); milliseconds a step")
    for hidden in (48, 32):
        for cell in ("lstm", "gru", "rnn"):
            sides = {"ours": our_side(cell, hidden, batch_of), "torch": torch_side(torch, cell, hidden, batch_of)}
            seconds = interleaved(sides, options.repeats)
            ours, theirs = (1e3 * statistics.median(seconds[side]) for side in ("ours", "torch"))
            ratio = median_ratio(seconds["ours"], seconds["torch"])
            missed = hidden == 48 and ratio > BAR
            failed |= missed
            print(f"{cell:5} H={hidden}  ours {ours:5.1f}  torch {theirs:5.1f}  ratio {ratio:.2f}{'  > 0.9' * missed}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
