"""Text corpora of any size: finding their files, splitting them into pieces, and reading the pieces.

A corpus is given by files, folders (with all files below them), patterns (``texts/*.txt``) and, if the package
``fsspec`` is installed, addresses (``s3://``, ``gs://``, ``https://``). Files that end in ``.gz``, ``.zst``,
``.bz2`` or ``.xz`` are decompressed as they are read; each is one piece, as it can only be read from its beginning. The
pieces depend on the files alone, never on the number of workers, so that sums over them are always the same.
"""

from __future__ import annotations

import logging
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from glob import glob
from pathlib import Path
from typing import IO, Any

from lstm_ascii.errors import FileError, LstmAsciiError
from lstm_ascii.files import size_of_text
from lstm_ascii.records import dataclass

BLOCK = 1 << 20  # bytes that are read at a time
HEAD = 1 << 13  # bytes by which a text is distinguished from a binary file
NEAR = 1 << 16  # bytes in which the end of a line is searched for; fewer than a block has
PIECES, LARGEST_PIECE = 4096, 1 << 28  # pieces of a corpus, about; bytes of one
PACKED = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".xz": "xz"}  # file endings, and fsspec's names for them
_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "http": "aiohttp", "https": "aiohttp", "az": "adlfs"}
_PATTERN = "*?["
_SCHEME = "://"


@dataclass(frozen=True)
class TextFile:
    """A file of a corpus.

    Attributes:
        name: a path, or an address.
        size: in bytes, as stored; negative if unknown.
        place: the absolute path from which it is read; empty for an address.
    """

    name: str
    size: int
    place: str = ""

    @property
    def is_stream(self) -> bool:
        """Whether it can only be read from its beginning."""
        return self.size < 0 or Path(self.name).suffix in PACKED


@dataclass(frozen=True)
class TextPiece:
    """A range of bytes of a file that one worker reads, from line to line.

    Attributes:
        file: the file.
        first, last: the range of bytes, which is moved to the next ends of lines; the whole of a compressed file.
    """

    file: TextFile
    first: int
    last: int

    def blocks(self) -> Iterator[tuple[int, bool, list[str]]]:
        """Yield for each block its first byte, whether its first line began before it, and its lines.

        Bytes that are not UTF-8 are decoded as U+FFFD.

        Raises:
            LstmAsciiError: the file can't be read, or was truncated in the meantime.
        """
        parts = _unpacked(self.file) if self.file.is_stream else _cut(self)
        for place, goes_on, content in parts:
            if place == 0:
                content = content.removeprefix(BOM_UTF8)
            yield place, goes_on, content.decode("utf-8", "replace").splitlines()


def names_a_corpus(name: str) -> bool:
    """Tell whether a text is an existing path, a pattern that matches files, or an address."""
    if "\0" in name or "\n" in name:
        return False
    try:
        found = Path(name).exists()
    except OSError:  # what is too long for a name is a text
        return False
    return found or _is_address(name) or bool(_matching(name))


def text_files(names: Sequence[str]) -> tuple[TextFile, ...]:
    """Return the files of paths, folders, patterns and addresses, in the order of these, each file once.

    Raises:
        LstmAsciiError: there is no such file, it is no plain file, or ``fsspec`` is not installed.
    """
    found = [file for name in names for file in (_remote(name) if _is_address(name) else _local(name))]
    return tuple({file.name: file for file in found}.values())


def text_pieces(files: Iterable[TextFile]) -> tuple[TextPiece, ...]:
    """Split files into pieces, whose sizes depend on those of the files only."""
    files = tuple(files)
    size, whole = BLOCK, sum(max(0, file.size) for file in files)
    while size * PIECES < whole and size < LARGEST_PIECE:
        size *= 2
    return tuple(
        piece
        for file in files
        for piece in (
            [TextPiece(file, 0, file.size)]
            if file.is_stream
            else [TextPiece(file, first, min(file.size, first + size)) for first in range(0, file.size, size)]
        )
    )


