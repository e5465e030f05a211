"""What becomes of what a word wrote: how much survives the later words, and how much of that is let out now."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import numpy as np

from lstm_ascii.analysis.gates import let_out, surviving
from lstm_ascii.records import dataclass
from lstm_ascii.reports.explain.view import View, changes

WRITERS = 8  # words whose writing is followed


@dataclass(frozen=True)
class Writing:
    """What became of what one word wrote into the memory.

    Attributes:
        word: its number, from 1.
        kept: of what it wrote, Σ_u abs(i g), the share of its absolute term that the forget gates have left after every
            word: exact. ``None`` before it is read, and where it wrote nothing.
        shown: of what is left of it, the share that the output gates let out after every word; ``None`` also where the
            cell has no output gate.
    """

    word: int
    kept: tuple[float | None, ...]
    shown: tuple[float | None, ...]


def writings_of(view: View, important: Sequence[int]) -> tuple[Writing, ...]:
    """Follow what some words wrote: those that are important, then those that wrote most; none for the RNN.

    Args:
        view: of the cell that is looked into.
        important: numbers of words, the most important first.
    """
    parts = view.flow
    if parts is None:
        return ()
    most = np.argsort(-changes(view), kind="stable") + 1
    numbers = list(dict.fromkeys([*important, *(view.turned(int(step)) for step in most)]))[:WRITERS]
    gates = let_out(view.trace, view.cell.own_outputs(view.trace))
    count = len(view.trace)
    found = []
    for number in sorted(numbers):
        step = view.turned(number) - 1
        kept, terms = surviving(parts, step)
        shown = None if gates is None else _share(np.abs(terms) * gates[step:, 0], np.abs(terms))
        found.append(Writing(number, _by_word(view, kept, step, count), _by_word(view, shown, step, count)))
    return tuple(found)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return sums over units as shares, ``(t,)``; NaN where there is nothing to share."""
    sums = whole.sum(axis=-1)
    shares: np.ndarray = np.divide(part.sum(axis=-1), sums, out=np.full(len(sums), np.nan), where=sums > 0)
    return shares


def _by_word(view: View, values: np.ndarray | None, step: int, count: int) -> tuple[float | None, ...]:
    """Return values from a step on in the order of the words."""
    if values is None:
        return (None,) * count
    whole = view.by_word(np.concatenate([np.full(step, np.nan), values])).tolist()
    return tuple(None if isnan(value) else value for value in whole)
