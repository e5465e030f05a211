"""Where a network comes from: the one seam between the commands and the weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lstm_ascii.errors import UsageError
from lstm_ascii.initial import CELLS, random_cell, uniform
from lstm_ascii.network import Direction, Network
from lstm_ascii.vocabulary import Vocabulary

END = "‹end›"  # so that there is a choice after a sentence of one word, too
DEFAULT_HIDDEN = 32
LARGEST_HIDDEN = 2048


@dataclass(frozen=True)
class Source:
    """Which networks are asked for.

    Attributes:
        hidden_size: H.
        seed: of the random numbers.
        forget_bias: added to the LSTM's forget gate at the start.
    """

    hidden_size: int = DEFAULT_HIDDEN
    seed: int = 0
    forget_bias: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what can't be built."""
        if not 1 <= self.hidden_size <= LARGEST_HIDDEN:
            raise UsageError(f"--hidden: expected 1 to {LARGEST_HIDDEN} units, got {self.hidden_size}")
        if self.seed < 0:
            raise UsageError(f"--seed: expected a whole number from 0, got {self.seed}")
        if not abs(self.forget_bias) <= 1e4:
            raise UsageError(f"--forget-bias: expected a number between -10000 and 10000, got {self.forget_bias}")


def open_network(cell: str, words: Sequence[str], source: Source) -> Network:
    """Return the network of kind ``cell`` that ``source`` names, able to read ``words``."""
    if cell not in CELLS:
        raise UsageError(f"--cell: expected {', '.join(CELLS)}, got {cell}")
    return seeded(cell, words, source)


def seeded(cell: str, words: Sequence[str], source: Source) -> Network:
    """Return a random network whose vocabulary is ``words``; a word has the same vector in every sentence."""
    import numpy as np

    size, seed = source.hidden_size, source.seed
    vocabulary = Vocabulary(tuple(dict.fromkeys([*(word.lower() for word in words), END])))
    # ±√3 gives every input a variance of 1
    embedding = np.stack([uniform(seed, f"word {word}", (size,), 3**0.5) for word in vocabulary.words])
    decoder = np.stack([uniform(seed, f"decoder {word}", (size,), size**-0.5) for word in vocabulary.words])
    bias = f", forget bias {source.forget_bias:+g}" if cell == "lstm" else ""
    return Network(
        vocabulary,
        embedding,
        ((Direction(random_cell(cell, size, size, seed, source.forget_bias)),),),
        decoder,
        np.zeros(len(vocabulary)),
        f"random, seed {seed}{bias}",
    )
