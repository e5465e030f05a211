"""The lines of an untrusted file of any size, one at a time; those that can't be read are reported and skipped."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.language.text import visible
from lstm_ascii.progress import Watch
from lstm_ascii.records import dataclass

LONGEST_LINE = 1 << 16  # bytes
_OPEN_ALREADY = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin")  # pipes that have a writer, as <(command) in a shell
_WATCHED_LINES = 256


class Unreadable(ValueError):  # noqa: N818 - most of them are no error of the program
    """A row that can't be read.

    Attributes:
        rule: what was expected, the same for all rows that are left out for one reason.
        got: what is there instead.
    """

    def __init__(self, rule: str, got: str = "") -> None:
        """Say what was expected, and what is there."""
        super().__init__(f"{rule}, got {got}" if got else rule)
        self.rule, self.got = rule, got


Refuse = Callable[[int, Unreadable], None]  # called with the number of a line and the reason


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank.

    Attributes:
        number: of it in its file, from 1.
        text: of it; empty where it can't be read.
        fault: why it can't.
    """

    number: int
    text: str
    fault: Unreadable | None = None


def file_name(path: str) -> str:
    """Return what to call the file at ``path``."""
    return "standard input" if path == "-" else visible(path)


def opened(path: str, of: str = "pairs") -> AbstractContextManager[BinaryIO]:
    """Open a file of pairs, or of what else ``of`` says; ``-`` is standard input.

    Raises:
        LstmAsciiError: it can't be opened.
    """
    if path == "-":
        if sys.stdin is None:
            raise LstmAsciiError(f"standard input: there is none; name a file of {of}")
        return nullcontext(sys.stdin.buffer)
    try:
        if Path(path).is_fifo() and not path.startswith(_OPEN_ALREADY):  # to open it would wait for a writer, for ever
            raise LstmAsciiError(f"{path}: is a named pipe; give a file of {of}, or - and the pipe as standard input")
        if Path(path).is_char_device() and not path.startswith(_OPEN_ALREADY):  # /dev/zero never ends
            raise LstmAsciiError(f"{path}: is a device; give a file of {of}, or - and standard input")
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LstmAsciiError(f"{path}: {reason}; expected a file of {of}") from error


def lines_of(
    file: BinaryIO, name: str, watch: Watch | None = None, blank: bool = False, of: str = "pairs"
) -> Iterator[Line]:
    """Yield the lines of an open file, in UTF-8.

    Args:
        file: that is read on.
        name: of it, in errors.
        watch: called with the name of the work and the share that is done, from 0 to 1; not for a pipe.
        blank: whether blank lines are lines, too.
        of: what it is a file of, in errors.

    Raises:
        LstmAsciiError: the file can't be read on.
    """
    number, size = 0, _size(file) if watch else 0
    while raw := _next(file, name, of):
        number += 1
        if watch and size and number % _WATCHED_LINES == 0:
            watch(f"reading {name}", min(1.0, file.tell() / size))
        if len(raw) > LONGEST_LINE:
            yield Line(number, "", Unreadable(f"expected at most {LONGEST_LINE:,} bytes", "more"))
            while raw and not raw.endswith(b"\n"):  # its end, a piece at a time
                raw = _next(file, name, of)
            continue
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            yield Line(number, "", Unreadable("expected UTF-8", f"the byte 0x{raw[error.start]:02x}"))
            continue
        if blank or text.strip():
            yield Line(number, text.rstrip("\r\n"))


def _next(file: BinaryIO, name: str, of: str) -> bytes:
    """Read a line, or the start of a long one."""
    try:
        return file.readline(LONGEST_LINE + 1)
    except OSError as error:
        raise LstmAsciiError(f"{name}: {error.strerror or error}; expected a file of {of}") from error


def _size(file: BinaryIO) -> int:
    """Return the bytes of an open file; 0 if unknown."""
    try:
        return os.fstat(file.fileno()).st_size
    except OSError:  # standard input of a program within this one
        return 0
