"""The data of an HDF5 object: arrays of numbers and texts, from the messages of its header.

Source of the layout: section IV.A.2 of the format that ``hdf5.py`` names.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.files import fits_memory, shown, wide
from lstm_ascii.checkpoints.formats.hdf5_checksums import Checksums
from lstm_ascii.checkpoints.formats.hdf5_chunks import (
    Filter,
    chunking_of,
    chunks_of,
    filters_of,
    unknown_filter,
    unpacked_chunk,
)
from lstm_ascii.checkpoints.formats.hdf5_parts import NOWHERE, MalformedError, Steps
from lstm_ascii.errors import FileError
from lstm_ascii.records import dataclass

MOST_DIMENSIONS = 32
MOST_CHUNKS = 40_000  # of a whole file; the library's own choice makes ten thousand of a gigabyte
LARGEST_CHUNK = 1 << 26  # bytes, unpacked; a larger file may have chunks of its own size
OLD_FILL, FILL = 4, 5  # kinds of messages
_CHUNKED = 2
_INTEGER, _FLOAT, _STRING, _OPAQUE, _ENUMERATION, _VARIABLE = 0, 1, 3, 5, 8, 9
_ENDED, _BLANKS = 0, 2  # how texts of fixed length end
_TRUTHS = (b"FALSE\0TRUE\0\0\1", b"FALSE\0\0\0TRUE\0\0\0\0\0\1")  # names and values, packed and in steps of eight
_LEADING_ONE = 2 << 4  # the first bit of the mantissa is not stored
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
    11: "complex numbers",
}
# places and sizes of exponent and mantissa (bits), and the bias
_FLOATS = {
    (2, 10, 5, 0, 10, 15): "float16",
    (2, 7, 8, 0, 7, 127): "bfloat16",
    (4, 23, 8, 0, 23, 127): "float32",
    (8, 52, 11, 0, 52, 1023): "float64",
}
# what reading at wrong places comes to
BROKEN = (MalformedError, struct.error, IndexError, KeyError, OverflowError, zlib.error)


@dataclass(frozen=True, eq=False)
class Source:
    """A file, and how much its arrays in chunks may still take.

    Attributes:
        sums: the whole file, with its checksums.
        wrong: makes the error of this file.
        room: bytes of all chunks, unpacked.
        chunks: their number.
    """

    sums: Checksums
    wrong: Callable[[str], FileError]
    room: Steps
    chunks: Steps

    @property
    def data(self) -> memoryview:
        """The whole file."""
        return self.sums.data


@dataclass(frozen=True, eq=False)
class DatasetParts:
    """What makes an object an array.

    Attributes:
        space: the message of its sizes.
        type: the message of its type.
        layout: the message of where its numbers are.
        declared: the type that it says it has, as Keras does of types that HDF5 doesn't know.
        filters: the message of how its chunks were packed.
        fill: the number where nothing was written, as bytes; empty for 0.
    """

    space: memoryview
    type: memoryview
    layout: memoryview
    declared: str = ""
    filters: memoryview | None = None
    fill: bytes = b""


def stored_array(source: Source, parts: DatasetParts, name: str) -> Stored:
    """Return an array; its numbers stay where they are.

    Args:
        source: the file.
        parts: of the array.
        name: to call it by, safe to print.

    Raises:
        FileError: it is not within the file, would take too much, is packed in an unknown way, or holds something else
            than numbers.
        MalformedError: a message is not what it has to be.
    """
    shape = _sizes(parts.space)
    if shape is None:
        raise source.wrong(f"the array {name} holds nothing")
    opaque = parts.type[0] & 15 == _OPAQUE
    dtype = {("bfloat16", 2): "bfloat16"}.get((parts.declared, parts.type[4])) if opaque else _number_type(parts.type)
    if dtype is None:
        kind = parts.type[0] & 15
        raise source.wrong(
            f"the array {name} holds {_OTHERS.get(kind, 'numbers of an unusual kind')}, not plain numbers"
        )
    numpy = np.dtype({"bfloat16": "uint16", "bool": "uint8"}.get(dtype, dtype))
    numpy = numpy.newbyteorder(">" if parts.type[1] & 1 and not opaque and dtype != "bool" else "<")
    nbytes = math.prod(shape) * numpy.itemsize
    if not fits_memory(shape, numpy.itemsize):
        raise source.wrong(f"the array {name} has the sizes {shown(shape)}, which no array can have")
    if parts.layout[0] in (3, 4, 5) and parts.layout[1] == _CHUNKED:
        chunked = ChunkedArray(source, parts, name, shape, numpy, dtype)
        return Stored(dtype, shape, nbytes, chunked.load)
    numbers = _placed(source, parts.layout, nbytes, name)

    def load() -> Array:
        return _plain(np.frombuffer(numbers, numpy).reshape(shape), dtype)

    return Stored(dtype, shape, nbytes, load)


class ChunkedArray:
    """An array in chunks, unpacked each time that it is asked for."""

    def __init__(
        self,
        source: Source,
        parts: DatasetParts,
        name: str,
        shape: tuple[int, ...],
        numpy: np.dtype[Any],
        dtype: str,
    ) -> None:
        """Take what makes the array; its chunks are not looked at before :meth:`load`.

        Raises:
            FileError: it would take too much, or is packed in an unknown way.
            MalformedError: a message is not what it has to be.
        """
        self._source, self._name, self._shape, self._numpy, self._dtype = source, name, shape, numpy, dtype
        self._filters: tuple[Filter, ...] = filters_of(parts.filters) if parts.filters is not None else ()
        self._chunking = chunking_of(parts.layout)
        self._largest = _largest_sizes(parts.space)
        if unknown := unknown_filter(self._filters):
            raise source.wrong(f"the array {name} is {unknown}; save it with gzip, or unpacked")
        if len(self._chunking.sizes) != len(shape) or self._chunking.itemsize != numpy.itemsize:
            raise MalformedError("its chunks have other sizes than its numbers")
        if len(parts.fill) not in (0, numpy.itemsize):
            raise MalformedError(f"a number of {len(parts.fill)} bytes where nothing was written")
        fill = np.frombuffer(parts.fill or bytes(numpy.itemsize), numpy)
        self._fill = _plain(fill, dtype)[0]
        self._check_room()

    def _check_room(self) -> None:
        """Refuse what would take too much, by what it says."""
        chunking, source = self._chunking, self._source
        most = max(LARGEST_CHUNK, len(source.data))
        if chunking.nbytes > most:
            raise source.wrong(
                f"the array {self._name} is in chunks of {chunking.nbytes} bytes each; at most {most} are read"
            )
        count = math.prod(-(-size // step) for size, step in zip(self._shape, chunking.sizes, strict=True))
        try:
            source.chunks.spend(count)
            source.room.spend(count * chunking.nbytes // self._numpy.itemsize * self._fill.itemsize)
        except MalformedError as error:
            raise source.wrong(
                f"the array {self._name} would unpack to {count} chunks of {chunking.nbytes} bytes: {error}"
            ) from error

    def load(self) -> Array:
        """Return the numbers.

        Raises:
            FileError: a chunk is damaged or is not where it should be.
        """
        data, chunking, shape = self._source.data, self._chunking, self._shape
        values = np.full(shape, self._fill)
        try:
            for chunk in chunks_of(self._source.sums, chunking, shape, self._largest, bool(self._filters)):
                begins = [place * step for place, step in zip(chunk.place, chunking.sizes, strict=True)]
                ends = [
                    min(begin + step, size) for begin, step, size in zip(begins, chunking.sizes, shape, strict=True)
                ]
                lengths = tuple(end - begin for begin, end in zip(begins, ends, strict=True))
                content = unpacked_chunk(data, chunk, chunking, self._filters, lengths != chunking.sizes)
                numbers = np.frombuffer(content, self._numpy).reshape(chunking.sizes)
                part = numbers[tuple(map(slice, lengths))]
                values[tuple(map(slice, begins, ends))] = _plain(part, self._dtype)
        except BROKEN as error:
            raise self._source.wrong(f"damaged: the array {self._name} can't be read: {error}") from error
        return values


def _plain(values: Array, dtype: str) -> Array:
    """Return numbers as the rest of the program takes them."""
    return values != 0 if dtype == "bool" else wide(values, dtype)


def fill_of(kind: int, message: memoryview) -> bytes:
    """Return the number that stands where nothing was written (IV.A.2.e, f), as bytes; empty for 0.

    Args:
        kind: of the message, the older or the newer.
        message: its body.
    """
    if kind == OLD_FILL:
        place = 0
    elif message[0] == 3:
        if not message[1] & 32:
            return b""
        place = 2
    else:
        if not message[3]:
            return b""
        place = 4
    (length,) = struct.unpack_from("<L", message, place)
    return bytes(message[place + 4 : place + 4 + length])


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
        text = _without_padding(bytes(body[place : place + size]), pieces[1][1] & 15)
    elif kind == _VARIABLE and pieces[1][1] & 15 == 1:
        length, address, index = struct.unpack_from("<LQL", body, place)
        text = in_heap(address, index, length).partition(b"\0")[0]
    else:
        return name, None
    return name, text.decode("utf-8", "backslashreplace")


def _without_padding(text: bytes, padding: int) -> bytes:
    """Return a text of fixed length as it was before it was filled up, by zeros or blanks (IV.A.2.d)."""
    if padding == _ENDED:
        return text.partition(b"\0")[0]
    return (text.rstrip(b" ") if padding == _BLANKS else text).rstrip(b"\0")


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


def _largest_sizes(space: memoryview) -> tuple[int, ...]:
    """Return the sizes that an array may grow to; ``NOWHERE`` for no limit."""
    rank, flags, begin = space[1], space[2], 8 if space[0] == 1 else 4
    return struct.unpack_from(f"<{rank}Q", space, begin + (8 * rank if flags & 1 else 0))


def _number_type(message: memoryview) -> str | None:
    """Return the name of a type of numbers; ``None`` for any other."""
    kind, bits = message[0] & 15, message[1]
    (size,) = struct.unpack_from("<L", message, 4)
    if kind == _INTEGER and struct.unpack_from("<HH", message, 8) == (0, 8 * size) and size in (1, 2, 4, 8):
        return f"{'int' if bits & 8 else 'uint'}{8 * size}"
    # not the VAX's byte order, the sign before all, and a mantissa that begins with a one that is not stored
    if kind == _FLOAT and bits & 0b1110000 | 1 == _LEADING_ONE | 1 and message[2] == 8 * size - 1:
        offset, precision, *fields = struct.unpack_from("<HHBBBBL", message, 8)
        if (offset, precision) == (0, 8 * size):
            return _FLOATS.get((size, *fields))
    if kind == _ENUMERATION and size == 1 and bytes(message[20:]).rstrip(b"\0") in _TRUTHS:
        return "bool"
    return None


def _placed(source: Source, layout: memoryview, nbytes: int, name: str) -> memoryview:
    """Return the bytes of an array's numbers, which lie in one piece; ``nbytes`` is what its sizes ask for."""
    data, wrong = source.data, source.wrong
    version, kind = layout[0], layout[1]
    if version not in (3, 4, 5):
        raise wrong(f"the array {name} is written by a very old HDF5; load it in Keras and save it again")
    if kind == 0:
        (length,) = struct.unpack_from("<H", layout, 2)
        numbers = layout[4 : 4 + length]
    elif kind == 1:
        address, length = struct.unpack_from("<QQ", layout, 2)
        numbers = data[address : address + length] if address != NOWHERE else data[:0]
    else:
        how = {3: "is virtual: its numbers are elsewhere"}.get(kind, "is kept in an unknown way")
        raise wrong(f"the array {name} {how}, which is not read; save it as a plain array")
    if len(numbers) < nbytes:
        raise wrong(f"the array {name} needs {nbytes} bytes for its sizes; the file has {len(numbers)} for it")
    return numbers[:nbytes]
