"""All errors of the package, as one hierarchy; each class has the exit code of the command line."""

from __future__ import annotations

import re
from collections.abc import Callable

INTERRUPTED, PIPE_CLOSED = 130, 141  # exit codes that are no error: 128 and the signal, as shells have them
_ARGUMENT = re.compile("\0([a-z_]+) ([^\0]*)\0")


def argument(parameter: str, value: str = "") -> str:
    """Return a placeholder for a parameter in a message: shown as its name in Python, as an option on the command line.

    Args:
        parameter: the parameter's name in Python.
        value: a metavariable for its value, ``FILE``, shown in the command line only.
    """
    return f"\0{parameter} {value}\0"


def spelled(message: str, spell: Callable[[str, str], str]) -> str:
    """Replace every placeholder of :func:`argument` by what ``spell`` returns for its parameter and value."""
    return _ARGUMENT.sub(lambda mark: spell(mark[1], mark[2]), message)


class LstmAsciiError(Exception):
    """Bad input, file or network: one line that says what is wrong, where, and what to do.

    Attributes:
        message: the line, with placeholders of :func:`argument` for parameters.
        parameter: the name of the parameter whose value is refused, as in Python; empty if it is about none.
        advice: commands or code to type, shown below the message.
    """

    exit_code = 1

    def __init__(self, message: str, parameter: str = "", advice: tuple[str, ...] = ()) -> None:
        """Set the message, the parameter that it is about, and the advice."""
        super().__init__(message, parameter, advice)
        self.message = f"{argument(parameter)}: {message}" if parameter else message
        self.parameter = parameter
        self.advice = advice

    def __str__(self) -> str:
        """Return the message with the parameters' names in Python."""
        return spelled(self.message, lambda parameter, _: parameter)


class UsageError(LstmAsciiError):
    """A function or a command was called with a wrong parameter."""

    exit_code = 2


class ShapeError(LstmAsciiError, ValueError):
    """An array has the wrong shape."""


class MissingPartError(LstmAsciiError):
    """A network lacks a part that is needed: an embedding, a decoder or a vocabulary."""


class UnknownWordError(LstmAsciiError):
    """A word is not in the vocabulary, which has no entry for unknown words."""


class FileError(LstmAsciiError):
    """A file can't be read, or has the wrong contents."""


def require(parameter: str, value: object, kinds: type | tuple[type, ...], expected: str) -> None:
    """Refuse a value of the wrong type; ``True`` and ``False`` don't count as numbers.

    Args:
        parameter: its name.
        value: its value.
        kinds: the types that are allowed; ``numbers.Integral`` and ``numbers.Real`` include NumPy's numbers.
        expected: the same in words, for the message.

    Raises:
        UsageError: it has another type.
    """
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        raise UsageError(f"expected {expected}, got {type(value).__name__}", parameter)


def require_names(parameter: str, names: object) -> None:
    """Refuse a value that is not a list or tuple of texts; a single text is not one.

    Raises:
        UsageError: it is something else.
    """
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"expected a tuple of names, got {type(names).__name__}", parameter)
