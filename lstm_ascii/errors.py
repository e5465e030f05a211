"""What can go wrong, as one tree: each class carries the exit code that the command line gives."""

from __future__ import annotations

import re
from collections.abc import Callable

INTERRUPTED, PIPE_CLOSED = 130, 141  # exit codes that are no error: 128 and the signal, as shells have them
_ARGUMENT = re.compile("\0([a-z_]+) ([^\0]*)\0")


def argument(parameter: str, value: str = "") -> str:
    """Return a mark in a message for a parameter: Python names it, the command line writes it as its option.

    Args:
        parameter: of the function or class that the message is about.
        value: what stands for its value in a line to type, ``FILE``; Python shows the name only.
    """
    return f"\0{parameter} {value}\0"


def spelled(message: str, spell: Callable[[str, str], str]) -> str:
    """Return ``message`` with every mark of :func:`argument` as ``spell`` writes its parameter and value."""
    return _ARGUMENT.sub(lambda mark: spell(mark[1], mark[2]), message)


class LstmAsciiError(Exception):
    """Bad input, file or network: one line that says what, where and what to do.

    Attributes:
        message: the line, in which marks of :func:`argument` stand for parameters.
        parameter: whose value is refused, as Python names it; empty where the message is about none.
        advice: lines to type, shown below the message as they are.
    """

    exit_code = 1

    def __init__(self, message: str, parameter: str = "", advice: tuple[str, ...] = ()) -> None:
        """Say what is wrong, with which parameter, and what to type."""
        super().__init__(message, parameter, advice)
        self.message = f"{argument(parameter)}: {message}" if parameter else message
        self.parameter = parameter
        self.advice = advice

    def __str__(self) -> str:
        """Say what is wrong, with the names that Python has for parameters."""
        return spelled(self.message, lambda parameter, _: parameter)


class UsageError(LstmAsciiError):
    """A function or a command was called in a way that it can't be."""

    exit_code = 2


class ShapeError(LstmAsciiError, ValueError):
    """An array has the wrong shape."""


class MissingPartError(LstmAsciiError):
    """A network has not the part that a question needs: no embedding, no decoder, no vocabulary."""


class UnknownWordError(LstmAsciiError):
    """A word is not in the vocabulary, and no entry stands for unknown ones."""


class FileError(LstmAsciiError):
    """A file can't be read, or is not what it has to be."""


def require(parameter: str, value: object, kinds: type | tuple[type, ...], expected: str) -> None:
    """Refuse a value of a type that a parameter can't have; a truth value is no number.

    Args:
        parameter: as Python names it.
        value: that it was given.
        kinds: the types that it may have; ``numbers.Integral`` and ``numbers.Real`` take NumPy's numbers, too.
        expected: the same in words.

    Raises:
        UsageError: it has another type.
    """
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        raise UsageError(f"expected {expected}, got {type(value).__name__}", parameter)


def require_names(parameter: str, names: object) -> None:
    """Refuse what is no sequence of texts; one text alone is none, as its letters are no names.

    Raises:
        UsageError: it is something else.
    """
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"expected a tuple of names, got {type(names).__name__}", parameter)
