"""The units of a series and what a network reads of it: ``(value − mean) / sd`` of each column; and baselines."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.files import damaged, shown
from lstm_ascii.checkpoints.series_files import LONGEST_NAME, Series, content_of, read_series
from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass

BASELINES = ("mean", "zero", "first")


@dataclass(frozen=True, eq=False)
class Features:
    """The columns of a series.

    Attributes:
        names: one each, safe to print.
        values: in their own units, ``(T, D)``.
        mean, sd: ``(D,)``: the network reads ``(value − mean) / sd``.
    """

    names: tuple[str, ...]
    values: Array
    mean: Array
    sd: Array

    @classmethod
    def plain(cls, values: Array, names: tuple[str, ...] = ()) -> Features:
        """Return columns that are read as they are; by default they are called ``feature 1``, ``feature 2``."""
        width = values.shape[1]
        names = names or tuple(f"feature {number}" for number in range(1, width + 1))
        return cls(names, values, np.zeros(width), np.ones(width))

    @property
    def is_scaled(self) -> bool:
        """Whether the network reads other numbers than those of the series."""
        return bool(self.mean.any() or (self.sd != 1).any())

    def as_read(self, values: Array) -> Array:
        """Return what the network reads of values ``(…, D)`` in the units of the series."""
        read: Array = (values - self.mean) / self.sd
        return read

    def in_units(self, read: Array) -> Array:
        """Return the values ``(…, D)`` that the network reads so."""
        values: Array = read * self.sd + self.mean
        return values

    def only(self, kept: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Features:
        """Return some of the steps."""
        return replace(self, values=self.values[kept])


def scaled(features: Features, wording: str) -> Features:
    """Return the columns with the scale that a text names: ``mean,sd``, as many as columns with ``;``, or a file.

    A file is a table with a row a column: its name, mean and standard deviation; without names in their order.

    Raises:
        FileError: the file is no such table, or lacks a column.
        UsageError: the text is neither, or has another number of pairs than there are columns.
    """
    if not wording:
        return features
    names = features.names
    pairs = _pairs(wording)
    if pairs is None:
        pairs = _pairs_of_file(Path(wording), names)
    elif len(pairs) == 1:
        pairs *= len(names)
    if len(pairs) != len(names):
        columns = f"{len(names)} column{'s' * (len(names) != 1)} ({', '.join(names[:6])})"
        raise UsageError(f"expected mean,sd for each of {columns}, got {len(pairs)}", "scale")
    for name, (_, sd) in zip(names, pairs, strict=True):
        if not sd > 0:
            raise UsageError(f"expected a standard deviation above 0 for {name}, got {sd:g}", "scale")
    mean, sd = np.array(pairs).T
    return replace(features, mean=mean, sd=sd)


def _pairs(wording: str) -> list[tuple[float, float]] | None:
    """Return the pairs that a text names; ``None`` where it names a file."""
    pairs = []
    for part in wording.split(";"):
        try:
            mean, sd = map(float, part.split(","))
        except ValueError:
            return None
        if not isfinite(mean) or not isfinite(sd):
            raise UsageError(f"expected finite numbers as mean,sd, got {part.strip()}", "scale")
        pairs.append((mean, sd))
    return pairs


def _pairs_of_file(path: Path, names: tuple[str, ...]) -> list[tuple[float, float]]:
    """Return mean and standard deviation of each column, of a table."""
    if not path.exists():
        raise UsageError(f"expected mean,sd, or a file of them, got {visible(str(path))}", "scale")
    table = read_series(path, content_of(path))
    if len(table.features) != 2:
        raise damaged(path, f"expected a name, a mean and an sd in each row, got {len(table.features)} numbers")
    rows = [(float(mean), float(sd)) for mean, sd in table.values]
    if all(step == f"x{number}" for number, step in enumerate(table.steps, 1)):
        return rows
    by_name = dict(zip(table.steps, rows, strict=True))
    short = [name[:LONGEST_NAME] for name in names]
    if missing := [name for name in short if name not in by_name]:
        raise damaged(path, f"no row for column {shown(missing[0])}; it has {', '.join(map(shown, table.steps[:6]))}")
    return [by_name[name] for name in short]


def baseline_of(wording: str, features: Features, vectors: Array) -> Array:
    """Return what takes the place of what is replaced, as the network reads it: ``(D,)`` or ``(T, D)``.

    Args:
        wording: ``mean`` of the series, ``zero`` as the network reads it, its ``first`` step, or a table: a row for
            all steps or as many as steps, in the units of the series.
        features: of the series.
        vectors: that the network reads, ``(T, D)``.

    Raises:
        UsageError: there is no such baseline.
        FileError: the table has another shape.
    """
    if wording == "mean":
        mean: Array = vectors.mean(axis=0)
        return mean
    if wording == "zero":
        return np.zeros(vectors.shape[1])
    if wording == "first":
        first: Array = vectors[0]
        return first
    path = Path(wording)
    if not path.exists():
        raise UsageError(f"expected {', '.join(BASELINES)}, or a file, got {visible(wording)}", "baseline")
    table = _in_order(read_series(path, content_of(path)), features.names)
    rows, columns = table.values.shape
    steps, width = vectors.shape
    if columns != width or rows not in (1, steps):
        of = f"{width} column{'s' * (width != 1)} ({', '.join(features.names[:6])})"
        expected = f"1 row or {steps}, one a step, of {of}"
        raise FileError(f"{visible(wording)}: expected {expected}, got {rows} of {columns}")
    values = features.as_read(table.values)
    only: Array = values[0] if rows == 1 else values
    return only


def _in_order(table: Series, names: tuple[str, ...]) -> Series:
    """Return the columns of a series, in its order, where the table names them all."""
    if not set(names) <= set(table.features):
        return table
    places = [table.features.index(name) for name in names]
    return Series(table.steps, names, table.values[:, places])
