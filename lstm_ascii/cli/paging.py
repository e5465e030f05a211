"""Showing a long answer in the user's pager, on a terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import Protocol

NO_PAGER = ("", "cat")  # values of PAGER that ask for none
DEFAULTS = {"LESS": "FRX", "LESSCHARSET": "utf-8"}  # colours pass; a short text needs no key


class Asked(Protocol):
    """What says for whom an answer is; see :class:`lstm_ascii.cli.output.Output`."""

    @property
    def json(self) -> bool:
        """Whether programs read it."""
        ...

    @property
    def tsv(self) -> bool:
        """Whether programs read it."""
        ...

    @property
    def export(self) -> str:
        """The file that it goes to, too."""
        ...

    @property
    def no_pager(self) -> bool:
        """Whether the reader wants none."""
        ...


def shown_in_pager(text: str, output: Asked) -> bool:
    """Show an answer in the reader's pager, if it goes to a terminal that it is taller than; tell whether it was."""
    if not _can_page(output) or text.count("\n") < shutil.get_terminal_size().lines:
        return False
    return _page(text, sys.stdout.encoding or "ascii")


def _can_page(output: Asked) -> bool:
    """Tell whether a reader sits at a terminal that can turn pages, and wants a page."""
    if output.no_pager:
        return False
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
