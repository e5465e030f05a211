"""Quantized numbers: ``(x − zero point) · scale``, with one scale for all or for each index of an axis."""

from __future__ import annotations

import numpy as np

from lstm_ascii.cells import Array


def along(axis: int, values: Array, scale: Array, zero: Array | None) -> tuple[Array, Array | None]:
    """Return scale and zero point in the shape in which they meet the values along an axis.

    Raises:
        ValueError: they are not of one size.
    """
    if scale.ndim > 1 or (zero is not None and zero.shape != scale.shape):
        raise ValueError("scale and zero point of different sizes")
    if scale.ndim == 1 and scale.size > 1:
        sizes = [1] * values.ndim
        sizes[axis] = values.shape[axis]
        return scale.reshape(sizes), None if zero is None else zero.reshape(sizes)
    return scale, zero


def dequantized(values: Array, scale: Array, zero: Array | None) -> Array:
    """Return ``(values − zero) · scale`` in single precision."""
    whole = values.astype(np.int32) - (0 if zero is None else zero.astype(np.int32))
    result: Array = whole.astype(np.float32) * scale.astype(np.float32)
    return result
