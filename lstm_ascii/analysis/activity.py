"""What every unit did over a text of any length: running figures that add up, so that many processes can share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from operator import add
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
        above, below: how many were above and below the limits that the quantity has. Of one without limits only
            ``total`` and ``squares`` are measured; all else is NaN.
    """

    low: Array
    high: Array
    total: Array
    squares: Array
    above: Array
    below: Array

    @classmethod
    def of(cls, values: Array, lengths: Array, limits: tuple[float, float] | None) -> Self:
        """Measure values ``(T, B, H)`` of sequences of which the longest come first; ``lengths``, ``(B,)``, count.

        It is fastest where the values of a step lie in one piece of memory. NaN counts neither as above nor as below.
        """
        parts = [cls._of_some(values[part], limits) for part in parts_that_count(lengths)]
        none = np.zeros(values.shape[2])
        return reduce(add, parts) if parts else cls(none + np.inf, none - np.inf, none, none, none, none)

    @classmethod
    def _of_some(cls, values: Array, limits: tuple[float, float] | None) -> Self:
        """Measure values ``(n, B, H)``, n no more than :data:`_TOGETHER`.

        First over the steps, which takes one pass of whole steps for each figure. Few values are added up as precisely
        as they are, and the sums in double precision: those over hundreds of millions of words would lose their last
        words else.
        """
        total = values.sum(axis=0).sum(axis=0, dtype=float)
        squares = np.einsum("tbh,tbh->bh", values, values).sum(axis=0, dtype=float)
        if limits is None:
            nan = np.full(values.shape[2], np.nan)
            return cls(nan, nan, total, squares, nan, nan)
        marks = np.empty_like(values, bool)
        counts = (compared(values, limit, out=marks).view(np.uint8).sum(axis=0, dtype=np.uint8).sum(axis=0, dtype=float)
                  for compared, limit in zip((np.greater, np.less), limits, strict=True))  # fmt: skip
        return cls(values.min(axis=0).min(axis=0), values.max(axis=0).max(axis=0), total, squares, *counts)

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        return type(self)(
            low, high, self.total + other.total, self.squares + other.squares, self.above + other.above,
            self.below + other.below,
        )  # fmt: skip

    def mean(self, count: int) -> Array:
        """Return the mean of every unit."""
        return self.total / max(1, count)

    def deviation(self, count: int) -> Array:
        """Return the standard deviation of every unit."""
        mean = self.mean(count)
        deviation: Array = np.sqrt(np.maximum(0.0, self.squares / max(1, count) - mean * mean))
        return deviation


def parts_that_count(lengths: Array) -> Iterator[tuple[slice, slice]]:
    """Yield the steps and the sequences of whole parts of ``(T, B, ...)`` that count; the longest come first.

    No part has more than :data:`_TOGETHER` steps.
    """
    ends, first = lengths.tolist(), 0
    for last in sorted({*ends, *range(_TOGETHER, max(ends, default=0), _TOGETHER)}):
        if last > first:
            yield slice(first, last), slice(int(np.count_nonzero(lengths >= last)))
            first = last


@dataclass(frozen=True, eq=False)
class Activity:
    """All quantities of one direction of one layer.

    Attributes:
        count: of words.
        ranges: by name: ``keep``, ``add``, ``show`` where there are gates (limits 0.9 and 0.1), ``h`` (limits
            ±0.99), and ``memory`` where it is not h (limits ±the value whose tanh is 0.99; h has none then).
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
        lengths: how many words of each sequence count, ``(B,)``, from the first that the cell reads; the longest come
            first.
    """
    parts, h, limit = flow(trace), trace.states["h"][1:], float(np.arctanh(FLAT_TANH))
    is_memory = cell.state_names[-1] == "h"
    ranges = {"h": Range.of(h, lengths, (FLAT_TANH, -FLAT_TANH) if is_memory else None)}
    if parts is not None:
        ranges |= {name: Range.of(getattr(parts, name), lengths, (OPEN, CLOSED)) for name in ("keep", "add", "show")}
    if not is_memory:
        ranges["memory"] = Range.of(trace.states[cell.state_names[-1]][1:], lengths, (limit, -limit))
    is_finite = all(np.isfinite(ranges[name].total).all() for name in ("h", "memory") if name in ranges)
    return Activity(int(lengths.sum()), ranges, 0 if is_finite else _not_numbers(trace, lengths))


def _not_numbers(trace: Trace, lengths: Array) -> int:
    """Count the words that left a NaN or an infinity in a state."""
    finite = np.logical_and.reduce([np.isfinite(state[1:]).all(axis=2) for state in trace.states.values()])
    return sum(int(np.count_nonzero(~finite[part])) for part in parts_that_count(lengths))
