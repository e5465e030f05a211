"""Zip archives, whose uncompressed size is checked before anything is decompressed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

from lstm_ascii.checkpoints.formats.files import damaged, mapped, shown

LARGEST_DIRECTORY = 8_000_000  # bytes of the archive's table of contents: some ten thousand members
MOST_MEMBERS = 150_000
LARGEST_UNPACKED = 256_000_000  # bytes of all members together, for small archives
LARGEST_RATIO = 10  # of unpacked to packed, for larger ones; weights hardly ever get to 2
_END, _END_LENGTH, _LONGEST_COMMENT = b"PK\x05\x06", 22, 0xFFFF
_LONG_END, _LONG_END_LENGTH = b"PK\x06\x06", 56
_LOCATOR, _LOCATOR_LENGTH = b"PK\x06\x07", 20
_ENCRYPTED = 1
_PART = 1 << 20  # bytes that are unpacked at a time
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, struct.error, KeyError)


class Archive:
    """A zip archive, opened once for all its members.

    Attributes:
        members: by name, in the archive's order; folders are left out.
        size: of the archive, in bytes.
    """

    def __init__(self, path: Path) -> None:
        """Read the table of contents.

        Raises:
            FileError: it is damaged, encrypted, packed in an unusual way, has a name twice, or would unpack to too
                much.
        """
        self._path, self._data = path, mapped(path)
        self.size = len(self._data)
        end = _end_of_directory(path, self._data)
        try:
            self._zip = zipfile.ZipFile(_WithoutComment(self._data[: end + _END_LENGTH]))
        except _BROKEN as error:
            raise damaged(path, "damaged: a zip archive whose table of contents can't be read") from error
        self.members = self._checked(self._zip.infolist())

    def stored(self, member: zipfile.ZipInfo) -> memoryview | None:
        """Return a member's bytes within the archive; ``None`` where they are packed.

        Raises:
            FileError: the member isn't where the table of contents says.
        """
        if member.compress_type != zipfile.ZIP_STORED:
            return None
        start, data = member.header_offset, self._data
        header = bytes(data[start : start + 30]) if start >= 0 else b""
        if len(header) < 30 or header[:4] != b"PK\x03\x04" or member.compress_size != member.file_size:
            raise damaged(self._path, f"damaged: {shown(member.filename)} is not where the archive says")
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        begin = start + 30 + name_length + extra_length
        if begin + member.file_size > self.size:
            raise damaged(self._path, f"damaged: {shown(member.filename)} is cut off")
        return data[begin : begin + member.file_size]

    def bytes_of(self, name: str) -> memoryview:
        """Return the bytes of a member, unpacked where they are packed.

        Raises:
            FileError: as :meth:`stored` and :meth:`unpacked`.
        """
        member = self.members[name]
        plain = self.stored(member)
        return self.unpacked(member) if plain is None else plain

    def check_sum(self, member: zipfile.ZipInfo, content: memoryview) -> None:
        """Compare a stored member's bytes with the checksum of the table of contents, as unpacking does.

        Raises:
            FileError: they are others.
        """
        checksum = 0
        for begin in range(0, len(content), _PART):
            checksum = zlib.crc32(content[begin : begin + _PART], checksum)
        if checksum != member.CRC:
            raise damaged(self._path, f"damaged: {shown(member.filename)} is not what its checksum says")

    def unpacked(self, member: zipfile.ZipInfo, most: int | None = None) -> memoryview:
        """Return the bytes of a member, or the first ``most``.

        Raises:
            FileError: it can't be unpacked to what was declared.
        """
        length = member.file_size if most is None else min(most, member.file_size)
        content, place = bytearray(length), 0
        try:
            with self._zip.open(member) as file:
                while place < length and (part := file.read(min(_PART, length - place))):
                    content[place : place + len(part)] = part
                    place += len(part)
        except (*_BROKEN, RuntimeError) as error:
            raise damaged(self._path, f"damaged: {shown(member.filename)} can't be unpacked") from error
        if place != length:
            raise damaged(self._path, f"damaged: {shown(member.filename)} has {place} bytes, not {length}")
        return memoryview(content).toreadonly()

    def check_growth(self, size: int) -> None:
        """Refuse an archive that would become ``size`` bytes of memory, far more than it has itself.

        Raises:
            FileError: that is too much.
        """
        most = max(LARGEST_UNPACKED, LARGEST_RATIO * self.size)
        if size > most:
            raise damaged(self._path, f"would unpack from {self.size} to {size} bytes; at most {most} are read")

    def _checked(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        """Return the members by name, but the folders."""
        path, members = self._path, dict[str, zipfile.ZipInfo]()
        for member in entries:
            name = shown(member.filename)
            if member.filename in members:
                raise damaged(path, f"damaged: two members of the archive are called {name}")
            if member.flag_bits & _ENCRYPTED:
                raise damaged(path, f"{name} in the archive is encrypted; unpack it first")
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise damaged(
                    path, f"{name} in the archive is packed by method {member.compress_type}; use deflate or none"
                )
            members[member.filename] = member
        self.check_growth(sum(member.file_size for member in entries))
        return {name: member for name, member in members.items() if not name.endswith("/")}


class _WithoutComment(io.RawIOBase):
    """An archive as a file that ends with its end record: a comment behind it might hold the record's mark."""

    def __init__(self, data: memoryview) -> None:
        self._data, self._place = data, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: len(self._data)}[whence]
        if begin + offset < 0:
            raise OSError("a place before the file")
        self._place = begin + offset
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Return bytes; the length of the comment, which are the last two of them, is 0."""
        whole = len(self._data)
        end = whole if size < 0 else min(whole, self._place + size)
        content = bytes(self._data[self._place : end])
        if end > whole - 2 and content:
            content = content[: max(0, whole - 2 - self._place)] + bytes(end - max(whole - 2, self._place))
        self._place += len(content)
        return content


def _end_of_directory(path: Path, data: memoryview) -> int:
    """Return where the end record lies, of an archive whose table of contents doesn't fill the memory."""
    end = _end_record(path, data)
    length, members = _directory_at(path, data, end)
    if length > LARGEST_DIRECTORY:
        raise damaged(path, f"a zip archive with a table of contents of more than {LARGEST_DIRECTORY} bytes")
    if members > MOST_MEMBERS:
        raise damaged(path, f"a zip archive of {members} members; at most {MOST_MEMBERS} are read")
    return end


