"""A report as plain data and as JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any


def to_json(report: Any) -> str:
    """Return a report as JSON: full precision, pure ASCII, no NaN and no infinities (``null`` instead)."""
    import json

    return json.dumps(finite(asdict(report)), indent=2, allow_nan=False)


def finite(value: Any) -> Any:
    """Return plain data with ``None`` for every number that is not finite."""
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
