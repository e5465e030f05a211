"""How well units correlate with simple features of the text.

The score is Pearson's correlation of a unit's value with a feature of :mod:`lstm_ascii.analysis.text_features`; for a
binary feature it is called the point-biserial correlation (Tate 1954, "Correlation between a discrete and a continuous
variable"). Neurons are ranked by it in Bau et al. (2019), "Identifying and Controlling Important Neurons in Neural
Machine Translation", and Dalvi et al. (2019), "What Is One Grain of Sand in the Desert?".

Values and features are summed in fixed point, as whole numbers, so that the pieces of a corpus add up to exactly the
sums of the whole, in any order. The rounding error, 1/2048 at most, is far below the accuracy of a correlation.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Self

import numpy as np

from lstm_ascii.analysis.text_features import FEATURES
from lstm_ascii.cells import Array
from lstm_ascii.records import dataclass

FEWEST = 8  # words; of fewer no correlation is computed
SHIFTS = 39  # of the features along the text, for the correlation by chance: one in forty reaches it
FEWEST_TO_TELL = SHIFTS + 1  # words; of fewer no correlation by chance is computed
_SCALE = 1024  # fixed-point steps of 1
_LARGEST = 16 * _SCALE  # larger values are clipped: gates and h are at most 1, few memories are more than 16
_ROWS = 1 << 9  # words at a time: they stay in the cache, and sums of products of whole numbers are exact in a double

# Features in the steps in which they are summed, so that each is at most _LARGEST: distances and positions as they are,
# to 16,384; log10 of a frequency in 1/1024.
_FEATURE_SCALE = np.array([1.0 if name in ("distance", "position") else _SCALE for name in FEATURES])


@dataclass(frozen=True, eq=False)
class Follows:
    """The sums from which the correlations of H units with F features are computed.

    They are in fixed point, in 64-bit integers, which hold at least 3·10¹⁰ words.

    Attributes:
        count: the number of words for which a feature is known, ``(F,)``.
        feature, feature_squares: sums of the feature and of its squares over those words, ``(F,)``.
        value, value_squares, product: sums of each unit's value, of its square, and of value times feature, over the
            same words, ``(H, F)``.
    """

    count: Array
    feature: Array
    feature_squares: Array
    value: Array
    value_squares: Array
    product: Array

    @classmethod
    def of(cls, values: Array, features: Array) -> Self:
        """Sum over a text.

        Args:
            values: of the units, ``(T, H)``: h, the memory, or a gate. Words with a value that isn't finite are left
                out.
            features: of the words, ``(T, F)``, as :func:`~lstm_ascii.analysis.text_features.text_features` gives them.
        """
        sums = [np.zeros(features.shape[1], np.int64) for _ in range(3)]
        sums += [np.zeros((values.shape[1], features.shape[1]), np.int64) for _ in range(3)]
        for first in range(0, len(values), _ROWS):
            some = slice(first, first + _ROWS)
            for total, part in zip(sums, _sums(values[some], features[some]), strict=True):
                total += part
        return cls(*sums)

    def __add__(self, other: Self) -> Self:
        """Return the sums over both texts."""
        return type(self)(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def correlations(self) -> Array:
        """Pearson's r, ``(H, F)``; NaN where unit or feature is constant, or known for < :data:`FEWEST` words."""
        n = np.maximum(self.count, 1).astype(float)
        covariance = self.product / n - (self.value / n) * (self.feature / n)
        value = self.value_squares / n - (self.value / n) ** 2
        feature = self.feature_squares / n - (self.feature / n) ** 2
        # below one step of the fixed point nothing varies
        varies = (value > 1.0) & (feature > 1e-9) & (self.count >= FEWEST)
        with np.errstate(invalid="ignore", divide="ignore"):
            r: Array = np.clip(covariance / np.sqrt(value * feature), -1.0, 1.0)
        return np.where(varies, r, np.nan)

    def chance(self) -> Array:
        """Return the |r| that the best of H unrelated units would reach by chance, ``(F,)``; NaN for too few words.

        Under independence Fisher's z of r has the standard deviation 1/√(n − 3), and the largest of H is about
        √(2 ln 2H) times that. Neighbouring words are correlated, so in a text chance reaches somewhat more.
        """
        n, units = self.count.astype(float), len(self.value)
        largest = math.sqrt(2 * math.log(2 * max(1, units)))
        return np.where(self.count >= FEWEST, np.tanh(largest / np.sqrt(np.maximum(n - 3, 1))), np.nan)


def shifted_chance(values: Array, features: Array) -> Array:
    """Return the largest |r| of any unit with circularly shifted features, ``(F,)``; NaN for too few words.

    The features are shifted :data:`SHIFTS` times by equal parts of the text, which keeps the correlation of
    neighbouring words and leaves only chance between unit and feature. A feature that is unrelated to all units reaches
    the result with a probability of 1/(SHIFTS + 1). After Yuan & Shou (2022), "A rigorous and versatile statistical
    test for correlations between stationary time series".

    Args:
        values: of the units, as :meth:`Follows.of` takes them.
        features: of the words, likewise.
    """
    steps, count = len(values), features.shape[1]
    if steps < FEWEST_TO_TELL:
        return np.full(count, np.nan)
    moved = [np.roll(features, k * steps // (SHIFTS + 1), axis=0) for k in range(1, SHIFTS + 1)]
    r = np.abs(Follows.of(values, np.concatenate(moved, axis=1)).correlations)
    largest: Array = np.nan_to_num(r, nan=-1.0).max(axis=0).reshape(SHIFTS, count).max(axis=0)
    return np.where(largest < 0, np.nan, largest)


def _sums(values: Array, features: Array) -> tuple[Array, ...]:
    """Return the sums of some words as whole numbers, in the order of the attributes of :class:`Follows`."""
    finite = np.isfinite(values).all(axis=1)
    v = np.rint(np.clip(values[finite].astype(float) * _SCALE, -_LARGEST, _LARGEST))
    scale = np.tile(_FEATURE_SCALE, features.shape[1] // len(_FEATURE_SCALE))  # of several texts side by side
    scaled = np.clip(features[finite] * scale, -_LARGEST, _LARGEST)
    known = np.isfinite(scaled)
    f, is_known = np.rint(np.where(known, scaled, 0.0)), known.astype(float)
    found = (is_known.sum(axis=0), f.sum(axis=0), (f * f).sum(axis=0), v.T @ is_known, (v * v).T @ is_known, v.T @ f)
    return tuple(part.astype(np.int64) for part in found)
