"""Masking, as Keras does it with padding: a masked step leaves the state of every layer unchanged.

A layer computes the same on the sequence without the masked steps; so that shorter sequence is read, and outputs for
the masked steps are filled in afterwards where the framework has them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.records import dataclass


@dataclass(frozen=True)
class Mask:
    """Which steps are masked.

    Attributes:
        entry: the index of the padding word, of Keras' ``Embedding(mask_zero=True)``.
        value: the value of every number of a padding vector, of Keras' ``Masking``.
        zeros: whether the output at a masked step is 0, as of Keras' ``Bidirectional``, or that of the step before.
    """

    entry: int | None = None
    value: float | None = None
    zeros: bool = False

    def kept_words(self, ids: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Return which words of ``ids`` are not masked, of its shape."""
        return np.ones(ids.shape, bool) if self.entry is None else ids != self.entry

    def kept_vectors(self, x: Array) -> npt.NDArray[np.bool_]:
        """Return which vectors of ``x`` ``(…, D)`` are not masked, ``(…)``."""
        if self.value is None:
            return np.ones(x.shape[:-1], bool)
        kept: npt.NDArray[np.bool_] = (x != np.asarray(self.value, x.dtype)).any(axis=-1)
        return kept

    def leaves_zeros(self, kept: npt.NDArray[np.bool_], backward: bool) -> bool:
        """Tell whether the output at some masked step is 0; ``kept`` ``(T,)`` says which steps are not masked."""
        skipped_first = not kept[-1 if backward else 0]  # there is no output before these
        return not kept.all() if self.zeros else bool(skipped_first)

    def filled(self, outputs: Array, kept: npt.NDArray[np.bool_], backward: bool) -> Array:
        """Fill in the outputs at masked steps.

        Args:
            outputs: at the other steps, in the order of the words, ``(K, W)``.
            kept: which steps are not masked, ``(T,)``.
            backward: whether they come from a direction that reads from the end.

        Returns:
            The outputs at all steps, ``(T, W)``.
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
