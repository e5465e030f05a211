"""What all readers of weights share: opening, mapping and naming files, and their errors."""

from __future__ import annotations

import json
import math
import mmap
import stat
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.cut_off import says_when_cut_off
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible

LONGEST = 10_000_000  # bytes (safetensors allow ten times that); as Python's objects it takes up to forty times as much
MOST_JSON = 250_000_000  # bytes of memory
COST_OF_VALUE, COST_OF_ENTRY = 80, 200  # bytes of memory: of an item of a list; of an object, with its name
LONGEST_NAME = 80
LARGEST_READ = 1 << 24  # bytes of a file that is read at once; a larger one is mapped
MOST_DIMENSIONS = 32  # of an array; NumPy before version 2 makes no more
LARGEST_ARRAY = 1 << 48  # bytes
_POINTER = b"version https://git-lfs"


def shown(name: object) -> str:
    """Return a name that came with a file, safe to print and not longer than a line."""
    text = visible(str(name)[: 2 * LONGEST_NAME])
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def damaged(path: Path, what: str, advice: tuple[str, ...] = ()) -> FileError:
    """Return the error of a file that can't be read; ``what`` is safe to print."""
    return FileError(f"{visible(str(path))}: {what}", advice=advice)


def size_of(path: Path) -> int:
    """Return the bytes of a plain file.

    Raises:
        FileError: it is missing, a folder, a pipe, a device or empty.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise damaged(path, _reason(error)) from error
    if stat.S_ISDIR(status.st_mode):
        raise damaged(path, "is a folder; name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise damaged(path, "is no plain file, and only such are read")
    if not status.st_size:
        raise damaged(path, "is empty")
    return status.st_size


def head_of(path: Path, length: int) -> bytes:
    """Return the first bytes of a plain file, at most ``length``.

    Raises:
        FileError: as :func:`size_of`, or it can't be opened.
    """
    size_of(path)
    try:
        with path.open("rb") as file:
            head = file.read(length)
    except OSError as error:
        raise damaged(path, _reason(error)) from error
    _refuse_pointer(path, head)
    return head


def _refuse_pointer(path: Path, content: bytes | memoryview) -> None:
    """Refuse what stands in a working copy for a file that was not fetched."""
    if content[: len(_POINTER)] == _POINTER:
        raise damaged(path, "is a pointer of Git LFS, not the file itself; fetch it with: git lfs pull")


def mapped(path: Path) -> memoryview:
    """Return a plain file as read-only bytes; of a large one the system brings in only what is looked at.

    A file that is cut off by another program after this call can do no harm where it was read, and ends the program
    with one line where it is mapped.

    Raises:
        FileError: as :func:`head_of`, or it was cut off while it was read.
    """
    size = size_of(path)
    try:
        with path.open("rb") as file:
            if size > LARGEST_READ:
                says_when_cut_off(visible(str(path)))
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            content = _aligned(size)
            length = file.readinto(content)
        if length < size:
            raise damaged(path, f"was cut off at byte {length} of {size} while it was read")
        _refuse_pointer(path, content)
        return content.toreadonly()
    except (OSError, ValueError) as error:
        raise damaged(path, _reason(error)) from error


def _aligned(size: int) -> memoryview:
    """Return new bytes that begin at a page, as a mapped file does: where numbers lie decides how sums are rounded."""
    whole = np.empty(size + mmap.PAGESIZE, np.uint8)
    begin = -whole.ctypes.data % mmap.PAGESIZE
    return whole.data[begin : begin + size]


def wide(values: Array, dtype: str) -> Array:
    """Return numbers as the rest of the program takes them: half precision as float32, in this machine's byte order.

    Args:
        values: as they are in the file; bfloat16 as uint16.
        dtype: their type in the file, in the words of :class:`~lstm_ascii.checkpoints.formats.contents.Stored`.
    """
    if dtype == "bfloat16":  # float32 without its lower half
        return (values.astype(np.uint32) << 16).view(np.float32)
    if dtype == "float16":
        return values.astype(np.float32)
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def fits_memory(shape: tuple[int, ...], itemsize: int) -> bool:
    """Tell whether an array of such sizes can be made; NumPy counts a size of 0 as 1 there."""
    return len(shape) <= MOST_DIMENSIONS and math.prod(size or 1 for size in shape) * itemsize < LARGEST_ARRAY


def _reason(error: Exception) -> str:
    """Return why the system refused a file."""
    return getattr(error, "strerror", None) or str(error)


def json_cost(text: bytes | memoryview) -> int:
    """Return about how many bytes of memory a JSON text takes as Python's objects: an entry of an object the most."""
    content = text if isinstance(text, bytes) else bytes(text)
    wide = 1 if content.isascii() else 4  # bytes of a character, where one of them is an emoji
    marks = sum(map(content.count, (b",", b"[", b"{")))
    return (1 + wide) * len(content) + COST_OF_VALUE * marks + COST_OF_ENTRY * content.count(b":")


def json_object(path: Path, text: bytes | memoryview, label: str, longest: int = LONGEST) -> dict[str, Any]:
    """Return the object that ``text`` is.

    Args:
        path: of the file, for errors.
        text: UTF-8.
        label: what to call the text, for errors.
        longest: that it may be, in bytes.

    Raises:
        FileError: it is none, is nested too deeply or too long.
    """
    if len(text) > longest:
        raise damaged(path, f"{label} has {len(text)} bytes; at most {longest} are read")
    if (cost := json_cost(text)) > MOST_JSON:
        raise damaged(path, f"{label} would take about {cost // 10**6} MB of memory; at most {MOST_JSON // 10**6} MB")
    try:
        value = json.loads(bytes(text).decode("utf-8"), object_pairs_hook=_without_doubles)
    except UnicodeDecodeError as error:
        raise damaged(path, f"damaged: {label} is not UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise damaged(path, f"damaged: {label} is nested too deeply") from error
    except ValueError as error:
        raise damaged(path, f"damaged: {label} is no JSON: {visible(str(error))}") from error
    if not isinstance(value, dict):
        raise damaged(path, f"damaged: {label} is no JSON object")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice."""
    entries: dict[str, Any] = {}
    for name, value in pairs:
        if name in entries:
            raise ValueError(f"the name {shown(name)} stands twice")
        entries[name] = value
    return entries
