"""The types of the parameters of the public functions."""

from __future__ import annotations

from numbers import Integral
from types import NoneType

from lstm_ascii.errors import require

_TEXT, _WHOLE = (str, "a text"), ((Integral, NoneType), "a whole number")
_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "sentence": _TEXT, "word": ((str, Integral, NoneType), "a text or a whole number"), "unit": _WHOLE,
    "contrast": _TEXT, "layer": _WHOLE, "direction": _TEXT, "answer": _TEXT, "text": _TEXT,
    "start": _TEXT, "cell": _TEXT, "gate": _TEXT, "words": _WHOLE, "resume": _TEXT, "cluster": _TEXT,
}  # fmt: skip


def check_types(**parameters: object) -> None:
    """Refuse values of the wrong type.

    Raises:
        UsageError: a parameter has another type than the one listed for its name.
    """
    for name, value in parameters.items():
        kinds, expected = _TYPES[name]
        require(name, value, kinds, expected)
