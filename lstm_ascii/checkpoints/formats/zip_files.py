"""Zip archives, opened with care: what they would unpack to is known before anything is unpacked."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

from lstm_ascii.checkpoints.formats.files import damaged, head_of, shown, size_of

LARGEST_DIRECTORY = 8_000_000  # bytes of the archive's table of contents: some ten thousand members
LARGEST_UNPACKED = 256_000_000  # bytes of all members together, for small archives
LARGEST_RATIO = 10  # of unpacked to packed, for larger ones; weights hardly ever get to 2
_TAIL = 66_000  # bytes in which the end of the table of contents lies
_ENCRYPTED = 1
_PART = 1 << 20  # bytes that are unpacked at a time
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, struct.error, KeyError)


def members_of(path: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the members of an archive by name, in its order; folders are left out.

    Raises:
        FileError: it is damaged, encrypted, packed in an unusual way, has a name twice, or would unpack to too much.
    """
    size = size_of(path)
    _check_directory(path, size)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _BROKEN as error:
        raise damaged(path, "damaged: a zip archive whose table of contents can't be read") from error
    members: dict[str, zipfile.ZipInfo] = {}
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
    total_size, most = sum(member.file_size for member in entries), max(LARGEST_UNPACKED, LARGEST_RATIO * size)
    if total_size > most:
        raise damaged(path, f"would unpack from {size} to {total_size} bytes; at most {most} are read")
    return {name: member for name, member in members.items() if not name.endswith("/")}


def stored_at(path: Path, member: zipfile.ZipInfo, data: memoryview) -> memoryview | None:
    """Return a member's bytes within the archive; ``None`` where they are packed.

    Args:
        path: of the archive.
        member: of :func:`members_of`.
        data: the whole archive.

    Raises:
        FileError: the member isn't where the table of contents says.
    """
    if member.compress_type != zipfile.ZIP_STORED:
        return None
    start = member.header_offset
    header = bytes(data[start : start + 30]) if start >= 0 else b""
    if len(header) < 30 or header[:4] != b"PK\x03\x04" or member.compress_size != member.file_size:
        raise damaged(path, f"damaged: {shown(member.filename)} is not where the archive says")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    begin = start + 30 + name_length + extra_length
    if begin + member.file_size > len(data):
        raise damaged(path, f"damaged: {shown(member.filename)} is cut off")
    return data[begin : begin + member.file_size]


def unpacked(path: Path, member: zipfile.ZipInfo, most: int | None = None) -> memoryview:
    """Return the bytes of a member, or the first ``most``.

    Raises:
        FileError: it can't be unpacked to what was declared.
    """
    length = member.file_size if most is None else min(most, member.file_size)
    content, place = bytearray(length), 0
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            while place < length and (part := file.read(min(_PART, length - place))):
                content[place : place + len(part)] = part
                place += len(part)
    except (*_BROKEN, RuntimeError) as error:
        raise damaged(path, f"damaged: {shown(member.filename)} can't be unpacked") from error
    if place != length:
        raise damaged(path, f"damaged: {shown(member.filename)} has {place} bytes, not {length}")
    return memoryview(content).toreadonly()


def _check_directory(path: Path, size: int) -> None:
    """Refuse an archive whose table of contents would fill the memory; Python reads it at once."""
    head_of(path, 1)
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    lengths: list[int] = []
    for mark, place, form in ((b"PK\x05\x06", 12, "<L"), (b"PK\x06\x06", 40, "<Q")):
        end = tail.rfind(mark)
        if end >= 0 and end + place + struct.calcsize(form) <= len(tail):
            lengths += struct.unpack_from(form, tail, end + place)
    if any(LARGEST_DIRECTORY < length != 0xFFFFFFFF for length in lengths):
        raise damaged(path, f"a zip archive with a table of contents of more than {LARGEST_DIRECTORY} bytes")
