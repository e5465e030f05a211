"""The wire format of protocol buffers, as far as ONNX needs it: read in place, with a limit, trusting nothing.

Source: https://protobuf.dev/programming-guides/encoding/. A message is a row of fields, each a number, a wire type and
a value. Nothing is copied: what has a length comes as a view of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.records import dataclass

MOST_FIELDS = 500_000  # of a whole file, numbers in lists counted; a graph of ten thousand operations has a fifth
LONGEST_VARINTS = 4_000_000  # bytes of numbers that are packed one by one; to unpack them takes forty times as much
LONGEST_VARINT = 10  # bytes
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class WireError(ValueError):
    """The bytes are no message."""


@dataclass
class Budget:
    """How many fields may still be read, all messages of a file together."""

    left: int = field(default=MOST_FIELDS)

    def spend(self, count: int = 1) -> None:
        """Count fields."""
        self.left -= count
        if self.left < 0:
            raise WireError(f"it has more than {MOST_FIELDS} fields")


class Message:
    """A message: its fields by number, in order."""

    def __init__(self, data: memoryview, budget: Budget) -> None:
        """Find the fields of ``data``.

        Raises:
            WireError: they don't fill it exactly.
        """
        self.budget = budget
        self._fields: dict[int, list[tuple[int, memoryview]]] = {}
        for number, wire, value in fields(data):
            budget.spend()
            self._fields.setdefault(number, []).append((wire, value))

    def views(self, number: int) -> list[memoryview]:
        """Return every value of a field that has a length."""
        values = self._fields.get(number, ())
        if any(wire != BYTES for wire, _ in values):
            raise WireError(f"field {number} has another type than expected")
        return [value for _, value in values]

    def view(self, number: int) -> memoryview | None:
        """Return the last value of a field that has a length; ``None`` where it is missing."""
        views = self.views(number)
        return views[-1] if views else None

    def messages(self, number: int) -> list[Message]:
        """Return every message of a field."""
        return [Message(value, self.budget) for value in self.views(number)]

    def texts(self, number: int) -> list[str]:
        """Return every text of a field; what is not UTF-8 is written out."""
        return [bytes(value).decode("utf-8", "backslashreplace") for value in self.views(number)]

    def text(self, number: int) -> str:
        """Return the last text of a field; empty where it is missing."""
        return self.texts(number)[-1] if number in self._fields else ""

    def integers(self, number: int) -> list[int]:
        """Return the signed 64-bit numbers of a field, packed or not."""
        data = self.packed(number, VARINT)
        self.budget.spend(len(data))
        return [int(value) for value in varints(data)]

    def integer(self, number: int) -> int:
        """Return the last number of a field; 0 where it is missing, as protobuf has it."""
        integers = self.integers(number)
        return integers[-1] if integers else 0

    def floats(self, number: int) -> list[float]:
        """Return the float32 numbers of a field, packed or not."""
        data = self.packed(number, FIXED32)
        if len(data) % 4:
            raise WireError(f"field {number} has half a number")
        self.budget.spend(len(data) // 4)
        return [float(value) for value in np.frombuffer(data, "<f4")] if data else []

    def packed(self, number: int, wire: int) -> memoryview | bytes:
        """Return the numbers of a repeated field as one row of bytes, whether they were packed or stood alone.

        Args:
            number: of the field.
            wire: how one of its numbers stands alone.
        """
        values = self._fields.get(number, ())
        if any(kind not in (wire, BYTES) for kind, _ in values):
            raise WireError(f"field {number} has another type than expected")
        return values[0][1] if len(values) == 1 else b"".join(value for _, value in values)


def fields(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield number, wire type and value of each field; a number comes as its bytes.

    Raises:
        WireError: ``data`` ends within a field, or has a wire type that is not in use.
    """
    place, end = 0, len(data)
    while place < end:
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        start = place
        if wire == VARINT:
            _, place = _varint(data, place)
        elif wire == BYTES:
            length, start = _varint(data, place)
            place = start + length
        elif wire in (FIXED64, FIXED32):
            place += 8 if wire == FIXED64 else 4
        else:
            raise WireError(f"wire type {wire}")
        if place > end:
            raise WireError("it ends within a field")
        yield number, wire, data[start:place]


def count_varints(data: memoryview | bytes) -> int:
    """Return how many numbers a packed row holds.

    Raises:
        WireError: a number is longer than ten bytes or cut off, or there are too many.
    """
    if len(data) > LONGEST_VARINTS:
        raise WireError(f"{len(data)} bytes of numbers packed one by one; at most {LONGEST_VARINTS} are read")
    ends = _ends(data)
    lengths = np.diff(ends, prepend=-1)
    if len(data) and (not len(ends) or ends[-1] != len(data) - 1 or lengths.max() > LONGEST_VARINT):
        raise WireError("a number is cut off")
    return len(ends)


def varints(data: memoryview | bytes) -> Array:
    """Return a packed row of numbers as int64; each takes seven bits a byte, the lowest first.

    Raises:
        WireError: as :func:`count_varints`.
    """
    count_varints(data)
    ends = _ends(data)
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    lengths = ends - starts + 1
    row = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
    values = np.zeros(len(ends), np.uint64)
    for place in range(int(lengths.max(initial=0))):
        longer = lengths > place
        bits = row[starts[longer] + place].astype(np.uint64) & np.uint64(0x7F)  # NumPy 1 would shift within a byte
        values[longer] |= bits << np.uint64(7 * place)
    return values.view(np.int64)


def _ends(data: memoryview | bytes) -> Array:
    """Return where each number of a packed row ends: at the byte without the highest bit."""
    return np.flatnonzero(np.frombuffer(data, np.uint8) < 0x80) if data else np.zeros(0, np.int64)


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    """Return the number at ``place`` and the place behind it."""
    value = 0
    for shift in range(0, 7 * LONGEST_VARINT, 7):
        if place >= len(data):
            raise WireError("it ends within a number")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise WireError("a number is too long")
