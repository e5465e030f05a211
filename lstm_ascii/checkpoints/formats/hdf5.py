"""HDF5 as Keras writes it: groups, texts, and arrays that lie in one piece. Read in place, by our own hands.

The library of the format follows links into other files, builds arrays of any size out of nothing and unpacks without a
limit. Here only what weights need is read, so that a file can't ask for more; all else is refused by name.
Source of the layout: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html (the section numbers are its).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.files import fits_memory, shown, wide
from lstm_ascii.errors import FileError

MOST_DIMENSIONS = 32
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
_IMPLIED = 0x20  # of a mantissa: its first bit is 1, and not written
MAGIC = b"\x89HDF\r\n\x1a\n"
NOWHERE = (1 << 64) - 1
MOST_STEPS = 200_000  # messages and links of a whole file; a model of a thousand layers has a tenth of it
MOST_TEXT = 40_000_000  # bytes; many attributes may point to one text, and each comes as a text of its own
LONGEST_NAME = 512
DEEPEST = 24  # groups within groups, and levels of their trees
_SPACE, _LINK_INFO, _TYPE, _LINK, _EXTERNAL, _LAYOUT, _FILTERS = 1, 2, 3, 6, 7, 8, 11
_ATTRIBUTE, _CONTINUED, _SYMBOLS, _ATTRIBUTE_INFO = 12, 16, 17, 21
_SHARED = 2  # the message is kept elsewhere
_NEWER = "is kept in a way that Keras does not use; load it in Keras and save it again"


class MalformedError(ValueError):
    """The bytes are not what the format asks for."""


_BROKEN = (MalformedError, struct.error, IndexError, KeyError, OverflowError)  # what reading at wrong places comes to


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
    if not fits_memory(shape, numpy.itemsize):
        raise wrong(f"the array {name} has the sizes {shown(shape)}, which no array can have")
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
    plain = bits & 0x70 == _IMPLIED and message[2] == 8 * size - 1  # nor the VAX's byte order; the sign stands first
    if kind == _FLOAT and plain:
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
        numbers = data[address : address + length] if address != NOWHERE else data[:0]
    else:
        how = {2: "is cut in pieces", 3: "is virtual: its numbers are elsewhere"}.get(kind, "is kept in an unknown way")
        raise wrong(f"the array {name} {how}, which Keras does not do; load it in Keras and save it again")
    if len(numbers) < nbytes:
        raise wrong(f"the array {name} needs {nbytes} bytes for its sizes; the file has {len(numbers)} for it")
    return numbers[:nbytes]


class Hdf5:
    """An HDF5 file. Objects are named by where their header begins, as the file does.

    Attributes:
        root: the group that holds all others.
    """

    def __init__(self, data: memoryview, wrong: Callable[[str], FileError]) -> None:
        """Read the superblock (II.A) of ``data``, the whole file.

        Raises:
            FileError: it is not one, or is cut off.
        """
        self.data = data
        self.wrong = wrong
        self._left = MOST_STEPS
        self._text_left = MOST_TEXT
        self._heap = cache(self._read_heap)
        try:
            self.root = self._superblock()
        except _BROKEN as error:
            raise wrong(f"damaged: no HDF5 file that can be read: {error}") from error

    def walk(self) -> Iterator[tuple[tuple[str, ...], int]]:
        """Yield every object below the root with the names that lead to it.

        Raises:
            FileError: the file is damaged, or links to where it should not.
        """
        try:
            yield from self._walk(self.root, ())
        except _BROKEN as error:
            raise self.wrong(f"damaged: its groups can't be read: {error}") from error

    def texts(self, address: int) -> dict[str, str]:
        """Return the attributes of an object that are one text each; all others are left out.

        Raises:
            FileError: they can't be read.
        """
        attributes = {}
        try:
            for kind, body in self._messages(address):
                if kind == _ATTRIBUTE_INFO and _address(body, 4 if body[1] & 1 else 2) != NOWHERE:
                    raise self.wrong(f"its attributes: what it says of itself {_NEWER}")
                if kind == _ATTRIBUTE:
                    name, text = text_of(body, self._heap_text)
                    if text is not None:
                        self._spend_text(len(text))
                        attributes[name] = text
        except _BROKEN as error:
            raise self.wrong(f"damaged: its attributes can't be read: {error}") from error
        return attributes

    def array(self, address: int, name: str) -> Stored | None:
        """Return an object as an array, its numbers where they are; ``None`` for a group.

        Args:
            address: of the object.
            name: to call it by, safe to print.

        Raises:
            FileError: it is not in one piece within the file, or holds something else than numbers.
        """
        try:
            messages = dict(self._messages(address))
            if _LAYOUT not in messages:
                return None
            if _EXTERNAL in messages:
                raise self.wrong(f"the numbers of {name} are in another file, which is never opened")
            if _FILTERS in messages:
                raise self.wrong(f"the array {name} is packed, which Keras does not do; save it unpacked")
            dtype = self.texts(address).get("dtype", "") if _ATTRIBUTE in messages else ""
            parts = DatasetParts(messages[_SPACE], messages[_TYPE], messages[_LAYOUT], dtype)
            return stored_array(self.data, parts, name, self.wrong)
        except _BROKEN as error:
            raise self.wrong(f"damaged: the array {name} can't be read: {error}") from error

    def _superblock(self) -> int:
        """Return where the root group begins."""
        version = self.data[8]
        if version > 3:
            raise MalformedError(f"version {version}")
        sizes = bytes(self.data[13:15] if version < 2 else self.data[9:11])
        start = {0: 24, 1: 28}.get(version, 12)
        base, _, end = struct.unpack_from("<QQQ", self.data, start)
        if sizes != b"\x08\x08" or base:
            raise MalformedError("its addresses are not of the usual kind")
        if end > len(self.data):
            raise MalformedError(f"it has {len(self.data)} bytes of {end}: it is cut off")
        return _address(self.data, start + (40 if version < 2 else 24))

    def _walk(self, group: int, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
        if len(names) > DEEPEST:
            raise MalformedError("groups within groups without an end")
        for name, address in self._links(group, "/".join(names)).items():
            yield (*names, name), address
            yield from self._walk(address, (*names, name))

    def _links(self, group: int, path: str) -> dict[str, int]:
        """Return what a group holds, by name; nothing for an array."""
        addresses: dict[str, int] = {}
        for kind, body in self._messages(group):
            if kind == _SYMBOLS:
                tree, heap = struct.unpack_from("<QQ", body)
                links: Iterator[tuple[str, int]] = self._symbols(tree, self._local_heap(heap), 0)
            elif kind == _LINK:
                links = iter([self._link(body)])
            elif kind == _LINK_INFO and _address(body, 10 if body[1] & 1 else 2) != NOWHERE:
                raise self.wrong(f"the group {shown(path or '/')} {_NEWER}")
            else:
                continue
            for name, address in links:
                if name in addresses:
                    raise MalformedError(f"{shown(name)} stands twice")
                addresses[name] = address
        return addresses

    def _symbols(self, tree: int, names: memoryview, depth: int) -> Iterator[tuple[str, int]]:
        """Yield the links of a tree of symbols (III.A.1, III.B); ``names`` are their texts."""
        if depth > DEEPEST:
            raise MalformedError("a tree without an end")
        mark = self._mark(tree)
        if mark == b"TREE":
            (count,) = struct.unpack_from("<H", self.data, tree + 6)
            for child in range(count):
                self._spend()
                yield from self._symbols(_address(self.data, tree + 32 + 16 * child), names, depth + 1)
        elif mark == b"SNOD":
            (count,) = struct.unpack_from("<H", self.data, tree + 6)
            for symbol in range(count):
                self._spend()
                name, address, cache_type = struct.unpack_from("<QQL", self.data, tree + 8 + 40 * symbol)
                text = _until_zero(names, name)
                if cache_type == 2 or address == NOWHERE:
                    raise self.wrong(f"{shown(text)} is a link to somewhere else, which is never followed")
                yield text, address
        else:
            raise MalformedError("a tree of names is missing")

    def _link(self, body: memoryview) -> tuple[str, int]:
        """Return name and place of a link message (IV.A.2.g)."""
        flags, place = body[1], 2
        kind = body[place] if flags & 8 else 0
        place += (flags >> 3 & 1) + 8 * (flags >> 2 & 1) + (flags >> 4 & 1)
        width = 1 << (flags & 3)
        length = int.from_bytes(body[place : place + width], "little")
        if length > LONGEST_NAME:
            raise MalformedError(f"a name of {length} bytes")
        name = bytes(body[place + width : place + width + length]).decode("utf-8", "backslashreplace")
        if kind:
            where = {1: "a soft link", 64: "a link into another file"}.get(kind, "a link of an unknown kind")
            raise self.wrong(f"{shown(name)} is {where}, which is never followed")
        return name, _address(body, place + width + length)

    def _local_heap(self, address: int) -> memoryview:
        """Return the texts of a group's names (III.D)."""
        if self._mark(address) != b"HEAP":
            raise MalformedError("a heap of names is missing")
        (size,) = struct.unpack_from("<Q", self.data, address + 8)
        start = _address(self.data, address + 24)
        return self.data[start : start + size]

    def _heap_text(self, address: int, index: int, length: int) -> bytes:
        """Return a text of a global heap."""
        self._spend_text(length)
        place, size = self._heap(address).get(index, (0, 0))
        if length > size:
            raise MalformedError("a text is missing")
        return bytes(self.data[place : place + length])

    def _read_heap(self, address: int) -> dict[int, tuple[int, int]]:
        """Return where the texts of a global heap (III.E) lie and how long they are, by number."""
        if self._mark(address) != b"GCOL":
            raise MalformedError("a heap of texts is missing")
        (size,) = struct.unpack_from("<Q", self.data, address + 8)
        place, end = address + 16, min(address + size, len(self.data))
        places: dict[int, tuple[int, int]] = {}
        while place + 16 <= end:
            self._spend()
            index, length = struct.unpack_from("<H6xQ", self.data, place)
            if not index or place + 16 + length > end:  # what is left is free
                break
            places[index] = (place + 16, length)
            place += 16 + length + -length % 8
        return places

    def _messages(self, address: int) -> Iterator[tuple[int, memoryview]]:
        """Yield kind and body of the messages of an object's header (IV.A.1), in both of its forms."""
        if self._mark(address) == b"OHDR":
            flags = self.data[address + 5]
            start = address + 6 + (16 if flags & 32 else 0) + (4 if flags & 16 else 0)
            width = 1 << (flags & 3)
            blocks = [(start + width, int.from_bytes(self.data[start : start + width], "little"))]
            form, lead = "<BHB", 4 + (2 if flags & 4 else 0)
        elif self.data[address] == 1:
            blocks = [(address + 16, struct.unpack_from("<L", self.data, address + 8)[0])]
            form, lead = "<HHB", 8
        else:
            raise MalformedError("an object has no header")
        for start, size in blocks:  # grows as messages tell of more
            place, end = start, start + size
            while place + lead <= end:
                self._spend()
                kind, length, flags = struct.unpack_from(form, self.data, place)
                body = self.data[place + lead : place + lead + length]
                if len(body) != length or place + lead + length > end:
                    raise MalformedError("a message is cut off")
                if flags & _SHARED:
                    raise MalformedError("a message is kept elsewhere")
                if kind == _CONTINUED:
                    blocks.append(self._continued(form, *struct.unpack_from("<QQ", body)))
                else:
                    yield kind, body
                place += lead + length

    def _continued(self, form: str, start: int, length: int) -> tuple[int, int]:
        """Return where the messages of a further block lie; in the newer form a mark and a checksum are around them."""
        if form == "<HHB":
            return start, length
        if self._mark(start) != b"OCHK":
            raise MalformedError("a block of messages is missing")
        return start + 4, length - 8

    def _mark(self, address: int) -> bytes:
        """Return the four letters that the parts of the format begin with."""
        return bytes(self.data[address : address + 4])

    def _spend(self) -> None:
        """Count one step; a file that leads in circles comes to an end."""
        self._left -= 1
        if self._left < 0:
            raise MalformedError(f"more than {MOST_STEPS} parts")

    def _spend_text(self, length: int) -> None:
        self._text_left -= length
        if self._text_left < 0:
            raise MalformedError(f"more than {MOST_TEXT} bytes of texts")


def _address(data: memoryview, place: int) -> int:
    """Return the address that stands at ``place``."""
    return int(struct.unpack_from("<Q", data, place)[0])


def _until_zero(texts: memoryview, place: int) -> str:
    """Return the text that begins at ``place``."""
    text, end, _ = bytes(texts[place : place + LONGEST_NAME + 1]).partition(b"\0")
    if not end:
        raise MalformedError(f"a name of more than {LONGEST_NAME} bytes")
    return text.decode("utf-8", "backslashreplace")
