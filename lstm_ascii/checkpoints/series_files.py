"""A time series in a table of numbers, with one row per step and one column per feature.

A header names the features; a first column that holds no numbers names the steps. Nothing is filled in: a cell that is
no finite number is an error that names its row and its column.
"""

from __future__ import annotations

import csv
import re
import sys
from math import isfinite
from pathlib import Path

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.files import damaged, mapped, shown, size_of
from lstm_ascii.errors import FileError, UsageError, argument
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass

LARGEST = 200_000_000  # bytes
DELIMITERS = ("\t", ";", ",")  # the first that the first line has
LONGEST_NAME = 24  # characters of a step's name
MOST_NAMED = 6
NAMES_OF_STEPS = frozenset({"", "date", "time", "timestamp", "datetime", "step", "index", "id", "t"})


@dataclass(frozen=True, eq=False)
class Series:
    """Numbers by step and feature.

    Attributes:
        steps: their names, safe to print.
        features: the columns' names, safe to print; ``column 1``, … where there is no header.
        values: ``(T, D)``.
    """

    steps: tuple[str, ...]
    features: tuple[str, ...]
    values: Array


def content_of(path: Path) -> bytes:
    """Return what a file, or standard input, holds.

    Raises:
        FileError: it can't be read, or is too large for a series.
    """
    if str(path) == "-":
        data = sys.stdin.buffer.read(LARGEST + 1) if sys.stdin is not None else b""
        if not data:
            raise damaged(path, "nothing came through standard input")
    else:
        if size_of(path) > LARGEST:
            raise damaged(path, f"more than {LARGEST // 10**6} MB is no series")
        data = bytes(mapped(path))
    if len(data) > LARGEST:
        raise damaged(path, f"more than {LARGEST // 10**6} MB is no series")
    return data


def read_series(path: Path, data: bytes, columns: str = "") -> Series:
    """Return the numbers of a table.

    Args:
        path: of the file, for errors; ``-`` is standard input.
        data: its content.
        columns: which of them, by name or by number from 1, with commas; all that are no names of steps by default.

    Raises:
        FileError: a row or a cell is not what it has to be; it is named.
        UsageError: there is no such column.
    """
    rows = _rows(path, data)
    header = None
    if any(_number(cell) is None for cell in rows[0][1][1:] or rows[0][1]):
        header, rows = [cell.strip() for cell in rows[0][1]], rows[1:]
    if not rows:
        raise damaged(path, "a header and no rows; expected a row of numbers a step")
    width = len(rows[0][1] if header is None else header)
    for line, cells in rows:
        if len(cells) != width:
            what = "the header" if header is not None else "the first row"
            raise damaged(path, f"row {line} has {len(cells)} cells, {what} has {width}")
    names_first = width > 1 and _names_steps(header, rows)
    names = header or [f"column {number}" for number in range(1, width + 1)]
    chosen = _chosen(path, names, columns) if columns else list(range(int(names_first), width))
    values = np.empty((len(rows), len(chosen)))
    for place, (line, cells) in enumerate(rows):
        for target, column in enumerate(chosen):
            number = _number(cells[column])
            if number is None or not isfinite(number):
                got = shown(cells[column].strip()) if cells[column].strip() else "nothing"
                where = f"row {line}, column {column + 1}" + (f" ({shown(names[column])})" if header else "")
                raise damaged(path, f"{where}: expected a number, got {got}")
            values[place, target] = number
    labels = [cells[0].strip() if names_first else f"x{n}" for n, (_, cells) in enumerate(rows, 1)]
    steps = tuple(visible(label[:LONGEST_NAME]) or f"x{n}" for n, label in enumerate(labels, 1))
    return Series(steps, tuple(visible(names[column]) for column in chosen), values)


def _rows(path: Path, data: bytes) -> list[tuple[int, list[str]]]:
    """Return the cells of each row that is not empty, with its line's number."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise damaged(path, f"row {line} is not UTF-8; expected a .npy or .npz file, or a table of numbers") from error
    first = text.split("\n", 1)[0]
    delimiter = next((one for one in DELIMITERS if one in first), ",")
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    rows = []
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise damaged(path, f"row {reader.line_num}: no table: {shown(error)}") from error
    if not rows:
        raise damaged(path, "no rows in it; expected a row of numbers a step")
    return rows


def _number(cell: str) -> float | None:
    """Return a cell's number, ``None`` where it has none."""
    try:
        return float(cell.strip()) if "_" not in cell else None
    except ValueError:
        return None


def _names_steps(header: list[str] | None, rows: list[tuple[int, list[str]]]) -> bool:
    """Tell whether the first column names the steps: it says so, or no cell of it is a number."""
    if header is not None and header[0].lower() in NAMES_OF_STEPS:
        return True
    return all(_number(cells[0]) is None for _, cells in rows)


def _chosen(path: Path, names: list[str], columns: str) -> list[int]:
    """Return the columns that are named."""
    chosen = []
    for name in (part.strip() for part in columns.split(",")):
        if name in names:
            chosen.append(names.index(name))
        elif name.isascii() and name.isdigit() and 0 < int(name[:9]) <= len(names):
            chosen.append(int(name[:9]) - 1)
        else:
            there = ", ".join(map(shown, names[:MOST_NAMED])) + (", …" if len(names) > MOST_NAMED else "")
            raise UsageError(f"{visible(str(path))} has no column {shown(name)}; it has {there}", "columns")
    return chosen


def windowed(series: Series, window: str) -> Series:
    """Return the steps that ``last:60``, ``first:60`` or ``10:60`` (from the tenth to the sixtieth) names.

    Raises:
        UsageError: it names none.
    """
    if not window:
        return series
    match = re.fullmatch(r"(first|last|[0-9]{1,9}):([0-9]{1,9})", window)
    if match is None:
        raise UsageError(f"expected last:60, first:60 or 10:60, got {window!r}", "window")
    begin, size, count = match[1], int(match[2]), len(series.steps)
    if begin in ("first", "last"):
        first, last = (0, size) if begin == "first" else (count - size, count)
    else:
        first, last = int(begin) - 1, size
    if not 0 <= first < last <= count:
        raise UsageError(f"{window} is outside the {count:,} steps that there are", "window")
    part = slice(first, last)
    return Series(series.steps[part], series.features, series.values[part])


def check_width(path: Path, series: Series, width: int) -> None:
    """Refuse a series with another number of features than the network reads.

    Raises:
        FileError: it has.
    """
    got = len(series.features)
    if got != width:
        some = ", ".join(series.features[:MOST_NAMED]) + (", …" if got > MOST_NAMED else "")
        do = f"{argument('columns', 'NAMES')} picks them" if got > width else "give it those that it was trained on"
        raise FileError(
            f"{visible(str(path))}: {got} column{'s' * (got != 1)} of numbers ({some}), but the network reads {width}; "
            f"{do}"
        )
