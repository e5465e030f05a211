"""Command lines, quoted for a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from lstm_ascii.errors import argument


def typed(arguments: Sequence[str]) -> str:
    """Write a command line so that a shell reads it as it is meant."""
    return " ".join(["lstm-ascii", *map(_quoted, arguments)])


def option(parameter: str, value: str) -> str:
    """Return an option with its value for a message, as a shell reads it."""
    return f"{argument(parameter)} {_quoted(value)}"


def _quoted(word: str) -> str:
    """Quote a word if it must be: in double quotes where nothing in it means anything there."""
    if re.fullmatch(r"[\w@%+=:,./-]+", word, re.ASCII):
        return word
    return f'"{word}"' if not re.search(r'["$`\\!]', word) else shlex.quote(word)
