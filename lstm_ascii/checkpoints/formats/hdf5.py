"""HDF5 as written by Keras and h5py: groups, texts and arrays, also in compressed chunks. Our own reader.

The library of the format follows links into other files, builds arrays of any size out of nothing and unpacks without a
limit. Here only what weights need is read, so that a file can't ask for more; all else is refused by name.
Source of the layout: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html (the section numbers are its).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import cache

from lstm_ascii.checkpoints.formats.contents import Stored
from lstm_ascii.checkpoints.formats.files import shown
from lstm_ascii.checkpoints.formats.hdf5_checksums import Checksums
from lstm_ascii.checkpoints.formats.hdf5_data import (
    BROKEN,
    FILL,
    MOST_CHUNKS,
    OLD_FILL,
    DatasetParts,
    Source,
    fill_of,
    stored_array,
    text_of,
)
from lstm_ascii.checkpoints.formats.hdf5_parts import DEEPEST, NOWHERE, MalformedError, Steps, address_at, check_mark
from lstm_ascii.checkpoints.formats.hdf5_trees import FractalHeap, records
from lstm_ascii.checkpoints.formats.zip_files import LARGEST_RATIO, LARGEST_UNPACKED
from lstm_ascii.errors import FileError

MAGIC = b"\x89HDF\r\n\x1a\n"
FIRST_USER_BLOCK = 512  # bytes; the file may begin there, or at any double of it
MOST_STEPS = 200_000  # messages and links of a whole file; a model of a thousand layers has a tenth of it
MOST_TEXT = 40_000_000  # bytes; many attributes may point to one text, and each comes as a text of its own
LONGEST_NAME = 512
_SPACE, _LINK_INFO, _TYPE, _LINK, _EXTERNAL, _LAYOUT, _FILTERS = 1, 2, 3, 6, 7, 8, 11
_ATTRIBUTE, _CONTINUED, _SYMBOLS, _ATTRIBUTE_INFO = 12, 16, 17, 21
_SHARED = 2  # the message is kept elsewhere
_LINK_RECORD, _ATTRIBUTE_RECORD = slice(4, None), slice(0, 8)  # where identifiers stand in the records of trees


def superblock_of(data: memoryview) -> int | None:
    """Return where an HDF5 file begins, after what its user put before it; ``None`` where it is none."""
    place = 0
    while place + len(MAGIC) < len(data):
        if bytes(data[place : place + len(MAGIC)]) == MAGIC:
            return place
        place = 2 * place or FIRST_USER_BLOCK
    return None


class Hdf5:
    """An HDF5 file. Objects are named by where their header begins, as the file does.

    Attributes:
        root: the group that holds all others.
    """

    def __init__(self, data: memoryview, wrong: Callable[[str], FileError], room: int | None = None) -> None:
        """Read the superblock (II.A).

        Args:
            data: the whole file.
            wrong: makes its errors.
            room: the bytes that its chunks may unpack to; unless given, as many as an archive of this size.

        Raises:
            FileError: it is not one, or is cut off.
        """
        self.data = data[superblock_of(data) or 0 :]  # addresses count from the superblock
        self.wrong = wrong
        self._sums = Checksums(self.data)
        self._steps = Steps(MOST_STEPS)
        self._text_bytes = Steps(MOST_TEXT, "bytes of texts")
        most = max(LARGEST_UNPACKED, LARGEST_RATIO * len(data)) if room is None else room
        chunk_room, chunks = Steps(most, "bytes of all chunks"), Steps(MOST_CHUNKS, "chunks")
        self._source = Source(self._sums, wrong, chunk_room, chunks)
        self._heap = cache(self._read_heap)
        try:
            self.root = self._superblock()
        except BROKEN as error:
            raise wrong(f"damaged: no HDF5 file that can be read: {error}") from error

    def walk(self) -> Iterator[tuple[tuple[str, ...], int]]:
        """Yield every object below the root with the names that lead to it.

        Raises:
            FileError: the file is damaged, or links to where it should not.
        """
        try:
            yield from self._walk(self.root, ())
        except BROKEN as error:
            raise self.wrong(f"damaged: its groups can't be read: {error}") from error

    def texts(self, address: int) -> dict[str, str]:
        """Return the attributes of an object that are one text each; all others are left out.

        Raises:
            FileError: they can't be read.
        """
        attributes = {}
        try:
            for body in self._attributes(address):
                name, text = text_of(body, self._heap_text)
                if text is not None:
                    self._text_bytes.spend(len(text))
                    attributes[name] = text
        except BROKEN as error:
            raise self.wrong(f"damaged: its attributes can't be read: {error}") from error
        return attributes

    def array(self, address: int, name: str) -> Stored | None:
        """Return an object as an array, its numbers where they are; ``None`` for a group.

        Args:
            address: of the object.
            name: to call it by, safe to print.

        Raises:
            FileError: it is not within the file, would take too much, or holds something else than numbers.
        """
        try:
            messages = dict(self._messages(address))
            if _LAYOUT not in messages:
                return None
            if _EXTERNAL in messages:
                raise self.wrong(f"the numbers of {name} are in another file, which is never opened")
            dtype = self.texts(address).get("dtype", "") if {_ATTRIBUTE, _ATTRIBUTE_INFO} & messages.keys() else ""
            fills = (fill_of(kind, messages[kind]) for kind in (FILL, OLD_FILL) if kind in messages)
            parts = DatasetParts(
                messages[_SPACE], messages[_TYPE], messages[_LAYOUT], dtype, messages.get(_FILTERS), next(fills, b"")
            )
            return stored_array(self._source, parts, name)
        except BROKEN as error:
            raise self.wrong(f"damaged: the array {name} can't be read: {error}") from error

    def _attributes(self, address: int) -> Iterator[memoryview]:
        """Yield the messages of an object's attributes, in its header or in a heap (IV.A.2.v)."""
        for kind, body in self._messages(address):
            if kind == _ATTRIBUTE:
                yield body
            elif kind == _ATTRIBUTE_INFO:
                yield from self._dense(body, 4 if body[1] & 1 else 2, _ATTRIBUTE_RECORD)

    def _dense(self, info: memoryview, place: int, identifier: slice) -> Iterator[memoryview]:
        """Yield the messages that are kept in a heap, by a tree of their names; none where there is no heap.

        Args:
            info: the message that tells of both.
            place: in it, where the addresses stand.
            identifier: in a record of the tree, where the heap's identifier stands.
        """
        heap_address, tree = struct.unpack_from("<QQ", info, place)
        if heap_address != NOWHERE:
            heap = FractalHeap(self._sums, heap_address, self._steps)
            for record in records(self._sums, tree, self._steps):
                yield heap.find(record[identifier])

    def _superblock(self) -> int:
        """Return where the root group begins."""
        version = self.data[8]
        if version > 3:
            raise MalformedError(f"version {version}")
        if version > 1:
            self._sums.check(0, 44, "the superblock")
        sizes = bytes(self.data[13:15] if version < 2 else self.data[9:11])
        start = {0: 24, 1: 28}.get(version, 12)
        base, _, end = struct.unpack_from("<QQQ", self.data, start)
        if sizes != b"\x08\x08":
            raise MalformedError("its addresses are not of the usual kind")
        if end - base > len(self.data):
            raise MalformedError(f"it has {len(self.data)} bytes of {end - base}: it is cut off")
        return address_at(self.data, start + (40 if version < 2 else 24))

    def _walk(self, group: int, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
        if len(names) > DEEPEST:
            raise MalformedError("groups within groups without an end")
        for name, address in self._links(group).items():
            yield (*names, name), address
            yield from self._walk(address, (*names, name))

    def _links(self, group: int) -> dict[str, int]:
        """Return what a group holds, by name; nothing for an array."""
        addresses: dict[str, int] = {}
        for kind, body in self._messages(group):
            if kind == _SYMBOLS:
                tree, heap = struct.unpack_from("<QQ", body)
                links: Iterator[tuple[str, int]] = self._symbols(tree, self._local_heap(heap), 0)
            elif kind == _LINK:
                links = iter([self._link(body)])
            elif kind == _LINK_INFO:
                messages = self._dense(body, 10 if body[1] & 1 else 2, _LINK_RECORD)
                links = iter(sorted(map(self._link, messages)))
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
        mark = bytes(self.data[tree : tree + 4])
        if mark == b"TREE":
            (count,) = struct.unpack_from("<H", self.data, tree + 6)
            for child in range(count):
                self._steps.spend()
                yield from self._symbols(address_at(self.data, tree + 32 + 16 * child), names, depth + 1)
        elif mark == b"SNOD":
            (count,) = struct.unpack_from("<H", self.data, tree + 6)
            for symbol in range(count):
                self._steps.spend()
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
        return name, address_at(body, place + width + length)

    def _local_heap(self, address: int) -> memoryview:
        """Return the texts of a group's names (III.D)."""
        check_mark(self.data, address, b"HEAP", "a heap of names")
        (size,) = struct.unpack_from("<Q", self.data, address + 8)
        start = address_at(self.data, address + 24)
        return self.data[start : start + size]

    def _heap_text(self, address: int, index: int, length: int) -> bytes:
        """Return a text of a global heap."""
        self._text_bytes.spend(length)
        place, size = self._heap(address).get(index, (0, 0))
        if length > size:
            raise MalformedError("a text is missing")
        return bytes(self.data[place : place + length])

    def _read_heap(self, address: int) -> dict[int, tuple[int, int]]:
        """Return where the texts of a global heap (III.E) lie and how long they are, by number."""
        check_mark(self.data, address, b"GCOL", "a heap of texts")
        (size,) = struct.unpack_from("<Q", self.data, address + 8)
        place, end = address + 16, min(address + size, len(self.data))
        places: dict[int, tuple[int, int]] = {}
        while place + 16 <= end:
            self._steps.spend()
            index, length = struct.unpack_from("<H6xQ", self.data, place)
            if not index or place + 16 + length > end:  # what is left is free
                break
            places[index] = (place + 16, length)
            place += 16 + length + -length % 8
        return places

    def _messages(self, address: int) -> Iterator[tuple[int, memoryview]]:
        """Yield kind and body of the messages of an object's header (IV.A.1), in both of its forms."""
        if bytes(self.data[address : address + 4]) == b"OHDR":
            flags = self.data[address + 5]
            start = address + 6 + (16 if flags & 32 else 0) + (4 if flags & 16 else 0)
            width = 1 << (flags & 3)
            blocks = [(start + width, int.from_bytes(self.data[start : start + width], "little"))]
            form, lead = "<BHB", 4 + (2 if flags & 4 else 0)
            self._sums.check(address, sum(blocks[0]), "the header of an object")
        elif self.data[address] == 1:
            blocks = [(address + 16, struct.unpack_from("<L", self.data, address + 8)[0])]
            form, lead = "<HHB", 8
        else:
            raise MalformedError("an object has no header")
        for start, size in blocks:  # grows as messages tell of more
            place, end = start, start + size
            while place + lead <= end:
                self._steps.spend()
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
        check_mark(self.data, start, b"OCHK", "a block of messages")
        self._sums.check(start, start + length - 4, "a block of messages")
        return start + 4, length - 8


def _until_zero(texts: memoryview, place: int) -> str:
    """Return the text that begins at ``place``."""
    text, end, _ = bytes(texts[place : place + LONGEST_NAME + 1]).partition(b"\0")
    if not end:
        raise MalformedError(f"a name of more than {LONGEST_NAME} bytes")
    return text.decode("utf-8", "backslashreplace")
