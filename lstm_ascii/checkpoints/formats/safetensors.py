"""The safetensors format: eight bytes of length, a JSON header, the numbers.

Read with our own hands, so that the networks that come with the package need nothing but NumPy, and as strictly as
the format asks: every byte of the data belongs to one tensor.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.files import (
    MOST_DIMENSIONS,
    damaged,
    fits_memory,
    json_object,
    mapped,
    shown,
    size_of,
    wide,
)
from lstm_ascii.errors import FileError
from lstm_ascii.language.text import visible
from lstm_ascii.records import dataclass

if TYPE_CHECKING:
    from lstm_ascii.checkpoints.formats.contents import FileContents

DTYPES = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "U16": "uint16",
    "I16": "int16",
    "F16": "float16",
    "BF16": "bfloat16",
    "U32": "uint32",
    "I32": "int32",
    "F32": "float32",
    "U64": "uint64",
    "I64": "int64",
    "F64": "float64",
}


@dataclass(frozen=True)
class Entry:
    """One tensor of the header: its type, its sizes, and where in the data it lies."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def numpy(self) -> np.dtype[Any]:
        """The type as NumPy knows it: bfloat16 as the 16 bits it is."""
        return np.dtype("uint16" if self.dtype == "bfloat16" else self.dtype).newbyteorder("<")


def read(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the tensors of a file, by name, and its metadata; read at once, and in half precision where stored so.

    Raises:
        FileError: it can't be opened, or is not what the format asks for.
    """
    size_of(path)
    try:
        content = memoryview(path.read_bytes())
    except OSError as error:
        raise damaged(path, error.strerror or str(error)) from error
    entries, metadata, data = _parted(path, content)
    return {name: _wide(data, entry, half=True) for name, entry in entries.items()}, metadata


def read_mapped(path: Path) -> FileContents:
    """Return what a file holds; its numbers stay in the file until they are used.

    Raises:
        FileError: as :func:`read`.
    """
    return _contents(path, mapped(path))


def read_zipped(path: Path) -> FileContents:
    """Return what the one such file in a zip archive holds.

    Raises:
        FileError: as :func:`read`, or the archive is damaged.
    """
    from lstm_ascii.checkpoints.formats.zip_files import Archive

    archive = Archive(path)
    return _contents(path, archive.bytes_of(next(name for name in archive.members if name.endswith(".safetensors"))))


def _contents(path: Path, content: memoryview) -> FileContents:
    """Return what the bytes of a file hold."""
    from lstm_ascii.checkpoints.formats.contents import FileContents, Stored, Tensors

    entries, metadata, data = _parted(path, content)
    tensors = {
        name: Stored(entry.dtype, entry.shape, entry.end - entry.begin, partial(_wide, data, entry))
        for name, entry in entries.items()
    }
    return FileContents(visible(str(path)), "safetensors", Tensors(tensors), metadata)


def write(path: Path, tensors: Mapping[str, Array], metadata: Mapping[str, str], overwrite: bool = True) -> None:
    """Write tensors and metadata, whole or not at all, see :func:`lstm_ascii.files.write`.

    Args:
        path: of the file.
        tensors: by name, of types that the format has.
        metadata: texts by name.
        overwrite: whether a file that is there may be replaced.

    Raises:
        OSError: it can't be written; ``FileExistsError`` where it is there and may not be replaced.
    """
    from lstm_ascii import files

    files.write(path, packed(tensors, metadata), overwrite)


def packed(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> Iterator[bytes]:
    """Yield what a file of tensors and metadata holds, piece by piece."""
    names = {name: ours for ours, name in DTYPES.items()}
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    position = 0
    for name, value in tensors.items():
        end = position + value.nbytes
        header[name] = {"dtype": names[value.dtype.name], "shape": [*value.shape], "data_offsets": [position, end]}
        position = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    yield struct.pack("<Q", len(text)) + text
    yield from (np.ascontiguousarray(value).tobytes() for value in tensors.values())


def _parted(path: Path, content: memoryview) -> tuple[dict[str, Entry], dict[str, str], memoryview]:
    """Split a file into its tensors' places, in the order of the data, its metadata and its data."""
    if len(content) < 8:
        raise damaged(path, f"too short for a safetensors file ({len(content)} bytes)")
    (length,) = struct.unpack("<Q", content[:8])
    if not 2 <= length <= len(content) - 8:
        raise damaged(path, f"damaged: its header would have {length} bytes, the file has {len(content)}")
    header = json_object(path, content[8 : 8 + length], "its header")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise damaged(path, "damaged: the metadata are no texts")
    data = content[8 + length :]
    entries = {name: _entry(name, value, partial(damaged, path)) for name, value in header.items()}
    entries = dict(sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)))
    position = 0
    for name, entry in entries.items():
        if entry.begin != position or entry.end > len(data):
            wrong = "begins where another has not ended" if entry.begin < position else "leaves a hole before it"
            if entry.end > len(data):
                wrong = f"ends at byte {entry.end} of {len(data)}: the file is cut off"
            raise damaged(path, f"damaged: the tensor {shown(name)} {wrong}")
        position = entry.end
    if position != len(data):
        raise damaged(path, f"damaged: {len(data) - position} bytes behind the last tensor")
    return entries, metadata, data


def _entry(name: str, entry: Any, wrong: Callable[[str], FileError]) -> Entry:
    """Return type, sizes and place of a tensor, all of them sound."""
    tensor = f"the tensor {shown(name)}"
    if not isinstance(entry, dict) or not {"dtype", "shape", "data_offsets"} <= entry.keys():
        raise wrong(f"damaged: {tensor} has to have dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise wrong(f"{tensor} is of type {shown(dtype)}, which can't be read here; convert it to float16 or float32")
    if not isinstance(shape, list) or not isinstance(offsets, list) or len(offsets) != 2:
        raise wrong(f"damaged: {tensor} needs a list of sizes and two data_offsets")
    if len(shape) > MOST_DIMENSIONS or not all(type(size) is int and 0 <= size < 1 << 48 for size in shape + offsets):
        raise wrong(f"damaged: {tensor} has sizes that are no whole numbers from 0 to 2^48")
    tensor_entry = Entry(DTYPES[dtype], tuple(shape), *offsets)
    itemsize = tensor_entry.numpy.itemsize
    if math.prod(shape) * itemsize != tensor_entry.end - tensor_entry.begin:
        sizes = " × ".join(map(str, shape)) or "no sizes"
        raise wrong(f"damaged: {tensor} ({sizes}, {dtype}) does not take {tensor_entry.end - tensor_entry.begin} bytes")
    if not fits_memory(tensor_entry.shape, itemsize):
        raise wrong(f"damaged: {tensor} has the sizes {shown(shape)}, which no array can have")
    return tensor_entry


def _wide(data: memoryview, entry: Entry, half: bool = False) -> Array:
    """Return the numbers of one tensor, copied only where they are of half precision; ``half`` leaves float16 so."""
    values = np.frombuffer(data[entry.begin : entry.end], entry.numpy).reshape(entry.shape)
    return values if half and entry.dtype == "float16" else wide(values, entry.dtype)
