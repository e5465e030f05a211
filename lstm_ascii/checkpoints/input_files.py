"""Input files in place of a sentence: vectors or word indices, from an array, a table, or a pipe."""

from __future__ import annotations

import io
import math
import re
from pathlib import Path

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.checkpoints.formats.files import damaged, shown
from lstm_ascii.checkpoints.series_files import Series, check_width, content_of, read_series, windowed
from lstm_ascii.checkpoints.series_scale import Features, scaled
from lstm_ascii.errors import UsageError
from lstm_ascii.network import Network
from lstm_ascii.records import dataclass

MAGIC, ZIP = b"\x93NUMPY", b"PK"
NAMES = ("x", "X", "input", "inputs", "ids")  # of an array among others


@dataclass(frozen=True, eq=False)
class GivenInput:
    """What is read.

    Attributes:
        words: names to show, one a step: the vocabulary's entries, or ``x1``, ``x2``, … for vectors.
        vectors: ``(T, 1, D)``; ``None`` where the words are read like a sentence.
        features: what these numbers are; ``None`` if there are none.
    """

    words: tuple[str, ...]
    vectors: Array | None
    features: Features | None = None


def read_input(path: Path, network: Network, columns: str = "", window: str = "", scale: str = "") -> GivenInput:
    """Read vectors ``(T, D)`` or indices ``(T,)`` for ``network``; the file can run no code.

    A batch of one sequence, ``(1, T, D)`` or of indices ``(1, T)``, is that sequence; ``FILE.npz#7`` is the seventh of
    a batch.

    Args:
        path: of a ``.npy`` or ``.npz`` file, or a table with commas, semicolons or tabs; ``-`` reads standard input.
        network: that reads it.
        columns: of a table, with commas, by name or by number from 1.
        window: of the steps: ``last:60``, ``first:60`` or ``10:60``.
        scale: what the network reads of a column: ``mean,sd``, or a file; see :func:`.series_scale.scaled`.

    Raises:
        FileError: it can't be read, or is not what the network reads.
        UsageError: there is no such column, window or scale.
    """
    path, row = _row_of(path)
    data = content_of(path)
    if not data.startswith((MAGIC, ZIP)):
        series = windowed(read_series(path, data, columns), window)
        check_width(path, series, network.embedding.shape[1])
        return _as_read(series.steps, scaled(Features.plain(series.values, series.features), scale))
    if columns:
        raise UsageError("is for a table of numbers with commas or tabs", "columns")
    given = _given(path, data, network, row)
    if window:
        steps = np.arange(len(given.words), dtype=float)[:, None]
        places = windowed(Series(given.words, ("step",), steps), window).values[:, 0].astype(int)
        words = tuple(given.words[k] for k in places)
        given = GivenInput(words, None if given.vectors is None else given.vectors[places])
    if given.vectors is not None:
        return _as_read(given.words, scaled(Features.plain(given.vectors[:, 0]), scale))
    if scale:
        raise UsageError("is for numbers; these are indices of words", "scale")
    return given


def _row_of(path: Path) -> tuple[Path, int]:
    """Part ``FILE.npz#7``, the seventh example of a batch, unless there is a file of that name; 0 for all of it."""
    match = re.fullmatch(r"(.+\.np[yz])#([1-9][0-9]{0,8})", str(path))
    return (path, 0) if match is None or path.exists() else (Path(match[1]), int(match[2]))


def _as_read(steps: tuple[str, ...], features: Features) -> GivenInput:
    """Return what the network reads of a series."""
    read = features.as_read(features.values) if features.is_scaled else features.values
    return GivenInput(steps, read[:, None], features)


def _given(path: Path, data: bytes, network: Network, row: int) -> GivenInput:
    """Return what an array holds, or its ``row``, from 1."""
    values = array_of(path, data) if data.startswith(MAGIC) else _packed(path)
    width = network.embedding.shape[1]
    if row:
        if not row <= len(values):
            raise damaged(path, f"expected a row from 1 to {len(values):,}, got {row}")
        values = np.asarray(values[row - 1], values.dtype if values.dtype.kind in "iu" else np.float64)
        values = values[:, None] if values.ndim == 1 and width == 1 and values.dtype.kind == "f" else values
    if values.ndim == (2 if values.dtype.kind in "iu" else 3) and len(values) == 1:
        values = values[0]
    if values.ndim == 1 and values.dtype.kind in "iu" and network.has_embedding:
        last = len(network.vocabulary) - 1
        outside = np.flatnonzero((values < 0) | (values > last))
        if len(outside) or not len(values):
            offender = f"{values[outside[0]]} at place {outside[0] + 1}" if len(outside) else "none"
            raise damaged(path, f"expected indices from 0 to {last}, got {offender}")
        return GivenInput(tuple(network.vocabulary.words[index] for index in values), None)
    if values.ndim != 2 or values.shape[1] != width or values.dtype.kind != "f" or not len(values):
        also = " or whole numbers of shape (T,)" if network.has_embedding else ""
        got = f"{values.dtype} of shape {values.shape}"
        raise damaged(path, f"expected real numbers of shape (T, {width}){also}, got {got}")
    vectors = np.asarray(values, np.float64)
    broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(broken):
        raise damaged(path, f"row {broken[0] + 1} holds NaN or an infinity")
    return GivenInput(tuple(f"x{step}" for step in range(1, len(vectors) + 1)), vectors[:, None])


def array_of(path: Path, data: bytes) -> Array:
    """Read the array of a ``.npy`` file; a header that promises more than there is is refused before memory is."""
    try:
        file = io.BytesIO(data)
        version = np.lib.format.read_magic(file)
        head = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = head(file)
        if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(data) - file.tell():
            raise ValueError
        file.seek(0)
        values: Array = np.load(file, allow_pickle=False)
    except Exception as error:  # NumPy parses the header as Python: it raises whatever that raises
        raise damaged(path, "a damaged .npy file, or one of objects; expected plain numbers") from error
    return values


def _packed(path: Path) -> Array:
    """Return the array of an ``.npz`` file: its only one, or that named ``x``."""
    if str(path) == "-":
        raise damaged(path, "an .npz file can't come through standard input; name it")
    tensors = read_contents(path).tensors
    name = next((one for one in NAMES if one in tensors), next(iter(tensors), ""))
    if not name or (len(tensors) > 1 and name not in NAMES):
        there = ", ".join(map(shown, tensors)) or "nothing"
        raise damaged(path, f"expected one array, or one named {' or '.join(NAMES)}; there is {there}")
    return np.asarray(tensors[name])
