"""Derivatives by complex steps: exact to rounding, as nothing is subtracted (Squire & Trapp 1998)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lstm_ascii.cells import Array

STEP = 1e-30
RTOL = 1e-10


def complex_step(function: Callable[[Array], Array], values: Array) -> Array:
    """Return the derivatives of ``function`` in every entry of ``values``, ``(*values.shape, *result.shape)``."""
    point = values.astype(complex)
    derivatives = []
    for index in np.ndindex(values.shape):
        point[index] += 1j * STEP
        derivatives.append(np.imag(function(point)) / STEP)
        point[index] = values[index]
    return np.array(derivatives).reshape(values.shape + np.shape(derivatives[0]))


def slope(function: Callable[[Array], Array], values: Array, direction: Array) -> Array:
    """Return the derivative of ``function`` along one direction: the gradient times it, for the price of one call."""
    return np.array(np.imag(function(values + 1j * STEP * direction)) / STEP)


def disagreement(name: str, found: Array, expected: Array, rtol: float = RTOL, atol: float = 0.0) -> str:
    """Return both numbers where ``found`` is furthest from ``expected``, or nothing where they agree."""
    if found.shape != expected.shape:
        return f"{name}: shape {found.shape} instead of {expected.shape}"
    off = np.abs(found - expected)
    bad = ~(off <= atol + rtol * np.abs(expected))  # a NaN is bad
    if not bad.any():
        return ""
    index = tuple(int(k) for k in np.unravel_index(np.argmax(np.where(bad, off, -1.0)), off.shape))
    numbers = f"found {found[index]!r}, expected {expected[index]!r}"
    return f"{name}{list(index)}: {numbers}, {bad.sum()} of {bad.size} differ"


def assert_agree(found: dict[str, Array], expected: dict[str, Array], rtol: float = RTOL) -> None:
    """Compare arrays by name; the failure shows both numbers."""
    assert found.keys() == expected.keys()
    lines = [disagreement(name, found[name], expected[name], rtol) for name in expected]
    assert not any(lines), "\n".join(line for line in lines if line)
