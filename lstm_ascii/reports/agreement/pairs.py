"""Minimal pairs from a file of tab-separated values, one at a time: untrusted text, of any size."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import BinaryIO

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.language.text import visible, words_of
from lstm_ascii.progress import Watch

REQUIRED, OPTIONAL = ("prefix", "right", "wrong"), ("kind", "distance", "subject")
NO_KIND = "no kind"
LONGEST_LINE = 1 << 16  # bytes
LONGEST_PREFIX = 2000  # words
MOST_KINDS = 1000
_OPEN_ALREADY = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin")  # pipes that have a writer, as <(command) in a shell
_WATCHED_LINES = 256
_LONGEST_REMEMBERED = 40  # characters between two blanks


@dataclass(frozen=True, slots=True)
class FilePair:
    """A minimal pair of a file.

    Attributes:
        prefix: the words up to the verb.
        right, wrong: the two forms of the verb.
        kind: as the file names it, safe to print; ``no kind`` where it doesn't.
        distance: words between subject and verb; ``None`` where the file doesn't tell.
    """

    prefix: tuple[str, ...]
    right: str
    wrong: str
    kind: str
    distance: int | None

    @property
    def words(self) -> tuple[str, ...]:
        """All its words."""
        return (*self.prefix, self.right, self.wrong)


def pairs_of(path: str, watch: Watch | None = None) -> Iterator[FilePair]:
    """Read the pairs of a file, one after the other.

    Args:
        path: a file in UTF-8; ``-`` for standard input. Its first line names the columns, see
            :func:`lstm_ascii.reports.agreement.report.agreement_report`.
        watch: is called now and then with what is done and how far it is, from 0 to 1; of a pipe nobody knows.

    Raises:
        LstmAsciiError: the file can't be read, or a line of it is not as expected.
    """
    name = file_name(path)
    with _opened(path) as file:
        lines, kinds = _lines(file, name), set[str]()
        heads, least = _header(next(lines, None), name)
        number, size = 0, _size(file) if watch else 0
        for number, cells in lines:
            if watch and size and number % _WATCHED_LINES == 0:
                watch(f"reading {name}", min(1.0, file.tell() / size))
            if not least <= len(cells) <= len(heads):
                columns = f"{least} to {len(heads)}" if least < len(heads) else f"{least}"
                raise _wrong(name, number, f"expected {columns} columns with tabs between them, got {len(cells)}")
            try:
                pair = _pair(dict(zip(heads, cells, strict=False)))
            except ValueError as error:
                raise _wrong(name, number, str(error)) from error
            kinds.add(pair.kind)
            if len(kinds) > MOST_KINDS:
                raise _wrong(name, number, f"expected at most {MOST_KINDS:,} kinds, got more")
            yield pair
    if not number:
        raise LstmAsciiError(f"{name}: no pairs below the header; expected a prefix, right and wrong in each line")


def file_name(path: str) -> str:
    """Return what to call the file at ``path``."""
    return "standard input" if path == "-" else visible(path)


def _opened(path: str) -> AbstractContextManager[BinaryIO]:
    if path == "-":
        if sys.stdin is None:
            raise LstmAsciiError("standard input: there is none; name a file of pairs")
        return nullcontext(sys.stdin.buffer)
    try:
        if Path(path).is_fifo() and not path.startswith(_OPEN_ALREADY):  # to open it would wait for a writer, for ever
            raise LstmAsciiError(f"{path}: is a named pipe; give a file of pairs, or - and the pipe as standard input")
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LstmAsciiError(f"{path}: {reason}; expected a file of pairs") from error


def _size(file: BinaryIO) -> int:
    """Return the bytes of an open file; 0 where nobody knows."""
    try:
        return os.fstat(file.fileno()).st_size
    except OSError:  # standard input of a program within this one
        return 0


def _lines(file: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line that is not blank."""
    for number in count(1):
        try:
            line = file.readline(LONGEST_LINE + 1)
        except OSError as error:
            raise LstmAsciiError(f"{name}: {error.strerror or error}; expected a file of pairs") from error
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise _wrong(name, number, f"expected at most {LONGEST_LINE:,} bytes, got more")
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise _wrong(name, number, f"expected UTF-8, got the byte 0x{line[error.start]:02x}") from error
        if text.strip():
            yield number, [cell.strip() for cell in text.rstrip("\r\n").split("\t")]


