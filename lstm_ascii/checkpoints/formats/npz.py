"""NumPy's archives: a zip of arrays, each with a header that says its type and sizes.

Source of the layout: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. Arrays that are not
packed stay in the file until they are used; packed ones are unpacked each time they are asked for.
"""

from __future__ import annotations

import ast
import math
import re
import struct
import warnings
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import FileContents, Stored, Tensors
from lstm_ascii.checkpoints.formats.files import damaged, mapped, shown, wide
from lstm_ascii.checkpoints.formats.zip_files import members_of, stored_at, unpacked
from lstm_ascii.language.text import visible

MAGIC, ENDING = b"\x93NUMPY", ".npy"
LONGEST_HEADER = 10_000  # bytes; NumPy's own limit
MOST_DIMENSIONS = 32
_PLAIN = re.compile(r"[<>|=]?(?:b1|[iu][1248]|f[248])")


@dataclass(frozen=True)
class Header:
    """What an array says about itself.

    Attributes:
        dtype: of its numbers, with their byte order.
        shape: its sizes.
        fortran: whether the first axis runs fastest.
        begin: where in the member its numbers begin.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    begin: int

    @property
    def nbytes(self) -> int:
        """The bytes of the numbers."""
        return math.prod(self.shape) * self.dtype.itemsize

    def numbers(self, content: memoryview) -> Array:
        """Return the numbers of a whole member, not copied."""
        row = np.frombuffer(content[self.begin : self.begin + self.nbytes], self.dtype)
        return row.reshape(self.shape[::-1]).T if self.fortran else row.reshape(self.shape)


def read_npz(path: Path) -> FileContents:
    """Return what an archive of :func:`numpy.savez` holds.

    Raises:
        FileError: it can't be opened, is damaged, would unpack to too much, or holds something else than numbers.
    """
    data = mapped(path)
    tensors = {}
    for name, member in members_of(path).items():
        if not name.endswith(ENDING):
            raise damaged(path, f"{shown(name)} in the archive is no array of NumPy; leave it out")
        plain = stored_at(path, member, data)
        head = plain[: LONGEST_HEADER + 12] if plain is not None else unpacked(path, member, LONGEST_HEADER + 12)
        tensor = name.removesuffix(ENDING)
        header = header_of(path, f"the array {shown(tensor)}", bytes(head), member.file_size)
        load = partial(_wide, header, plain) if plain is not None else partial(_unpack, path, member, header)
        tensors[tensor] = Stored(header.dtype.name, header.shape, header.nbytes, load)
    return FileContents(visible(str(path)), "npz", Tensors(tensors), {})


def header_of(path: Path, label: str, head: bytes, length: int) -> Header:
    """Return the header of an array in the ``.npy`` format.

    Args:
        path: of the file, for errors.
        label: what to call the array, for errors.
        head: its first bytes, the whole header among them.
        length: of header and numbers together, in bytes.

    Raises:
        FileError: it is damaged, holds something else than numbers, or its sizes don't agree with ``length``.
    """
    if head[:6] != MAGIC or len(head) < 12 or not 1 <= head[6] <= 3:
        raise damaged(path, f"damaged: {label} is not in NumPy's format")
    size, begin = (struct.unpack("<H", head[8:10])[0], 10) if head[6] == 1 else (struct.unpack("<L", head[8:12])[0], 12)
    if begin + size > len(head):
        raise damaged(path, f"damaged: {label} has a header of {size} bytes")
    entries = _entries(head[begin : begin + size])
    if entries is None:
        raise damaged(path, f"damaged: {label} has a header that can't be read")
    kind, fortran, shape = entries
    if not isinstance(kind, str) or not _PLAIN.fullmatch(kind):
        raise damaged(path, f"{label} holds {_called(kind)}, not plain numbers; save it as float32 or leave it out")
    if len(shape) > MOST_DIMENSIONS or not all(type(value) is int and 0 <= value < 1 << 48 for value in shape):
        raise damaged(path, f"damaged: {label} has the sizes {shown(shape)}")
    header = Header(np.dtype(kind), shape, fortran, begin + size)
    if header.begin + header.nbytes != length:
        raise damaged(
            path, f"damaged: {label} needs {header.nbytes} bytes for its sizes, but has {length - begin - size}"
        )
    return header


def _entries(text: bytes) -> tuple[Any, bool, tuple[Any, ...]] | None:
    """Return type, order and sizes of a header; ``None`` where it is not one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own about odd literals
            entries = ast.literal_eval(text.decode("utf-8").strip())
        kind, fortran, shape = entries["descr"], entries["fortran_order"], entries["shape"]
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError):
        return None
    sound = len(entries) == 3 and isinstance(fortran, bool) and isinstance(shape, tuple)
    return (kind, fortran, shape) if sound else None


def _called(kind: Any) -> str:
    """Return what a type that can't be read is, in words."""
    if not isinstance(kind, str):
        return "records of several fields"
    letter = kind.lstrip("<>|=")[:1]
    return {"O": "Python objects", "U": "text", "S": "text", "c": "complex numbers"}.get(letter, f"type {shown(kind)}")


def _wide(header: Header, content: memoryview) -> Array:
    """Return the numbers of an array whose bytes stand as they are."""
    return wide(header.numbers(content), header.dtype.name)


def _unpack(path: Path, member: zipfile.ZipInfo, header: Header) -> Array:
    """Return the numbers of an array that is packed."""
    return _wide(header, unpacked(path, member))
