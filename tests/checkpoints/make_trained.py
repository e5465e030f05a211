"""Train a small language model in PyTorch, as a reader of the README might, and keep its weights, words and answers.

Run ``python -m tests.checkpoints.make_trained`` where torch and safetensors are installed; it takes about a minute. The
sentences agree in number over a relative clause, so there is something to see in the gates.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

FILES = Path(__file__).with_name("files")
NOUNS = (("cat", "cats"), ("dog", "dogs"), ("boy", "boys"), ("girl", "girls"))
PAST, ENDS = ("saw", "chased", "liked"), ("hungry", "happy", "tired")
WORDS = ("<unk>", ".", "the", "that", "near", "was", "were", *PAST, *ENDS, *(form for noun in NOUNS for form in noun))
EMBEDDED, UNITS, LAYERS, STEPS, BATCH = 12, 16, 2, 1500, 64


class Model(nn.Module):
    """An embedding, an LSTM of two layers, a linear decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(WORDS), EMBEDDED)
        self.lstm = nn.LSTM(EMBEDDED, UNITS, LAYERS)
        self.linear = nn.Linear(UNITS, len(WORDS))

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        output, _ = self.lstm(self.embedding(ids))
        return output, self.linear(output)


def sentence(draw: random.Random) -> list[str]:
    """Return a sentence whose verb agrees with its first noun."""
    number = draw.randrange(2)
    words = ["the", draw.choice(NOUNS)[number]]
    for _ in range(draw.choice((0, 1, 1, 2))):
        clause = ["that", draw.choice(PAST)] if draw.random() < 0.6 else ["near"]
        words += [*clause, "the", draw.choice(NOUNS)[draw.randrange(2)]]
    return [*words, ("was", "were")[number], draw.choice(ENDS), "."]


def batch(draw: random.Random) -> torch.Tensor:
    """Return sentences side by side, each in its column, filled up with full stops."""
    rows = [[WORDS.index(word) for word in sentence(draw)] for _ in range(BATCH)]
    longest = max(map(len, rows))
    return torch.tensor([row + [WORDS.index(".")] * (longest - len(row)) for row in rows]).T


def main() -> None:
    """Train, and write what the tests want."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    draw, model = random.Random(0), Model()  # noqa: S311 - sentences, no secrets
    adam = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(STEPS):
        ids = batch(draw)
        _, logits = model(ids[:-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), ids[1:].flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
    print(f"loss {loss.item():.3f}")
    save_file(model.state_dict(), FILES / "torch_trained.safetensors")
    (FILES / "torch_trained.words.txt").write_text("\n".join(WORDS) + "\n")
    ids = batch(draw)[:, :3]
    with torch.no_grad():
        output, logits = model(ids)  # in single precision, as a reader would
    np.savez_compressed(FILES / "torch_trained.answers.npz", ids=ids, output=output, logits=logits)


if __name__ == "__main__":
    main()
