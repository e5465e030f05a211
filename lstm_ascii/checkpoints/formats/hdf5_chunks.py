"""Chunked arrays of HDF5, compressed or not: locating and decoding the chunks.

Every size is known before anything is unpacked, and a chunk that unpacks to another size is refused.
Source of the layout: sections IV.A.2.i, IV.A.2.l and III.A of the format that ``hdf5.py`` names.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import product
from operator import lt

import numpy as np

from lstm_ascii.checkpoints.formats.hdf5_checksums import Checksums, fletcher32
from lstm_ascii.checkpoints.formats.hdf5_indexes import ExtensibleArray, FixedArray
from lstm_ascii.checkpoints.formats.hdf5_parts import DEEPEST, NOWHERE, MalformedError, Steps, address_at, check_mark
from lstm_ascii.checkpoints.formats.hdf5_trees import records as tree_records
from lstm_ascii.records import dataclass

DEFLATE, SHUFFLE, FLETCHER32 = 1, 2, 3
_OTHER_FILTERS = {
    4: "szip",
    5: "n-bit packing",
    6: "scale-offset",
    307: "bzip2",
    32000: "LZF",
    32001: "Blosc",
    32004: "LZ4",
    32008: "bitshuffle",
    32013: "ZFP",
    32015: "Zstandard",
    32026: "Blosc2",
}
_OLD_TREE, _SINGLE, _IMPLICIT, _FIXED, _EXTENSIBLE, _TREE = range(6)  # 0 is of layouts before version 4
_DETAILS = {_IMPLICIT: 0, _FIXED: 1, _EXTENSIBLE: 5, _TREE: 6}  # bytes that an index adds to the layout
_NOT_AT_EDGES, _SINGLE_PACKED = 1, 2
_ALL_FILTERS = (1 << 32) - 1
_LEAST_ROOM = 1024  # bytes that a chunk may take more than it has; many chunks may point to one, which costs for each
_PART = 1 << 18  # bytes that are given to zlib at a time


@dataclass(frozen=True)
class Filter:
    """One way in which the bytes of a chunk were changed; ``values`` are its settings."""

    kind: int
    values: tuple[int, ...]


@dataclass(frozen=True)
class Chunk:
    """A chunk of an array.

    Attributes:
        place: which one it is along each axis.
        address: where in the file its bytes begin.
        size: how many they are there.
        mask: a bit for each filter that was left out.
    """

    place: tuple[int, ...]
    address: int
    size: int
    mask: int = 0


@dataclass(frozen=True, eq=False)
class Chunking:
    """How an array is cut.

    Attributes:
        sizes: of a chunk along each axis.
        itemsize: the bytes of a number.
        index: the kind of what leads to the chunks.
        address: where that begins.
        flags: of the layout.
        details: of the index, in the layout.
    """

    sizes: tuple[int, ...]
    itemsize: int
    index: int
    address: int
    flags: int = 0
    details: memoryview | None = None

    @property
    def nbytes(self) -> int:
        """The bytes of a chunk, unpacked; those at the edges are as large as all others."""
        return math.prod(self.sizes) * self.itemsize


def chunking_of(layout: memoryview) -> Chunking:
    """Return how the array of a layout message is cut.

    Raises:
        MalformedError: it is none in chunks, or of an unknown kind.
    """
    if layout[0] == 3:
        sizes = struct.unpack_from(f"<{layout[2]}L", layout, 11)
        chunking = Chunking(sizes[:-1], sizes[-1], _OLD_TREE, address_at(layout, 3))
    else:
        flags, rank, width = layout[2:5]
        place = 5 + rank * width
        sizes = tuple(int.from_bytes(layout[begin : begin + width], "little") for begin in range(5, place, width or 1))
        index = layout[place]
        length = (12 if flags & _SINGLE_PACKED else 0) if index == _SINGLE else _DETAILS.get(index)
        if length is None:
            raise MalformedError(f"an index of the unknown kind {index}")
        details = layout[place + 1 : place + 1 + length]
        chunking = Chunking(sizes[:-1], sizes[-1], index, address_at(layout, place + 1 + length), flags, details)
    if not chunking.sizes or not all(sizes):
        raise MalformedError(f"chunks of the sizes {sizes}")
    return chunking


def filters_of(message: memoryview) -> tuple[Filter, ...]:
    """Return the filters of a filter message, in the order in which they were used.

    Raises:
        MalformedError: it is none.
    """
    version, count = message[0], message[1]
    if version not in (1, 2):
        raise MalformedError(f"filters of the unknown kind {version}")
    place, filters = 8 if version == 1 else 2, []
    for _ in range(count):
        kind, length = struct.unpack_from("<HH", message, place)
        if version == 2 and kind < 256:  # it has no name then
            length, place = 0, place - 2
        (number,) = struct.unpack_from("<H", message, place + 6)
        place += 8 + length + (-length % 8 if version == 1 else 0)
        filters.append(Filter(kind, struct.unpack_from(f"<{number}L", message, place)))
        place += 4 * (number + (number % 2 if version == 1 else 0))
    return tuple(filters)


def unknown_filter(filters: tuple[Filter, ...]) -> str | None:
    """Return what is said of the first filter that can't be undone; ``None`` where all can."""
    for number, step in enumerate(filters):
        if step.kind not in (DEFLATE, SHUFFLE, FLETCHER32):
            return f"packed by {_OTHER_FILTERS.get(step.kind, f'the filter {step.kind}')}"
        if step.kind == DEFLATE and step in filters[:number]:
            return "packed twice"
    return None


