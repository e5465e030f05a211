"""Version 2 B-trees and fractal heaps of HDF5, which hold many links, attributes or chunks.

Source of the layout: sections III.A.2 and III.G of the format that ``hdf5.py`` names.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from lstm_ascii.checkpoints.formats.hdf5_checksums import Checksums
from lstm_ascii.checkpoints.formats.hdf5_parts import DEEPEST, NOWHERE, MalformedError, Steps, address_at, check_mark


def records(sums: Checksums, header: int, steps: Steps) -> Iterator[memoryview]:
    """Yield the records of a B-tree of version 2, in any order.

    Args:
        sums: the file, with its checksums.
        header: where the tree's header begins.
        steps: how many records and nodes may come.

    Raises:
        MalformedError: it is no tree, is cut off, or has too many records.
    """
    data = sums.data
    check_mark(data, header, b"BTHD", "a tree")
    sums.check(header, header + 34, "a tree")
    node_size, record_size, depth = struct.unpack_from("<LHH", data, header + 6)
    root, root_count = struct.unpack_from("<QH", data, header + 16)
    if not record_size or depth > DEEPEST:
        raise MalformedError(f"a tree of {depth} levels with records of {record_size} bytes")
    if root == NOWHERE:
        return
    widths = _pointer_widths(node_size, record_size, depth)
    nodes = [(root, root_count, depth)]
    while nodes:
        node, count, level = nodes.pop()
        check_mark(data, node, b"BTIN" if level else b"BTLF", "a node of a tree")
        steps.spend(count + 1)
        place, (count_width, total_width) = node + 6, widths[level]
        pointers = (count + 1) * (8 + count_width + total_width) if level else 0
        sums.check(node, place + count * record_size + pointers, "a node of a tree")
        for _ in range(count):
            record = data[place : place + record_size]
            if len(record) < record_size:
                raise MalformedError("a tree is cut off")
            yield record
            place += record_size
        for _ in range(count + 1 if level else 0):
            child_count = int.from_bytes(data[place + 8 : place + 8 + count_width], "little")
            nodes.append((address_at(data, place), child_count, level - 1))
            place += 8 + count_width + total_width


def _pointer_widths(node_size: int, record_size: int, depth: int) -> list[tuple[int, int]]:
    """Return the bytes of both counts beside each pointer to a child, by level; leaves have no children."""
    most = (node_size - 10) // record_size
    count_width, total, total_width = _width(most), most, 0
    widths = [(0, 0)]
    for _ in range(depth):
        widths.append((count_width, total_width))
        pointer = 8 + count_width + total_width
        most = (node_size - 10 - pointer) // (record_size + pointer)
        total = (most + 1) * total + most
        total_width = _width(total)
    return widths


def _width(largest: int) -> int:
    """Return the bytes that a number up to ``largest`` takes."""
    return max(1, (largest.bit_length() + 7) // 8)


_BLOCKS_HAVE_SUMS = 2  # a flag of heaps


class FractalHeap:
    """Objects of any length in blocks that double in size, each found by an identifier."""

    def __init__(self, sums: Checksums, address: int, steps: Steps) -> None:
        """Read the header at ``address`` of a file.

        Raises:
            MalformedError: it is none, or its blocks are packed.
        """
        data = sums.data
        check_mark(data, address, b"FRHP", "a heap")
        sums.check(address, address + 142, "a heap")
        filters, flags, most_managed = struct.unpack_from("<HBL", data, address + 7)
        self._width, self._first, self._largest, bits = struct.unpack_from("<HQQH", data, address + 110)
        self._root, self._rows = struct.unpack_from("<QH", data, address + 132)
        if filters:
            raise MalformedError("a heap that is packed, which is not read")
        if not self._width * self._first or self._largest < self._first:
            raise MalformedError(f"a heap with blocks of {self._first} to {self._largest} bytes")
        self._data, self._sums, self._steps = data, sums, steps
        self._has_sums = bool(flags & _BLOCKS_HAVE_SUMS)
        self._offset_width = (bits + 7) // 8
        self._length_width = min((self._largest.bit_length() + 6) // 8, _width(most_managed))
        self._huge_tree = address_at(data, address + 22)
        self._huge: dict[int, tuple[int, int]] | None = None

    def find(self, identifier: memoryview) -> memoryview:
        """Return the bytes of an object.

        Raises:
            MalformedError: it isn't there, or is kept in an unknown way.
        """
        kind, within = identifier[0] >> 4 & 3, 1 + self._offset_width
        if kind == 2:  # so small that it stands in its identifier
            return identifier[1 : 2 + (identifier[0] & 15)]
        if kind == 1:  # too large for a block
            place, length = self._huge_objects()[int.from_bytes(identifier[1:], "little")]
        elif kind == 0:
            place = self._place(int.from_bytes(identifier[1:within], "little"))
            length = int.from_bytes(identifier[within : within + self._length_width], "little")
        else:
            raise MalformedError("an object of a heap is kept in an unknown way")
        found = self._data[place : place + length]
        if len(found) < length:
            raise MalformedError("an object of a heap is cut off")
        return found

    def _huge_objects(self) -> dict[int, tuple[int, int]]:
        """Return where the objects lie that are too large for blocks, and how long they are, by number."""
        if self._huge is None:
            fields = (struct.unpack("<QQQ", record) for record in records(self._sums, self._huge_tree, self._steps))
            self._huge = {number: (address, length) for address, length, number in fields}
        return self._huge

    def _place(self, offset: int) -> int:
        """Return where in the file the byte at ``offset`` of the heap is: rows of blocks, each row twice as large."""
        block, rows, begin, size = self._root, self._rows, 0, self._first
        row_size = self._width * self._first
        while rows:
            self._steps.spend()
            check_mark(self._data, block, b"FHIB", "a block of a heap")
            entries = block + 13 + self._offset_width
            self._sums.check(block, entries + 8 * self._width * rows, "a block of a heap")
            row = ((offset - begin) // row_size).bit_length()
            if row >= rows:
                raise MalformedError("an object is beyond its heap")
            size = self._first << max(0, row - 1)
            row_begin = row_size << (row - 1) if row else 0
            column = (offset - begin - row_begin) // size
            begin += row_begin + column * size
            block = address_at(self._data, entries + 8 * (self._width * row + column))
            rows = 0 if size <= self._largest else (size // row_size).bit_length()
        if block == NOWHERE:
            raise MalformedError("a block of a heap is missing")
        check_mark(self._data, block, b"FHDB", "a block of a heap")
        if self._has_sums:
            self._sums.check_within(block, block + size, block + 13 + self._offset_width, "a block of a heap")
        return int(block + offset - begin)
