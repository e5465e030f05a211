"""How often a network prefers the right form of a verb: by distance, by attractors, by construction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.language.pairs import Pair
from lstm_ascii.network import Network

_BATCH = 256


def log_odds(network: Network, pairs: Sequence[Pair]) -> npt.NDArray[np.float64]:
    """Return log p(right) - log p(wrong) for each of ``pairs``, ``(N,)``."""
    order = sorted(range(len(pairs)), key=lambda number: len(pairs[number].prefix))
    odds = np.empty(len(pairs))
    for first in range(0, len(order), _BATCH):
        some = order[first : first + _BATCH]
        odds[some] = _batch_odds(network, [pairs[number] for number in some])
    return odds


def _batch_odds(network: Network, pairs: Sequence[Pair]) -> Array:
    """Return the log-odds of pairs that run side by side, ``(B,)``; what follows a prefix is not looked at."""
    read = network.vocabulary.ids
    ids = np.zeros((max(len(pair.prefix) for pair in pairs), len(pairs)), np.intp)
    for column, pair in enumerate(pairs):
        ids[: len(pair.prefix), column] = read(pair.prefix)
    last = [len(pair.prefix) - 1 for pair in pairs]
    outputs = network.run(ids).outputs[last, np.arange(len(pairs))]  # (B, H)
    right, wrong = (np.array(read([getattr(pair, form) for pair in pairs])) for form in ("right", "wrong"))
    weight, bias = network.decoder_weight, network.decoder_bias
    odds: Array = np.sum(outputs * (weight[right] - weight[wrong]), axis=-1) + bias[right] - bias[wrong]
    return odds


def accuracy(network: Network, pairs: Sequence[Pair]) -> float:
    """Return the share of ``pairs`` where the right form is likelier."""
    return float(np.mean(log_odds(network, pairs) > 0))
