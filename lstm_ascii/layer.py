"""A layer of a network: one cell, or two that read the sequence in opposite directions and whose outputs are merged.

Inputs and outputs of a layer are in the order of the words; the trace of a direction is in the order in which it reads.
Merge modes have Keras' names (``merge_mode``): ``concat``, ``sum``, ``ave`` (mean), ``mul`` (product).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from lstm_ascii.cells import Array, Cell, CellGradients, Trace
from lstm_ascii.errors import ShapeError
from lstm_ascii.records import dataclass

BESIDE = "concat"
MERGES = (BESIDE, "sum", "ave", "mul")


@dataclass(frozen=True, eq=False)
class Direction:
    """One cell, the direction in which it reads the sequence, and its start state.

    Attributes:
        cell: the equations and their parameters.
        start: the start state by name, each ``(H,)`` (``(P,)`` for ``h``); a missing state starts at zero.
        backward: whether it reads from the last word to the first.
        most_steps: the longest sequence it may read, from ``sequence_lens`` of an ONNX node; 0 for no limit.
        merge: how its outputs and those of the other direction are merged, one of :data:`MERGES`.

    Raises:
        ShapeError: a start state has the wrong size, or the cell has no such state.
    """

    cell: Cell
    start: dict[str, Array] = field(default_factory=dict)
    backward: bool = False
    most_steps: int = 0
    merge: str = BESIDE

    def __post_init__(self) -> None:
        """Check that the cell can start there."""
        sizes = self.cell.state_sizes
        for name, value in self.start.items():
            if name not in sizes:
                raise ShapeError(f"{self.cell.name} start state: the cell has no state {name!r}")
            shape = (sizes[name],)
            if value.shape != shape:
                raise ShapeError(f"{self.cell.name} start state {name}: expected shape {shape}, got {value.shape}")

    def ordered(self, sequence: Array) -> Array:
        """Change ``sequence`` ``(T, ...)`` from the order of the words to this direction's, or back; a view."""
        return sequence[::-1] if self.backward else sequence

    def check_steps(self, steps: int) -> None:
        """Refuse a sequence that the file's own ``sequence_lens`` would cut off.

        Raises:
            ShapeError: it is longer than :attr:`most_steps`.
        """
        if self.most_steps and steps > self.most_steps:
            end = f"its sequence_lens says that it reads {self.most_steps} steps"
            raise ShapeError(f"{self.cell.name}: {end}, got {steps}; behind them its outputs would be zeros")

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """Return the direction with every parameter in ``dtype``."""
        start = {name: state.astype(dtype, copy=False) for name, state in self.start.items()}
        return replace(self, cell=self.cell.astype(dtype), start=start)

    def trace(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Run the cell over ``x``, in single precision if the cell's parameters are.

        Args:
            x: the inputs in the order of the words, ``(T, B, D)``.
            start: states ``(B, H)`` by name; by default the direction's own start state.

        Returns:
            The trace, in the order in which this direction reads.

        Raises:
            ShapeError: the sequence is longer than :attr:`most_steps`.
        """
        self.check_steps(len(x))
        x, start = self.ordered(x), self.start if start is None else start
        if self.cell.weight_hh.dtype == np.float32:
            x = x.astype(np.float32, copy=False)
            start = {name: state.astype(np.float32, copy=False) for name, state in start.items()}
        return self.cell.forward(x, start)


Layer = tuple[Direction, ...]


def width_of(layer: Layer) -> int:
    """Return the width of a layer's outputs, of all its directions.

    Raises:
        ShapeError: there is no such merge mode, or it needs directions of one width.
    """
    widths, merge = [direction.cell.output_size for direction in layer], layer[0].merge
    if merge not in MERGES:
        raise ShapeError(f"merge: expected one of {', '.join(MERGES)}, got {merge}")
    if merge == BESIDE:
        return sum(widths)
    if len(set(widths)) != 1:
        raise ShapeError(f"merge {merge}: expected directions of one width, got {' and '.join(map(str, widths))}")
    return widths[0]


def forward_layer(
    layer: Layer, x: Array, starts: Sequence[Mapping[str, Array] | None] = ()
) -> tuple[tuple[Trace, ...], Array]:
    """Step through ``x`` ``(T, B, D)`` in every direction.

    Args:
        layer: which.
        x: the inputs.
        starts: for each direction start states ``(B, H)`` that replace its own; ``None`` for its own.

    Returns:
        One trace a direction, and the outputs ``(T, B, W)``.
    """
    starts = starts or [None] * len(layer)
    traces = tuple(direction.trace(x, start) for direction, start in zip(layer, starts, strict=True))
    return traces, merged(_outputs(layer, traces), layer[0].merge)


def backward_layer(
    layer: Layer, traces: Sequence[Trace], d_outputs: Array, direct: Sequence[Mapping[str, Array]] = ()
) -> tuple[Array, list[CellGradients]]:
    """Run backpropagation through time in every direction.

    Args:
        layer: which.
        traces: of :func:`forward_layer` of this layer.
        d_outputs: ∂L/∂ the outputs, ``(T, B, W)``.
        direct: further direct gradients on the states of each direction, in its order; see :meth:`Cell.backward`.

    Returns:
        ∂L/∂x ``(T, B, D)``, and the gradients of each direction.
    """
    d_x, found = np.zeros(traces[0].x.shape, d_outputs.dtype), list[CellGradients]()
    parts = parted(layer, traces, d_outputs)
    for number, (direction, trace, part) in enumerate(zip(layer, traces, parts, strict=True)):
        states = dict(direct[number]) if direct else {}
        states["h"] = direction.ordered(part) + states.get("h", 0)
        found.append(direction.cell.backward(trace, states))
        d_x += direction.ordered(found[-1].x)
    return d_x, found


def parted(layer: Layer, traces: Sequence[Trace], d_outputs: Array) -> list[Array]:
    """Return ∂L/∂ the outputs of each direction, in the order of the words, from ∂L/∂ those of the layer."""
    return merged_gradients(_outputs(layer, traces), layer[0].merge, d_outputs)


def _outputs(layer: Layer, traces: Sequence[Trace]) -> list[Array]:
    """Return the outputs of each direction in the order of the words, ``(T, B, P)``."""
    return [direction.ordered(trace.h) for direction, trace in zip(layer, traces, strict=True)]


def merged(outputs: Sequence[Array], merge: str) -> Array:
    """Merge the outputs ``(..., P)`` of the directions."""
    if len(outputs) == 1:
        return outputs[0]
    if merge == BESIDE:
        return np.concatenate(outputs, axis=-1)
    first, second = outputs  # (..., P) each
    return first * second if merge == "mul" else (first + second) / (2 if merge == "ave" else 1)


def merged_gradients(outputs: Sequence[Array], merge: str, gradient: Array) -> list[Array]:
    """Return ∂L/∂ the outputs of each direction.

    Args:
        outputs: of the directions, ``(..., P)``.
        merge: the merge mode.
        gradient: ∂L/∂ the merged outputs, ``(..., W)``.
    """
    if len(outputs) == 1:
        return [gradient]
    if merge == BESIDE:
        ends = np.cumsum([output.shape[-1] for output in outputs])[:-1]
        return np.split(gradient, ends, axis=-1)
    if merge == "mul":
        return [gradient * outputs[1], gradient * outputs[0]]
    return [gradient / (2 if merge == "ave" else 1)] * 2
