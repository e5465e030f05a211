"""What changes when something is changed: words swapped, single units patched; and the exact split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from lstm_ascii.analysis.gates import flow
from lstm_ascii.analysis.memory import word_terms
from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run

ROWS_AT_ONCE = 512  # words × sentences that run side by side: it bounds the memory for long sentences


@dataclass(frozen=True)
class Contrast:
    """A choice between two entries of the vocabulary: ``log p(right) − log p(wrong)`` after word ``after``."""

    after: int
    right: int
    wrong: int

    def direction(self, network: Network) -> Array:
        """Return ∂ log-odds / ∂ output, ``(H,)``; the softmax's sum cancels."""
        difference: Array = network.decoder_weight[self.right] - network.decoder_weight[self.wrong]
        return difference

    def bias(self, network: Network) -> float:
        """Return the decoder's own part of the log-odds."""
        return float(network.decoder_bias[self.right] - network.decoder_bias[self.wrong])

    def log_odds(self, network: Network, outputs: Array) -> Array:
        """Return the log-odds for outputs ``(..., H)``."""
        odds: Array = outputs @ self.direction(network) + self.bias(network)
        return odds


def swapped_log_odds(network: Network, run: Run, swaps: Sequence[tuple[int, int]], contrast: Contrast) -> Array:
    """Run the sentence again with one word swapped at a time, side by side.

    Args:
        network: one whose layers all read forward.
        run: over the sentence, ``B`` = 1.
        swaps: the word's index, from 0, and the entry that takes its place.
        contrast: whose log-odds are returned.

    Returns:
        The log-odds after each swap, ``(len(swaps),)``.
    """
    if not swaps:
        return np.empty(0)
    first = min(place for place, _ in swaps)
    words = run.ids[first : contrast.after]
    at_once = max(16, ROWS_AT_ONCE // len(words))
    odds = []
    for begin in range(0, len(swaps), at_once):
        some = swaps[begin : begin + at_once]
        ids = np.repeat(words, len(some), axis=1)
        for column, (place, entry) in enumerate(some):
            ids[place - first, column] = entry
        odds.append(contrast.log_odds(network, network.run(ids, _states(run, first, len(some))).outputs[-1]))
    return np.concatenate(odds)


def patched_log_odds(network: Network, run: Run, donor: Run, at: int, contrast: Contrast) -> Array:
    """Put one unit's state of another run in its place, alone, and run on; for every unit of the last layer.

    Args:
        network: one whose layers all read forward.
        run: over the sentence, ``B`` = 1.
        donor: over another sentence of the same length.
        at: after which word the unit's state (c and h) is exchanged, from 1.
        contrast: whose log-odds are returned.

    Returns:
        The log-odds after each patch, ``(H,)``.
    """
    size = network.layers[-1][0].cell.hidden_size
    states = _states(run, at, size)
    units = np.arange(size)
    for name, value in donor.traces[-1][0].states.items():
        states[-1][name][units, units] = value[at, 0]
    if at == contrast.after:
        return contrast.log_odds(network, states[-1]["h"])
    ids = np.repeat(run.ids[at : contrast.after], size, axis=1)
    return contrast.log_odds(network, network.run(ids, states).outputs[-1])


def split_log_odds(network: Network, run: Run, contrast: Contrast) -> tuple[Array, float, float]:
    """Split the log-odds, exactly, over the words whose writing is still in memory (Murdoch & Szlam 2017).

    ``h_u = o_u · (tanh c_u / c_u) · Σ_k term_{k,u}``; for the GRU ``h`` is the memory itself.

    Returns:
        A part for each word 1…after, ``(after,)``; the start state's part; the decoder's bias. They add
        up to the log-odds.

    Raises:
        ValueError: the network's state is no sum (the RNN).
    """
    trace = run.traces[-1][0]
    parts = flow(trace)
    if parts is None:
        raise ValueError("an RNN's state is no sum of what the words wrote")
    after = contrast.after
    gone, terms, start = next(islice(word_terms(parts), after - 1, None))
    memory = parts.memory[after, 0]
    safe = np.where(memory == 0, 1, memory)
    shown = np.where(memory == 0, 1, trace.states["h"][after, 0] / safe)  # h = shown ⊙ memory
    weight = contrast.direction(network) * shown
    words = np.zeros(after)
    words[gone:] = terms @ weight
    return words, float(start @ weight), contrast.bias(network)


def _states(run: Run, at: int, batch: int) -> list[dict[str, Array]]:
    """Return every direction's state after word ``at``, repeated ``batch`` times."""
    return [
        {name: np.repeat(state[at], batch, axis=0) for name, state in trace.states.items()}
        for passes in run.traces
        for trace in passes
    ]
