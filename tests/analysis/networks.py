"""Small random language models to measure on."""

from __future__ import annotations

import numpy as np

from lstm_ascii.cells.initial import random_cell, uniform
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network, Run

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


def stack(*cells: str, both_ways: bool = False, size: int = 5, seed: int = 3) -> Network:
    """Return a network of several layers, from the words up; with ``both_ways`` each also reads backward."""
    layers, width = [], 4
    for number, cell in enumerate(cells):
        ways = [
            random_cell(cell, width, size, seed + 10 * number + way, forget_bias=1.0) for way in range(1 + both_ways)
        ]
        starts = [
            {name: uniform(seed, f"start {name} {number}", (size,), 0.7) for name in drawn.state_names}
            for drawn in ways
        ]
        layers.append(
            tuple(
                Direction(drawn, start, way == 1) for way, (drawn, start) in enumerate(zip(ways, starts, strict=True))
            )
        )
        width = size * len(ways)
    embedding, decoder = uniform(seed, "embedding", (8, 4), 1.5), uniform(seed, "decoder", (8, width), 3.0)
    return Network(Vocabulary(WORDS), embedding, tuple(layers), decoder, uniform(seed, "bias", (8,), 0.5))