def _end_record(path: Path, data: memoryview) -> int:
    """Return where the end record lies: at the very end, else where its comment ends with the file, else the last.

    That is where :mod:`zipfile` looks, but that a comment may hold the record's mark.
    """
    first = max(0, len(data) - _END_LENGTH - _LONGEST_COMMENT)
    tail = bytes(data[first:])
    last = len(tail) - _END_LENGTH
    if last >= 0 and tail[last : last + 4] == _END and tail[-2:] == bytes(2):
        return first + last
    places, place = list[int](), tail.find(_END)
    while 0 <= place <= last:
        places.append(place)
        place = tail.find(_END, place + 1)
    fitting = [
        place for place in places if place + _END_LENGTH + struct.unpack_from("<H", tail, place + 20)[0] == len(tail)
    ]
    if not places or len(fitting) > 1:
        what = "several ends" if places else "no end"
        raise damaged(path, f"damaged: a zip archive with {what} of its table of contents")
    return first + (fitting or places)[-1]


def _directory_at(path: Path, data: memoryview, end: int) -> tuple[int, int]:
    """Return the bytes of the table of contents and how many members it has, by the records at ``end``."""
    length, stop = struct.unpack_from("<L", data, end + 12)[0], end
    locator, record = end - _LOCATOR_LENGTH, end - _LOCATOR_LENGTH - _LONG_END_LENGTH
    if locator >= 0 and data[locator : locator + 4] == _LOCATOR:
        if record < 0 or data[record : record + 4] != _LONG_END:
            raise damaged(path, "damaged: a zip archive whose long end record is not before its locator")
        length, stop = struct.unpack_from("<Q", data, record + 40)[0], record
    if length > min(stop, LARGEST_DIRECTORY):
        return length, 0
    return length, bytes(data[stop - length : stop]).count(b"PK\x01\x02")
