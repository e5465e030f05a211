"""Sizes, types and places of arrays in HDF5, and its texts.

Source: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, IV.A.2 (the messages of an object).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.files import wide
from lstm_ascii.errors import FileError

MOST_DIMENSIONS = 32
_NOWHERE = (1 << 64) - 1
_INTEGER, _FLOAT, _STRING, _OPAQUE, _VARIABLE = 0, 1, 3, 5, 9
_OTHERS = {
    2: "times",
    3: "text",
    4: "bits",
    5: "opaque data (perhaps bfloat16: save it as float32)",
    6: "records",
    7: "references",
    8: "an enumeration",
    9: "lists of any length",
    10: "arrays of arrays",
}
# places and sizes of exponent and mantissa (bits), and the bias
_FLOATS = {
    (2, 10, 5, 0, 10, 15): "float16",
    (2, 7, 8, 0, 7, 127): "bfloat16",
    (4, 23, 8, 0, 23, 127): "float32",
    (8, 52, 11, 0, 52, 1023): "float64",
}


class MalformedError(ValueError):
    """The bytes are not what the format asks for."""


@dataclass(frozen=True, eq=False)
class DatasetParts:
    """What makes an object an array.

    Attributes:
        space: the message of its sizes.
        type: the message of its type.
        layout: the message of where its numbers are.
        told: the type that it says it has, as Keras does of types that HDF5 doesn't know.
    """

    space: memoryview
    type: memoryview
    layout: memoryview
    told: str = ""


def stored_array(data: memoryview, parts: DatasetParts, name: str, wrong: Callable[[str], FileError]) -> Stored:
    """Return an array; its numbers stay where they are.

    Args:
        data: the whole file.
        parts: of the array.
        name: to call it by, safe to print.
        wrong: makes the error of this file.

    Raises:
        FileError: it is not in one piece within the file, or holds something else than numbers.
        MalformedError: a message is not what it has to be.
    """
    shape = _sizes(parts.space)
    if shape is None:
        raise wrong(f"the array {name} holds nothing")
    opaque = parts.type[0] & 15 == _OPAQUE
    dtype = {("bfloat16", 2): "bfloat16"}.get((parts.told, parts.type[4])) if opaque else _number_type(parts.type)
    if dtype is None:
        kind = parts.type[0] & 15
        raise wrong(f"the array {name} holds {_OTHERS.get(kind, 'numbers of an unusual kind')}, not plain numbers")
    numpy = np.dtype("uint16" if dtype == "bfloat16" else dtype)
    numpy = numpy.newbyteorder(">" if parts.type[1] & 1 and not opaque else "<")
    nbytes = math.prod(shape) * numpy.itemsize
    numbers = _placed(data, parts.layout, nbytes, name, wrong)

    def load() -> Array:
        return wide(np.frombuffer(numbers, numpy).reshape(shape), dtype)

    return Stored(dtype, shape, nbytes, load)


def text_of(body: memoryview, in_heap: Callable[[int, int, int], bytes]) -> tuple[str, str | None]:
    """Return name and text of an attribute message; ``None`` for one that is not one text.

    Args:
        body: of the message.
        in_heap: returns the bytes of a text by the heap's address, its number and its length.

    Raises:
        MalformedError: it is no attribute.
    """
    version, flags = body[0], body[1]
    lengths = struct.unpack_from("<HHH", body, 2)
    if version not in (1, 2, 3):
        raise MalformedError("an attribute of an unknown kind")
    place, step = (8, 8) if version == 1 else (8, 1) if version == 2 else (9, 1)
    pieces = []
    for length in lengths:
        pieces.append(body[place : place + length])
        place += length + -length % step
    name = bytes(pieces[0]).partition(b"\0")[0].decode("utf-8", "backslashreplace")
    if version > 1 and flags & 3:  # its type is kept elsewhere
        return name, None
    shape = _sizes(pieces[2])
    if shape != ():
        return name, None
    kind, size = pieces[1][0] & 15, struct.unpack_from("<L", pieces[1], 4)[0]
    if kind == _STRING:
        text = bytes(body[place : place + size]).partition(b"\0")[0]
    elif kind == _VARIABLE and pieces[1][1] & 15 == 1:
        length, address, index = struct.unpack_from("<LQL", body, place)
        text = in_heap(address, index, length)
    else:
        return name, None
    return name, text.decode("utf-8", "backslashreplace")


def _sizes(space: memoryview) -> tuple[int, ...] | None:
    """Return the sizes of an array; ``None`` for one that says it has no numbers."""
    version, rank = space[0], space[1]
    if version not in (1, 2) or rank > MOST_DIMENSIONS:
        raise MalformedError(f"{rank} dimensions of kind {version}")
    if version == 2 and space[3] == 2:
        return None
    shape = struct.unpack_from(f"<{rank}Q", space, 8 if version == 1 else 4)
    if any(size >= 1 << 48 for size in shape):
        raise MalformedError(f"the sizes {shape}")
    return shape


def _number_type(message: memoryview) -> str | None:
    """Return the name of a type of numbers; ``None`` for any other."""
    kind, bits = message[0] & 15, message[1]
    (size,) = struct.unpack_from("<L", message, 4)
    if kind == _INTEGER and struct.unpack_from("<HH", message, 8) == (0, 8 * size) and size in (1, 2, 4, 8):
        return f"{'int' if bits & 8 else 'uint'}{8 * size}"
    if kind == _FLOAT and not bits & 64:  # not the VAX's byte order
        offset, precision, *fields = struct.unpack_from("<HHBBBBL", message, 8)
        if (offset, precision) == (0, 8 * size):
            return _FLOATS.get((size, *fields))
    return None


def _placed(
    data: memoryview, layout: memoryview, nbytes: int, name: str, wrong: Callable[[str], FileError]
) -> memoryview:
    """Return the bytes of an array's numbers; ``nbytes`` is what its sizes ask for."""
    version, kind = layout[0], layout[1]
    if version not in (3, 4):
        raise wrong(f"the array {name} is written by a very old HDF5; load it in Keras and save it again")
    if kind == 0:
        (length,) = struct.unpack_from("<H", layout, 2)
        numbers = layout[4 : 4 + length]
    elif kind == 1:
        address, length = struct.unpack_from("<QQ", layout, 2)
        numbers = data[address : address + length] if address != _NOWHERE else data[:0]
    else:
        how = {2: "is cut in pieces", 3: "is virtual: its numbers are elsewhere"}.get(kind, "is kept in an unknown way")
        raise wrong(f"the array {name} {how}, which Keras does not do; load it in Keras and save it again")
    if len(numbers) < nbytes:
        raise wrong(f"the array {name} needs {nbytes} bytes for its sizes; the file has {len(numbers)} for it")
    return numbers[:nbytes]
