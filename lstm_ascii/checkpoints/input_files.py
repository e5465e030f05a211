"""What a network reads in place of a sentence: vectors or indices of words, from a ``.npy`` file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.files import damaged, head_of
from lstm_ascii.network import Network

MAGIC = b"\x93NUMPY"


@dataclass(frozen=True, eq=False)
class GivenInput:
    """What is read.

    Attributes:
        words: names to show, one a step: the vocabulary's entries, or ``x1``, ``x2``, … for vectors.
        vectors: ``(T, 1, D)``; ``None`` where the words are read like a sentence.
    """

    words: tuple[str, ...]
    vectors: Array | None


def read_input(path: Path, network: Network) -> GivenInput:
    """Read vectors ``(T, D)`` or indices ``(T,)`` for ``network``; the file can run no code.

    A batch of one sequence, ``(1, T, D)`` or of indices ``(1, T)``, is that sequence.

    Raises:
        FileError: it can't be read, or is not what the network reads.
    """
    values = _array(path)
    width = network.embedding.shape[1]
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


def _array(path: Path) -> Array:
    """Read the array of a ``.npy`` file; first mapped, as a header that promises too much can't be mapped."""
    if head_of(path, len(MAGIC)) != MAGIC:
        raise damaged(path, "no .npy file; numpy.save writes one from an array")
    try:
        np.load(path, mmap_mode="r", allow_pickle=False)
        values: Array = np.load(path, allow_pickle=False)
    except Exception as error:  # NumPy parses the header as Python: it raises whatever that raises
        raise damaged(path, "a damaged .npy file, or one of objects; expected plain numbers") from error
    return values
