"""What every unit did over a text of any length: running figures that add up, so that many processes can share it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Self

import numpy as np

from lstm_ascii.analysis.gates import flow
from lstm_ascii.cells import Array, Cell, Trace
from lstm_ascii.records import dataclass
from lstm_ascii.thresholds import CLOSED, FLAT_TANH, OPEN


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
        # in double precision: sums over hundreds of millions of words would lose their last words else
        return cls(
            of_units.min(axis=1),
            of_units.max(axis=1),
            of_units.sum(axis=1, dtype=float),
            np.einsum("hn,hn->h", of_units, of_units, dtype=float),
            np.count_nonzero(of_units > above, axis=1).astype(float),
            np.count_nonzero(of_units < below, axis=1).astype(float),
        )

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
    parts = flow(trace)
    h = trace.states["h"][1:][counts]
    ranges = {"h": Range.of(h, FLAT_TANH, -FLAT_TANH)}
    finite = np.isfinite(h).all(axis=-1)
    if parts is not None:
        for name in ("keep", "add", "show"):
            ranges[name] = Range.of(getattr(parts, name)[counts], OPEN, CLOSED)
    if cell.state_names[-1] != "h":
        memory = trace.states[cell.state_names[-1]][1:][counts]
        limit = float(np.arctanh(FLAT_TANH))
        ranges["memory"] = Range.of(memory, limit, -limit)
        finite &= np.isfinite(memory).all(axis=-1)
    return Activity(int(counts.sum()), ranges, int((~finite).sum()))
