"""What the gates did at every word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_ascii.cells import Array, Trace


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
