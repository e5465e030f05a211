"""Small random language models to measure on."""

from __future__ import annotations

import numpy as np

from lstm_ascii.initial import random_cell, uniform
from lstm_ascii.network import Direction, Network, Run
from lstm_ascii.vocabulary import Vocabulary

WORDS = tuple("abcdefgh")
IDS = (0, 3, 1, 4, 2, 7, 5, 6, 3, 0)


def network(cell: str, size: int = 5) -> Network:
    """Return a network with a start state that is not zero and unequal biases everywhere."""
    drawn = random_cell(cell, 4, size, seed=3, forget_bias=1.0)
    start = {name: uniform(3, f"start {name}", (size,), 0.7) for name in drawn.state_names}
    embedding, decoder = uniform(3, "embedding", (8, 4), 1.5), uniform(3, "decoder", (8, size), 1.0)
    return Network(Vocabulary(WORDS), embedding, ((Direction(drawn, start),),), decoder, uniform(3, "bias", (8,), 0.5))


def run(model: Network, ids: tuple[int, ...] = IDS) -> Run:
    """Run it over a sequence."""
    return model.run(np.array(ids)[:, None])
