"""Command lines as a reader types them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence


def typed(arguments: Sequence[str]) -> str:
    """Write a command line so that a shell reads it as it is meant."""
    return " ".join(["lstm-ascii", *map(_quoted, arguments)])


def _quoted(argument: str) -> str:
    """Quote an argument if it must be: in double quotes where nothing in it means anything there."""
    if re.fullmatch(r"[\w@%+=:,./-]+", argument, re.ASCII):
        return argument
    return f'"{argument}"' if not re.search(r'["$`\\!]', argument) else shlex.quote(argument)
