"""The checksums of HDF5: of its metadata since version 1.8, and of chunks.

Source of the first: Bob Jenkins, lookup3.c, https://burtleburtle.net/bob/c/lookup3.c
"""

from __future__ import annotations

import struct

import numpy as np

from lstm_ascii.checkpoints.formats.hdf5_parts import MalformedError, Steps

MOST_CHECKED = 8_000_000  # bytes of tables in a file; two seconds. A model of a thousand layers has a tenth of it
_WORD = 0xFFFFFFFF


class Checksums:
    """A file whose tables are compared with their checksums, each once.

    Attributes:
        data: the whole file.
    """

    def __init__(self, data: memoryview) -> None:
        """Take a file; nothing in it is looked at."""
        self.data = data
        self._steps = Steps(MOST_CHECKED, "bytes of tables with checksums")
        self._checked: set[tuple[int, int]] = set()

    def check(self, begin: int, end: int, label: str) -> None:
        """Compare a table with the checksum that stands right behind it.

        Args:
            begin: of the table.
            end: of the table.
            label: what it is, for errors.

        Raises:
            MalformedError: it is not what its checksum says, or is cut off.
        """
        self._check(begin, end, end, label)

    def check_within(self, begin: int, end: int, place: int, label: str) -> None:
        """Compare a table with the checksum that stands within it, at ``place``, and counts as zeros there.

        Raises:
            MalformedError: as :meth:`check`.
        """
        self._check(begin, end, place, label)

    def _check(self, begin: int, end: int, place: int, label: str) -> None:
        if (begin, end) in self._checked:
            return
        content = bytearray(self.data[begin:end])
        stored = self.data[place : place + 4]
        if len(content) != end - begin or len(stored) < 4:
            raise MalformedError(f"{label} is cut off")
        self._steps.spend(len(content))
        if place < end:
            content[place - begin : place - begin + 4] = bytes(4)
        if lookup3(content) != int.from_bytes(stored, "little"):
            raise MalformedError(f"the checksum of {label} is wrong")
        self._checked.add((begin, end))


def lookup3(content: bytes | bytearray) -> int:
    """Return Jenkins' hash of some bytes, in 32 bits, from the start value 0."""
    a = b = c = (0xDEADBEEF + len(content)) & _WORD
    if not content:
        return c
    *blocks, last = struct.iter_unpack("<LLL", content + bytes(-len(content) % 12))
    for x, y, z in blocks:
        a, b, c = (a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD
        a = (a - c) & _WORD ^ ((c << 4) & _WORD | c >> 28)
        c = (c + b) & _WORD
        b = (b - a) & _WORD ^ ((a << 6) & _WORD | a >> 26)
        a = (a + c) & _WORD
        c = (c - b) & _WORD ^ ((b << 8) & _WORD | b >> 24)
        b = (b + a) & _WORD
        a = (a - c) & _WORD ^ ((c << 16) & _WORD | c >> 16)
        c = (c + b) & _WORD
        b = (b - a) & _WORD ^ ((a << 19) & _WORD | a >> 13)
        a = (a + c) & _WORD
        c = (c - b) & _WORD ^ ((b << 4) & _WORD | b >> 28)
        b = (b + a) & _WORD
    a, b, c = ((value + word) & _WORD for value, word in zip((a, b, c), last, strict=True))
    return _final(a, b, c)


def _turned(value: int, bits: int) -> int:
    """Return 32 bits turned to the left."""
    return (value << bits) & _WORD | value >> (32 - bits)


def _final(a: int, b: int, c: int) -> int:
    """Return the last word of the hash."""
    c = ((c ^ b) - _turned(b, 14)) & _WORD
    a = ((a ^ c) - _turned(c, 11)) & _WORD
    b = ((b ^ a) - _turned(a, 25)) & _WORD
    c = ((c ^ b) - _turned(b, 16)) & _WORD
    a = ((a ^ c) - _turned(c, 4)) & _WORD
    b = ((b ^ a) - _turned(a, 14)) & _WORD
    return ((c ^ b) - _turned(b, 24)) & _WORD


def fletcher32(content: memoryview) -> int:
    """Return the checksum of HDF5: Fletcher's over words of two bytes, the first one higher."""
    padded = content if len(content) % 2 == 0 else memoryview(bytes(content) + b"\0")
    first = second = 0
    for begin in range(0, len(padded), 1 << 17):
        words = np.frombuffer(padded[begin : begin + (1 << 17)], ">u2").astype(np.int64)
        second += len(words) * first + int(np.arange(len(words), 0, -1) @ words)
        first += int(words.sum())
    return _folded(second) << 16 | _folded(first)


def _folded(total: int) -> int:
    """Return a sum modulo 65535, as folding its upper half onto the lower leaves it: only nothing becomes 0."""
    return (total - 1) % 65535 + 1 if total else 0
