"""Chunk indexes of HDF5 that number the chunks: fixed arrays and extensible arrays.

Source of the layout: section VII of the format that ``hdf5.py`` names.
"""

from __future__ import annotations

import struct

from lstm_ascii.checkpoints.formats.hdf5_checksums import Checksums
from lstm_ascii.checkpoints.formats.hdf5_parts import NOWHERE, MalformedError, address_at, check_mark

_INDEX, _ENTRIES, _BLOCK = "an index of chunks", "the entries of an index", "a block of an index"


class FixedArray:
    """An index of as many chunks as the array may ever have (VII.C)."""

    def __init__(self, sums: Checksums, address: int) -> None:
        """Read its header at ``address`` of a file.

        Raises:
            MalformedError: it is none.
        """
        data = sums.data
        self._data, self._sums = data, sums
        check_mark(data, address, b"FAHD", _INDEX)
        sums.check(address, address + 24, _INDEX)
        self._size, page_bits, self._count, self._block = struct.unpack_from("<BBQQ", data, address + 6)
        self._page = 1 << page_bits
        if self._block != NOWHERE:
            check_mark(data, self._block, b"FADB", _ENTRIES)

    def entry(self, number: int) -> memoryview | None:
        """Return an entry; ``None`` for one that was never written."""
        if self._block == NOWHERE:
            return None
        if number >= self._count:
            raise MalformedError("an index of chunks is too short")
        begin, count = self._block + 14, self._count
        if self._count > self._page:
            page, number = divmod(number, self._page)
            pages = -(-self._count // self._page)
            end = begin + -(-pages // 8)
            self._sums.check(self._block, end, _ENTRIES)
            if not _is_set(self._data, begin, page):
                return None
            begin = end + 4 + page * (self._page * self._size + 4)
            count = min(self._page, self._count - page * self._page)
            self._sums.check(begin, begin + count * self._size, _ENTRIES)
        else:
            self._sums.check(self._block, begin + count * self._size, _ENTRIES)
        return self._data[begin + number * self._size : begin + (number + 1) * self._size]


class ExtensibleArray:
    """An index of chunks along an axis that grows: blocks that double in size (VII.D)."""

    def __init__(self, sums: Checksums, address: int) -> None:
        """Read its header at ``address`` of a file.

        Raises:
            MalformedError: it is none.
        """
        data = sums.data
        self._data, self._sums = data, sums
        check_mark(data, address, b"EAHD", _INDEX)
        sums.check(address, address + 68, _INDEX)
        fields = struct.unpack_from("<6B", data, address + 6)
        self._size, bits, self._direct, self._least, pointers, page_bits = fields
        if not self._least or not pointers:
            raise MalformedError("an index of chunks without blocks")
        self._page = 1 << page_bits
        self._lead = 14 + (bits + 7) // 8  # bytes before the entries of a block
        self._blocks = 2 * (pointers - 1)  # those that the first block points to itself
        self._first = 2 * (pointers.bit_length() - 1)  # of the blocks of blocks, the first that stands by itself
        self._index = address_at(data, address + 60)
        if self._index != NOWHERE:
            check_mark(data, self._index, b"EAIB", _ENTRIES)
            groups = 1 + bits - (self._least.bit_length() - 1)
            pointed = self._blocks + max(0, groups - self._first)
            sums.check(self._index, self._index + 14 + self._direct * self._size + 8 * pointed, _ENTRIES)

    def entry(self, number: int) -> memoryview | None:
        """Return an entry; ``None`` for one that was never written."""
        if self._index == NOWHERE:
            return None
        begin = self._index + 14
        if number < self._direct:
            return self._data[begin + number * self._size : begin + (number + 1) * self._size]
        begin += self._direct * self._size
        number -= self._direct
        # group g has 2^(g // 2) blocks of (least · 2^((g + 1) // 2)) entries
        group = (number // self._least + 1).bit_length() - 1
        length = self._least << (group + 1) // 2
        block, number = divmod(number - self._least * ((1 << group) - 1), length)
        if group < self._first:
            earlier = sum(1 << before // 2 for before in range(group))
            return self._of_block(address_at(self._data, begin + 8 * (earlier + block)), number, length)
        above = address_at(self._data, begin + 8 * (self._blocks + group - self._first))
        if above == NOWHERE:
            return None
        check_mark(self._data, above, b"EASB", _BLOCK)
        pages = length // self._page if length > self._page else 0
        bitmap = -(-pages // 8) << group // 2
        self._sums.check(above, above + self._lead + bitmap + (8 << group // 2), _BLOCK)
        address = address_at(self._data, above + self._lead + bitmap + 8 * block)
        if not pages:
            return self._of_block(address, number, length)
        page = number // self._page
        if not _is_set(self._data, above + self._lead, block * pages + page):
            return None
        return self._of_block(address, number, length, paged=True)

    def _of_block(self, block: int, number: int, length: int, paged: bool = False) -> memoryview | None:
        """Return an entry of a block of ``length`` entries; those of a paged one have a checksum for each page."""
        if block == NOWHERE:
            return None
        check_mark(self._data, block, b"EADB", _BLOCK)
        begin = block + self._lead
        if paged:
            self._sums.check(block, begin, _BLOCK)
            page, number = divmod(number, self._page)
            begin += 4 + page * (self._page * self._size + 4)
            self._sums.check(begin, begin + self._page * self._size, _BLOCK)
        else:
            self._sums.check(block, begin + length * self._size, _BLOCK)
        return self._data[begin + number * self._size : begin + (number + 1) * self._size]


def _is_set(data: memoryview, begin: int, bit: int) -> bool:
    """Tell whether a page was written."""
    return bool(data[begin + bit // 8] & 0x80 >> bit % 8)
