"""A long answer goes to the reader's pager, where there is a reader: on a terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import Any

from lstm_ascii.cli.output import Output

NO_PAGER = ("", "cat")  # values of PAGER that ask for none
DEFAULTS = {"LESS": "FRX", "LESSCHARSET": "utf-8"}  # colours pass; a short text needs no key


class _Kept(StringIO):
    """Keeps what goes to a terminal, and answers for it."""

    def __init__(self, terminal: Any) -> None:
        super().__init__(newline="")
        self._terminal = terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._terminal.encoding or "ascii"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        """Of the terminal, which knows its size."""
        return int(self._terminal.fileno())


@contextmanager
def paged(output: Output) -> Iterator[None]:
    """Send to a pager what is shown meanwhile, if it goes to a terminal and is longer than that."""
    terminal = sys.stdout
    if not _can_page(output):
        yield
        return
    kept = _Kept(terminal)
    sys.stdout = kept
    try:
        yield
    finally:
        sys.stdout = terminal
    text = kept.getvalue()
    if text.count("\n") < shutil.get_terminal_size().lines or not _page(text, terminal.encoding):
        terminal.write(text)


def _can_page(output: Output) -> bool:
    """Tell whether a reader sits at a terminal that can turn pages, and wants a page."""
    at_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
    for_programs = output.json or output.tsv or output.export
    dumb = os.environ.get("TERM", "dumb" if os.name == "posix" else "") == "dumb"
    return at_terminal and not for_programs and not dumb and os.environ.get("PAGER", "less").strip() not in NO_PAGER


def _page(text: str, encoding: str) -> bool:
    """Show a text in the pager of the environment, else less, else what ``pydoc`` finds; tell whether it was shown."""
    try:
        command = shlex.split(os.environ.get("PAGER", ""), posix=os.name == "posix") or [shutil.which("less") or ""]
    except ValueError:  # a quotation mark without its other
        return False
    if not command[0]:
        import pydoc

        pydoc.pager(text)
        return True
    try:
        pager = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, encoding=encoding, errors="backslashreplace", env={**DEFAULTS, **os.environ}
        )
    except OSError:  # there is no such program
        return False
    try:
        pager.communicate(text)
    except KeyboardInterrupt:  # it is the pager's, which reads the keys
        with suppress(OSError):
            pager.stdin.close()  # type: ignore[union-attr]
        _wait(pager)
    return True


def _wait(pager: subprocess.Popen[str]) -> None:
    """Wait until a pager has left, however often Ctrl-C is pressed in it."""
    while pager.poll() is None:
        try:
            pager.wait()
        except KeyboardInterrupt:
            continue
