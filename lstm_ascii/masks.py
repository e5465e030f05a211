"""Steps that a network skips, as Keras does with padding: a masked step keeps the state of every layer.

A layer that skips a step computes what it would on the sequence without that step; so that shorter sequence is read,
and where the framework gives outputs for the skipped steps as well, they are filled in.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.records import dataclass


@dataclass(frozen=True)
class Mask:
    """Which steps are skipped.

    Attributes:
        entry: the index of the word that stands for padding, of Keras' ``Embedding(mask_zero=True)``.
        value: what all numbers of a padded vector are, of Keras' ``Masking``.
        zeros: whether a skipped step's output is 0, as of Keras' ``Bidirectional``; else it is the one before it.
    """

    entry: int | None = None
    value: float | None = None
    zeros: bool = False

    def kept_words(self, ids: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Return which words ``(…)`` are read."""
        return np.ones(ids.shape, bool) if self.entry is None else ids != self.entry

    def kept_vectors(self, x: Array) -> npt.NDArray[np.bool_]:
        """Return which vectors ``(…, D)`` are read."""
        if self.value is None:
            return np.ones(x.shape[:-1], bool)
        kept: npt.NDArray[np.bool_] = (x != np.asarray(self.value, x.dtype)).any(axis=-1)
        return kept

    def leaves_zeros(self, kept: npt.NDArray[np.bool_], backward: bool) -> bool:
        """Tell whether an output that fills a skipped step is 0; ``kept`` ``(T,)`` says which steps are read."""
        skipped_first = not kept[-1 if backward else 0]  # there is no output before these
        return not kept.all() if self.zeros else bool(skipped_first)

    def filled(self, outputs: Array, kept: npt.NDArray[np.bool_], backward: bool) -> Array:
        """Return outputs of all steps ``(T, W)``, of those ``(K, W)`` of the steps that were read.

        Args:
            outputs: in the order of the words.
            kept: which steps those are, ``(T,)``.
            backward: whether they come from a direction that reads from the end.
        """
        places = np.flatnonzero(kept)
        whole = np.zeros((len(kept), outputs.shape[-1]), outputs.dtype)
        if self.zeros:
            whole[places] = outputs
            return whole
        steps = np.arange(len(kept))
        before = np.searchsorted(places, steps, "left") if backward else np.searchsorted(places, steps, "right") - 1
        there = (before >= 0) & (before < len(places))
        whole[there] = outputs[before[there]]
        return whole
