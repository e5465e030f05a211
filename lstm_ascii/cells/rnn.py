"""The plain recurrent cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import ClassVar

import numpy as np

from lstm_ascii.cells.base import Array, Cell, CellGradients, Totals, Trace, WayBack, blocks_backward, state_product
from lstm_ascii.errors import ShapeError
from lstm_ascii.records import dataclass


class AnyRNN(Cell):
    """What every simple recurrent cell has in common, the plain one and the general one."""

    name = "RNN"
    rank = 2
    gate_letters = ("a",)
    onnx_order = "a"
    keras_order = "a"
    keras_name = "SimpleRNN"
    default_activations: ClassVar[Mapping[str, str]] = {"activation": "Tanh"}
    candidate_letter = "a"


@dataclass(frozen=True, eq=False)
class RNN(AnyRNN):
    """The simple recurrent network of Elman (1990).

    ::

        h = φ(W_ih x + b_ih + W_hh h' + b_hh)        φ = tanh or relu

    Attributes:
        activation: ``tanh`` or ``relu``.
    """

    activation: str = "tanh"

    def __post_init__(self) -> None:
        """Check the shapes and the activation."""
        super().__post_init__()
        if self.activation not in ("tanh", "relu"):
            raise ShapeError(f"RNN activation: expected tanh or relu, got {self.activation}")

    def forward(self, x: Array, start: Mapping[str, Array] | None = None) -> Trace:
        """Step through ``x``; see :meth:`Cell.forward`."""
        states = self._start(x, start)
        h = states["h"]
        recurrent = state_product(self.weight_hh, h)
        block = self._project(x, self.bias_ih + self.bias_hh, h.dtype)  # (T, B, H)
        for a, h_, h_t in zip(block, h, h[1:], strict=False):
            a += recurrent(h_)
            np.tanh(a, out=h_t) if self.activation == "tanh" else np.maximum(a, 0, out=h_t)
        return Trace(x, states, block, {}, {})

    def backward(self, trace: Trace, direct: Mapping[str, Array]) -> CellGradients:
        """Run backpropagation through time; see :meth:`Cell.backward`."""
        h, total = trace.states["h"], self._total(trace, direct)
        dh = total["h"]
        totals, product = Totals(self, trace.x, h.dtype), np.empty_like(h[0])
        for block in blocks_backward(trace.block):
            d_a = self._slope(trace, block)
            dh_t = dh[block.stop]
            for d_a_t, dh_ in zip(d_a[::-1], dh[block][::-1], strict=True):
                d_a_t *= dh_t
                dh_ += d_a_t.dot(self.weight_hh, product)
                dh_t = dh_
            totals.add_input(block, trace.x, d_a)
            totals.add_state(h[block], d_a)
        return totals.gradients(total)

    def jacobian(self, trace: Trace, t: int) -> Array:
        """Return ∂h_{t+1}/∂h_t = diag(φ') W_hh; see :meth:`Cell.jacobian`."""
        jacobian: Array = self._slope(trace, slice(t, t + 1))[0, :, :, None] * self.weight_hh
        return jacobian

    def ways_back(self, trace: Trace, block: slice) -> Iterator[WayBack]:
        """Yield what carries rows back; see :meth:`Cell.ways_back`."""
        for slope in self._slope(trace, block)[::-1, 0]:
            yield partial(self._back, slope)

    def _back(self, slope: Array, rows: Array) -> Array:
        back: Array = (rows * slope) @ self.weight_hh
        return back

    def carried_on(self, trace: Trace, t: int, columns: Array) -> Array:
        """Return the Jacobian times columns; see :meth:`Cell.carried_on`."""
        on: Array = self._slope(trace, slice(t, t + 1))[0, 0, :, None] * (self.weight_hh @ columns)
        return on

    def candidate_slope(self, trace: Trace) -> Array:
        """Return φ' at every step, ``(T, B, H)``."""
        return self._slope(trace, slice(None))

    @property
    def special(self) -> tuple[str, ...]:
        """Its activation, where it is not tanh."""
        return () if self.activation == "tanh" else (f"{self.activation} for tanh",)

    def _slope(self, trace: Trace, block: slice) -> Array:
        """Return φ'(a) at the steps of ``block``, ``(n, B, H)``, from the outputs alone."""
        h = trace.h[block]
        slope: Array = 1 - h * h if self.activation == "tanh" else (h.real > 0).astype(h.dtype)
        return slope