def _header(line: tuple[int, list[str]] | None, name: str) -> tuple[list[str], int]:
    """Return the names of the columns, and how many of them a line must have."""
    if line is None:
        raise LstmAsciiError(f"{name}: empty; expected a header with the columns {', '.join(REQUIRED)}")
    number, heads = line[0], [head.lower() for head in line[1]]
    if missing := [head for head in REQUIRED if head not in heads]:
        rule = f"expected the columns {', '.join(REQUIRED)} with tabs between them"
        raise _wrong(name, number, f"{rule}, missing: {', '.join(missing)}")
    if doubles := [head for head in (*REQUIRED, *OPTIONAL) if heads.count(head) > 1]:
        raise _wrong(name, number, f"expected each column once, got {doubles[0]} {heads.count(doubles[0])} times")
    return heads, max(heads.index(head) for head in REQUIRED) + 1


def _pair(cells: dict[str, str]) -> FilePair:
    """Read one line; a ``ValueError`` says what was expected."""
    prefix = _split(cells["prefix"])
    if not 1 <= len(prefix) <= LONGEST_PREFIX:
        raise ValueError(f"expected 1 to {LONGEST_PREFIX:,} words as prefix, got {len(prefix) or 'none'}")
    right, wrong = _one_word(cells, "right"), _one_word(cells, "wrong")
    if right.lower() == wrong.lower():
        raise ValueError(f"expected two different words as right and wrong, got {_quoted(right)} twice")
    kind = visible(" ".join(unicodedata.normalize("NFC", cells.get("kind", "")).split())) or NO_KIND
    return FilePair(prefix, right, wrong, kind, _distance(prefix, cells))


def _one_word(cells: dict[str, str], column: str) -> str:
    """Return the only word of a cell."""
    words = _split(cells[column])
    if len(words) != 1:
        raise ValueError(
            f"expected one word as {column}, got {_quoted(' '.join(words))}"
            if words
            else f"expected one word as {column}, got none"
        )
    return words[0]


def _distance(prefix: Sequence[str], cells: dict[str, str]) -> int | None:
    """Return the words between subject and verb; ``None`` where the file doesn't tell."""
    if text := cells.get("distance", ""):
        if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) < len(prefix)):
            raise ValueError(f"expected 0 to {len(prefix) - 1} words as distance, got {_quoted(visible(text))}")
        return int(text)
    if not cells.get("subject", ""):
        return None
    subject = _one_word(cells, "subject").lower()
    places = [place for place, word in enumerate(prefix) if word.lower() == subject]
    if not places:
        raise ValueError(f"expected a word of the prefix as subject, got {_quoted(subject)}")
    return len(prefix) - places[0] - 1 if len(places) == 1 else None


def _split(text: str) -> tuple[str, ...]:
    """Split a text into its words, as :func:`words_of` does; none in an empty one."""
    chunks = unicodedata.normalize("NFC", text).split()
    return tuple(
        word
        for chunk in chunks
        for word in (_remembered(chunk) if len(chunk) <= _LONGEST_REMEMBERED else words_of(chunk))
    )


@lru_cache(maxsize=1 << 14)
def _remembered(chunk: str) -> tuple[str, ...]:
    """Split what stands between two blanks; most of it comes again and again."""
    return tuple(words_of(chunk))


def _quoted(text: str) -> str:
    """Quote the start of a text in an error."""
    return f'"{text[:39]}…"' if len(text) > 40 else f'"{text}"'


def _wrong(name: str, number: int, what: str) -> LstmAsciiError:
    """Return the error of one line."""
    return LstmAsciiError(f"{name}, line {number}: {what}")
