"""The tensors of an ONNX file, memory-mapped if their bytes are raw.

Field numbers are those of ``TensorProto`` in https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.files import fits_memory, mapped, shown, wide
from lstm_ascii.checkpoints.formats.protobuf import FIXED32, FIXED64, VARINT, Message, count_varints, varints
from lstm_ascii.errors import FileError

ENDINGS = (".data", "_data")
_INSIDE = (
    'model = onnx.load("model.onnx")    # where the other file lies beside it',
    'onnx.save_model(model, "whole.onnx", save_as_external_data=False)',
)
DIMS, DATA_TYPE, NAME, RAW, EXTERNAL, LOCATION = 1, 2, 8, 9, 13, 14
FLOATS, INT32S, INT64S, DOUBLES, UINT64S = 4, 5, 7, 10, 11
# the number of a type: its name, and the field that holds its numbers where they are not raw
TYPES = {
    1: ("float32", FLOATS),
    2: ("uint8", INT32S),
    3: ("int8", INT32S),
    4: ("uint16", INT32S),
    5: ("int16", INT32S),
    6: ("int32", INT32S),
    7: ("int64", INT64S),
    9: ("bool", INT32S),
    10: ("float16", INT32S),
    11: ("float64", DOUBLES),
    12: ("uint32", UINT64S),
    13: ("uint64", UINT64S),
    16: ("bfloat16", INT32S),
}
UNREADABLE = {8: "string", 14: "complex64", 15: "complex128", 17: "float8", 18: "float8", 19: "float8", 20: "float8"}
MOST_DIMENSIONS = 32


class Beside:
    """The weights beside one ONNX file; nothing is opened before a tensor asks for it."""

    def __init__(self, path: Path, wrong: Callable[..., FileError]) -> None:
        """Take the path of the ONNX file, and what makes its errors."""
        self.path = path
        self.wrong = wrong
        self._location = ""

    def part(self, entries: Mapping[str, str], name: str) -> memoryview:
        """Return the bytes of a tensor.

        Args:
            entries: what the tensor says of their place: ``location``, ``offset``, ``length``.
            name: to call it by, safe to print.

        Raises:
            FileError: they are in another file than the one beside, or not within it.
        """
        location = entries.get("location", "")
        if location not in [self.path.name + ending for ending in ENDINGS] or self._location not in ("", location):
            raise self.wrong(
                f"the tensor {name} is in another file ({shown(location)}), which is never opened; put it inside:",
                _INSIDE,
            )
        self._location = location
        places = [entries.get(key) for key in ("offset", "length")]
        if not all(place is None or (place.isascii() and place.isdigit() and len(place) < 20) for place in places):
            raise self.wrong(f"damaged: the tensor {name} has no place in {shown(location)}")
        begin = int(places[0] or 0)
        end = len(self._data) if places[1] is None else begin + int(places[1])
        if end > len(self._data):
            raise self.wrong(f"the tensor {name} ends at byte {end} of {shown(location)}, which has {len(self._data)}")
        return self._data[begin:end]

    @property
    def size(self) -> int:
        """The bytes of the file beside; 0 where no tensor asked for it."""
        return len(self._data) if self._location else 0

    @cached_property
    def _data(self) -> memoryview:
        beside = self.path.with_name(self._location)
        if beside.is_symlink():
            raise self.wrong(f"its weights are in {shown(self._location)}, a link, which is never followed")
        if not beside.exists():
            raise self.wrong(f"its weights are in {shown(self._location)}, which is missing; put it beside the file")
        return mapped(beside)


def tensor_of(message: Message, name: str, beside: Beside, wrong: Callable[..., FileError]) -> Stored:
    """Return a tensor of the file; its numbers are read when they are asked for.

    Args:
        message: the ``TensorProto``.
        name: to call it by, safe to print.
        beside: the file that may hold the numbers.
        wrong: makes the error of this file.

    Raises:
        FileError: its type can't be read, its sizes and its bytes don't agree, or they are where nothing is opened.
        WireError: its numbers are cut off.
    """
    number = message.integer(DATA_TYPE)
    if number not in TYPES:
        kind = UNREADABLE.get(number, f"number {number}")
        raise wrong(f"the tensor {name} is of type {kind}, which can't be read here; convert it to float32")
    dtype, field = TYPES[number]
    shape = tuple(message.integers(DIMS))
    if len(shape) > MOST_DIMENSIONS or not all(0 <= size < 1 << 48 for size in shape):
        raise wrong(f"damaged: the tensor {name} has the sizes {shown(list(shape))}")
    numpy = np.dtype("uint16" if dtype == "bfloat16" else dtype).newbyteorder("<")
    count = math.prod(shape)
    raw = message.view(RAW)
    if message.integer(LOCATION) or message.views(EXTERNAL):
        raw = beside.part({entry.text(1): entry.text(2) for entry in message.messages(EXTERNAL)}, name)
    if raw is not None:
        length, load = len(raw) / numpy.itemsize, partial(_raw, raw, numpy)
    elif field in (FLOATS, DOUBLES):
        data = message.packed(field, FIXED32 if field == FLOATS else FIXED64)
        length, load = len(data) / numpy.itemsize, partial(_raw, data, numpy)
    else:
        data = message.packed(field, VARINT)
        length, load = count_varints(data), partial(_unpacked, data, numpy, dtype)
    if length != count:
        raise wrong(f"damaged: the tensor {name} has {length:g} numbers, its sizes {shown(list(shape))} need {count}")
    if not fits_memory(shape, numpy.itemsize):
        raise wrong(f"damaged: the tensor {name} has the sizes {shown(list(shape))}, which no array can have")
    return Stored(dtype, shape, count * numpy.itemsize, lambda: wide(load().reshape(shape), dtype))


def _raw(data: memoryview | bytes, dtype: np.dtype[Any]) -> Array:
    """Return numbers that stand as they are."""
    return np.frombuffer(data, dtype) if data else np.zeros(0, dtype)


def _unpacked(data: memoryview | bytes, dtype: np.dtype[Any], name: str) -> Array:
    """Return numbers that are packed one by one; half precision as its bits."""
    values = varints(data)
    if name == "float16":
        return values.astype("<u2").view("<f2")
    return values.astype(dtype)
