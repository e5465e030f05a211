"""How the two directions of a layer become one vector: side by side, or as their sum, mean or product.

Names are Keras' (``merge_mode``): ``concat``, ``sum``, ``ave``, ``mul``. Everything here is in the order of the words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lstm_ascii.cells import Array
from lstm_ascii.errors import ShapeError

BESIDE = "concat"
MERGES = (BESIDE, "sum", "ave", "mul")


def merged_width(widths: Sequence[int], merge: str) -> int:
    """Return the width of what directions of such widths become.

    Raises:
        ShapeError: there is no such way, or it needs vectors of one width.
    """
    if merge not in MERGES:
        raise ShapeError(f"merge: expected one of {', '.join(MERGES)}, got {merge}")
    if merge == BESIDE:
        return sum(widths)
    if len(set(widths)) != 1:
        raise ShapeError(f"merge {merge}: expected directions of one width, got {' and '.join(map(str, widths))}")
    return widths[0]


def merged(outputs: Sequence[Array], merge: str) -> Array:
    """Return what the outputs ``(..., H)`` of the directions become."""
    if len(outputs) == 1:
        return outputs[0]
    if merge == BESIDE:
        return np.concatenate(outputs, axis=-1)
    first, second = outputs
    return first * second if merge == "mul" else (first + second) / (2 if merge == "ave" else 1)


def merged_gradients(outputs: Sequence[Array], merge: str, gradient: Array) -> list[Array]:
    """Return the gradient on the outputs of each direction.

    Args:
        outputs: of the directions, ``(..., H)``.
        merge: how they became one.
        gradient: on what they became.
    """
    if len(outputs) == 1:
        return [gradient]
    if merge == BESIDE:
        ends = np.cumsum([output.shape[-1] for output in outputs])[:-1]
        return np.split(gradient, ends, axis=-1)
    if merge == "mul":
        return [gradient * outputs[1], gradient * outputs[0]]
    return [gradient / (2 if merge == "ave" else 1)] * 2