def chunks_of(
    sums: Checksums, chunking: Chunking, shape: tuple[int, ...], largest: tuple[int, ...], packed: bool
) -> Iterator[Chunk]:
    """Yield the chunks that are in the file; those that were never written are left out.

    Args:
        sums: the file, with its checksums.
        chunking: of the array.
        shape: its sizes.
        largest: the sizes that it may grow to; ``NOWHERE`` for no limit.
        packed: whether it has filters.

    Raises:
        MalformedError: what leads to the chunks is damaged.
    """
    grid = tuple(-(-size // step) for size, step in zip(shape, chunking.sizes, strict=True))
    count = math.prod(grid)
    if chunking.address == NOWHERE or not count:
        return
    steps = Steps(2 * count + 1000, "chunks and nodes of a tree")
    if chunking.index == _OLD_TREE:
        chunks = _of_old_tree(sums.data, chunking, steps)
    elif chunking.index == _TREE:
        chunks = _of_tree(sums, chunking, packed, steps)
    elif chunking.index == _SINGLE:
        size, mask = struct.unpack("<QL", chunking.details) if chunking.details else (chunking.nbytes, 0)
        chunks = iter([Chunk((0,) * len(shape), chunking.address, size, mask)])
    else:
        chunks = _of_list(sums, chunking, grid, largest, packed)
    places: set[tuple[int, ...]] = set()
    for chunk in chunks:
        if chunk.place in places or any(place >= most for place, most in zip(chunk.place, grid, strict=True)):
            raise MalformedError(f"the chunk {chunk.place} is beyond its array or stands twice")
        places.add(chunk.place)
        yield chunk


def _of_old_tree(data: memoryview, chunking: Chunking, steps: Steps) -> Iterator[Chunk]:
    """Yield the chunks of a B-tree of version 1 (III.A.1).

    HDF5 looks a chunk up between the keys of each level, so what stands out of their order is not there for it.
    """
    rank = len(chunking.sizes)
    key = struct.Struct(f"<LL{rank + 1}Q")
    first: tuple[float, ...] = (0,) * (rank + 1)
    nodes = [(chunking.address, data[chunking.address + 5], first, (math.inf, *first))]
    while nodes:
        node, level, least, end = nodes.pop()
        check_mark(data, node, b"TREE", "a tree of chunks")
        if data[node + 4] != 1 or data[node + 5] != level or level > DEEPEST:
            raise MalformedError("a tree of chunks whose levels are not in order")
        (count,) = struct.unpack_from("<H", data, node + 6)
        steps.spend(count + 1)
        keys = [key.unpack_from(data, node + 24 + number * (key.size + 8)) for number in range(count + 1)]
        places = [_place(offsets, chunking) for _, _, *offsets in keys]
        if not least <= places[0] or not all(map(lt, places, places[1:])) or (count and places[-2] >= end):
            raise MalformedError("a tree of chunks that are not in order")
        for number in range(count):
            size, mask = keys[number][:2]
            child = address_at(data, node + 24 + number * (key.size + 8) + key.size)
            if level:
                nodes.append((child, level - 1, places[number], min(places[number + 1], end)))
            elif places[number][-1]:
                raise MalformedError("a chunk begins within a number")
            else:
                yield Chunk(places[number][:-1], child, size, mask)


def _place(offsets: list[int], chunking: Chunking) -> tuple[int, ...]:
    """Return where a key of an older tree stands among the chunks; its last part is about the bytes of a number."""
    steps = (*chunking.sizes, chunking.itemsize)
    if any(begin % step for begin, step in zip(offsets, steps, strict=True)):
        raise MalformedError(f"a chunk begins at {tuple(offsets[:-1])}")
    return tuple(begin // step for begin, step in zip(offsets, steps, strict=True))


def _of_tree(sums: Checksums, chunking: Chunking, packed: bool, steps: Steps) -> Iterator[Chunk]:
    """Yield the chunks of a B-tree of version 2 (III.A.2, types 10 and 11)."""
    rank = len(chunking.sizes)
    for record in tree_records(sums, chunking.address, steps):
        place = struct.unpack(f"<{rank}Q", record[len(record) - 8 * rank :])
        if chunk := _entry(record[: len(record) - 8 * rank], place, chunking.nbytes, packed):
            yield chunk


def _of_list(
    sums: Checksums, chunking: Chunking, grid: tuple[int, ...], largest: tuple[int, ...], packed: bool
) -> Iterator[Chunk]:
    """Yield the chunks of an index that numbers them row by row, in an array of the largest size."""
    counts = [size if size == NOWHERE else -(-size // step) for size, step in zip(largest, chunking.sizes, strict=True)]
    axes = list(range(len(grid)))
    if chunking.index == _EXTENSIBLE:  # the axis that grows runs slowest
        axes.sort(key=lambda axis: counts[axis] != NOWHERE)
    strides, stride = [0] * len(grid), 1
    for axis in reversed(axes):
        strides[axis] = stride
        stride *= counts[axis]
    entry: Callable[[int], memoryview | None]
    if chunking.index == _FIXED:
        entry = FixedArray(sums, chunking.address).entry
    elif chunking.index == _EXTENSIBLE:
        entry = ExtensibleArray(sums, chunking.address).entry
    for place in product(*map(range, grid)):
        number = sum(step * index for step, index in zip(strides, place, strict=True))
        if chunking.index == _IMPLICIT:
            yield Chunk(place, chunking.address + number * chunking.nbytes, chunking.nbytes)
        elif (found := entry(number)) is not None and (chunk := _entry(found, place, chunking.nbytes, packed)):
            yield chunk


def _entry(entry: memoryview, place: tuple[int, ...], nbytes: int, packed: bool) -> Chunk | None:
    """Return the chunk of an entry of an index; ``None`` for one that was never written."""
    if len(entry) < 13 if packed else len(entry) != 8:
        raise MalformedError("an index of chunks is cut off")
    address = address_at(entry, 0)
    if address == NOWHERE:
        return None
    if not packed:
        return Chunk(place, address, nbytes)
    return Chunk(place, address, int.from_bytes(entry[8:-4], "little"), int.from_bytes(entry[-4:], "little"))


def unpacked_chunk(
    data: memoryview, chunk: Chunk, chunking: Chunking, filters: tuple[Filter, ...], edge: bool
) -> memoryview:
    """Return the bytes of a chunk with all filters undone.

    Args:
        data: the whole file.
        chunk: one of the array's.
        chunking: of the array.
        filters: those that were used, in their order.
        edge: whether the chunk goes beyond the array.

    Raises:
        MalformedError: it is cut off, damaged, or unpacks to another size.
    """
    mask = _ALL_FILTERS if edge and chunking.flags & _NOT_AT_EDGES else chunk.mask
    content = data[chunk.address : chunk.address + chunk.size]
    if len(content) < chunk.size:
        raise MalformedError(f"the chunk {chunk.place} is cut off")
    if chunk.size > 2 * chunking.nbytes + _LEAST_ROOM:
        raise MalformedError(f"the chunk {chunk.place} takes {chunk.size} bytes for {chunking.nbytes}")
    used = [step for number, step in enumerate(filters) if not mask >> number & 1]
    for number in reversed(range(len(used))):
        step = used[number]
        if step.kind == FLETCHER32:
            content, stored = content[:-4], content[-4:]
            if fletcher32(content) != int.from_bytes(stored, "little") or len(stored) < 4:
                raise MalformedError(f"the checksum of the chunk {chunk.place} is wrong")
        elif step.kind == DEFLATE:
            checksums = sum(before.kind == FLETCHER32 for before in used[:number])
            content = _inflated(content, chunking.nbytes + 4 * checksums)
        else:
            content = _unshuffled(content, step.values[0] if step.values else chunking.itemsize)
    if len(content) != chunking.nbytes:
        raise MalformedError(f"the chunk {chunk.place} has {len(content)} bytes, not {chunking.nbytes}")
    return content


def _inflated(packed: memoryview, size: int) -> memoryview:
    """Return the ``size`` bytes that zlib unpacks; it is given little at a time, and never makes more."""
    content, place = bytearray(size), 0
    unpack = zlib.decompressobj()
    for begin in range(0, len(packed), _PART):
        if unpack.eof:
            break
        part: bytes | memoryview = packed[begin : begin + _PART]
        while part:
            made = unpack.decompress(part, min(1 << 20, size - place) + 1)
            if place + len(made) > size:
                raise MalformedError(f"a chunk unpacks to more than {size} bytes")
            content[place : place + len(made)] = made
            place += len(made)
            part = unpack.unconsumed_tail
    if place != size or not unpack.eof:
        raise MalformedError(f"a chunk unpacks to {place} bytes, not {size}")
    return memoryview(content)


def _unshuffled(content: memoryview, width: int) -> memoryview:
    """Return bytes that stood with all first bytes of the numbers first, then all second ones, and so on."""
    if width < 1:
        raise MalformedError("numbers of no bytes")
    count = len(content) // width
    values = np.frombuffer(content, np.uint8)
    whole = np.empty_like(values)
    whole[: count * width].reshape(count, width)[:] = values[: count * width].reshape(width, count).T
    whole[count * width :] = values[count * width :]
    return whole.data