def _matching(pattern: str) -> list[str]:
    """Return the paths that match a pattern; none for a text without wildcards."""
    is_pattern = any(mark in pattern for mark in _PATTERN)
    return glob(pattern, recursive=True) if is_pattern else []  # noqa: PTH207 - it may be absolute


def _is_address(name: str) -> bool:
    scheme, mark, _ = name.partition(_SCHEME)
    return bool(mark) and scheme.replace("+", "").isalnum()


def _local(name: str) -> Iterator[TextFile]:
    """Yield the local files of a path, a folder or a pattern."""
    path = Path(name)
    if path.is_dir():
        inside = [one for one in path.rglob("*") if not any(part[0] == "." for part in one.relative_to(path).parts)]
        texts = _texts(inside)
        if not texts:
            raise FileError(f"{name}: there is no text in this folder")
        yield from texts
    elif not os.path.lexists(name) and any(mark in name for mark in _PATTERN):
        texts = _texts(map(Path, _matching(name)))
        if not texts:
            raise FileError(f"{name}: no text has such a name")
        yield from texts
    else:
        file = _file(name)
        if not _is_text(file):
            raise FileError(f"{name}: is no text in UTF-8: it has zero bytes")
        yield file


def _texts(paths: Iterable[Path]) -> list[TextFile]:
    """Return the text files among many paths; binary files beside them are left out."""
    files = [_file(str(path)) for path in sorted(paths) if path.is_file()]
    return [file for file in files if _is_text(file)]


def _is_text(file: TextFile) -> bool:
    """Tell whether a local file may be a text, which has no zero byte; compressed files are taken to be texts."""
    if file.is_stream or not file.size:
        return True
    with _one_line_errors(file.name), _bytes_of(file.place) as read:
        return b"\0" not in read(0, HEAD)


def _file(name: str) -> TextFile:
    """Return a local file, with its absolute path, as worker processes may have another working directory."""
    return TextFile(name, size_of_text(Path(name)), str(Path(name).absolute()))


def _remote(name: str) -> Iterator[TextFile]:
    """Yield the files of an address."""
    with _one_line_errors(name):
        system, path = _system(name)
        if any(mark in path for mark in _PATTERN):
            paths = sorted(system.glob(path))
        elif system.isdir(path):
            paths = sorted(system.find(path))
        else:
            paths = [path]
        files = [TextFile(system.unstrip_protocol(one), _size(system, one)) for one in paths]
    if not files:
        raise FileError(f"{name}: no file has such a name")
    yield from files


def _size(system: Any, path: str) -> int:
    """Return the size of a remote file; negative if it is unknown, or if a web server doesn't support ranges."""
    size = system.info(path)["size"]
    if size is not None and size > BLOCK and path.startswith("http"):
        try:
            gives_parts = len(system.cat_file(path, start=1, end=2)) == 1
        except ValueError:  # the whole was given
            gives_parts = False
        return int(size) if gives_parts else -1
    return -1 if size is None else int(size)


@cache
def _fsspec() -> Any:
    """Import the package that reads remote and compressed files.

    Raises:
        LstmAsciiError: it is not installed.
    """
    try:
        import fsspec
    except ImportError as error:
        raise LstmAsciiError(
            "addresses and .zst files need the package fsspec; pip install 'lstm-ascii[cluster]' installs it"
        ) from error
    for name in _PACKAGES.values():  # what they would write to standard error is told in one line here
        logging.getLogger(name).addHandler(logging.NullHandler())
    return fsspec


