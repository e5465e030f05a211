"""What the gates did at every word."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstm_ascii.cells import Array, Trace
from lstm_ascii.records import dataclass

NOTHING = 1e-18  # a term below this share of what its unit holds is beyond what float64 adds up, and stays so
BLOCK = 32  # words


@dataclass(frozen=True, eq=False)
class Flow:
    """A gated cell's additive memory, whatever its letters: ``memory = keep ⊙ memory' + add ⊙ candidate``.

    Each is ``(T, B, H)``, but ``memory``, ``(T + 1, B, H)``, which starts with the start state.

    Attributes:
        keep: share of the old memory that stays: f (GRU: z).
        add: share of the candidate that is written: i (GRU: 1 − z).
        show: share that is let out: o (GRU: r, what the candidate sees of the old state).
        candidate: g (GRU: n).
        memory: c (GRU: h).
    """

    keep: Array
    add: Array
    show: Array
    candidate: Array
    memory: Array

    @property
    def written(self) -> Array:
        """Σ_u abs(add · candidate): what each word put in, ``(T, B)``."""
        amount: Array = np.abs(self.add * self.candidate).sum(axis=-1)
        return amount

    @property
    def wiped(self) -> Array:
        """Σ_u (1 − keep) · abs(memory'): what each word took out, ``(T, B)``."""
        amount: Array = ((1 - self.keep) * np.abs(self.memory[:-1])).sum(axis=-1)
        return amount


def flow(trace: Trace) -> Flow | None:
    """Return the additive memory of a pass, or ``None`` for a cell that has none (the RNN)."""
    gates, states = trace.gates, trace.states
    if "f" in gates:
        return Flow(gates["f"], gates["i"], gates["o"], gates["g"], states["c"])
    if "z" in gates:
        return Flow(gates["z"], 1 - gates["z"], gates["r"], gates["n"], states["h"])
    return None


def half_life(keep: Array) -> Array:
    """Return ln 0.5 / ln f̄ of every unit, ``(H,)``, in words; infinite where the gate is fully open, or beyond.

    Args:
        keep: the forget gate along a sequence, ``(T, H)``.
    """
    with np.errstate(divide="ignore"):
        life: Array = np.log(0.5) / np.log(np.clip(keep.mean(axis=0), 0, 1))
    return np.abs(life)


def word_terms(flow: Flow, after: int, sequence: int = 0) -> tuple[Array, Array]:
    """Split the memory after a word, exactly, into what is left of what each word wrote.

    ``c_t = Σ_k (∏_{j=k+1..t} f_j) ⊙ i_k ⊙ g_k + (∏_{j≤t} f_j) ⊙ c_0`` (Murdoch & Szlam 2017).

    Args:
        flow: of one pass.
        after: ``t``, from 1.
        sequence: which of the batch.

    Returns:
        The terms of words 1…t, ``(t, H)``, and the start state's part, ``(H,)``.
    """
    since = np.ones((after + 1, flow.keep.shape[-1]))  # row k: what words k + 1…t keep
    np.cumprod(flow.keep[:after, sequence][::-1], axis=0, out=since[-2::-1])
    written = flow.add[:after, sequence] * flow.candidate[:after, sequence]
    return written * since[1:], flow.memory[0, sequence] * since[0]


def word_shares(flow: Flow, sequence: int = 0) -> Iterator[tuple[int, Array, float]]:
    """Return each word's share of the memory by L1 norm, after every word; the terms are those of :func:`word_terms`.

    Whole blocks of words are one product, as what was written before a block is scaled by the same gates in it.

    Args:
        flow: of one pass.
        sequence: which of the batch.

    Yields:
        For each word ``t`` how many of the first words have nothing left; the shares of the others up to ``t`` among
        what words wrote, ``(t - gone,)``, which add up to 1 (all 0 where nothing was written); and the start state's
        share of everything.
    """
    keep = np.abs(flow.keep[:, sequence]).astype(float, copy=False)
    written = np.abs(flow.add[:, sequence] * flow.candidate[:, sequence])
    start, older, gone = np.abs(flow.memory[0, sequence]).astype(float, copy=False), np.empty((0, keep.shape[-1])), 0
    ones = np.ones_like(start)
    for first in range(0, len(keep), BLOCK):
        kept, terms = np.cumprod(keep[first : first + BLOCK], axis=0), written[first : first + BLOCK].astype(float)
        count = len(older)
        sizes = np.zeros((len(terms), count + len(terms)))
        sizes[:, :count] = kept @ older.T
        for row in range(len(terms)):
            terms[:row] *= keep[first + row]
            np.dot(terms[: row + 1], ones, out=sizes[row, count : count + row + 1])  # sums faster than sum does
        words, starts = sizes.sum(axis=-1), kept @ start
        sizes /= np.where(words, words, 1)[:, None]
        for row, (by_word, of_start) in enumerate(zip(words.tolist(), starts.tolist(), strict=True)):
            whole = by_word + of_start
            yield gone, sizes[row, : count + row + 1], of_start / whole if whole else 0.0
        older, start = np.concatenate([older * kept[-1], terms]), start * kept[-1]
        older[older <= NOTHING * older.sum(axis=0)] = 0
        dead = int(np.argmax(older.any(axis=-1)))
        older, gone = older[dead:], gone + dead


def surviving(flow: Flow, step: int, sequence: int = 0) -> tuple[Array, Array]:
    """Return what later words leave of what one step wrote: ``∏_{j=k+1..t} f_j ⊙ i_k ⊙ g_k`` (Murdoch & Szlam 2017).

    Args:
        flow: of one pass.
        step: which, from 0.
        sequence: which of the batch.

    Returns:
        Σ_u of the absolute term after each step from ``step`` on, as a share of the first, ``(T - step,)``, NaN where
        nothing was written; and the terms, ``(T - step, H)``.
    """
    terms = flow.keep[step:, sequence].copy()
    terms[0] = (flow.add * flow.candidate)[step, sequence]
    np.cumprod(terms, axis=0, out=terms)
    sizes = np.abs(terms).sum(axis=-1)
    share: Array = sizes / sizes[0] if sizes[0] > 0 else np.full(len(sizes), np.nan)
    return share, terms


def let_out(trace: Trace, own: Array) -> Array | None:
    """Return how much of each unit's memory its output gate lets out, ``o · tanh(c) / c``, ``(T, B, H)``.

    ``None`` for a cell without an output gate.

    Args:
        trace: of one pass.
        own: what each unit lets out ahead of a projection, ``o · tanh(c)``, ``(T, B, H)``.
    """
    if "o" not in trace.gates:
        return None
    memory, share = trace.states["c"][1:], trace.gates["o"].copy()
    np.divide(own, memory, out=share, where=memory != 0)
    size: Array = np.abs(share)
    return size
