"""The statistics of the tensors in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored, Tensors
from lstm_ascii.checkpoints.layers import in_double
from lstm_ascii.language.text import visible
from lstm_ascii.mapped import release
from lstm_ascii.progress import Progress, counted, part
from lstm_ascii.records import dataclass

BINS = 12  # of a histogram, from the smallest to the largest value
VALUES_AT_ONCE = 1 << 18  # in double precision


@dataclass(frozen=True)
class TensorFacts:
    """One tensor.

    Attributes:
        name: in the file, safe to print.
        role: ``embedding``, ``decoder``, ``answer``, ``layer 1``, ``layer 1 backward``, ``constant`` of a graph; empty
            if it is not used.
        shape, dtype, bytes: as stored.
        mean, deviation, smallest, largest: of its finite values; ``None`` if there are none.
        histogram: their counts in bins of equal width between the smallest and the largest.
        nan, infinite: the number of NaN and of infinite values.
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


def facts_of_all(tensors: Tensors, roles: Mapping[str, str], progress: Progress | None) -> tuple[TensorFacts, ...]:
    """Compute the statistics of every tensor.

    Args:
        tensors: of a file.
        roles: by name; tensors without one are not used.
        progress: called with the share of the values that is done, from 0 to 1.
    """
    stored = tensors.stored
    total, done, facts = sum(prod(tensor.shape) for tensor in stored.values()) or 1, 0, []
    for name, tensor in stored.items():
        size = prod(tensor.shape)
        facts.append(facts_of(name, roles.get(name, ""), tensor, part(progress, done / total, (done + size) / total)))
        done += size
    return tuple(facts)


def facts_of(name: str, role: str, tensor: Stored, progress: Progress | None = None) -> TensorFacts:
    """Compute the statistics of one tensor, a block of values at a time."""
    nan = infinite = count = 0
    mean = squares = 0.0
    smallest, largest = np.inf, -np.inf
    values = tensor.load()
    for block in _blocks(values, part(progress, 0, 0.5)):
        finite = block[np.isfinite(block)]
        bad = len(block) - len(finite)
        nans = int(np.isnan(block).sum()) if bad else 0
        nan, infinite = nan + nans, infinite + bad - nans
        if not len(finite):
            continue
        smallest, largest = min(smallest, float(finite.min())), max(largest, float(finite.max()))
        with np.errstate(over="ignore", invalid="ignore"):
            here, total = float(finite.mean()), count + len(finite)
            step = here - mean  # Chan, Golub & LeVeque 1979: the combined sum of squares of two samples
            squares += float(((finite - here) ** 2).sum()) + step * step * count * len(finite) / total
            mean += step * len(finite) / total
        count = total
    histogram = _histogram(values, smallest, largest, part(progress, 0.5, 1)) if count else (0,) * BINS
    return TensorFacts(
        name=visible(name),
        role=role,
        shape=tensor.shape,
        dtype=tensor.dtype,
        bytes=tensor.nbytes,
        mean=mean if count else None,
        deviation=(squares / count) ** 0.5 if count else None,
        smallest=smallest if count else None,
        largest=largest if count else None,
        histogram=histogram,
        nan=nan,
        infinite=infinite,
    )


def _blocks(values: Array, progress: Progress | None) -> Iterator[Array]:
    """Yield the values in double precision, flat, a block at a time."""
    flat = values.reshape(-1) if values.flags.c_contiguous else values.T.reshape(-1)
    begins = range(0, flat.size, VALUES_AT_ONCE)
    for begin in counted(begins, len(begins), progress, every=1):
        yield in_double(flat[begin : begin + VALUES_AT_ONCE])
        release(values)


def _histogram(values: Array, smallest: float, largest: float, progress: Progress | None) -> tuple[int, ...]:
    """Count the finite values in bins of equal width between the two; all in the middle bin if these are equal."""
    counts = np.zeros(BINS, np.int64)
    scale = largest - smallest
    for block in _blocks(values, progress):
        finite = block[np.isfinite(block)]
        if not 0 < scale < np.inf:
            counts[BINS // 2] += len(finite)
            continue
        places = ((finite - smallest) * (BINS / scale)).astype(np.intp)
        counts += np.bincount(np.minimum(places, BINS - 1), minlength=BINS)
    return tuple(counts.tolist())
