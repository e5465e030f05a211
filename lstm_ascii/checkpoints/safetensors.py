"""The safetensors format: eight bytes of length, a JSON header, the numbers.

Read with our own hands, so that the networks that come with the package need nothing but NumPy.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.errors import LstmAsciiError

DTYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64}
LARGEST_HEADER = 100_000_000


class FileError(LstmAsciiError):
    """A file of weights can't be read."""


def read(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the tensors of a file, by name, and its metadata.

    Raises:
        FileError: it can't be opened, or is not what the format asks for.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}") from error
    header, data = _parted(path, content)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise FileError(f"{path}: the metadata are no texts")
    tensors, expected = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: _begin(path, *item)):
        begin, end, shape, dtype = _checked(path, name, entry)
        if begin != expected or end > len(data):
            raise FileError(f"{path}: {name}: the data of the tensors overlap, have a hole or end too early")
        expected = end
        tensors[name] = np.frombuffer(data, dtype, math.prod(shape), begin).reshape(shape)
    if expected != len(data):
        raise FileError(f"{path}: {len(data) - expected} bytes behind the last tensor")
    return tensors, metadata


def write(path: Path, tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """Write tensors and metadata; first beside the file, then moved into its place."""
    names = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    position = 0
    for name, value in tensors.items():
        end = position + value.nbytes
        header[name] = {"dtype": names[value.dtype], "shape": list(value.shape), "data_offsets": [position, end]}
        position = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(np.ascontiguousarray(value).tobytes())
    beside.replace(path)


def _parted(path: Path, content: bytes) -> tuple[dict[str, Any], memoryview]:
    """Split a file into its header and its data."""
    if len(content) < 8:
        raise FileError(f"{path}: too short for a safetensors file ({len(content)} bytes)")
    (length,) = struct.unpack("<Q", content[:8])
    if not 2 <= length <= min(len(content) - 8, LARGEST_HEADER):
        raise FileError(f"{path}: not a safetensors file (its header would have {length} bytes)")
    try:
        header = json.loads(content[8 : 8 + length].decode("utf-8"), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: the header is no JSON: {error}") from error
    if not isinstance(header, dict):
        raise FileError(f"{path}: the header is no object")
    return header, memoryview(content)[8 + length :]


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _begin(path: Path, name: str, entry: Any) -> int:
    """Return where a tensor's data begin."""
    return _checked(path, name, entry)[0]


def _checked(path: Path, name: str, entry: Any) -> tuple[int, int, tuple[int, ...], type[Any]]:
    """Return begin, end, shape and type of a tensor, all of them sound."""
    try:
        dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        numbers = [begin, end, *shape]
    except (TypeError, KeyError, ValueError) as error:
        raise FileError(f"{path}: {name}: expected dtype, shape and data_offsets") from error
    if dtype not in DTYPES:
        raise FileError(f"{path}: {name}: can't read type {dtype!r}; expected {', '.join(DTYPES)}")
    if not all(type(value) is int and 0 <= value < 1 << 48 for value in numbers):
        raise FileError(f"{path}: {name}: sizes must be whole numbers from 0")
    if math.prod(shape) * np.dtype(DTYPES[dtype]).itemsize != end - begin:
        raise FileError(f"{path}: {name}: shape {shape} of {dtype} does not take {end - begin} bytes")
    return begin, end, tuple(shape), DTYPES[dtype]
