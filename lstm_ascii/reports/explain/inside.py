"""The inside of a cell: its values at one word, and one unit along the words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_ascii.analysis.gates import half_life
from lstm_ascii.reports.explain.view import View


@dataclass(frozen=True)
class Inside:
    """The live values of one cell at one word: means over units of absolute values, gates as they are.

    Attributes:
        step: the number of the word, from 1.
        values: by the letters of the equations (``f``, ``i``, ``g``, ``o``, ``c``, ``c'``, ``h``, ``h'``, ``x``).
    """

    step: int
    values: dict[str, float]


@dataclass(frozen=True)
class UnitStep:
    """One unit at one word; gates are ``None`` for the RNN."""

    value: float
    keeps: float | None
    adds: float | None
    shows: float | None


@dataclass(frozen=True)
class Unit:
    """One unit along the words.

    Attributes:
        index: from 0.
        half_life: ln 0.5 / ln of its mean forget gate, in words; ``None`` without gates or when endless.
        steps: one a word.
    """

    index: int
    half_life: float | None
    steps: tuple[UnitStep, ...]


def inside_of(view: View, word: int) -> Inside:
    """Average a cell over its units at a word; what has a dash is of the word that it read before."""
    trace, step = view.trace, view.turned(word)
    values = {letter: float(np.abs(gate[step - 1, 0]).mean()) for letter, gate in trace.gates.items()}
    for name, state in trace.states.items():
        values[name] = float(np.abs(state[step, 0]).mean())
        values[f"{name}'"] = float(np.abs(state[step - 1, 0]).mean())
    values["x"] = float(np.abs(trace.x[step - 1, 0]).mean())
    return Inside(word, values)


def unit_of(view: View, index: int) -> Unit:
    """Follow one unit along the words."""
    memory, parts = view.memory[:, index].tolist(), view.flow
    if parts is None:
        return Unit(index, None, tuple(UnitStep(value, None, None, None) for value in memory))
    gates = [view.by_word(gate[:, 0, index]).tolist() for gate in (parts.keep, parts.add, parts.show)]
    life = float(half_life(parts.keep[:, 0, index : index + 1])[0])
    steps = tuple(UnitStep(*values) for values in zip(memory, *gates, strict=True))
    return Unit(index, life if np.isfinite(life) else None, steps)
