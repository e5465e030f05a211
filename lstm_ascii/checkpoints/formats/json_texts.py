"""JSON that came with a file: an object, without a name that stands twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lstm_ascii.checkpoints.formats.files import damaged, shown
from lstm_ascii.language.text import visible

LONGEST = 10_000_000  # bytes (safetensors allow ten times that); as Python's objects it takes up to forty times as much


def json_object(path: Path, text: bytes | memoryview, label: str) -> dict[str, Any]:
    """Return the object that ``text`` is.

    Args:
        path: of the file, for errors.
        text: UTF-8.
        label: what to call the text, for errors.

    Raises:
        FileError: it is none, is nested too deeply or too long.
    """
    if len(text) > LONGEST:
        raise damaged(path, f"{label} has {len(text)} bytes; at most {LONGEST} are read")
    try:
        found = json.loads(bytes(text).decode("utf-8"), object_pairs_hook=_without_doubles)
    except UnicodeDecodeError as error:
        raise damaged(path, f"damaged: {label} is not UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise damaged(path, f"damaged: {label} is nested too deeply") from error
    except ValueError as error:
        raise damaged(path, f"damaged: {label} is no JSON: {visible(str(error))}") from error
    if not isinstance(found, dict):
        raise damaged(path, f"damaged: {label} is no JSON object")
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the name {shown(name)} stands twice")
        found[name] = value
    return found
