"""The additive memory of gated cells: what each word writes, what later gates keep of it, and what is let out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstm_ascii.cells import Array, Trace
from lstm_ascii.records import dataclass

BLOCK, BLOCKS = 32, 64  # words of a block; blocks that are computed together


@dataclass(frozen=True, eq=False)
class Flow:
    """The additive memory of an LSTM or a GRU: ``memory_t = keep_t ⊙ memory_{t−1} + add_t ⊙ candidate_t``.

    All are ``(T, B, H)``, but ``memory``, which is ``(T + 1, B, H)``: it begins with the start state.

    Attributes:
        keep: the share of the old memory that is kept: f (GRU: z).
        add: the share of the candidate that is written: i (GRU: 1 − z).
        show: the share that is let out: o (GRU: r, the share of the old state that the candidate reads).
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
        """Σ_u |add · candidate|: how much each word writes, ``(T, B)``."""
        amount: Array = np.abs(self.add * self.candidate).sum(axis=-1)
        return amount

    @property
    def wiped(self) -> Array:
        """Σ_u (1 − keep) · |memory_{t−1}|: how much each word wipes, ``(T, B)``."""
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
    """Return the half-life of every unit, ln 0.5 / ln f̄, ``(H,)``, in words; infinite where the gate is fully open.

    Args:
        keep: the forget gate along a sequence, ``(T, H)``.
    """
    with np.errstate(divide="ignore"):
        life: Array = np.log(0.5) / np.log(np.clip(keep.mean(axis=0), 0, 1))
    return np.abs(life)


def word_terms(flow: Flow, after: int, sequence: int = 0) -> tuple[Array, Array]:
    """Split the memory after a word exactly into the contributions of the words and of the start state.

    ``c_t = Σ_k (∏_{j=k+1..t} f_j) ⊙ i_k ⊙ g_k + (∏_{j≤t} f_j) ⊙ c_0`` (Murdoch & Szlam 2017).

    Args:
        flow: of one pass.
        after: ``t``, from 1.
        sequence: which of the batch.

    Returns:
        The terms of words 1…t, ``(t, H)``, and the start state's part, ``(H,)``.
    """
    since = np.ones((after + 1, flow.keep.shape[-1]))  # row k: the product of the gates of words k + 1…t
    np.cumprod(flow.keep[:after, sequence][::-1], axis=0, out=since[-2::-1])
    written = flow.add[:after, sequence] * flow.candidate[:after, sequence]  # (t, H)
    return written * since[1:], flow.memory[0, sequence] * since[0]


@dataclass(frozen=True, eq=False)
class WordShares:
    """The words' shares of the memory after each of ``n`` consecutive steps.

    Attributes:
        steps: the words that have a column, from 0.
        words: their shares of all that words wrote, ``(n, m)``; 0 for words that aren't read yet.
        lost: the share of all other words, ``(n,)``; a row of ``words`` and this add up to 1 (to 0 where nothing was
            written).
        start: the start state's share of the whole memory, ``(n,)``.
    """

    steps: Array
    words: Array
    lost: Array
    start: Array


def word_shares(flow: Flow, least: float, sequence: int = 0) -> Iterator[WordShares]:
    """Yield each word's share of the memory by L1 norm, block by block; the terms are those of :func:`word_terms`.

    All that was written before a block is scaled by the same gates, so within the block it is one matrix product; what
    is written within blocks is computed for many of them together. A word whose share of every single unit's memory is
    below a limit can be dropped: the gates scale all of a unit's memory alike, so its share never rises again.

    Args:
        flow: of one pass.
        least: words whose share stays below this have no column.
        sequence: its index in the batch.
    """
    keep = np.abs(flow.keep[:, sequence]).astype(float, copy=False)
    written = np.abs(flow.add[:, sequence] * flow.candidate[:, sequence]).astype(float, copy=False)
    start, older, steps = (
        np.abs(flow.memory[0, sequence]).astype(float, copy=False),
        np.empty((0, keep.shape[-1])),
        np.empty(0, int),
    )
    lost = np.zeros_like(start)
    for first in range(0, len(keep), BLOCK * BLOCKS):
        some = slice(first, first + BLOCK * BLOCKS)
        for number, (kept, terms, inside) in enumerate(zip(*_in_blocks(keep[some], written[some]), strict=True)):
            new = np.arange(first + number * BLOCK, min(first + (number + 1) * BLOCK, len(keep)))
            kept, terms, steps = kept[: len(new)], terms[: len(new)], np.concatenate([steps, new])
            sizes = np.concatenate([kept @ older.T, inside[: len(new), : len(new)]], axis=1)  # (n, m)
            losts, starts = kept @ lost, kept @ start
            words = sizes.sum(axis=-1) + losts
            whole, words = words + starts, np.where(words, words, 1)
            yield WordShares(steps, sizes / words[:, None], losts / words, starts / np.where(whole, whole, 1))
            older, start, lost = np.concatenate([older * kept[-1], terms]), start * kept[-1], lost * kept[-1]
            alive = (older > least * (older.sum(axis=0) + lost)).any(axis=-1)
            lost = lost + older[~alive].sum(axis=0)
            older, steps = older[alive], steps[alive]


def _in_blocks(keep: Array, written: Array) -> tuple[Array, Array, Array]:
    """Follow what is written within blocks of :data:`BLOCK` steps, the last one padded with zeros.

    Args:
        keep: the forget gates, ``(T, H)``.
        written: what each step writes, ``(T, H)``; like ``keep`` not below 0.

    Returns:
        The product of the gates from the block's start to each step, ``(blocks, n, H)``; what the block's end has left
        of each step, ``(blocks, n, H)``; and what each step (rows) has left of each (columns), summed over the units,
        ``(blocks, n, n)``.
    """
    room = ((0, -len(keep) % BLOCK), (0, 0))
    gates, terms = (np.pad(values, room).reshape(-1, BLOCK, values.shape[-1]) for values in (keep, written))
    sizes, ones = np.zeros((len(gates), BLOCK, BLOCK)), np.ones(terms.shape[-1])
    for row in range(BLOCK):
        terms[:, :row] *= gates[:, row, None]
        sizes[:, row, : row + 1] = terms[:, : row + 1] @ ones  # sums faster than sum does
    return np.cumprod(gates, axis=1), terms, sizes


def surviving(flow: Flow, step: int, sequence: int = 0) -> tuple[Array, Array]:
    """Return what later words keep of what one step wrote: ``∏_{j=k+1..t} f_j ⊙ i_k ⊙ g_k`` (Murdoch & Szlam 2017).

    Args:
        flow: of one pass.
        step: from 0.
        sequence: its index in the batch.

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
        own: the units' outputs before a projection, ``o · tanh(c)``, ``(T, B, H)``.
    """
    if "o" not in trace.gates:
        return None
    memory, share = trace.states["c"][1:], trace.gates["o"].copy()
    np.divide(own, memory, out=share, where=memory != 0)
    size: Array = np.abs(share)
    return size
