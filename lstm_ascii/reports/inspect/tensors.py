"""One tensor of a file in numbers, however large it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.found import in_double
from lstm_ascii.language.text import visible
from lstm_ascii.network import release

BINS = 12  # of a histogram, from the smallest to the largest number
NUMBERS_AT_ONCE = 1 << 18  # that are looked at in double precision


@dataclass(frozen=True)
class TensorFacts:
    """One tensor.

    Attributes:
        name: in the file, safe to print.
        role: ``embedding``, ``decoder``, ``layer 1``, ``layer 1 backward``, ``constant`` of a graph; empty where
            nothing was made of it.
        shape, dtype, bytes: as it is stored.
        mean, deviation, smallest, largest: of its finite numbers; ``None`` where there are none.
        histogram: how many of them are in each of equal parts between the smallest and the largest.
        nan, infinite: how many are no numbers, or no finite ones.
    """

    name: str
    role: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    mean: float | None
    deviation: float | None
    smallest: float | None
    largest: float | None
    histogram: tuple[int, ...]
    nan: int
    infinite: int


def facts_of(name: str, role: str, stored: Stored) -> TensorFacts:
    """Measure one tensor, some of its numbers at a time."""
    nan = infinite = count = 0
    mean = squares = 0.0
    smallest, largest = np.inf, -np.inf
    values = stored.load()
    for block in _blocks(values):
        finite = block[np.isfinite(block)]
        bad = len(block) - len(finite)
        nans = int(np.isnan(block).sum()) if bad else 0
        nan, infinite = nan + nans, infinite + bad - nans
        if not len(finite):
            continue
        smallest, largest = min(smallest, float(finite.min())), max(largest, float(finite.max()))
        with np.errstate(over="ignore", invalid="ignore"):
            here, total = float(finite.mean()), count + len(finite)
            step = here - mean  # Chan, Golub & LeVeque 1979: two samples' squares, put together
            squares += float(((finite - here) ** 2).sum()) + step * step * count * len(finite) / total
            mean += step * len(finite) / total
        count = total
    histogram = _histogram(values, smallest, largest) if count else (0,) * BINS
    return TensorFacts(
        name=visible(name),
        role=role,
        shape=stored.shape,
        dtype=stored.dtype,
        bytes=stored.nbytes,
        mean=mean if count else None,
        deviation=(squares / count) ** 0.5 if count else None,
        smallest=smallest if count else None,
        largest=largest if count else None,
        histogram=histogram,
        nan=nan,
        infinite=infinite,
    )


def _blocks(values: Array) -> Iterator[Array]:
    """Yield the numbers in double precision, flat, some at a time."""
    flat = values.reshape(-1) if values.flags.c_contiguous else values.T.reshape(-1)
    for begin in range(0, flat.size, NUMBERS_AT_ONCE):
        yield in_double(flat[begin : begin + NUMBERS_AT_ONCE])
        release(values)


def _histogram(values: Array, smallest: float, largest: float) -> tuple[int, ...]:
    """Count the finite numbers in equal parts between the two; all in the middle where they are equal."""
    counts = np.zeros(BINS, np.int64)
    scale = largest - smallest
    for block in _blocks(values):
        finite = block[np.isfinite(block)]
        if not 0 < scale < np.inf:
            counts[BINS // 2] += len(finite)
            continue
        places = ((finite - smallest) * (BINS / scale)).astype(np.intp)
        counts += np.bincount(np.minimum(places, BINS - 1), minlength=BINS)
    return tuple(counts.tolist())
