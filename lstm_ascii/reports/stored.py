"""Restoring reports that were saved as JSON."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def restored(kind: Any, value: Any) -> Any:
    """Return what :func:`dataclasses.asdict` and JSON made into plain values.

    Args:
        kind: its type: a dataclass, a tuple or a dictionary of such, a union with ``None``, or a plain one.
        value: dictionaries, lists and plain values.
    """
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        others = [part for part in parts if part is not NoneType]
        return None if value is None else restored(others[0], value) if len(others) == 1 else value
    if origin is tuple and isinstance(value, list):
        inner = parts[:1] * len(value) if parts[1:] == (...,) else parts
        return tuple(restored(part, one) for part, one in zip(inner, value, strict=True))
    if origin is dict:
        return {key: restored(parts[1], one) for key, one in value.items()}
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        there = [one.name for one in fields(kind) if one.init and one.name in value]  # a newer field has its default
        return kind(**{name: restored(hints[name], value[name]) for name in there})  # type: ignore[operator]
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """Return the types of a dataclass' fields."""
    return get_type_hints(kind)
