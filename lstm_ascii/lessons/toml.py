"""Reads data files into dataclasses, and says which file and which entry is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, TypeVar

from lstm_ascii.errors import FileError

Made = TypeVar("Made")


def read(path: Path) -> dict[str, Any]:
    """Return the contents of a TOML file.

    Raises:
        FileError: it can't be read, or isn't TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError(f"{path.name}: {error}; mend the file") from error


def instance_of(kind: type[Made], values: Any, where: str) -> Made:
    """Make a dataclass from a table of the file.

    Args:
        kind: a dataclass; its fields are the keys.
        values: the table.
        where: the file and the entry, as an error names them.

    Raises:
        FileError: a key is missing or unknown.
    """
    fields_by_name: dict[str, Field[Any]] = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(values, dict):
        raise FileError(f"{where}: expected a table with {', '.join(fields_by_name)}, got {values!r}")
    for name in values:
        if name not in fields_by_name:
            raise FileError(f"{where}: there is no key {name!r}; expected {', '.join(fields_by_name)}")
    for name, field in fields_by_name.items():
        if name not in values and field.default is MISSING:
            raise FileError(f"{where}: the key {name!r} is missing")
    # tuples, so that what comes of it can be compared and kept
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def several(kind: type[Made], tables: Any, where: str) -> tuple[Made, ...]:
    """Make a dataclass from each table of a list."""
    if not isinstance(tables, Sequence) or isinstance(tables, str):
        raise FileError(f"{where}: expected a list of tables, got {tables!r}")
    return tuple(instance_of(kind, table, f"{where} {number}") for number, table in enumerate(tables, 1))
