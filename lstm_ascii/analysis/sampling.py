"""Sampling from a language model, at a temperature, with reproducible random numbers.

A temperature T divides the logits, p_k ∝ exp(z_k / T), as in a Boltzmann distribution (Ackley, Hinton & Sejnowski
1985): below 1 likely words become likelier, and at 0 only the likeliest is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass


@dataclass(frozen=True)
class Drawn:
    """A word that was sampled from a network.

    Attributes:
        index: into the vocabulary.
        probability: of the word by the network, at temperature 1.
        chance: the probability with which it was drawn, at the temperature in use.
    """

    index: int
    probability: float
    chance: float


def probabilities_at(logits: Array, temperature: float = 1.0) -> Array:
    """Return the softmax of logits ``(V,)`` at a temperature, ``(V,)``; at 0 the first largest has probability 1."""
    if temperature == 0:
        likeliest: Array = (np.arange(len(logits)) == int(np.argmax(logits))).astype(float)
        return likeliest
    scaled = (logits.astype(float) - logits.max()) / temperature
    odds = np.exp(scaled)
    probabilities: Array = odds / odds.sum()
    return probabilities


def uniforms(seed: int) -> Iterator[float]:
    """Yield uniform numbers in [0, 1) of 53 bits; NumPy keeps its raw bits across versions, not its distributions."""
    bits = np.random.PCG64(seed)
    while True:
        yield (int(bits.random_raw()) >> 11) * 2.0**-53


def choose(probabilities: Array, uniform: float) -> int:
    """Return the index at which the cumulative sum of probabilities ``(V,)`` first exceeds a number in [0, 1)."""
    sums = np.cumsum(probabilities)
    return min(int(np.searchsorted(sums, uniform * sums[-1], side="right")), int(np.flatnonzero(probabilities)[-1]))


def write_on(network: Network, ids: Sequence[int], words: int, temperature: float, seed: int) -> Iterator[Drawn]:
    """Continue a text word by word; each word is read before the next one is drawn.

    Args:
        network: a language model whose layers all read forward.
        ids: vocabulary indices of the text so far, at least one.
        words: how many to write.
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
