"""What the memory holds: the exact split of the cell state over the words that wrote it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstm_ascii.analysis.gates import Flow
from lstm_ascii.cells import Array

NOTHING = 1e-18  # a term below this share of the largest is beyond what float64 adds up
LOOK_EVERY = 64  # words


def word_terms(flow: Flow, sequence: int = 0) -> Iterator[tuple[int, Array, Array]]:
    """Split the memory after every word, exactly, into what each word wrote and what is left of it.

    ``c_t = Σ_k (∏_{j=k+1..t} f_j) ⊙ i_k ⊙ g_k + (∏_{j≤t} f_j) ⊙ c_0`` (Murdoch & Szlam 2017).

    Args:
        flow: of one pass.
        sequence: which of the batch.

    Yields:
        For each word ``t`` how many of the first words have nothing left (less than float64 adds up),
        the terms of the others up to ``t``, ``(t - gone, H)``, and the start state's part, ``(H,)``.
        Both arrays are reused for the next word: copy what you keep.
    """
    keep, written = flow.keep[:, sequence], (flow.add * flow.candidate)[:, sequence]
    terms, start = np.zeros_like(written), flow.memory[0, sequence].copy()
    alive = 0  # the first word whose term is more than nothing
    for t, (f, new) in enumerate(zip(keep, written, strict=True)):
        terms[alive:t] *= f
        terms[t] = new
        start *= f
        if t % LOOK_EVERY == 0:
            sizes = np.abs(terms[alive : t + 1]).max(axis=-1)
            alive += int(np.argmax(sizes > NOTHING * sizes.max()))
        yield alive, terms[alive : t + 1], start


def shares(terms: Array, start: Array) -> tuple[Array, float]:
    """Return each word's share of the memory by L1 norm, ``(t,)``, and the start state's.

    The words' shares are among the words and add up to 1 (all 0 where nothing was written); the start
    state's is its part of everything.
    """
    sizes = np.abs(terms) @ np.ones(terms.shape[-1])  # a product sums faster than sum does
    words, first = float(sizes.sum()), float(np.abs(start).sum())
    whole = words + first
    return sizes / words if words else sizes, first / whole if whole else 0.0
