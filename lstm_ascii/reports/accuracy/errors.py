"""The errors of predicted values: sums that are updated row by row, and the statistics made from them."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.records import dataclass
from lstm_ascii.reports.scored.shares import Z_95

Interval = tuple[float, float]


@dataclass(frozen=True)
class ValueErrors:
    """How far one output is off.

    Attributes:
        name: of the output.
        count: values that were compared.
        rmse: the root of the mean squared error, in the unit of the value.
        rmse_interval: its 95 % interval, from that of the mean squared error; ``None`` of fewer than two values.
        mae: the mean absolute error.
        mae_interval: its 95 % interval, likewise.
        bias: the mean of what is given minus what is right.
        baseline_rmse: the RMSE of saying the mean of all right values each time.
        explained: 1 − (rmse / baseline_rmse)², the share of the variance; ``None`` where all right values are equal.
    """

    name: str
    count: int
    rmse: float
    rmse_interval: Interval | None
    mae: float
    mae_interval: Interval | None
    bias: float
    baseline_rmse: float
    explained: float | None


class Errors:
    """Sums over the errors of several outputs."""

    def __init__(self, outputs: int) -> None:
        """Begin with nothing."""
        self._count = 0
        self._error, self._absolute, self._square, self._fourth = (np.zeros(outputs) for _ in range(4))
        self._mean, self._spread = np.zeros(outputs), np.zeros(outputs)  # of what is right (Welford 1962)

    def add(self, truth: Array, given: Array) -> float:
        """Count values ``(n, outputs)`` against what is right; return how far the farthest of them is off."""
        error = np.asarray(given, np.float64).reshape(truth.shape) - truth
        self._error += error.sum(axis=0)
        self._absolute += np.abs(error).sum(axis=0)
        self._square += np.square(error).sum(axis=0)
        self._fourth += (error**4).sum(axis=0)
        for row in truth:
            self._count += 1
            before = row - self._mean
            self._mean += before / self._count
            self._spread += before * (row - self._mean)
        return float(np.abs(error).max())

    def result(self, names: Sequence[str]) -> tuple[ValueErrors, ...]:
        """Return what was counted; nothing of no values."""
        return tuple(self._of(place, name) for place, name in enumerate(names)) if self._count else ()

    def _of(self, place: int, name: str) -> ValueErrors:
        """Return it for one output."""
        n = self._count
        mean_square, mae = float(self._square[place] / n), float(self._absolute[place] / n)
        rmse, baseline = sqrt(mean_square), sqrt(float(self._spread[place] / n))
        squares = _around(mean_square, float(self._fourth[place] / n), n)
        return ValueErrors(
            name, n, rmse, None if squares is None else (sqrt(squares[0]), sqrt(squares[1])),
            mae, _around(mae, mean_square, n), float(self._error[place] / n), baseline,
            1 - mean_square / baseline**2 if baseline else None,
        )  # fmt: skip


def _around(mean: float, mean_of_squares: float, count: int) -> Interval | None:
    """Return the 95 % interval of a mean, by the normal distribution; never below 0, as what is averaged isn't."""
    if count < 2:
        return None
    half = Z_95 * sqrt(max(0.0, mean_of_squares - mean * mean) / (count - 1))
    return max(0.0, mean - half), mean + half
