"""Words drawn from a network: its probabilities at a temperature, and random numbers from raw bits.

A temperature T divides the logits, p_k ∝ exp(z_k / T), as a Boltzmann distribution has it (Ackley, Hinton & Sejnowski
1985): below 1 the likely words become likelier, and at 0 only the likeliest is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass


@dataclass(frozen=True)
class Drawn:
    """A word that a network wrote.

    Attributes:
        index: its row of the vocabulary.
        probability: that the network gave it.
        chance: with which it was drawn, at the temperature at hand.
    """

    index: int
    probability: float
    chance: float


def probabilities_at(logits: Array, temperature: float = 1.0) -> Array:
    """Return the probabilities of logits ``(V,)`` at a temperature, ``(V,)``; at 0 all is on the first largest."""
    if temperature == 0:
        likeliest: Array = (np.arange(len(logits)) == int(np.argmax(logits))).astype(float)
        return likeliest
    scaled = (logits.astype(float) - logits.max()) / temperature
    odds = np.exp(scaled)
    probabilities: Array = odds / odds.sum()
    return probabilities


def uniforms(seed: int) -> Iterator[float]:
    """Yield numbers from 0 to below 1, of 53 bits each; NumPy promises the raw bits, not its distributions."""
    bits = np.random.PCG64(seed)
    while True:
        yield (int(bits.random_raw()) >> 11) * 2.0**-53


def choose(probabilities: Array, uniform: float) -> int:
    """Return the index at which the sum of probabilities ``(V,)`` first exceeds a number from 0 to below 1."""
    sums = np.cumsum(probabilities)
    return min(int(np.searchsorted(sums, uniform * sums[-1], side="right")), int(np.flatnonzero(probabilities)[-1]))


def write_on(network: Network, ids: Sequence[int], words: int, temperature: float, seed: int) -> Iterator[Drawn]:
    """Let a network go on, word by word, each read before the next is drawn.

    Args:
        network: a language model of forward layers.
        ids: rows of the vocabulary that it has read before, at least one.
        words: how many it writes.
        temperature: from 0.
        seed: of the random numbers.
    """
    numbers, run = uniforms(seed), network.run(np.array(ids, np.intp)[:, None])
    for count in range(1, words + 1):
        logits = network.decode(run.outputs[-1, 0])
        chances = probabilities_at(logits, temperature)
        index = choose(chances, next(numbers))
        yield Drawn(index, float(probabilities_at(logits)[index]), float(chances[index]))
        if count < words:
            states = [{name: state[-1] for name, state in trace.states.items()} for (trace,) in run.traces]
            run = network.run(np.array([[index]], np.intp), states)
