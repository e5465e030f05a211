"""What can go wrong, as one tree: each class carries the exit code that the command line gives."""

from __future__ import annotations


class LstmAsciiError(Exception):
    """Bad input, file or network: one line that says what, where and what to do."""

    exit_code = 1


class UsageError(LstmAsciiError):
    """The command was called in a way that it can't be."""

    exit_code = 2


class ShapeError(LstmAsciiError, ValueError):
    """An array has not the shape that the equations need."""
