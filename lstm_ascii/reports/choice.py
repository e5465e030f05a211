"""The choice that a report looks at: after which word, between which words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.network import Network, Run


@dataclass(frozen=True)
class Choice:
    """A prediction to look into.

    Attributes:
        after: the number of the word after which it is made, from 1.
        right: the word whose probability is looked at.
        probability: that the network gives it.
    """

    after: int
    right: str
    probability: float


def likeliest(network: Network, run: Run, after: int) -> tuple[Choice, Array]:
    """Return the likeliest next word after word ``after``, and ∂ log p / ∂h there, ``(H,)``."""
    logits = network.decode(run.outputs[after - 1, 0])
    odds = np.exp(logits - logits.max())
    probabilities = odds / odds.sum()
    best = int(np.argmax(probabilities))
    d_logits = -probabilities
    d_logits[best] += 1
    direct: Array = d_logits @ network.decoder_weight
    return Choice(after, network.vocabulary.words[best], float(probabilities[best])), direct
