"""NumPy archives: a zip of arrays, each with a header that has its type and shape.

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
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import FileContents, Stored, Tensors, in_memory
from lstm_ascii.checkpoints.formats.files import damaged, fits_memory, shown, wide
from lstm_ascii.checkpoints.formats.zip_files import Archive
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass

MAGIC, ENDING = b"\x93NUMPY", ".npy"
LONGEST_HEADER = 10_000  # bytes; NumPy's own limit
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
    """Return what an archive of :func:`numpy.savez` holds; arrays of something else than numbers are left aside.

    Raises:
        FileError: it can't be opened, is damaged, would unpack to too much, or holds Python objects.
    """
    archive = Archive(path)
    tensors, notes = dict[str, Stored](), list[str]()
    for name, member in archive.members.items():
        if not name.endswith(ENDING):
            raise damaged(path, f"{shown(name)} in the archive is no array of NumPy; leave it out")
        plain = archive.stored(member)
        head = plain[: LONGEST_HEADER + 12] if plain is not None else archive.unpacked(member, LONGEST_HEADER + 12)
        tensor = name.removesuffix(ENDING)
        label = f"the array {shown(tensor)}"
        header = header_of(path, label, bytes(head), member.file_size)
        if isinstance(header, str):
            notes.append(f"not used: {label}, which holds {header}")
        else:
            load = (
                partial(_unpack, archive, member, header) if plain is None else _Plain(archive, member, header, plain)
            )
            tensors[tensor] = Stored(header.dtype.name, header.shape, header.nbytes, load)
    archive.check_growth(sum(in_memory(tensor) for tensor in tensors.values()))
    return FileContents(visible(str(path)), "npz", Tensors(tensors), {}, notes=tuple(notes))


def header_of(path: Path, label: str, head: bytes, length: int) -> Header | str:
    """Return the header of an array in the ``.npy`` format; what it holds, in words, where that is no numbers.

    Args:
        path: of the file, for errors.
        label: what to call the array, for errors.
        head: its first bytes, the whole header among them.
        length: of header and numbers together, in bytes.

    Raises:
        FileError: it is damaged, holds Python objects, or its sizes don't agree with ``length``.
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
    if _has_objects(kind):
        raise damaged(path, f"{label} holds Python objects, not plain numbers; save it as float32 or leave it out")
    if not isinstance(kind, str) or not _PLAIN.fullmatch(kind):
        return _called(kind)
    dtype = np.dtype(kind)
    whole = all(type(value) is int and 0 <= value < 1 << 48 for value in shape)
    if not whole or not fits_memory(shape, dtype.itemsize):
        raise damaged(path, f"damaged: {label} has the sizes {shown(shape)}, which no array can have")
    header = Header(dtype, shape, fortran, begin + size)
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


def _has_objects(kind: Any) -> bool:
    """Tell whether a type is of Python objects, or has them in one of its fields."""
    if isinstance(kind, str):
        return kind.lstrip("<>|=")[:1] == "O"
    fields = kind if isinstance(kind, list) else kind[1:] if isinstance(kind, tuple) else ()  # (name, type, sizes)
    return any(map(_has_objects, fields))


def _called(kind: Any) -> str:
    """Return what a type that can't be read is, in words."""
    if not isinstance(kind, str):
        return "records of several fields"
    letter = kind.lstrip("<>|=")[:1]
    return {"U": "text", "S": "text", "c": "complex numbers"}.get(letter, f"type {shown(kind)}")


class _Plain:
    """The numbers of an array whose bytes stand as they are; their checksum is compared when they are first used."""

    def __init__(self, archive: Archive, member: zipfile.ZipInfo, header: Header, content: memoryview) -> None:
        self._archive, self._member, self._header, self._content = archive, member, header, content
        self._checked = False

    def __call__(self) -> Array:
        if not self._checked:
            self._archive.check_sum(self._member, self._content)
            self._checked = True
        return wide(self._header.numbers(self._content), self._header.dtype.name)


def _unpack(archive: Archive, member: zipfile.ZipInfo, header: Header) -> Array:
    """Return the numbers of an array that is packed."""
    return wide(header.numbers(archive.unpacked(member)), header.dtype.name)
