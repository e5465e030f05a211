"""Writing to standard output, whose errors are distinguished from those of reading files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lstm_ascii.errors import LstmAsciiError


class WritingError(LstmAsciiError):
    """The answer can't be written: the disk is full, or standard output is closed."""

    def __init__(self, error: OSError) -> None:
        """Say why, in the system's words."""
        super().__init__(f"can't write the answer: {error.strerror or error}")


@contextmanager
def writing() -> Iterator[None]:
    """Turn what the system says against writing into an error that says so; a closed pipe stays what it is.

    Raises:
        WritingError: the answer can't be written.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise WritingError(error) from error


def forget_stdout() -> None:
    """Keep Python from writing what is left at exit, where nobody reads it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, AttributeError, ValueError):
        sys.stdout = None