def _system(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it."""
    system, path = _fsspec().core.url_to_fs(address)
    return system, path


@contextmanager
def _one_line_errors(name: str) -> Iterator[None]:
    """Turn errors of a file in the block into :class:`LstmAsciiError` of one line."""
    try:
        yield
    except LstmAsciiError:
        raise
    except FileNotFoundError as error:  # so fsspec calls all that a web server doesn't give; the cause tells more
        raise LstmAsciiError(
            f"{name}: {error.strerror or _refusal(error.__cause__, 'there is no such file')}"
        ) from error
    except OSError as error:
        raise LstmAsciiError(f"{name}: {error.strerror or error or type(error).__name__}") from error
    except ImportError as error:
        package = _PACKAGES.get(name.partition(_SCHEME)[0])
        needs = f"needs the package {package}; pip install {package} installs it" if package else error
        raise LstmAsciiError(f"{name}: {needs}") from error
    except (ValueError, EOFError) as error:
        raise LstmAsciiError(f"{name}: {error}") from error
    except Exception as error:  # libraries of other file systems have errors of their own
        if not _is_address(name):
            raise
        raise LstmAsciiError(f"{name}: {_refusal(error, f'{type(error).__name__}: {error}')}") from error


def _refusal(error: BaseException | None, otherwise: str) -> str:
    """Say why a file elsewhere was not given."""
    status = getattr(error, "status", 404)  # of HTTP
    if status != 404:
        return f"the server answers {status} {getattr(error, 'message', '')}".strip()
    return getattr(error, "strerror", None) or otherwise


# -- reading ----------------------------------------------------------------------------------------


def _cut(piece: TextPiece) -> Iterator[tuple[int, bool, bytes]]:
    """Read a piece of an uncompressed file, a block at a time."""
    name = piece.file.name
    with _one_line_errors(name), _bytes_of(piece.file.place or name) as read:
        for first in range(piece.first, piece.last, BLOCK):
            last = min(piece.last, first + BLOCK)
            start = max(0, first - 1)
            near = read(start, last + NEAR)  # in one request: remote ones are slow
            if start + len(near) < last:
                raise LstmAsciiError(f"{name}: was cut off while it was read; begin again")
            begin, end = _boundary(near, first - start), _boundary(near, last - start)
            before = near[begin - 1 : begin] if begin else b"\n"
            yield start + begin, before not in (b"\r", b"\n"), near[begin:end]


def _boundary(content: bytes, place: int) -> int:
    """Return the end of the line that ``place`` is in, else that of the word if both are far, else ``place`` itself."""
    if place == 0:
        return 0
    ends = (content.find(mark, place - 1, place - 1 + NEAR) for mark in (b"\n", b" "))
    return next((end + 1 for end in ends if end >= 0), place)


@contextmanager
def _bytes_of(name: str) -> Iterator[Callable[[int, int], bytes]]:
    """Yield a function that reads the bytes between two positions of a file."""
    if _is_address(name):
        system, path = _system(name)
        yield lambda first, last: bytes(system.cat_file(path, start=first, end=last))
        return
    with Path(name).open("rb") as file:

        def read(first: int, last: int) -> bytes:
            file.seek(first)
            return file.read(last - first)

        yield read


def _unpacked(file: TextFile) -> Iterator[tuple[int, bool, bytes]]:
    """Read a compressed file from beginning to end, in blocks like those of an uncompressed one."""
    with _one_line_errors(file.name), _stream(file.place or file.name) as stream:
        place, goes_on, rest = 0, False, b""
        while block := stream.read(BLOCK):
            content = rest + block
            end = max(
                content.rfind(b"\n"), content.rfind(b" ", max(0, len(content) - NEAR)) if len(rest) > NEAR else -1
            )
            end = len(content) if end < 0 and len(content) > BLOCK + NEAR else end + 1
            if end:
                yield place, goes_on, content[:end]
                goes_on, place = content[end - 1 : end] not in (b"\r", b"\n"), place + end
            rest = content[end:]
        if rest:
            yield place, goes_on, rest


@contextmanager
def _stream(name: str) -> Iterator[IO[bytes]]:
    """Open a compressed file."""
    if name.endswith(".gz") and not _is_address(name):
        import gzip

        with gzip.open(name, "rb") as stream:
            yield stream  # type: ignore[misc]
        return
    kind = PACKED.get(Path(name).suffix)
    fsspec = _fsspec()
    if kind and kind not in fsspec.compression.compr:
        raise LstmAsciiError(f"{name}: needs the package zstandard; pip install zstandard installs it")
    with fsspec.open(name, "rb", compression=kind) as stream:
        yield stream
