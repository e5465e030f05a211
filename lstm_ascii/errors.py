"""What can go wrong, as one tree: each class carries the exit code that the command line gives."""

from __future__ import annotations

INTERRUPTED, PIPE_CLOSED = 130, 141  # exit codes that are no error: 128 and the signal, as shells have them


class LstmAsciiError(Exception):
    """Bad input, file or network: one line that says what, where and what to do."""

    exit_code = 1
    advice: tuple[str, ...] = ()  # lines to type, shown below the message as they are


class UsageError(LstmAsciiError):
    """The command was called in a way that it can't be."""

    exit_code = 2


class ShapeError(LstmAsciiError, ValueError):
    """An array has not the shape that the equations need."""


class MissingPartError(LstmAsciiError):
    """A network has not the part that a question needs: no embedding, no decoder, no vocabulary."""


class UnknownWordError(LstmAsciiError):
    """A word is not in the vocabulary, and no entry stands for unknown ones."""


class FileError(LstmAsciiError):
    """A file can't be read, or is not what it has to be; ``advice`` are lines that help, to be typed as they are."""

    def __init__(self, message: str, advice: tuple[str, ...] = ()) -> None:
        """Say what is wrong with which file, and what to do."""
        super().__init__(message)
        self.advice = advice
