"""What every unit did over a text of any length: running figures that add up, so that many processes can share it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Self

import numpy as np

from lstm_ascii.analysis.gates import flow
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.records import dataclass
from lstm_ascii.thresholds import CLOSED, FLAT_TANH, OPEN

_TOGETHER = 64  # values that are added up in their own precision


@dataclass(frozen=True, eq=False)
class Range:
    """One quantity of every unit, ``(H,)`` each, over all words.

    Attributes:
        low, high: the smallest and the largest value.
        total, squares: their sum, and that of their squares.
        above, below: how many were above and below the limits that the quantity has.
    """

    low: Array
    high: Array
    total: Array
    squares: Array
    above: Array
    below: Array

    @classmethod
    def of(cls, values: Array, above: float, below: float) -> Self:
        """Measure ``(N, H)`` values; NaN counts nowhere but in ``total``."""
        if not len(values):
            none = np.zeros(values.shape[1])
            return cls(none + np.inf, none - np.inf, none, none, none, none)
        of_units = np.ascontiguousarray(values.T)  # a unit's values side by side are added up several times as fast
        low, high = of_units.min(axis=1), of_units.max(axis=1)
        whole = len(values) - len(values) % _TOGETHER
        parts = of_units[:, :whole].reshape(len(of_units), -1, _TOGETHER), of_units[:, None, whole:]
        # Few values are added up as precisely as they are, and the sums in double precision: those over hundreds of
        # millions of words would lose their last words else.
        total = sum(part.sum(axis=2).sum(axis=1, dtype=float) for part in parts)
        squares = sum(np.einsum("hpn,hpn->hp", part, part).sum(axis=1, dtype=float) for part in parts)
        return cls(low, high, total, squares, _counts(of_units > above), _counts(of_units < below))

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        sums = {field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)[2:]}
        return replace(self, low=np.minimum(self.low, other.low), high=np.maximum(self.high, other.high), **sums)

    def mean(self, count: int) -> Array:
        """Return the mean of every unit."""
        return self.total / max(1, count)

    def deviation(self, count: int) -> Array:
        """Return the standard deviation of every unit."""
        mean = self.mean(count)
        deviation: Array = np.sqrt(np.maximum(0.0, self.squares / max(1, count) - mean * mean))
        return deviation


def _counts(marks: Array) -> Array:
    """Return how many of each row ``(H, N)`` are true; row by row NumPy counts several times as fast."""
    return np.fromiter(map(np.count_nonzero, marks), float, len(marks))


@dataclass(frozen=True, eq=False)
class Activity:
    """All quantities of one direction of one layer.

    Attributes:
        count: of words.
        ranges: by name: ``keep``, ``add``, ``show`` where there are gates (limits 0.9 and 0.1), ``h`` (limits
            ±0.99), and ``memory`` where it is not h (limits ±the value whose tanh is 0.99).
        not_numbers: how many words left a NaN or an infinity in some unit.
    """

    count: int
    ranges: dict[str, Range]
    not_numbers: int

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        ranges = {name: own + other.ranges[name] for name, own in self.ranges.items()}
        return replace(
            self, count=self.count + other.count, ranges=ranges, not_numbers=self.not_numbers + other.not_numbers
        )


def activity(cell: Cell, trace: Trace, lengths: Array) -> Activity:
    """Measure a pass over sequences side by side.

    Args:
        cell: that made the trace.
        trace: of it.
        lengths: how many words of each sequence count, ``(B,)``, from the first that the cell reads.
    """
    counts = np.arange(len(trace))[:, None] < lengths  # (T, B)
    is_full = bool(counts.all())

    def counted(values: Array) -> Array:
        """Return the values of the words that count, ``(N, H)``."""
        return values.reshape(-1, values.shape[-1]) if is_full else values[counts]

    parts = flow(trace)
    h = counted(trace.states["h"][1:])
    ranges = {"h": Range.of(h, FLAT_TANH, -FLAT_TANH)}
    finite = np.isfinite(h).all(axis=-1)
    if parts is not None:
        for name in ("keep", "add", "show"):
            ranges[name] = Range.of(counted(getattr(parts, name)), OPEN, CLOSED)
    if cell.state_names[-1] != "h":
        memory = counted(trace.states[cell.state_names[-1]][1:])
        limit = float(np.arctanh(FLAT_TANH))
        ranges["memory"] = Range.of(memory, limit, -limit)
        finite &= np.isfinite(memory).all(axis=-1)
    return Activity(int(counts.sum()), ranges, int((~finite).sum()))
